/**
 * Transmission Control Protocol (RFC 9293). With the packets before it, numbers are relative, windows scaled and segments analysed; alone, a
 * segment shows what is on the wire.
 */
import { u16, u32 } from '../bytes.ts';
import { STATUS_NAMES, transportCheck } from '../checksum.ts';
import { emitChecksum } from '../checksum-fields.ts';
import type { Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import { type Field, GROUP, SET } from '../field.ts';
import { note, type Severity } from '../notes.ts';
import { lookupPort, recognise } from '../tables.ts';
import { finishPayload, followPayload } from '../tcp-payload.ts';
import { hex } from '../text.ts';
import { rest } from './data.ts';
import { analysisInfo, emitAnalysis, repeats, TCP_ANALYSIS_FIELDS, wasSent } from './tcp-analysis-fields.ts';
import { makeTcpFacts, type TcpFacts, tcpFacts } from './tcp-facts.ts';
import { emitTcpOptions, optionsInfo, TCP_OPTION_FIELDS } from './tcp-options.ts';

const SRC = 0;
const DST = 2;
const SEQ = 4;
const ACK = 8;
const OFFSET = 12;
const WINDOW = 14;
const CHECKSUM = 16;
const URGENT = 18;
const HEADER = 20;
const PROTOCOL_NUMBER = 6;

const FIN = 0x001;
const SYN = 0x002;
const RST = 0x004;
const PSH = 0x008;
const ACKED = 0x010;
const URG = 0x020;
const ECE = 0x040;
const CWR = 0x080;
const AE = 0x100;

const bit = (name: string, title: string, mask: number): Field => ({
  name: `tcp.flags.${name}`,
  title,
  type: 'boolean',
  mask,
  bits: 12,
  truth: SET,
});

const FLAGS = {
  res: bit('res', 'Reserved', 0xe00),
  ae: bit('ae', 'Accurate ECN', AE),
  cwr: bit('cwr', 'Congestion Window Reduced', CWR),
  ece: bit('ece', 'ECN-Echo', ECE),
  urg: bit('urg', 'Urgent', URG),
  ack: bit('ack', 'Acknowledgment', ACKED),
  push: bit('push', 'Push', PSH),
  reset: bit('reset', 'Reset', RST),
  syn: bit('syn', 'Syn', SYN),
  fin: bit('fin', 'Fin', FIN),
};

const FIELDS = {
  src: { name: 'tcp.srcport', title: 'Source Port', type: 'uint16' },
  dst: { name: 'tcp.dstport', title: 'Destination Port', type: 'uint16' },
  port: { name: 'tcp.port', title: 'Source or Destination Port', type: 'uint16' },
  len: { name: 'tcp.len', title: 'TCP Segment Len', type: 'uint32' },
  seq: { name: 'tcp.seq', title: 'Sequence Number', type: 'uint32' },
  seqRaw: { name: 'tcp.seq_raw', title: 'Sequence Number (raw)', type: 'uint32' },
  nextSeq: { name: 'tcp.nxtseq', title: 'Next Sequence Number', type: 'uint32' },
  ack: { name: 'tcp.ack', title: 'Acknowledgment Number', type: 'uint32' },
  ackRaw: { name: 'tcp.ack_raw', title: 'Acknowledgment number (raw)', type: 'uint32' },
  hdrLen: { name: 'tcp.hdr_len', title: 'Header Length', type: 'uint8' },
  flags: { name: 'tcp.flags', title: 'Flags', type: 'uint16', base: 'hex' },
  flagText: { name: 'tcp.flags.str', title: 'TCP Flags', type: 'string' },
  window: { name: 'tcp.window_size_value', title: 'Window', type: 'uint16' },
  windowSize: { name: 'tcp.window_size', title: 'Calculated window size', type: 'uint32' },
  checksum: { name: 'tcp.checksum', title: 'Checksum', type: 'uint16', base: 'hex' },
  calculated: { name: 'tcp.checksum_calculated', title: 'Calculated Checksum', type: 'uint16', base: 'hex' },
  status: { name: 'tcp.checksum.status', title: 'Checksum Status', type: 'uint8', names: STATUS_NAMES },
  urgent: { name: 'tcp.urgent_pointer', title: 'Urgent Pointer', type: 'uint16' },
  payload: { name: 'tcp.payload', title: 'TCP payload', type: 'bytes' },
  stream: { name: 'tcp.stream', title: 'Stream index', type: 'uint32' },
  completeness: { name: 'tcp.completeness', title: 'Conversation completeness', type: 'uint8' },
  scale: { name: 'tcp.window_size_scalefactor', title: 'Window size scaling factor', type: 'int32' },
  timeRelative: {
    name: 'tcp.time_relative',
    title: 'Time since first frame in this TCP stream',
    type: 'relative-time',
  },
  timeDelta: {
    name: 'tcp.time_delta',
    title: 'Time since previous frame in this TCP stream',
    type: 'relative-time',
  },
  segmentData: { name: 'tcp.segment_data', title: 'TCP segment data', type: 'bytes' },
  segments: { name: 'tcp.segments', title: 'Reassembled TCP Segments', type: 'none' },
  segment: { name: 'tcp.segment', title: 'TCP Segment', type: 'uint32' },
  segmentCount: { name: 'tcp.segment.count', title: 'Segment count', type: 'uint32' },
  reassembledLength: { name: 'tcp.reassembled.length', title: 'Reassembled TCP length', type: 'uint32' },
  ...TCP_ANALYSIS_FIELDS,
  ...Object.fromEntries(Object.entries(FLAGS).map(([key, field]) => [`flag_${key}`, field as Field])),
  ...TCP_OPTION_FIELDS,
} satisfies Record<string, Field>;

const FLAG_FIELDS = Object.values(FLAGS);
const OPTION_FIELDS = Object.values(TCP_OPTION_FIELDS);
const FLAG_NAMES = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR', 'AE'];

/** "SYN, ACK" for every combination, made once: this is asked for every row. */
const FLAG_TEXTS: readonly string[] = Array.from({ length: 512 }, (_, flags) => {
  const set = FLAG_NAMES.filter((_name, i) => (flags >> i) & 1);
  return set.length > 0 ? set.join(', ') : '<None>';
});

/** Names of the set flags, lowest bit first, as Wireshark lists them. */
export function tcpFlagText(flags: number): string {
  return FLAG_TEXTS[flags & 0x1ff]!;
}

/** "·······AP···": one place a flag, most significant first. */
function flagString(flags: number): string {
  const letters = 'RRRACEUAPRSF';
  let text = '';
  for (let i = 0; i < 12; i++) text += (flags >> (11 - i)) & 1 ? letters[i] : '·';
  return text;
}

const flagsOf = (d: Dissection, layer: Layer) => u16(d.bytes, layer.start + OFFSET) & 0x0fff;
const headerOf = (d: Dissection, layer: Layer) => (d.bytes[layer.start + OFFSET]! >> 4) * 4;
/** Bytes of payload by the carrier's length, whether captured or not. */
const payloadOf = (d: Dissection, layer: Layer) => Math.max(0, layer.end - layer.start - headerOf(d, layer));

/** A cut header may still have its ports. */
const hasPorts = (d: Dissection, layer: Layer) => layer.start + 4 <= d.capturedEnd(layer);

export const tcp: Protocol = {
  name: 'tcp',
  column: 'TCP',
  title: 'Transmission Control Protocol',
  tint: 'tcp',
  minLength: HEADER,
  binds: { 'ip.proto': [PROTOCOL_NUMBER] },
  fields: FIELDS,

  walk(d, layer) {
    const header = headerOf(d, layer);
    layer.headerLength = Math.max(header, HEADER);
    if (header < HEADER) {
      d.bogus ||= !layer.quotedBy;
      return undefined;
    }
    const start = layer.start + header;
    if (start > d.capturedEnd(layer)) {
      d.malformed(layer);
      // Where only options were cut off, the numbers are all there.
      if (start <= layer.end) layer.facts = makeTcpFacts(d, layer, header, payloadOf(d, layer));
      return undefined;
    }
    const facts = makeTcpFacts(d, layer, header, payloadOf(d, layer));
    layer.facts = facts;
    if (start >= d.capturedEnd(layer)) {
      // Nothing is there to be looked up, but whoever wants to say what the ports mean may stand on a SYN.
      if (d.asked) byPorts(d, layer);
      return facts && flagsOf(d, layer) & FIN ? finishPayload(d, layer, start, facts) : undefined;
    }
    const next = above(d, layer, start);
    if (next) return followPayload(d, layer, next, start, facts);
    // What was seen before, or out of its turn, is not shown as data again.
    if (facts?.analysis && repeats(facts.analysis)) return undefined;
    return rest(d, start, layer.end);
  },

  info(d, layer) {
    const { bytes } = d;
    const at = layer.start;
    const flags = flagsOf(d, layer);
    const header = headerOf(d, layer);
    let text = `${u16(bytes, at + SRC)} → ${u16(bytes, at + DST)} [${tcpFlagText(flags)}]`;
    const facts = tcpFacts(layer);
    const { seq, ack, window } = numbers(d, layer);
    text = analysisInfo(facts?.analysis) + text;
    text += ` Seq=${seq}`;
    if (flags & ACKED) text += ` Ack=${ack}`;
    text += ` Win=${window}`;
    if (header < HEADER) return `${text}, bogus TCP header length (${header}, must be at least 20)`;
    if (flags & URG) text += ` Urg=${u16(bytes, at + URGENT)}`;
    text += ` Len=${payloadOf(d, layer)}`;
    if (header > HEADER)
      text += optionsInfo(
        bytes,
        at + HEADER,
        Math.min(at + header, d.capturedEnd(layer)),
        tcpFacts(layer)?.ackBase ?? 0,
      );
    return facts?.partial ? `${facts.partialInfo ?? text} [TCP segment of a reassembled PDU]` : text;
  },
  shortInfo: (d, layer) =>
    hasPorts(d, layer) ? `${u16(d.bytes, layer.start + SRC)} → ${u16(d.bytes, layer.start + DST)}` : '',
  shortLabel: (d, layer) =>
    hasPorts(d, layer)
      ? `Transmission Control Protocol, Src Port: ${u16(d.bytes, layer.start + SRC)}, Dst Port: ${u16(d.bytes, layer.start + DST)}`
      : 'Transmission Control Protocol',

  label(d, layer) {
    const { bytes } = d;
    const at = layer.start;
    const relative = numbers(d, layer);
    const ack = flagsOf(d, layer) & ACKED ? `, Ack: ${relative.ack}` : '';
    const ports = `Src Port: ${u16(bytes, at + SRC)}, Dst Port: ${u16(bytes, at + DST)}`;
    const length = headerOf(d, layer) < HEADER ? '' : `, Len: ${payloadOf(d, layer)}`;
    return `Transmission Control Protocol, ${ports}, Seq: ${relative.seq}${ack}${length}`;
  },

  emit(d, layer, out) {
    const { bytes } = d;
    const at = layer.start;
    const flags = flagsOf(d, layer);
    const header = headerOf(d, layer);
    out.item(FIELDS.src, at + SRC);
    out.item(FIELDS.dst, at + DST);
    out.hidden(FIELDS.port, at + SRC);
    out.hidden(FIELDS.port, at + DST);
    if (layer.short) {
      if (layer.quotedBy) out.item(FIELDS.seq, at + SEQ); // an ICMP error quotes 8 bytes: ports and this
      return;
    }
    const length = payloadOf(d, layer);
    const facts = tcpFacts(layer);
    if (facts) emitStream(facts, at, out);
    out.value(FIELDS.len, at, 0, length, { generated: true });
    emitNumbers(d, layer, header >= HEADER, out);
    const words = (header / 4).toString(2).padStart(4, '0');
    out.open(FIELDS.hdrLen, at + OFFSET, 1, header, {
      label: `${words} .... = Header Length: ${header} bytes (${header / 4})`,
    });
    if (header < HEADER)
      note(out, 'error', 'Protocol', `Bogus TCP header length (${header}, must be at least 20)`, at + OFFSET);
    out.close();
    if (header < HEADER) return;
    if (out.asks(FIELDS.flags, FIELDS.flagText, ...FLAG_FIELDS)) emitFlags(d, layer, flags, out);
    out.item(FIELDS.window, at + WINDOW);
    out.value(FIELDS.windowSize, at + WINDOW, 2, numbers(d, layer).window, { generated: true });
    if (facts && !(flags & SYN)) emitScale(facts.scale, at + WINDOW, out);
    const check = () => transportCheck(d, layer, PROTOCOL_NUMBER, layer.end - at, at + CHECKSUM);
    emitChecksum(d, at + CHECKSUM, FIELDS, check, 'TCP', false, out);
    out.open(FIELDS.urgent, at + URGENT, 2, u16(bytes, at + URGENT));
    if (u16(bytes, at + URGENT) !== 0 && !(flags & URG))
      note(out, 'note', 'Protocol', 'The urgent pointer field is nonzero while the URG flag is not set', at + URGENT);
    out.close();
    if (header > HEADER && out.asks(...OPTION_FIELDS))
      emitTcpOptions(d, at + HEADER, at + header, (flags & SYN) !== 0, facts?.ackBase ?? 0, out);
    if (facts) {
      emitTimes(facts, at, out);
      emitAnalysis(facts, at, out);
    }
    const kept = d.capturedEnd(layer) - at - header;
    if (kept > 0)
      out.item(FIELDS.payload, at + header, kept, { label: `TCP payload (${length} byte${length === 1 ? '' : 's'})` });
    if (kept > 0 && facts?.analysis && wasSent(facts.analysis) && !facts.pieces)
      out.item(FIELDS.segmentData, at + header, kept, { label: `Retransmitted TCP segment data (${length} bytes)` });
    for (const { at: from, length: size } of facts?.pieces ?? [])
      out.item(FIELDS.segmentData, from, size, { label: `TCP segment data (${size} byte${size === 1 ? '' : 's'})` });
    if (facts?.segments) emitSegments(facts, at, out);
  },
};

const byPorts = (d: Dissection, { start }: Layer) =>
  lookupPort('tcp.port', u16(d.bytes, start + SRC), u16(d.bytes, start + DST), d);

/** Which protocol the payload is: what the ports say, or what it looks like. */
function above(d: Dissection, layer: Layer, start: number): Protocol | undefined {
  const { bytes } = d;
  const end = d.capturedEnd(layer);
  const facts = tcpFacts(layer);
  const conversation = facts?.conversation;
  if (conversation?.above) return conversation.above;
  const byPort = byPorts(d, layer);
  const instead = byPort?.instead?.(bytes, start, end);
  if (instead && conversation) conversation.above = instead;
  if (byPort) return instead ?? byPort;
  const looks = recognise('tcp', bytes, start, end, d);
  if (looks && conversation) conversation.above = looks;
  return looks;
}

/** As shown: relative and scaled where the connection is known. */
function numbers(d: Dissection, layer: Layer): { seq: number; ack: number; window: number } {
  const { bytes } = d;
  const at = layer.start;
  const seq = u32(bytes, at + SEQ);
  const ack = u32(bytes, at + ACK);
  const window = u16(bytes, at + WINDOW);
  const facts = tcpFacts(layer);
  if (!facts) return { seq, ack, window };
  return {
    seq: (seq - facts.base) >>> 0,
    ack: flagsOf(d, layer) & ACKED ? (ack - facts.ackBase) >>> 0 : ack,
    window: facts.scale > 0 ? window * 2 ** facts.scale : window,
  };
}

function emitStream({ conversation, completeness }: TcpFacts, at: number, out: FieldSink): void {
  out.value(FIELDS.stream, at, 0, conversation.index, { generated: true });
  out.value(FIELDS.completeness, at, 0, completeness, {
    label: `Conversation completeness: ${completenessText(completeness)} (${completeness})`,
    generated: true,
  });
}

function completenessText(value: number): string {
  if (value & 32) return value & 7 ? 'Incomplete' : 'Incomplete';
  const words: Record<number, string> = {
    31: 'Complete, WITH_DATA',
    23: 'Complete, NO_DATA',
    15: 'Incomplete, DATA',
    7: 'Incomplete, ESTABLISHED',
    1: 'Incomplete, SYN_SENT',
    2: 'Incomplete, CLIENT_ESTABLISHED',
  };
  return words[value] ?? 'Incomplete';
}

const UNASKED_ACK = 'The acknowledgment number field is nonzero while the ACK flag is not set';

function emitNumbers(d: Dissection, layer: Layer, whole: boolean, out: FieldSink): void {
  const at = layer.start;
  const { seq, ack } = numbers(d, layer);
  const facts = tcpFacts(layer);
  const length = payloadOf(d, layer);
  const flags = flagsOf(d, layer);
  const relative = facts ? { suffix: '    (relative sequence number)' } : undefined;
  out.value(FIELDS.seq, at + SEQ, 4, seq, relative);
  if (facts) out.item(FIELDS.seqRaw, at + SEQ);
  else out.hidden(FIELDS.seqRaw, at + SEQ);
  if (!whole) return;
  const next = (seq + length + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0)) >>> 0;
  out.value(FIELDS.nextSeq, at, 0, next, { ...relative, generated: true });
  out.open(FIELDS.ack, at + ACK, 4, ack, facts && flags & ACKED ? { suffix: '    (relative ack number)' } : undefined);
  if (!(flags & ACKED) && u32(d.bytes, at + ACK) !== 0) note(out, 'note', 'Protocol', UNASKED_ACK, at + ACK);
  out.close();
  if (flags & ACKED && !facts) out.hidden(FIELDS.ackRaw, at + ACK);
  else out.item(FIELDS.ackRaw, at + ACK);
}

