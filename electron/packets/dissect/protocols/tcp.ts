/**
 * Transmission Control Protocol (RFC 9293). Sequence numbers are as on the wire and windows unscaled: both would need the
 * connection's earlier packets, which a single packet's dissection does not have.
 */
import { u16, u32 } from '../bytes.ts';
import { transportCheck } from '../checksum.ts';
import { emitChecksum } from '../checksum-fields.ts';
import type { Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import { type Field, SET } from '../field.ts';
import { note } from '../notes.ts';
import { lookupPort } from '../tables.ts';
import { hex } from '../text.ts';
import { rest } from './data.ts';
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
  status: { name: 'tcp.checksum.status', title: 'Checksum Status', type: 'uint8' },
  urgent: { name: 'tcp.urgent_pointer', title: 'Urgent Pointer', type: 'uint16' },
  payload: { name: 'tcp.payload', title: 'TCP payload', type: 'bytes' },
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
      return undefined;
    }
    const next = lookupPort('tcp.port', u16(d.bytes, layer.start + SRC), u16(d.bytes, layer.start + DST));
    if (!next || start >= d.capturedEnd(layer)) return rest(d, start, layer.end);
    d.follow(start, layer.end);
    return next;
  },

  info(d, layer) {
    const { bytes } = d;
    const at = layer.start;
    const flags = flagsOf(d, layer);
    const header = headerOf(d, layer);
    let text = `${u16(bytes, at + SRC)} → ${u16(bytes, at + DST)} [${tcpFlagText(flags)}]`;
    text += ` Seq=${u32(bytes, at + SEQ)}`;
    if (flags & ACKED) text += ` Ack=${u32(bytes, at + ACK)}`;
    text += ` Win=${u16(bytes, at + WINDOW)}`;
    if (header < HEADER) return `${text}, bogus TCP header length (${header}, must be at least 20)`;
    if (flags & URG) text += ` Urg=${u16(bytes, at + URGENT)}`;
    text += ` Len=${payloadOf(d, layer)}`;
    if (header === HEADER) return text;
    return text + optionsInfo(bytes, at + HEADER, Math.min(at + header, d.capturedEnd(layer)));
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
    const ack = flagsOf(d, layer) & ACKED ? `, Ack: ${u32(bytes, at + ACK)}` : '';
    const ports = `Src Port: ${u16(bytes, at + SRC)}, Dst Port: ${u16(bytes, at + DST)}`;
    const length = headerOf(d, layer) < HEADER ? '' : `, Len: ${payloadOf(d, layer)}`;
    return `Transmission Control Protocol, ${ports}, Seq: ${u32(bytes, at + SEQ)}${ack}${length}`;
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
    const seq = u32(bytes, at + SEQ);
    out.value(FIELDS.len, at, 0, length, { generated: true });
    out.item(FIELDS.seq, at + SEQ);
    out.hidden(FIELDS.seqRaw, at + SEQ);
    if (header >= HEADER) emitNumbers(at, seq, length, flags, out);
    const words = (header / 4).toString(2).padStart(4, '0');
    out.open(FIELDS.hdrLen, at + OFFSET, 1, header, {
      label: `${words} .... = Header Length: ${header} bytes (${header / 4})`,
    });
    if (header < HEADER)
      note(out, 'error', 'Protocol', `Bogus TCP header length (${header}, must be at least 20)`, at + OFFSET);
    out.close();
    if (header < HEADER) return;
    if (out.asks(FIELDS.flags, FIELDS.flagText, ...FLAG_FIELDS)) emitFlags(at + OFFSET, flags, out);
    out.item(FIELDS.window, at + WINDOW);
    out.value(FIELDS.windowSize, at + WINDOW, 2, u16(bytes, at + WINDOW), { generated: true });
    const check = () => transportCheck(d, layer, PROTOCOL_NUMBER, layer.end - at, at + CHECKSUM);
    emitChecksum(d, at + CHECKSUM, FIELDS, check, 'TCP', false, out);
    out.open(FIELDS.urgent, at + URGENT, 2, u16(bytes, at + URGENT));
    if (u16(bytes, at + URGENT) !== 0 && !(flags & URG))
      note(out, 'note', 'Protocol', 'The urgent pointer field is nonzero while the URG flag is not set', at + URGENT);
    out.close();
    if (header > HEADER && out.asks(...OPTION_FIELDS)) emitTcpOptions(d, at + HEADER, at + header, out);
    const kept = d.capturedEnd(layer) - at - header;
    if (kept > 0)
      out.item(FIELDS.payload, at + header, kept, { label: `TCP payload (${length} byte${length === 1 ? '' : 's'})` });
  },
};

function emitNumbers(at: number, seq: number, length: number, flags: number, out: FieldSink): void {
  const next = (seq + length + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0)) >>> 0;
  out.value(FIELDS.nextSeq, at, 0, next, { generated: true });
  out.item(FIELDS.ack, at + ACK);
  if (flags & ACKED) out.hidden(FIELDS.ackRaw, at + ACK);
  else out.item(FIELDS.ackRaw, at + ACK);
}

function emitFlags(at: number, flags: number, out: FieldSink): void {
  out.open(FIELDS.flags, at, 2, flags, { label: `Flags: ${hex(flags, 3)} (${tcpFlagText(flags)})` });
  for (const [name, field] of Object.entries(FLAGS)) {
    // The low octet's flags light that octet alone, as Wireshark's do.
    const wide = name === 'res' || name === 'ae';
    out.value(field, wide ? at : at + 1, 1, (flags & field.mask!) !== 0, {
      label: flagLabel(flags, field),
      ...(name === 'reset' && flags & RST ? { severity: 'warn' as const } : {}),
    });
  }
  out.value(FIELDS.flagText, at, 2, flagString(flags), { generated: true });
  out.close();
}

function flagLabel(flags: number, field: Field): string {
  let bits = '';
  for (let i = 11; i >= 0; i--) {
    bits += (field.mask! >> i) & 1 ? String((flags >> i) & 1) : '.';
    if (i > 0 && i % 4 === 0) bits += ' ';
  }
  return `${bits} = ${field.title}: ${flags & field.mask! ? 'Set' : 'Not set'}`;
}
