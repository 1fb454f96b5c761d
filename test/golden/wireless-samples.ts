/** IEEE 802.11 as an interface in monitor mode sees it: management, control and data frames, with a radiotap header and without. */
import * as f from '../../electron/cli/demo/frames/index.ts';
import { AB, on, raw } from './sample-parts.ts';
import type { Sample } from './samples.ts';

const AP = '02000000000b';
const STATION = '02000000000a';
const ALL = 'ffffffffffff';
const element = (id: number, body: string | Uint8Array) => {
  const bytes = typeof body === 'string' ? raw(body) : body;
  return f.concat(Uint8Array.of(id, bytes.length), bytes);
};
const RSN = '0100 000fac04 0100 000fac04 0100 000fac02 0000';
const HT = 'ef19 17 ffffffff000000000000000000000000 0000 00000000 00';
const elements = f.concat(
  element(0, f.ascii('my net')),
  element(1, '82848b962430486c'),
  element(3, '06'),
  element(5, '00 03 00 00'),
  element(7, f.concat(f.ascii('DE '), raw('01 0d 14'))),
  element(42, '00'),
  element(50, '0c121860'),
  element(48, RSN),
  element(45, HT),
  element(61, '06 05 00 0000 0000000000000000000000000000000000'),
  element(221, '0050f2 02 01 01 80 0003a4000027a4000042435e0062322f00'),
);
const management = (subtype: number, flags: string, to: string, from: string, ...body: Uint8Array[]) =>
  f.concat(Uint8Array.of(subtype << 4), raw(`${flags} 3a01 ${to} ${from} ${AP} 1000`), ...body);
const ping = f.ipv4({ ...AB, protocol: 1 }, f.icmp({ type: 8, rest: f.echo(1, 1) }, f.ascii('inside')));
const snap = f.concat(raw('aaaa03 000000 0800'), ping);
const key = f.concat(
  raw('aaaa03 000000 888e 02 03 005f 02 008a 0010 0000000000000001'),
  f.pattern(32),
  new Uint8Array(48),
  raw('0000'),
);

/** Flags, rate, channel, antenna signal, antenna, RX flags. */
const RADIO = raw('00 00 1200 2a480000 00 00 8509a000 d6 01 0000');
const tapped = (...frames: Uint8Array[]) => on(127, ...frames.map((frame) => f.concat(RADIO, frame)));

const MANAGEMENT = [
  management(8, '00', ALL, AP, raw('0102030405060708 6400 1104'), elements),
  management(4, '00', ALL, STATION, element(0, ''), element(1, '82848b96')),
  management(5, '08', STATION, AP, raw('0102030405060708 6400 1104'), elements),
  management(11, '00', AP, STATION, raw('0000 0100 0000')),
  management(
    0,
    '00',
    AP,
    STATION,
    raw('1104 0a00'),
    element(0, f.ascii('my net')),
    element(1, '82848b96'),
    element(48, RSN),
  ),
  management(1, '00', STATION, AP, raw('1104 0000 01c0'), element(1, '82848b96')),
  management(2, '00', AP, STATION, raw(`1104 0a00 ${AP}`), element(0, f.ascii('my net'))),
  management(10, '00', STATION, AP, raw('0800')),
  management(12, '00', STATION, AP, raw('0700')),
  management(13, '00', STATION, AP, raw('03 00 01 0210 0000 2000')),
];

/** An MSDU as one of several: to, from, length, LLC; filled up to four bytes unless it is the last. */
const subframe = (to: string, from: string, msdu: Uint8Array, last = false) => {
  const made = f.concat(raw(`${to} ${from}`), f.u16(msdu.length), msdu);
  return last ? made : f.concat(made, new Uint8Array((4 - (made.length % 4)) % 4));
};
const said = (text: string) => {
  const datagram = f.ipv4(
    { ...AB, protocol: 17 },
    f.udp(AB, { sourcePort: 40_000, destinationPort: 40_001 }, f.ascii(text)),
  );
  return f.concat(raw('aaaa03 000000 0800'), datagram);
};

