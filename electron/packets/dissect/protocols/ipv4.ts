/** Internet Protocol version 4 (RFC 791): options, fragments told apart, header checksum verified. */
import type { Whole } from '../../state/fragments.ts';
import { u16 } from '../bytes.ts';
import { CHECKSUM_STATUS, checkSum, STATUS_NAMES } from '../checksum.ts';
import type { Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import { type Field, SET } from '../field.ts';
import { DSCP_NAMES, dsText, ECN_NAMES } from '../names/dscp.ts';
import { IP_PROTOCOLS, protocolText } from '../names/ip-protocols.ts';
import { note } from '../notes.ts';
import { addFragment, emitFragments, fragmentFields } from '../reassembly.ts';
import { lookup } from '../tables.ts';
import { hex, hexText, ipv4Text } from '../text.ts';
import { rest } from './data.ts';
import { emitIpv4Options, IPV4_OPTION_FIELDS } from './ipv4-options.ts';

const VERSION = 0;
const DS = 1;
const LENGTH = 2;
const ID = 4;
const FRAGMENT = 6;
const TTL = 8;
const PROTOCOL = 9;
const CHECKSUM = 10;
const SRC = 12;
const DST = 16;
const HEADER = 20;

const FRAGMENTS = fragmentFields('ip', 'IPv4', 'bytes');
const FIELDS = {
  version: { name: 'ip.version', title: 'Version', type: 'uint8', mask: 0xf0, bits: 8 },
  hdrLen: { name: 'ip.hdr_len', title: 'Header Length', type: 'uint8', mask: 0x0f, bits: 8 },
  ds: { name: 'ip.dsfield', title: 'Differentiated Services Field', type: 'uint8', base: 'hex' },
  dscp: {
    name: 'ip.dsfield.dscp',
    title: 'Differentiated Services Codepoint',
    type: 'uint8',
    mask: 0xfc,
    bits: 8,
    names: DSCP_NAMES,
  },
  ecn: {
    name: 'ip.dsfield.ecn',
    title: 'Explicit Congestion Notification',
    type: 'uint8',
    mask: 0x03,
    bits: 8,
    names: ECN_NAMES,
  },
  len: { name: 'ip.len', title: 'Total Length', type: 'uint16' },
  id: { name: 'ip.id', title: 'Identification', type: 'uint16', base: 'hex-dec' },
  flags: { name: 'ip.flags', title: 'Flags', type: 'uint8', base: 'hex', mask: 0xe0, bits: 8 },
  flagRb: { name: 'ip.flags.rb', title: 'Reserved bit', type: 'boolean', mask: 0x80, bits: 8, truth: SET },
  flagDf: { name: 'ip.flags.df', title: "Don't fragment", type: 'boolean', mask: 0x40, bits: 8, truth: SET },
  flagMf: { name: 'ip.flags.mf', title: 'More fragments', type: 'boolean', mask: 0x20, bits: 8, truth: SET },
  fragOffset: { name: 'ip.frag_offset', title: 'Fragment Offset', type: 'uint16', mask: 0x1fff, bits: 16 },
  ttl: { name: 'ip.ttl', title: 'Time to Live', type: 'uint8' },
  proto: { name: 'ip.proto', title: 'Protocol', type: 'uint8', names: IP_PROTOCOLS },
  checksum: { name: 'ip.checksum', title: 'Header Checksum', type: 'uint16', base: 'hex' },
  status: { name: 'ip.checksum.status', title: 'Header checksum status', type: 'uint8', names: STATUS_NAMES },
  calculated: { name: 'ip.checksum_calculated', title: 'Calculated Checksum', type: 'uint16', base: 'hex' },
  src: { name: 'ip.src', title: 'Source Address', type: 'ipv4' },
  srcHost: { name: 'ip.src_host', title: 'Source Host', type: 'string' },
  dst: { name: 'ip.dst', title: 'Destination Address', type: 'ipv4' },
  dstHost: { name: 'ip.dst_host', title: 'Destination Host', type: 'string' },
  addr: { name: 'ip.addr', title: 'Source or Destination Address', type: 'ipv4' },
  host: { name: 'ip.host', title: 'Source or Destination Host', type: 'string' },
  ...FRAGMENTS,
  ...IPV4_OPTION_FIELDS,
} satisfies Record<string, Field>;

const OPTION_FIELDS = Object.values(IPV4_OPTION_FIELDS);
const headerLength = (d: Dissection, layer: Layer) => (d.bytes[layer.start + VERSION]! & 0x0f) * 4;
/** Why the header cannot be believed; then nothing of it is used. */
function bogusReason(d: Dissection, layer: Layer): string | undefined {
  const version = d.bytes[layer.start]! >> 4;
  const header = headerLength(d, layer);
  const total = u16(d.bytes, layer.start + LENGTH);
  if (version !== 4) return `Bogus IPv4 version (${version}, must be 4)`;
  if (header < HEADER) return `Bogus IP header length (${header}, must be at least 20)`;
  // 0: written by a stack that leaves segmentation to the card; the carrier's length is the best there is.
  if (total !== 0 && total < header) return `Bogus IP length (${total}, less than header length ${header})`;
  return undefined;
}

/** In bytes. */
const fragmentOffset = (d: Dissection, layer: Layer) => (u16(d.bytes, layer.start + FRAGMENT) & 0x1fff) * 8;
const moreFragments = (d: Dissection, layer: Layer) => (d.bytes[layer.start + FRAGMENT]! & 0x20) !== 0;

/** What completes a datagram goes on with all of it; other fragments are data. */
function reassemble(d: Dissection, layer: Layer, start: number, offset: number, more: boolean): Protocol | undefined {
  const { bytes } = d;
  const at = layer.start;
  const identity = `4 ${hexText(bytes, at + SRC, at + HEADER)} ${u16(bytes, at + ID)} ${bytes[at + PROTOCOL]}`;
  const done = addFragment(d, identity, start, layer.end, offset, more);
  if (!done) return rest(d, start, layer.end);
  layer.facts = done.whole;
  const { source } = done;
  const next = lookup('ip.proto', bytes[at + PROTOCOL]!, d);
  d.followIn(source, source.prefix, source.bytes.length);
  return next ?? rest(d, source.prefix, source.bytes.length);
}

/** OSPF and PIM never leave the link: a low time to live is meant. */
const LINK_LOCAL: ReadonlySet<number> = new Set([89, 103]);

export const ipv4: Protocol = {
  name: 'ip',
  column: 'IPv4',
  title: 'Internet Protocol Version 4',
  tint: 'ip',
  minLength: HEADER,
  binds: { linktype: [228], ethertype: [0x0800], 'ip.proto': [4, 94] },
  fields: FIELDS,

  walk(d, layer) {
    const { bytes } = d;
    const header = headerLength(d, layer);
    const total = u16(bytes, layer.start + LENGTH);
    layer.headerLength = header;
    if (bogusReason(d, layer) !== undefined) {
      d.bogus ||= !layer.quotedBy;
      return undefined;
    }
    if (total >= header) layer.end = Math.min(layer.end, layer.start + total);
    const start = layer.start + header;
    const more = moreFragments(d, layer);
    const offset = fragmentOffset(d, layer);
    if (d.context && !layer.quotedBy && (offset > 0 || more)) return reassemble(d, layer, start, offset, more);
    if (offset > 0) return rest(d, start, layer.end);
    const next = lookup('ip.proto', bytes[layer.start + PROTOCOL]!, d);
    if (!next) return rest(d, start, layer.end);
    d.follow(start, layer.end);
    return next;
  },

  addresses(d, layer, columns) {
    if (bogusReason(d, layer) !== undefined) return;
    columns.source = ipv4Text(d.bytes, layer.start + SRC);
    columns.destination = ipv4Text(d.bytes, layer.start + DST);
  },

  info(d, layer) {
    const bogus = bogusReason(d, layer);
    if (bogus !== undefined) return bogus;
    const protocol = d.bytes[layer.start + PROTOCOL]!;
    const offset = fragmentOffset(d, layer);
    if (offset === 0 && !moreFragments(d, layer)) return protocolText(protocol);
    const id = u16(d.bytes, layer.start + ID)
      .toString(16)
      .padStart(4, '0');
    return `Fragmented IP protocol (proto=${IP_PROTOCOLS[protocol] ?? 'Unknown'} ${protocol}, off=${offset}, ID=${id})`;
  },

  label(d, layer) {
    if (bogusReason(d, layer) !== undefined) return 'Internet Protocol Version 4';
    return `Internet Protocol Version 4, Src: ${ipv4Text(d.bytes, layer.start + SRC)}, Dst: ${ipv4Text(d.bytes, layer.start + DST)}`;
  },

  emit(d, layer, out) {
    const { bytes } = d;
    const at = layer.start;
    const header = headerLength(d, layer);
    const bogus = layer.short ? undefined : bogusReason(d, layer);
    const blame = (wrong: boolean, offset: number) => wrong && note(out, 'error', 'Protocol', bogus!, offset);
    const version = bytes[at]! >> 4;
    out.open(FIELDS.version, at + VERSION, 1, version);
    blame(bogus !== undefined && version !== 4, at);
    out.close();
    if (bogus !== undefined && version !== 4) return;
    const words = (header / 4).toString(2).padStart(4, '0');
    const label = `.... ${words} = Header Length: ${header} bytes (${header / 4})`;
    out.open(FIELDS.hdrLen, at + VERSION, 1, header, { label });
    blame(bogus !== undefined && header < HEADER, at);
    out.close();
    if (bogus !== undefined && header < HEADER) return;
    out.open(FIELDS.ds, at + DS, 1, bytes[at + DS]!, { suffix: dsText(bytes[at + DS]!) });
    out.item(FIELDS.dscp, at + DS);
    out.item(FIELDS.ecn, at + DS);
    out.close();
    emitLength(d, layer, header, out);
    if (bogus !== undefined) return;
    out.item(FIELDS.id, at + ID);
    if (out.asks(FIELDS.flags, FIELDS.flagRb, FIELDS.flagDf, FIELDS.flagMf, FIELDS.fragOffset))
      emitFragment(d, layer, out);
    out.open(FIELDS.ttl, at + TTL, 1, bytes[at + TTL]!);
    const ttl = bytes[at + TTL]!;
    const local = bytes[at + DST]! >= 224 || LINK_LOCAL.has(bytes[at + PROTOCOL]!);
    if (ttl < 5 && !local)
      note(out, 'note', 'Sequence', ttl === 0 ? '"Time To Live" is 0' : `"Time To Live" only ${ttl}`, at + TTL);
    out.close();
    out.item(FIELDS.proto, at + PROTOCOL);
    emitChecksum(d, layer, header, out);
    out.item(FIELDS.src, at + SRC);
    out.hidden(FIELDS.addr, at + SRC);
    emitHost(FIELDS.srcHost, bytes, at + SRC, out);
    out.item(FIELDS.dst, at + DST);
    out.hidden(FIELDS.addr, at + DST);
    emitHost(FIELDS.dstHost, bytes, at + DST, out);
    if (header > HEADER && out.asks(...OPTION_FIELDS)) emitIpv4Options(d, at + HEADER, at + header, out);
    const whole = layer.facts as Whole | undefined;
    if (whole) emitFragments(whole, at, FRAGMENTS, 'IPv4', out);
  },
};

function emitLength(d: Dissection, layer: Layer, header: number, out: FieldSink): void {
  const at = layer.start + LENGTH;
  const total = u16(d.bytes, at);
  const short = total !== 0 && total < header;
  out.open(
    FIELDS.len,
    at,
    2,
    total,
    short ? { suffix: ` bytes (bogus, less than header length ${header})` } : undefined,
  );
  const room = (layer.below?.end ?? d.wireLen) - layer.start;
  if (total === 0)
    note(out, 'note', 'Protocol', 'IP length reported as 0 (may be because of "TCP segmentation offload" (TSO))', at);
  else if (short) note(out, 'error', 'Protocol', `Bogus IP length (${total}, less than header length ${header})`, at);
  else if (total > room && !layer.quotedBy)
    note(out, 'error', 'Protocol', `IPv4 total length exceeds packet length (${room} bytes)`, at);
  out.close();
}

function emitFragment(d: Dissection, layer: Layer, out: FieldSink): void {
  const at = layer.start + FRAGMENT;
  const flags = d.bytes[at]! >> 5;
  const words = [flags & 4 && 'Reserved bit', flags & 2 && "Don't fragment", flags & 1 && 'More fragments'];
  const said = words.filter(Boolean).map((word) => `, ${word}`);
  out.open(FIELDS.flags, at, 1, flags, { suffix: said.join('') });
  out.item(FIELDS.flagRb, at);
  out.item(FIELDS.flagDf, at);
  out.item(FIELDS.flagMf, at);
  out.close();
  const offset = fragmentOffset(d, layer);
  const container = u16(d.bytes, at) & 0x1fff;
  const bits = container.toString(2).padStart(13, '0');
  const pattern = `...${bits[0]} ${bits.slice(1, 5)} ${bits.slice(5, 9)} ${bits.slice(9)}`;
  out.value(FIELDS.fragOffset, at, 2, container, { label: `${pattern} = Fragment Offset: ${offset}` });
}

function emitChecksum(d: Dissection, layer: Layer, header: number, out: FieldSink): void {
  const at = layer.start + CHECKSUM;
  const value = u16(d.bytes, at);
  if (!out.asks(FIELDS.checksum, FIELDS.status, FIELDS.calculated)) return;
  const { status, expected } = checkSum(d.bytes, layer.start, layer.start + header, at);
  const bad = status === 'bad';
  const suffix = bad
    ? ` incorrect, should be ${hex(expected!, 4)}(may be caused by "IP checksum offload"?)`
    : status === 'good'
      ? ' [correct]'
      : ' [not all data available]';
  out.open(FIELDS.checksum, at, 2, value, { suffix, ...(bad && { severity: 'error' as const }) });
  if (bad) note(out, 'error', 'Checksum', `Bad checksum [should be ${hex(expected!, 4)}]`, at);
  out.close();
  const code = status === 'partial' ? CHECKSUM_STATUS.bad : CHECKSUM_STATUS[status];
  out.value(FIELDS.status, at, 0, code, {
    label: `Header checksum status: ${STATUS_NAMES[code]}`,
    generated: true,
  });
  if (expected !== undefined) out.value(FIELDS.calculated, at, 2, expected, { generated: true });
}

/** Names are not resolved: a host is its address in words. */
function emitHost(field: Field, bytes: Uint8Array, offset: number, out: FieldSink): void {
  if (!out.asks(field, FIELDS.host)) return;
  const text = ipv4Text(bytes, offset);
  for (const each of [field, FIELDS.host]) out.value(each, offset, 4, text, { hidden: true });
}