function emitScale(scale: number, at: number, out: FieldSink): void {
  const value = scale < 0 ? scale : 2 ** scale;
  const suffix = scale === -1 ? ' (unknown)' : scale === -2 ? ' (no window scaling used)' : '';
  out.value(FIELDS.scale, at, 2, value, { suffix, generated: true });
}

function emitSegments({ segments }: TcpFacts, at: number, out: FieldSink): void {
  const total = segments!.reduce((sum, { length }) => sum + length, 0);
  const list = segments!.map(({ number, length }) => `#${number}(${length})`).join(', ');
  const label = `${segments!.length} Reassembled TCP Segments (${total} bytes): ${list}`;
  out.open(FIELDS.segments, at, 0, null, { label, generated: true });
  for (const { number, length } of segments!)
    out.value(FIELDS.segment, at, 0, number, { label: `Frame: ${number} (${length} bytes)`, generated: true });
  out.value(FIELDS.segmentCount, at, 0, segments!.length, { generated: true });
  out.value(FIELDS.reassembledLength, at, 0, total, { generated: true });
  out.close();
}

function emitTimes({ sinceFirstNs, sinceLastNs }: TcpFacts, at: number, out: FieldSink): void {
  out.open(GROUP, at, 0, null, { label: 'Timestamps', generated: true });
  out.value(FIELDS.timeRelative, at, 0, BigInt(Math.round(sinceFirstNs)), { generated: true });
  out.value(FIELDS.timeDelta, at, 0, BigInt(Math.round(sinceLastNs)), { generated: true });
  out.close();
}

