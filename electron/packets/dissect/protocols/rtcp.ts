/** RTP Control Protocol (RFC 3550 §6) with feedback (RFC 4585, RFC 5104): all packets of a compound in one layer. */
import { u16 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { bit, f, protocol } from '../define.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';
import { GROUP } from '../field.ts';
import { emitSetup } from './rtp.ts';
import { udpFacts } from './udp.ts';

const SENDER = 200;
const RECEIVER = 201;
const DESCRIPTION = 202;
const BYE = 203;
const APPLICATION = 204;
const TRANSPORT_FEEDBACK = 205;
const PAYLOAD_FEEDBACK = 206;
const TYPES: Record<number, string> = {
  [SENDER]: 'Sender Report',
  [RECEIVER]: 'Receiver Report',
  [DESCRIPTION]: 'Source description',
  [BYE]: 'Goodbye',
  [APPLICATION]: 'Application specific',
  [TRANSPORT_FEEDBACK]: 'Generic RTP Feedback',
  [PAYLOAD_FEEDBACK]: 'Payload-specific Feedback',
  207: 'Extended report (RFC 3611)',
};
/** NTP counts from 1900. */
const NTP_TO_UNIX = 2_208_988_800n;
const ITEMS = {
  0: 'END',
  1: 'CNAME (user and domain)',
  2: 'NAME (common name)',
  3: 'EMAIL (e-mail address)',
  4: 'PHONE (phone number)',
  5: 'LOC (geographic location)',
  6: 'TOOL (name/version of source app)',
  7: 'NOTE (note about source)',
  8: 'PRIV (private extensions)',
};
const TRANSPORT_FORMATS: Record<number, string> = {
  1: 'Generic negative acknowledgement (NACK)',
  3: 'Temporary Maximum Media Stream Bit Rate Request (TMMBR)',
  4: 'Temporary Maximum Media Stream Bit Rate Notification (TMMBN)',
  15: 'Transport-wide Congestion Control (Transport-cc)',
};
const PAYLOAD_FORMATS: Record<number, string> = {
  1: 'Picture Loss Indication',
  2: 'Slice Loss Indication',
  3: 'Reference Picture Selection Indication',
  4: 'Full Intra Request (FIR) Command',
  15: 'Application Layer Feedback',
};
const YES: readonly [string, string] = ['True', 'False'];
const five = { mask: 0x1f, bits: 8 };

const F = {
  setupFrame: f.u32('rtcp.setup-frame', 'Setup frame'),
  setupMethod: f.text('rtcp.setup-method', 'Setup Method'),
  version: f.u8('rtcp.version', 'Version', { mask: 0xc0, bits: 8, names: { 2: 'RFC 1889 Version' } }),
  padding: bit('rtcp.padding', 'Padding', 0x20, 8, YES),
  reports: f.u8('rtcp.rc', 'Reception report count', five),
  sources: f.u8('rtcp.sc', 'Source count', five),
  subtype: f.u8('rtcp.app.subtype', 'Subtype', five),
  transportFormat: f.u8('rtcp.rtpfb.fmt', 'RTCP Feedback message type (FMT)', { ...five, names: TRANSPORT_FORMATS }),
  payloadFormat: f.u8('rtcp.psfb.fmt', 'RTCP Feedback message type (FMT)', { ...five, names: PAYLOAD_FORMATS }),
  type: f.u8('rtcp.pt', 'Packet type', { names: TYPES }),
  length: f.u16('rtcp.length', 'Length'),
  sender: f.x32('rtcp.senderssrc', 'Sender SSRC', { base: 'hex-dec' }),
  media: f.x32('rtcp.mediassrc', 'Media source SSRC', { base: 'hex-dec' }),
  high: f.u32('rtcp.timestamp.ntp.msw', 'Timestamp, MSW', { base: 'dec-hex' }),
  low: f.u32('rtcp.timestamp.ntp.lsw', 'Timestamp, LSW', { base: 'dec-hex' }),
  ntp: f.time('rtcp.timestamp.ntp', 'MSW and LSW as NTP timestamp'),
  rtp: f.u32('rtcp.timestamp.rtp', 'RTP timestamp'),
  packets: f.u32('rtcp.sender.packetcount', "Sender's packet count"),
  octets: f.u32('rtcp.sender.octetcount', "Sender's octet count"),
  ssrc: f.x32('rtcp.ssrc.identifier', 'Identifier', { base: 'hex-dec' }),
  fraction: f.u8('rtcp.ssrc.fraction', 'Fraction lost'),
  lost: f.i32('rtcp.ssrc.cum_nr', 'Cumulative number of packets lost'),
  highest: f.u32('rtcp.ssrc.ext_high', 'Extended highest sequence number received'),
  cycles: f.u16('rtcp.ssrc.high_cycles', 'Sequence number cycles count'),
  sequence: f.u16('rtcp.ssrc.high_seq', 'Highest sequence number received'),
  jitter: f.u32('rtcp.ssrc.jitter', 'Interarrival jitter'),
  lastReport: f.u32('rtcp.ssrc.lsr', 'Last SR timestamp', { base: 'dec-hex' }),
  delay: f.u32('rtcp.ssrc.dlsr', 'Delay since last SR timestamp'),
  item: f.u8('rtcp.sdes.type', 'Type', { names: ITEMS }),
  itemLength: f.u32('rtcp.sdes.length', 'Length'),
  itemText: f.text('rtcp.sdes.text', 'Text'),
  appName: f.text('rtcp.app.name', 'Name (ASCII)'),
  appData: f.bytes('rtcp.app.data', 'Application specific data'),
  nackPid: f.u16('rtcp.rtpfb.nack_pid', 'RTCP Transport Feedback NACK PID'),
  nackBlp: f.x16('rtcp.rtpfb.nack_blp', 'RTCP Transport Feedback NACK BLP'),
  firSsrc: f.x32('rtcp.psfb.fir.fci.ssrc', 'SSRC', { base: 'hex-dec' }),
  firNumber: f.u8('rtcp.psfb.fir.fci.csn', 'Command Sequence Number'),
  firReserved: f.u24('rtcp.psfb.fir.fci.reserved', 'Reserved'),
  check: { ...f.flag('rtcp.length_check', 'RTCP frame length check'), bits: 0 },
};

const sizeAt = (bytes: Uint8Array, at: number) => 4 + 4 * u16(bytes, at + 2);

/** A compound begins with a report or alike, and its lengths add up. */
function looksLike(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 8 || (end - start) % 4 !== 0 || bytes[start]! >> 6 !== 2) return false;
  const type = bytes[start + 1]!;
  if (type < SENDER || type > 207 || type === TRANSPORT_FEEDBACK) return false;
  let at = start;
  while (at + 4 <= end && bytes[at]! >> 6 === 2) at += sizeAt(bytes, at);
  return at === end;
}

