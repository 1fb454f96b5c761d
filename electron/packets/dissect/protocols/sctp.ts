/** Stream Control Transmission Protocol (RFC 9260): chunks; what DATA carries is data unless somebody claims its port or payload identifier. */
import { u16, u32 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { bit, f, protocol } from '../define.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';
import { lookup } from '../tables.ts';
import { rest } from './data.ts';

const HEADER = 12;
const [
  DATA,
  INIT,
  INIT_ACK,
  SACK,
  HEARTBEAT,
  HEARTBEAT_ACK,
  ABORT,
  SHUTDOWN,
  SHUTDOWN_ACK,
  ERROR,
  COOKIE_ECHO,
  COOKIE_ACK,
] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const CHUNKS: Record<number, string> = {
  [DATA]: 'DATA',
  [INIT]: 'INIT',
  [INIT_ACK]: 'INIT_ACK',
  [SACK]: 'SACK',
  [HEARTBEAT]: 'HEARTBEAT',
  [HEARTBEAT_ACK]: 'HEARTBEAT_ACK',
  [ABORT]: 'ABORT',
  [SHUTDOWN]: 'SHUTDOWN',
  [SHUTDOWN_ACK]: 'SHUTDOWN_ACK',
  [ERROR]: 'ERROR',
  [COOKIE_ECHO]: 'COOKIE_ECHO',
  [COOKIE_ACK]: 'COOKIE_ACK',
  12: 'ECNE',
  13: 'CWR',
  14: 'SHUTDOWN_COMPLETE',
};
const F = {
  source: f.u16('sctp.srcport', 'Source port'),
  destination: f.u16('sctp.dstport', 'Destination port'),
  port: f.u16('sctp.port', 'Port'),
  tag: f.x32('sctp.verification_tag', 'Verification tag'),
  checksum: f.x32('sctp.checksum', 'Checksum'),
  type: f.u8('sctp.chunk_type', 'Chunk type', { names: CHUNKS }),
  stop: bit('sctp.chunk_bit_1', 'Bit', 0x80),
  report: bit('sctp.chunk_bit_2', 'Bit', 0x40),
  flags: f.x8('sctp.chunk_flags', 'Chunk flags'),
  length: f.u16('sctp.chunk_length', 'Chunk length'),
  endBit: bit('sctp.data_e_bit', 'E-Bit', 1),
  beginBit: bit('sctp.data_b_bit', 'B-Bit', 2),
  unorderedBit: bit('sctp.data_u_bit', 'U-Bit', 4),
  immediateBit: bit('sctp.data_i_bit', 'I-Bit', 8),
  relativeTsn: f.u32('sctp.data_tsn', 'Transmission sequence number (relative)'),
  tsn: f.u32('sctp.data_tsn_raw', 'Transmission sequence number (absolute)'),
  stream: f.x16('sctp.data_sid', 'Stream identifier'),
  sequence: f.u16('sctp.data_ssn', 'Stream sequence number'),
  payloadId: f.u32('sctp.data_payload_proto_id', 'Payload protocol identifier'),
  initTag: f.x32('sctp.init_initiate_tag', 'Initiate tag'),
  initCredit: f.u32('sctp.init_credit', 'Advertised receiver window credit (a_rwnd)'),
  initOut: f.u16('sctp.init_nr_out_streams', 'Number of outbound streams'),
  initIn: f.u16('sctp.init_nr_in_streams', 'Number of inbound streams'),
  initTsn: f.u32('sctp.init_initial_tsn', 'Initial TSN'),
  ackTag: f.x32('sctp.initack_initiate_tag', 'Initiate tag'),
  ackCredit: f.u32('sctp.initack_credit', 'Advertised receiver window credit (a_rwnd)'),
  ackOut: f.u16('sctp.initack_nr_out_streams', 'Number of outbound streams'),
  ackIn: f.u16('sctp.initack_nr_in_streams', 'Number of inbound streams'),
  ackTsn: f.u32('sctp.initack_initial_tsn', 'Initial TSN'),
  sackTsn: f.u32('sctp.sack_cumulative_tsn_ack_raw', 'Cumulative TSN ACK (absolute)'),
  sackCredit: f.u32('sctp.sack_a_rwnd', 'Advertised receiver window credit (a_rwnd)'),
  sackGaps: f.u16('sctp.sack_number_of_gap_blocks', 'Number of gap acknowledgement blocks'),
  sackDuplicates: f.u16('sctp.sack_number_of_duplicated_tsns', 'Number of duplicated TSNs'),
  cookie: f.bytes('sctp.cookie', 'Cookie'),
};

/** The first TSN that was seen with this verification tag: what is shown counts from it. */
function firstTsn(d: Dissection, layer: Layer): number | undefined {
  const { context } = d;
  if (!context || layer.quotedBy) return undefined;
  const first = context.state.ofAll(sctp, () => new Map<number, number>());
  const tag = u32(d.bytes, layer.start + 4);
  const known = first.get(tag);
  if (known !== undefined) return known;
  for (const { type, at } of chunks(d, layer)) {
    if (type !== DATA || first.size >= MAX_TAGS) continue;
    first.set(tag, u32(d.bytes, at + 4));
    return u32(d.bytes, at + 4);
  }
  return undefined;
}
const base = (layer: Layer) => (layer.facts as number | undefined) ?? 0;
const MAX_TAGS = 65_536;

interface Chunk {
  type: number;
  at: number;
  /** As it states; at least 4. */
  length: number;
}
function* chunks(d: Dissection, layer: Layer): Generator<Chunk> {
  const end = d.capturedEnd(layer);
  for (let at = layer.start + HEADER; at + 4 <= end; ) {
    const length = u16(d.bytes, at + 2);
    if (length < 4) return;
    yield { type: d.bytes[at]!, at, length };
    at += (length + 3) & ~3;
  }
}

export const sctp: Protocol = protocol({
  name: 'sctp',
  column: 'SCTP',
  title: 'Stream Control Transmission Protocol',
  tint: 'tcp',
  minLength: HEADER,
  binds: { 'ip.proto': [132], 'udp.port': [9899] },
  fields: F,
  walk(d, layer) {
    layer.headerLength = d.capturedEnd(layer) - layer.start;
    layer.facts = firstTsn(d, layer);
    let first: Protocol | undefined;
    for (const { type, at, length } of chunks(d, layer)) {
      if (type !== DATA || length <= 16) continue;
      const next =
        lookup('sctp.ppi', u32(d.bytes, at + 12), d) ??
        lookup('sctp.port', u16(d.bytes, layer.start), d) ??
        lookup('sctp.port', u16(d.bytes, layer.start + 2), d);
      if (first) continue;
      first = next;
      if (next) d.follow(at + 16, at + length);
      else first = rest(d, at + 16, at + length);
    }
    return first;
  },
  info: (d, layer) => {
    const words: string[] = [];
    for (const { type, at } of chunks(d, layer)) {
      if (type === DATA) words.push(`${CHUNKS[type]} (TSN=${(u32(d.bytes, at + 4) - base(layer)) >>> 0}) `);
      else if (type === SACK)
        words.push(`${CHUNKS[type]} (Ack=${u32(d.bytes, at + 4)}, Arwnd=${u32(d.bytes, at + 8)}) `);
      else words.push(`${CHUNKS[type] ?? 'RESERVED'} `);
    }
    return words.join('');
  },
  label: (d, layer) =>
    `Stream Control Transmission Protocol, Src Port: ${u16(d.bytes, layer.start)}, Dst Port: ${u16(d.bytes, layer.start + 2)}`,
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    out.hidden(F.port, c.at);
    out.hidden(F.port, c.at + 2);
    c.u16(F.source);
    c.u16(F.destination);
    c.u32(F.tag);
    c.u32(F.checksum);
    for (const { type, at, length } of chunks(d, layer)) {
      const inner = new Cursor(d, out, at, at + length);
      inner.group(`${CHUNKS[type] ?? 'RESERVED'} chunk`, length, () => chunk(inner, type, base(layer)));
    }
  },
});

