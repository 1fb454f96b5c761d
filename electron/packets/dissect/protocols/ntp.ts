/** Network Time Protocol, versions 1 to 4 (RFC 5905): the time packets; control and private ones by their mode. */
import { u32 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { f, protocol } from '../define.ts';
import type { Protocol } from '../dissection.ts';
import type { Field } from '../field.ts';

const MODES: Record<number, string> = {
  0: 'reserved',
  1: 'symmetric active',
  2: 'symmetric passive',
  3: 'client',
  4: 'server',
  5: 'broadcast',
  6: 'reserved for NTP control message',
  7: 'reserved for private use',
};
const VERSIONS: Record<number, string> = {
  0: 'reserved',
  1: 'NTP Version 1',
  2: 'NTP Version 2',
  3: 'NTP Version 3',
  4: 'NTP Version 4',
};
const INFO_MODES: Record<number, string> = { ...MODES, 6: 'control', 7: 'private' };
/** 1900 to 1970, s (RFC 868). */
const EPOCH = 2_208_988_800n;
const F = {
  flags: f.x8('ntp.flags', 'Flags'),
  leap: f.u8('ntp.flags.li', 'Leap Indicator', {
    mask: 0xc0,
    bits: 8,
    names: {
      0: 'no warning',
      1: 'last minute of the day has 61 seconds',
      2: 'last minute of the day has 59 seconds',
      3: 'unknown (clock unsynchronized)',
    },
  }),
  version: f.u8('ntp.flags.vn', 'Version number', { mask: 0x38, bits: 8, names: VERSIONS }),
  mode: f.u8('ntp.flags.mode', 'Mode', { mask: 0x07, bits: 8, names: MODES }),
  stratum: f.u8('ntp.stratum', 'Peer Clock Stratum'),
  poll: f.u8('ntp.ppoll', 'Peer Polling Interval'),
  precision: f.u8('ntp.precision', 'Peer Clock Precision'),
  delay: f.u32('ntp.rootdelay', 'Root Delay'),
  dispersion: f.u32('ntp.rootdispersion', 'Root Dispersion'),
  reference: f.bytes('ntp.refid', 'Reference ID'),
  referenceTime: f.time('ntp.reftime', 'Reference Timestamp'),
  origin: f.time('ntp.org', 'Origin Timestamp'),
  receive: f.time('ntp.rec', 'Receive Timestamp'),
  transmit: f.time('ntp.xmt', 'Transmit Timestamp'),
  keyId: f.bytes('ntp.keyid', 'Key ID'),
  mac: f.bytes('ntp.mac', 'Message Authentication Code'),
};

/** 64-bit timestamps count from 1900, or from 2036 when their highest bit is off. */
function timestamp(c: Cursor, field: Field): void {
  const seconds = BigInt(c.peek(4));
  const fraction = BigInt(c.peek(4, 4));
  const era = seconds !== 0n && (seconds & 0x80000000n) === 0n ? 1n << 32n : 0n;
  const ns =
    seconds === 0n && fraction === 0n
      ? 'NULL'
      : (seconds + era - EPOCH) * 1_000_000_000n + ((fraction * 1_000_000_000n) >> 32n);
  c.out.value(field, c.at, 8, ns, seconds === 0n ? { label: `${field.title}: NULL` } : undefined);
  c.skip(8);
}

export const ntp: Protocol = protocol({
  name: 'ntp',
  column: 'NTP',
  title: 'Network Time Protocol',
  tint: 'udp',
  minLength: 1,
  binds: { 'udp.port': [123] },
  fields: F,
  info(d, layer) {
    const first = d.bytes[layer.start]!;
    return `${VERSIONS[(first >> 3) & 7] ?? 'Unknown'}, ${INFO_MODES[first & 7]}`;
  },
  label(d, layer) {
    const first = d.bytes[layer.start]!;
    return `Network Time Protocol (${VERSIONS[(first >> 3) & 7] ?? 'Unknown'}, ${INFO_MODES[first & 7]})`;
  },
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    const first = c.peek(1);
    out.open(F.flags, c.at, 1, first);
    c.bits(1, F.leap, F.version, F.mode);
    out.close();
    c.skip(1);
    if ((first & 7) >= 6 || c.left < 47) return;
    c.u8(F.stratum);
    c.u8(F.poll);
    c.u8(F.precision, { label: `Peer Clock Precision: ${(2 ** ((c.peek(1) << 24) >> 24)).toFixed(6)} seconds` });
    c.u32(F.delay, { label: `Root Delay: ${(u32(c.bytes, c.at) / 65536).toFixed(6)} seconds` });
    c.u32(F.dispersion, { label: `Root Dispersion: ${(u32(c.bytes, c.at) / 65536).toFixed(6)} seconds` });
    c.data(F.reference, 4);
    for (const field of [F.referenceTime, F.origin, F.receive, F.transmit]) timestamp(c, field);
    if (c.left >= 20) {
      c.data(F.keyId, 4);
      c.data(F.mac, c.left);
    }
  },
});