function* packets(d: Dissection, layer: Layer): Generator<{ at: number; end: number; type: number }> {
  const end = d.capturedEnd(layer);
  for (let at = layer.start; at + 4 <= end && d.bytes[at]! >> 6 === 2; at += sizeAt(d.bytes, at))
    yield { at, end: Math.min(end, at + sizeAt(d.bytes, at)), type: d.bytes[at + 1]! };
}

const ascii = (bytes: Uint8Array, at: number) =>
  String.fromCharCode(...bytes.subarray(at, at + 4)).replace(/[^\x20-\x7e]/g, '.');

function packetInfo(d: Dissection, at: number, end: number, type: number): string {
  const name = `${TYPES[type] ?? 'Unknown'}   `;
  const format = d.bytes[at]! & 0x1f;
  if (type === APPLICATION && at + 12 <= end) return `${name}( ${ascii(d.bytes, at + 8)} ) subtype=${format}`;
  if (type === PAYLOAD_FEEDBACK && format === 1) return `${name}PLI  `;
  if (type === PAYLOAD_FEEDBACK && format === 4) return `${name}FIR  `;
  return name;
}

export const rtcp: Protocol = protocol({
  name: 'rtcp',
  column: 'RTCP',
  title: 'Real-time Transport Control Protocol',
  tint: 'udp',
  minLength: 4,
  binds: { 'udp.port': [-2] },
  heuristic: { udp: looksLike },
  fields: F,
  info: (d, layer) => [...packets(d, layer)].map(({ at, end, type }) => packetInfo(d, at, end, type)).join(''),
  label: (d, layer) => `Real-time Transport Control Protocol (${TYPES[d.bytes[layer.start + 1]!] ?? 'Unknown'})`,
  emit(d, layer, out) {
    const announced = layer.below && udpFacts(layer.below)?.announced;
    const all = [...packets(d, layer)];
    for (const [i, { at, end, type }] of all.entries()) {
      if (i > 0) out.open(GROUP, at, end - at, null, { label: `${rtcp.title} (${TYPES[type] ?? 'Unknown'})` });
      emitSetup(announced, F, at, out);
      packet(new Cursor(d, out, at, end), type);
      if (i > 0) out.close();
    }
    const last = all.at(-1);
    if (!last || layer.end > d.bytes.length) return;
    const fits = last.at + sizeAt(d.bytes, last.at) === layer.end;
    const size = layer.end - layer.start;
    out.value(F.check, layer.start, 0, fits, {
      label: `RTCP frame length check: ${fits ? 'OK' : 'Wrong'} - ${size} bytes`,
      generated: true,
    });
  },
});

