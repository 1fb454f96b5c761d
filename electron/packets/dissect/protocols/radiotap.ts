/** The header that drivers put before an 802.11 frame (radiotap.org), and what it says of the radio as Wireshark sums it up. Little-endian. */
import { u16le } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { f, protocol } from '../define.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';
import type { Field } from '../field.ts';
import { lookup } from '../tables.ts';
import { rest } from './data.ts';

const HEADER = 8;
const YES: readonly [string, string] = ['True', 'False'];
/** Bits of the present word: another word follows, and where its fields begin anew. */
const EXTENDED = 31;
const VENDOR = 30;
/** Of the flags field: the frame check sequence is there. */
export const FCS_AT_END = 0x10;

/** By bit of the present word: size and alignment. */
const SHAPES: Record<number, readonly [size: number, align: number]> = {
  0: [8, 8],
  1: [1, 1],
  2: [1, 1],
  3: [4, 2],
  4: [2, 1],
  5: [1, 1],
  6: [1, 1],
  7: [2, 2],
  8: [2, 2],
  9: [2, 2],
  10: [1, 1],
  11: [1, 1],
  12: [1, 1],
  13: [1, 1],
  14: [2, 2],
  15: [2, 2],
  16: [1, 1],
  17: [1, 1],
  18: [8, 4],
  19: [3, 1],
  20: [8, 4],
  21: [12, 2],
  22: [12, 8],
  23: [12, 2],
  24: [12, 2],
  25: [6, 2],
  26: [1, 1],
  27: [4, 2],
};
const flagBit = (name: string, title: string, mask: number, truth = YES): Field => ({
  ...f.flag(`radiotap.flags.${name}`, title, { mask, truth }),
  bits: 8,
});
const channelBit = (name: string, title: string, mask: number): Field => ({
  ...f.flag(`radiotap.channel.flags.${name}`, title, { mask, truth: YES, little: true }),
  bits: 16,
});

const F = {
  version: f.u8('radiotap.version', 'Header revision'),
  pad: f.u8('radiotap.pad', 'Header pad'),
  length: f.u16('radiotap.length', 'Header length'),
  present: f.x32('radiotap.present.word', 'Present flags word'),
  time: f.u64('radiotap.mactime', 'MAC timestamp'),
  flags: f.x8('radiotap.flags', 'Flags'),
  cfp: flagBit('cfp', 'CFP', 1),
  preamble: flagBit('preamble', 'Preamble', 2, ['Short', 'Long']),
  wep: flagBit('wep', 'WEP', 4),
  fragment: flagBit('frag', 'Fragmentation', 8),
  fcs: flagBit('fcs', 'FCS at end', FCS_AT_END),
  datapad: flagBit('datapad', 'Data Pad', 0x20),
  badFcs: flagBit('badfcs', 'Bad FCS', 0x40),
  shortGi: flagBit('shortgi', 'Short GI', 0x80),
  rate: f.u16('radiotap.datarate', 'Data Rate'),
  frequency: f.u32('radiotap.channel.freq', 'Channel frequency'),
  channelFlags: f.x16('radiotap.channel.flags', 'Channel flags'),
  turbo: channelBit('turbo', 'Turbo', 0x10),
  cck: channelBit('cck', 'Complementary Code Keying (CCK)', 0x20),
  ofdm: channelBit('ofdm', 'Orthogonal Frequency-Division Multiplexing (OFDM)', 0x40),
  ghz2: channelBit('2ghz', '2 GHz spectrum', 0x80),
  ghz5: channelBit('5ghz', '5 GHz spectrum', 0x100),
  passive: channelBit('passive', 'Passive', 0x200),
  dynamic: channelBit('dynamic', 'Dynamic CCK-OFDM', 0x400),
  signal: f.i32('radiotap.dbm_antsignal', 'Antenna signal', { unit: [' dBm', ' dBm'] }),
  noise: f.i32('radiotap.dbm_antnoise', 'Antenna noise', { unit: [' dBm', ' dBm'] }),
  quality: f.u16('radiotap.quality', 'Signal Quality'),
  power: f.i32('radiotap.txpower', 'Transmit power', { unit: [' dBm', ' dBm'] }),
  antenna: f.u8('radiotap.antenna', 'Antenna'),
  rxFlags: f.x16('radiotap.rxflags', 'RX flags'),
  mcs: f.none('radiotap.mcs', 'MCS information'),
  mcsIndex: f.u8('radiotap.mcs.index', 'MCS index'),
};