function emitFlags(d: Dissection, layer: Layer, flags: number, out: FieldSink): void {
  const at = layer.start + OFFSET;
  out.open(FIELDS.flags, at, 2, flags, { label: `Flags: ${hex(flags, 3)} (${tcpFlagText(flags)})` });
  for (const [name, field] of Object.entries(FLAGS)) {
    // The low octet's flags light that octet alone, as Wireshark's do.
    const wide = name === 'res' || name === 'ae';
    const found = (flags & field.mask!) !== 0;
    const [severity, text] = (found && flagNote(d, layer, name, flags)) || [];
    out.open(field, wide ? at : at + 1, 1, found, {
      label: flagLabel(flags, field),
      ...(severity === 'warn' ? { severity } : {}),
    });
    if (severity) note(out, severity, 'Sequence', text!, at);
    const closing = name === 'fin' && tcpFacts(layer)?.closing;
    if (closing) note(out, 'note', 'Sequence', `This frame ${closing} the connection closing`, at);
    out.close();
  }
  out.value(FIELDS.flagText, at, 2, flagString(flags), { generated: true });
  out.close();
}

/** What a set flag means for the connection. */
function flagNote(d: Dissection, layer: Layer, flag: string, flags: number): [Severity, string] | undefined {
  const port = (at: number) => u16(d.bytes, layer.start + at);
  if (flag === 'reset') return ['warn', 'Connection reset (RST)'];
  if (flag === 'fin') return ['chat', 'Connection finish (FIN)'];
  if (flag !== 'syn') return undefined;
  return flags & ACKED
    ? ['chat', `Connection establish acknowledge (SYN+ACK): server port ${port(SRC)}`]
    : ['chat', `Connection establish request (SYN): server port ${port(DST)}`];
}

function flagLabel(flags: number, field: Field): string {
  let bits = '';
  for (let i = 11; i >= 0; i--) {
    bits += (field.mask! >> i) & 1 ? String((flags >> i) & 1) : '.';
    if (i > 0 && i % 4 === 0) bits += ' ';
  }
  return `${bits} = ${field.title}: ${flags & field.mask! ? 'Set' : 'Not set'}`;
}