export const WIRELESS_SAMPLES: Record<string, Sample> = {
  wlan: on(105, ...MANAGEMENT),
  wlan_data: on(
    105,
    raw(`b4 00 3a01 ${AP} ${STATION}`),
    raw(`c4 00 0000 ${STATION}`),
    raw(`d4 00 0000 ${STATION}`),
    raw(`a4 00 01c0 ${AP} ${STATION}`),
    raw(`94 00 0000 ${STATION} ${AP} 0500 1000 ff00000000000000`),
    raw(`84 00 0000 ${STATION} ${AP} 0500 1000`),
    raw(`e4 00 0000 ${STATION} ${AP}`),
    f.concat(raw(`08 01 2c00 ${AP} ${STATION} ${ALL} 2000`), snap),
    f.concat(raw(`08 02 2c00 ${STATION} ${AP} ${AP} 3000`), snap),
    f.concat(raw(`88 01 2c00 ${AP} ${STATION} 02000000000c 4000 0600`), snap),
    f.concat(raw(`88 02 2c00 ${STATION} ${AP} 02000000000c 5000 0000`), key),
    f.concat(raw(`08 03 2c00 ${AP} ${STATION} 02000000000c 6000 02000000000d`), snap),
    f.concat(raw(`88 41 2c00 ${AP} ${STATION} 02000000000c 7000 0000 0100 00 20 00000000`), f.pattern(40)),
    f.concat(raw(`08 41 2c00 ${AP} ${STATION} 02000000000c 8000 010203 00`), f.pattern(40)),
    raw(`48 11 3a01 ${AP} ${STATION} ${AP} 9000`),
    raw(`c8 01 3a01 ${AP} ${STATION} ${AP} a000 0000`),
    f.concat(raw(`b0 40 3a01 ${AP} ${STATION} ${AP} b000 010203 00`), f.pattern(20)),
  ),
  wlan_amsdu: on(
    105,
    f.concat(
      raw(`88 01 2c00 ${AP} ${STATION} ${AP} c000 8000`),
      subframe('02000000000c', STATION, said('one')),
      subframe('02000000000d', STATION, said('number two')),
      subframe('02000000000c', STATION, snap, true),
    ),
    f.concat(
      raw(`88 02 2c00 ${STATION} ${AP} ${AP} d000 8600`),
      subframe(STATION, '02000000000c', said('alone'), true),
    ),
    f.concat(
      raw(`88 03 2c00 ${AP} ${STATION} ${AP} e000 ${AP} 8000`),
      subframe('02000000000c', '02000000000d', key),
      subframe('02000000000c', '02000000000d', said('second'), true),
    ),
    // protected: nobody sees that there are several
    f.concat(raw(`88 41 2c00 ${AP} ${STATION} ${AP} f000 8000 0200 00 20 00000000`), f.pattern(60)),
    // a length that reaches beyond the frame, one of nothing, and a head that is cut
    f.concat(
      raw(`88 01 2c00 ${AP} ${STATION} ${AP} 0001 8000`),
      subframe('02000000000c', STATION, said('first')),
      raw(`02000000000d ${STATION} 0100 aaaa03`),
    ),
    f.concat(
      raw(`88 01 2c00 ${AP} ${STATION} ${AP} 1001 8000`),
      subframe('02000000000c', STATION, new Uint8Array(0)),
      raw('02000000000d 0200'),
    ),
  ),
  radiotap: tapped(
    MANAGEMENT[0]!,
    f.concat(raw(`88 01 2c00 ${AP} ${STATION} 02000000000c 4000 0600`), snap),
    raw(`d4 00 0000 ${STATION}`),
  ),
  radiotap_more: on(
    127,
    f.concat(
      raw('00 00 1c00 6f080800 0807060504030201 10 6c 7609c000 c8 a1 01 7f 04 0f'),
      raw(`d4 00 0000 ${STATION} 01020304`),
    ),
  ),
};