interface Found {
  bit: number;
  at: number;
}
interface Radio {
  words: number;
  fields: Found[];
}

/** Where the fields lie that the present words announce; stops at what is not known, since sizes are not in the packet. */
function radioOf(d: Dissection, layer: Layer): Radio {
  const { bytes } = d;
  const end = Math.min(layer.start + u16le(bytes, layer.start + 2), d.capturedEnd(layer));
  const present: number[] = [];
  let at = layer.start + 4;
  for (let more = true; more && at + 4 <= end && present.length < 16; at += 4) {
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    present.push(word);
    more = ((word >>> EXTENDED) & 1) === 1;
  }
  const fields: Found[] = [];
  for (const word of present) {
    for (let bit = 0; bit < 28; bit++) {
      if (((word >>> bit) & 1) === 0) continue;
      const shape = SHAPES[bit]!;
      at = layer.start + Math.ceil((at - layer.start) / shape[1]) * shape[1];
      if (at + shape[0] > end) return { words: present.length, fields };
      fields.push({ bit, at });
      at += shape[0];
    }
    if ((word >>> VENDOR) & 1) break;
  }
  return { words: present.length, fields };
}

/** 2.4 GHz channels are 5 MHz apart from 2407 on, 14 alone; 5 and 6 GHz count from theirs. */
function channelOf(mhz: number): number | undefined {
  if (mhz === 2484) return 14;
  if (mhz >= 2412 && mhz <= 2472) return (mhz - 2407) / 5;
  if (mhz >= 5000 && mhz <= 5895) return (mhz - 5000) / 5;
  if (mhz >= 5955 && mhz <= 7115) return (mhz - 5950) / 5;
  return undefined;
}
/** Mbit/s of one stream of HT at 20 and 40 MHz, with the long guard interval (IEEE 802.11-2020 table 19-27 on). */
const HT_RATES = [
  [6.5, 13, 19.5, 26, 39, 52, 58.5, 65],
  [13.5, 27, 40.5, 54, 81, 108, 121.5, 135],
];
/** Undefined where width, index or guard interval are not known. */
function mcsRate(bytes: Uint8Array, at: number): number | undefined {
  const index = bytes[at + 2]!;
  if ((bytes[at]! & 7) !== 7 || index > 31) return undefined;
  const flags = bytes[at + 1]!;
  const rate = HT_RATES[(flags & 3) === 1 ? 1 : 0]![index & 7]! * ((index >> 3) + 1);
  return Number((flags & 4 ? (rate * 10) / 9 : rate).toPrecision(6));
}
const signed = (octet: number) => (octet << 24) >> 24;

export const radiotap: Protocol = protocol({
  name: 'radiotap',
  column: 'Radiotap',
  title: 'Radiotap Header',
  minLength: HEADER,
  binds: { linktype: [127] },
  fields: F,
  walk(d, layer) {
    const length = u16le(d.bytes, layer.start + 2);
    if (length < HEADER || layer.start + length > layer.end) {
      d.malformed(layer);
      return undefined;
    }
    layer.headerLength = Math.min(length, d.capturedEnd(layer) - layer.start);
    const radio = radioOf(d, layer);
    layer.facts = radio;
    const start = layer.start + length;
    if (start >= d.bytes.length) return rest(d, start, layer.end);
    d.follow(start, layer.end);
    return wlanRadio;
  },
  info: () => 'Radiotap Capture',
  label: (d, layer) => `Radiotap Header v${d.bytes[layer.start]}, Length ${u16le(d.bytes, layer.start + 2)}`,
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    c.u8(F.version);
    c.u8(F.pad);
    c.le16(F.length);
    const radio = layer.facts as Radio | undefined;
    if (!radio) return;
    c.group('Present flags', 4 * radio.words, () => {
      for (let i = 0; i < radio.words; i++) c.le32(F.present);
    });
    for (const { bit, at } of radio.fields) emitField(new Cursor(d, out, at, at + SHAPES[bit]![0]), bit);
  },
});