function chunk(c: Cursor, type: number, first: number): void {
  c.out.open(F.type, c.at, 1, type);
  c.bits(1, F.stop, F.report);
  c.out.close();
  c.skip(1);
  c.out.open(F.flags, c.at, 1, c.peek(1));
  if (type === DATA) c.bits(1, F.endBit, F.beginBit, F.unorderedBit, F.immediateBit);
  c.out.close();
  c.skip(1);
  c.u16(F.length);
  if (type === DATA) {
    c.out.value(F.relativeTsn, c.at, 4, (c.peek(4) - first) >>> 0);
    c.u32(F.tsn);
    c.u16(F.stream);
    c.u16(F.sequence);
    c.u32(F.payloadId);
  } else if (type === INIT || type === INIT_ACK) {
    const ack = type === INIT_ACK;
    c.u32(ack ? F.ackTag : F.initTag);
    c.u32(ack ? F.ackCredit : F.initCredit);
    c.u16(ack ? F.ackOut : F.initOut);
    c.u16(ack ? F.ackIn : F.initIn);
    c.u32(ack ? F.ackTsn : F.initTsn);
  } else if (type === SACK) {
    c.u32(F.sackTsn);
    c.u32(F.sackCredit);
    c.u16(F.sackGaps);
    c.u16(F.sackDuplicates);
  } else if (type === COOKIE_ECHO) c.data(F.cookie);
}
