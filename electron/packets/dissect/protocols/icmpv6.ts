/** ICMPv6 (RFC 4443): errors with the packet they quote, echo. Neighbour discovery is in icmpv6-nd.ts, multicast membership in icmpv6-mld.ts. */
import { u16, u32 } from '../bytes.ts';
import { STATUS_NAMES, transportCheck } from '../checksum.ts';
import { emitChecksum } from '../checksum-fields.ts';
import type { Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import type { Field } from '../field.ts';
import { lookup } from '../tables.ts';
import { hex, ipv6Text } from '../text.ts';
import { rest } from './data.ts';
import { answeredText, type EchoFacts, matchEcho, milliseconds } from './echo.ts';
import { emitMld, isMld, MLD_FIELDS } from './icmpv6-mld.ts';
import { emitNeighborDiscovery, isNeighborDiscovery, ND_FIELDS, neighborDiscoveryInfo } from './icmpv6-nd.ts';

const TYPE = 0;
const CODE = 1;
const CHECKSUM = 2;
const BODY = 4;
const HEADER = 8;
const PROTOCOL_NUMBER = 58;
const ECHO = 128;
const ECHO_REPLY = 129;

const TYPES: Record<number, string> = {
  1: 'Destination Unreachable',
  2: 'Packet Too Big',
  3: 'Time Exceeded',
  4: 'Parameter Problem',
  100: 'Private experimentation',
  101: 'Private experimentation',
  128: 'Echo (ping) request',
  129: 'Echo (ping) reply',
  130: 'Multicast Listener Query',
  131: 'Multicast Listener Report',
  132: 'Multicast Listener Done',
  133: 'Router Solicitation',
  134: 'Router Advertisement',
  135: 'Neighbor Solicitation',
  136: 'Neighbor Advertisement',
  137: 'Redirect',
  138: 'Router Renumbering',
  139: 'Node Information Query',
  140: 'Node Information Reply',
  143: 'Multicast Listener Report Message v2',
  151: 'Multicast Router Advertisement',
  152: 'Multicast Router Solicitation',
  153: 'Multicast Router Termination',
  155: 'RPL Control',
  160: 'Extended Echo Request',
  161: 'Extended Echo Reply',
  200: 'Private experimentation',
  201: 'Private experimentation',
};

const CODES: Record<number, Record<number, string>> = {
  1: {
    0: 'no route to destination',
    1: 'Administratively prohibited',
    2: 'Beyond scope of source address',
    3: 'Address unreachable',
    4: 'Port unreachable',
    5: 'Source address failed ingress/egress policy',
    6: 'Reject route to destination',
    7: 'Error in Source Routing Header',
  },
  3: { 0: 'hop limit exceeded in transit', 1: 'fragment reassembly time exceeded' },
  4: {
    0: 'erroneous header field encountered',
    1: 'unrecognized Next Header type encountered',
    2: 'unrecognized IPv6 option encountered',
  },
};

const FIELDS = {
  type: { name: 'icmpv6.type', title: 'Type', type: 'uint8', names: TYPES },
  code: { name: 'icmpv6.code', title: 'Code', type: 'uint8' },
  checksum: { name: 'icmpv6.checksum', title: 'Checksum', type: 'uint16', base: 'hex' },
  status: { name: 'icmpv6.checksum.status', title: 'Checksum Status', type: 'uint8', names: STATUS_NAMES },
  reserved: { name: 'icmpv6.reserved', title: 'Reserved', type: 'bytes' },
  mtu: { name: 'icmpv6.mtu', title: 'MTU', type: 'uint32' },
  pointer: { name: 'icmpv6.pointer', title: 'Pointer', type: 'uint32' },
  ident: { name: 'icmpv6.echo.identifier', title: 'Identifier', type: 'uint16', base: 'hex' },
  seq: { name: 'icmpv6.echo.sequence_number', title: 'Sequence', type: 'uint16' },
  requestIn: { name: 'icmpv6.resp_to', title: 'Response To', type: 'uint32' },
  responseTime: { name: 'icmpv6.resptime', title: 'Response Time', type: 'string' },
  data: { name: 'icmpv6.data', title: 'Data', type: 'bytes' },
  ...MLD_FIELDS,
  ...ND_FIELDS,
} satisfies Record<string, Field>;

const isEcho = (type: number) => type === ECHO || type === ECHO_REPLY;

/** The IPv6 header in front of it, extension headers left out. */
function networkOf(layer: Layer): Layer | undefined {
  let at = layer.below;
  while (at && at.protocol.name !== 'ipv6') at = at.below;
  return at;
}

function hopLimitOf(d: Dissection, layer: Layer): string {
  const at = networkOf(layer);
  return at ? `, hop limit=${d.bytes[at.start + 7]}` : '';
}

export const icmpv6: Protocol = {
  name: 'icmpv6',
  column: 'ICMPv6',
  title: 'Internet Control Message Protocol v6',
  tint: 'icmp',
  minLength: BODY,
  binds: { 'ip.proto': [PROTOCOL_NUMBER] },
  fields: FIELDS,

  walk(d, layer) {
    const type = d.bytes[layer.start + TYPE]!;
    const end = d.capturedEnd(layer);
    layer.headerLength = end - layer.start;
    const start = layer.start + HEADER;
    if (type >= 1 && type <= 4) {
      if (start >= end) return undefined;
      d.quote(layer);
      d.follow(start, layer.end, layer);
      return lookup('ethertype', 0x86dd);
    }
    if (isEcho(type)) {
      if (start > end) d.malformed(layer);
      else layer.facts = { answered: match(d, layer, type === ECHO), sentNs: undefined } satisfies EchoFacts;
      return rest(d, start, layer.end, layer);
    }
    return undefined;
  },

  info(d, layer) {
    const { bytes } = d;
    const at = layer.start;
    const type = bytes[at + TYPE]!;
    const name = TYPES[type] ?? 'Unknown';
    if (isEcho(type)) {
      const ident = hex(u16(bytes, at + BODY), 4);
      return `${name} id=${ident}, seq=${u16(bytes, at + BODY + 2)}${hopLimitOf(d, layer)}${answeredText(layer)}`;
    }
    if (isNeighborDiscovery(type)) return name + neighborDiscoveryInfo(d, layer, type);
    const code = CODES[type]?.[bytes[at + CODE]!];
    return code === undefined ? name : `${name} (${code})`;
  },

  emit(d, layer, out) {
    const { bytes } = d;
    const at = layer.start;
    const type = bytes[at + TYPE]!;
    const code = CODES[type]?.[bytes[at + CODE]!];
    out.item(FIELDS.type, at + TYPE);
    out.item(FIELDS.code, at + CODE, 1, code === undefined ? undefined : { suffix: ` (${code})` });
    const check = () => transportCheck(d, layer, PROTOCOL_NUMBER, layer.end - at, at + CHECKSUM);
    emitChecksum(d, at + CHECKSUM, FIELDS, check, undefined, true, out);
    emitBody(d, layer, type, out);
  },
};

function match(d: Dissection, layer: Layer, request: boolean) {
  const network = networkOf(layer);
  if (layer.quotedBy || !network) return undefined;
  const source = ipv6Text(d.bytes, network.start + 8);
  const destination = ipv6Text(d.bytes, network.start + 24);
  const ends = request ? ([source, destination] as const) : ([destination, source] as const);
  return matchEcho(d, icmpv6, ends, u32(d.bytes, layer.start + BODY), request);
}

function emitAnswered({ start, facts }: Layer, out: FieldSink): void {
  const answered = (facts as EchoFacts | undefined)?.answered;
  if (!answered) return;
  out.value(FIELDS.requestIn, start, 0, answered.number, { generated: true });
  const label = `Response Time: ${(answered.sinceNs / 1e6).toFixed(3)} ms`;
  out.value(FIELDS.responseTime, start, 0, milliseconds(answered.sinceNs), { label, generated: true });
}

function emitBody(d: Dissection, layer: Layer, type: number, out: FieldSink): void {
  const at = layer.start + BODY;
  if (isEcho(type)) {
    out.item(FIELDS.ident, at);
    out.item(FIELDS.seq, at + 2);
    emitAnswered(layer, out);
  } else if (type === 1 || type === 3) out.item(FIELDS.reserved, at, 4);
  else if (type === 2) out.item(FIELDS.mtu, at);
  else if (type === 4) out.value(FIELDS.pointer, at, 4, u32(d.bytes, at));
  else if (isNeighborDiscovery(type)) emitNeighborDiscovery(d, layer, type, out);
  else if (isMld(type)) emitMld(d, layer, type, out);
  else {
    const length = d.capturedEnd(layer) - at;
    if (length > 0) out.item(FIELDS.data, at, length);
  }
}