function packet(c: Cursor, type: number): void {
  const count = c.peek(1) & 0x1f;
  c.bits(1, F.version, F.padding);
  const counts: Record<number, typeof F.reports> = {
    [DESCRIPTION]: F.sources,
    [BYE]: F.sources,
    [APPLICATION]: F.subtype,
    [TRANSPORT_FEEDBACK]: F.transportFormat,
    [PAYLOAD_FEEDBACK]: F.payloadFormat,
  };
  if (type !== 207) c.bits(1, counts[type] ?? F.reports);
  c.skip(1);
  c.u8(F.type);
  c.u16(F.length, { suffix: ` (${4 + 4 * c.peek(2)} bytes)` });
  switch (type) {
    case SENDER:
    case RECEIVER:
      report(c, type, count);
      break;
    case DESCRIPTION:
      for (let i = 1; i <= count && c.left >= 4; i++) chunk(c, i);
      break;
    case BYE:
      for (let i = 0; i < count && c.left >= 4; i++) c.u32(F.ssrc);
      if (c.left > 0) {
        const length = c.u8(F.itemLength);
        if (length > 0 && length <= c.left) c.text(F.itemText, length);
      }
      break;
    case APPLICATION:
      c.u32(F.ssrc);
      c.text(F.appName, 4);
      if (c.left > 0) c.data(F.appData);
      break;
    case TRANSPORT_FEEDBACK:
    case PAYLOAD_FEEDBACK:
      feedback(c, type, count);
  }
}

function report(c: Cursor, type: number, count: number): void {
  c.u32(F.sender);
  if (type === SENDER && c.left >= 20) {
    const seconds = BigInt(c.peek(4));
    const fraction = BigInt(c.peek(4, 4));
    c.u32(F.high);
    c.u32(F.low);
    const ns = (seconds - NTP_TO_UNIX) * 1_000_000_000n + ((fraction * 1_000_000_000n) >> 32n);
    c.out.value(F.ntp, c.at - 8, 8, ns);
    c.u32(F.rtp);
    c.u32(F.packets);
    c.u32(F.octets);
  }
  for (let i = 1; i <= count && c.left >= 24; i++) c.group(`Source ${i}`, 24, () => block(c));
}

function block(c: Cursor): void {
  c.u32(F.ssrc);
  c.group('SSRC contents', 20, () => {
    c.u8(F.fraction, { suffix: ' / 256' });
    const lost = c.peek(3);
    c.out.value(F.lost, c.at, 3, lost >= 0x800000 ? lost - 0x1000000 : lost);
    c.skip(3);
    c.under(F.highest, 4, c.peek(4), () => {
      c.u16(F.cycles);
      c.u16(F.sequence);
    });
    c.u32(F.jitter);
    c.u32(F.lastReport);
    c.u32(F.delay, { suffix: ` (${Math.floor((c.peek(4) * 1000) / 65_536)} milliseconds)` });
  });
}

function chunk(c: Cursor, number: number): void {
  const ssrc = c.peek(4).toString(16).padStart(8, '0');
  const start = c.at;
  c.out.open(GROUP, c.at, c.left, null, { label: `Chunk ${number}, SSRC/CSRC 0x${ssrc}` });
  c.u32(F.ssrc);
  c.out.open(GROUP, c.at, c.left, null, { label: 'SDES items' });
  while (c.left > 0 && c.peek(1) !== 0) {
    c.u8(F.item);
    const length = c.u8(F.itemLength);
    if (length > c.left) break;
    if (length > 0) c.text(F.itemText, length);
  }
  if (c.left > 0) c.u8(F.item);
  c.out.close();
  c.out.close();
  while ((c.at - start) % 4 !== 0) c.skip(1);
}

function feedback(c: Cursor, type: number, format: number): void {
  c.u32(F.sender);
  c.u32(F.media);
  if (type === TRANSPORT_FEEDBACK && format === 1)
    while (c.left >= 4) {
      c.u16(F.nackPid);
      c.u16(F.nackBlp);
    }
  else if (type === PAYLOAD_FEEDBACK && format === 4)
    for (let i = 1; c.left >= 8; i++)
      c.group(`FIR ${i}`, 8, () => {
        c.u32(F.firSsrc);
        c.u8(F.firNumber);
        c.u24(F.firReserved);
      });
}