function emitField(c: Cursor, bit: number): void {
  const octet = c.peek(1);
  switch (bit) {
    case 0:
      c.le64(F.time);
      break;
    case 1:
      c.out.open(F.flags, c.at, 1, octet);
      c.bits(1, F.cfp, F.preamble, F.wep, F.fragment, F.fcs, F.datapad, F.badFcs, F.shortGi);
      c.out.close();
      break;
    case 2:
      c.out.value(F.rate, c.at, 1, octet / 2, { suffix: ' Mb/s' });
      break;
    case 3: {
      const channel = channelOf(u16le(c.bytes, c.at));
      c.le16(F.frequency, { suffix: channel === undefined ? '' : ` [channel ${channel}]` });
      c.out.open(F.channelFlags, c.at, 2, u16le(c.bytes, c.at));
      c.bits(2, F.turbo, F.cck, F.ofdm, F.ghz2, F.ghz5, F.passive, F.dynamic);
      c.out.close();
      break;
    }
    case 5:
      c.out.value(F.signal, c.at, 1, signed(octet));
      break;
    case 6:
      c.out.value(F.noise, c.at, 1, signed(octet));
      break;
    case 7:
      c.le16(F.quality);
      break;
    case 10:
      c.out.value(F.power, c.at, 1, signed(octet));
      break;
    case 11:
      c.u8(F.antenna);
      break;
    case 14:
      c.le16(F.rxFlags);
      break;
    case 19: {
      c.out.open(F.mcs, c.at, 3, null);
      if (octet & 2) c.out.value(F.mcsIndex, c.at + 2, 1, c.peek(1, 2));
      const rate = mcsRate(c.bytes, c.at);
      if (rate !== undefined) c.out.value(F.rate, c.at, 3, rate, { suffix: ' Mb/s' });
      c.out.close();
      break;
    }
  }
}

const R = {
  rate: f.u16('wlan_radio.data_rate', 'Data rate'),
  channel: f.u32('wlan_radio.channel', 'Channel'),
  frequency: f.u16('wlan_radio.frequency', 'Frequency', { unit: ['MHz', 'MHz'] }),
  signal: f.i32('wlan_radio.signal_dbm', 'Signal strength (dBm)', { unit: [' dBm', ' dBm'] }),
  noise: f.i32('wlan_radio.noise_dbm', 'Noise level (dBm)', { unit: [' dBm', ' dBm'] }),
};

/** Of the radiotap header below: its own bytes are none. */
export const wlanRadio: Protocol = protocol({
  name: 'wlan_radio',
  column: '802.11 Radio',
  title: '802.11 radio information',
  fields: R,
  walk(d, layer) {
    layer.headerLength = 0;
    const next = lookup('linktype', 105)!;
    d.follow(layer.start, layer.end);
    return next;
  },
  emit(d, layer, out) {
    const radio = layer.below?.facts as Radio | undefined;
    const at = layer.start;
    const generated = { generated: true };
    const rate = rateOf(d, radio);
    if (rate !== undefined) out.value(R.rate, at, 0, rate, { generated: true, suffix: ' Mb/s' });
    for (const { bit, at: from } of radio?.fields ?? []) {
      const octet = d.bytes[from]!;
      if (bit === 3) {
        const mhz = u16le(d.bytes, from);
        const channel = channelOf(mhz);
        if (channel !== undefined) out.value(R.channel, at, 0, channel, generated);
        out.value(R.frequency, at, 0, mhz, generated);
      } else if (bit === 5) out.value(R.signal, at, 0, signed(octet), generated);
      else if (bit === 6) out.value(R.noise, at, 0, signed(octet), generated);
    }
  },
});

function rateOf(d: Dissection, radio: Radio | undefined): number | undefined {
  const mcs = radio?.fields.find(({ bit }) => bit === 19);
  const plain = radio?.fields.find(({ bit }) => bit === 2);
  return (mcs && mcsRate(d.bytes, mcs.at)) ?? (plain && d.bytes[plain.at]! / 2);
}

/** Whether the frame above a radiotap header ends with its check sequence. */
export function hasFcs(d: Dissection, layer: Layer): boolean {
  const radio = layer.below?.below?.facts as Radio | undefined;
  if (layer.below?.protocol !== wlanRadio) return false;
  const flags = radio?.fields.find(({ bit }) => bit === 1);
  return flags !== undefined && (d.bytes[flags.at]! & FCS_AT_END) !== 0;
}
