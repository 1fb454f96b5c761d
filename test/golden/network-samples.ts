/** Samples of addressing, multicast membership and tunnels: DHCPv6, MLD, IP in IP and its kin. */
import * as f from '../../electron/cli/demo/frames/index.ts';
import { A, AB, AB6, B, BA6, eth, ip4, ip6, list, on, raw, udp6 } from './sample-parts.ts';
import type { Sample } from './samples.ts';

const CLIENT_ID = '0001 000e 0001 0001 1c39cf88 02000000000a';
const SERVER_ID = '0002 000a 0003 0001 02000000000b';
const LABELS = '07 6578616d706c65 03 6e6574 00';
const HOST = '04 686f7374 07 6578616d706c65 03 6e6574 00';
const option = (code: number, ...parts: Uint8Array[]) => {
  const body = f.concat(...parts);
  return f.concat(f.u16(code), f.u16(body.length), body);
};
const iaAddress = (address: string) =>
  option(5, f.ipBytes(address), f.u32(3600), f.u32(7200), option(13, raw('0000'), f.ascii('fine')));
const iaPrefix = option(26, f.u32(3600), f.u32(7200), Uint8Array.of(56), f.ipBytes('2001:db8:1::'));

const icmp6 = (body: Uint8Array) => {
  const ends = { source: 'fe80::1', destination: 'ff02::16' };
  const pseudo = f.concat(f.ipBytes(ends.source), f.ipBytes(ends.destination), f.u32(body.length), f.u32(58));
  const sum = f.internetChecksum(f.concat(pseudo, body));
  const whole = f.concat(body.subarray(0, 2), f.u16(sum), body.subarray(4));
  return eth(
    0x86dd,
    f.ipv6({ ...ends, nextHeader: 0, hopLimit: 1 }, f.concat(raw('3a 00 0502 0000 0100'), whole)),
    '33:33:00:00:00:16',
  );
};
const group = (text: string) => f.ipBytes(text);

const ping4 = f.ipv4({ ...AB, protocol: 1 }, f.icmp({ type: 8, rest: f.echo(1, 1) }, f.ascii('inside')));
const datagram6 = f.ipv6(
  { ...AB6, nextHeader: 17 },
  f.udp(AB6, { sourcePort: 4001, destinationPort: 4002 }, f.ascii('six')),
);

export const NETWORK_MORE_SAMPLES: Record<string, Sample> = {
  dhcpv6: list(
    udp6(
      546,
      547,
      f.concat(
        raw(`01 a1b2c3 ${CLIENT_ID} 0006 0008 0017 0018 0027 0038 0008 0002 000a 000e 0000`),
        option(3, raw('0a0b0c0d 00000000 00000000')),
        option(25, raw('01020304 00000e10 00001518')),
        option(39, raw('01'), raw(HOST)),
        option(16, raw('00000137 0004'), f.ascii('test')),
        option(20),
      ),
    ),
    udp6(
      547,
      546,
      f.concat(
        raw(`02 a1b2c3 ${CLIENT_ID} ${SERVER_ID} 0007 0001 ff 0013 0001 05`),
        option(3, raw('0a0b0c0d 00000708 00000b40'), iaAddress('2001:db8::64')),
        option(25, raw('01020304 00000e10 00001518'), iaPrefix),
        option(23, f.ipBytes('2001:db8::53'), f.ipBytes('2001:db8::54')),
        option(24, raw(LABELS)),
        option(31, f.ipBytes('2001:db8::123')),
        option(32, f.u32(86_400)),
        option(12, f.ipBytes('fd00::2')),
        option(82, f.u32(120)),
        option(59, f.ascii('tftp://h/boot')),
      ),
      BA6,
    ),
    udp6(
      546,
      547,
      f.concat(
        raw(`03 a1b2c4 ${CLIENT_ID} ${SERVER_ID}`),
        option(4, raw('00000009'), iaAddress('2001:db8::65')),
        option(15, f.u16(3), f.ascii('lab')),
        option(11, raw('03 01 00 0000000000000001 00112233445566778899aabbccddeeff')),
        option(1234, raw('0102')),
      ),
    ),
    udp6(547, 546, f.concat(raw(`07 a1b2c4 ${SERVER_ID}`), option(13, f.u16(2), f.ascii('none left'))), BA6),
    udp6(
      547,
      547,
      f.concat(
        raw('0c 01'),
        f.ipBytes('2001:db8::1'),
        f.ipBytes('fe80::2'),
        option(18, f.ascii('eth0')),
        option(37, raw('00000137 0102')),
        option(9, raw(`0b 000102 ${CLIENT_ID}`)),
        option(79, raw('0001 02000000000a')),
      ),
    ),
  ),
  mld: list(
    icmp6(f.concat(raw('82 00 0000 03e8 0000'), group('::'))),
    icmp6(f.concat(raw('82 00 0000 03e8 0000'), group('ff02::fb'))),
    icmp6(f.concat(raw('83 00 0000 0000 0000'), group('ff02::fb'))),
    icmp6(f.concat(raw('84 00 0000 0000 0000'), group('ff02::fb'))),
    icmp6(f.concat(raw('82 00 0000 2710 0000'), group('::'), raw('02 7d 0000'))),
    icmp6(f.concat(raw('82 00 0000 9000 0000'), group('ff3e::1'), raw('0a 9d 0001'), f.ipBytes('2001:db8::1'))),
    icmp6(
      f.concat(
        raw('8f 00 0000 0000 0003 04 00 0000'),
        group('ff02::fb'),
        raw('03 00 0001'),
        group('ff3e::1'),
        f.ipBytes('2001:db8::1'),
        raw('06 01 0000'),
        group('ff3e::2'),
        raw('01020304'),
      ),
    ),
  ),
  tunnels: list(
    ip4(4, ping4),
    ip4(41, datagram6),
    ip6(4, ping4),
    ip6(41, datagram6),
    ip4(97, f.concat(raw('3000'), f.ethernet({ source: B.mac, destination: A.mac, type: 0x0800 }, ping4))),
    ip4(97, f.concat(raw('4000'), f.ethernet({ source: B.mac, destination: A.mac, type: 0x0800 }, ping4))),
    ip4(47, f.concat(raw('0000 86dd'), datagram6)),
    ip4(59, f.ascii('nothing follows')),
  ),
  raw_ipv4: on(228, ping4),
  raw_ipv6: on(229, datagram6),
};
