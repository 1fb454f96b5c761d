/** Internet Control Message Protocol (RFC 792, RFC 1191, RFC 6918). Errors quote the start of the packet that caused them. */
import { u16, u16le, u32 } from '../bytes.ts';
import { checkSum, STATUS_NAMES } from '../checksum.ts';
import { emitChecksum } from '../checksum-fields.ts';
import type { Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import type { Field } from '../field.ts';
import { lookup } from '../tables.ts';
import { hex, ipv4Text } from '../text.ts';
import { rest } from './data.ts';
import { answeredText, type EchoFacts, matchEcho, milliseconds, SENT_LENGTH, sentTime, sinceSent } from './echo.ts';
import { EXTENSION_FIELDS, emitExtensions, emitQuotedLength, extensionsAt } from './icmp-extensions.ts';

const TYPE = 0;
const CODE = 1;
const CHECKSUM = 2;
const REST = 4;
const IDENT = 4;
const SEQ = 6;
const HEADER = 8;

const ECHO_REPLY = 0;
const UNREACHABLE = 3;
const REDIRECT = 5;
const ECHO = 8;
const ADVERTISEMENT = 9;
const PARAMETER = 12;
const TIMESTAMP = 13;
const TIMESTAMP_REPLY = 14;
const MASK = 17;
const MASK_REPLY = 18;
const FRAGMENTATION_NEEDED = 4;
/** Types whose body starts with the original datagram. */
const QUOTING = new Set([UNREACHABLE, 4, REDIRECT, 11, PARAMETER]);

const TYPES: Record<number, string> = {
  0: 'Echo (ping) reply',
  3: 'Destination unreachable',
  4: 'Source quench',
  5: 'Redirect',
  6: 'Alternate host address',
  8: 'Echo (ping) request',
  9: 'Router advertisement',
  10: 'Router solicitation',
  11: 'Time-to-live exceeded',
  12: 'Parameter problem',
  13: 'Timestamp request',
  14: 'Timestamp reply',
  15: 'Information request',
  16: 'Information reply',
  17: 'Address mask request',
  18: 'Address mask reply',
  30: 'Traceroute',
  40: 'Photuris',
  42: 'Extended Echo request',
  43: 'Extended Echo reply',
};

const CODES: Record<number, Record<number, string>> = {
  3: {
    0: 'Network unreachable',
    1: 'Host unreachable',
    2: 'Protocol unreachable',
    3: 'Port unreachable',
    4: 'Fragmentation needed',
    5: 'Source route failed',
    6: 'Network unknown',
    7: 'Host unknown',
    8: 'Source host isolated',
    9: 'Network administratively prohibited',
    10: 'Host administratively prohibited',
    11: 'Network unreachable for TOS',
    12: 'Host unreachable for TOS',
    13: 'Communication administratively filtered',
    14: 'Host precedence violation',
    15: 'Precedence cutoff in effect',
  },
  5: {
    0: 'Redirect for network',
    1: 'Redirect for host',
    2: 'Redirect for TOS and network',
    3: 'Redirect for TOS and host',
  },
  11: { 0: 'Time to live exceeded in transit', 1: 'Fragment reassembly time exceeded' },
  12: { 0: 'Pointer indicates the error', 1: 'Required option missing', 2: 'Bad length' },
  42: { 0: 'No error' },
  43: {
    0: 'No error',
    1: 'Malformed query',
    2: 'No such interface',
    3: 'No such table entry',
    4: 'Multiple interfaces satisfy query',
  },
};

const FIELDS = {
  type: { name: 'icmp.type', title: 'Type', type: 'uint8' },
  code: { name: 'icmp.code', title: 'Code', type: 'uint8' },
  checksum: { name: 'icmp.checksum', title: 'Checksum', type: 'uint16', base: 'hex' },
  status: { name: 'icmp.checksum.status', title: 'Checksum Status', type: 'uint8', names: STATUS_NAMES },
  ident: { name: 'icmp.ident', title: 'Identifier (BE)', type: 'uint16', base: 'dec-hex' },
  identLe: { name: 'icmp.ident_le', title: 'Identifier (LE)', type: 'uint16', base: 'dec-hex' },
  seq: { name: 'icmp.seq', title: 'Sequence Number (BE)', type: 'uint16', base: 'dec-hex' },
  seqLe: { name: 'icmp.seq_le', title: 'Sequence Number (LE)', type: 'uint16', base: 'dec-hex' },
  unused: { name: 'icmp.unused', title: 'Unused', type: 'bytes' },
  mtu: { name: 'icmp.mtu', title: 'MTU of next hop', type: 'uint16' },
  gateway: { name: 'icmp.redir_gw', title: 'Gateway Address', type: 'ipv4' },
  pointer: { name: 'icmp.pointer', title: 'Pointer', type: 'uint32' },
  count: { name: 'icmp.num_addrs', title: 'Number of addresses', type: 'uint8' },
  entrySize: { name: 'icmp.addr_entry_size', title: 'Address entry size', type: 'uint8' },
  lifetime: { name: 'icmp.lifetime', title: 'Lifetime', type: 'uint16' },
  originate: { name: 'icmp.originate_timestamp', title: 'Originate Timestamp', type: 'uint32' },
  receive: { name: 'icmp.receive_timestamp', title: 'Receive Timestamp', type: 'uint32' },
  transmit: { name: 'icmp.transmit_timestamp', title: 'Transmit Timestamp', type: 'uint32' },
  requestIn: { name: 'icmp.resp_to', title: 'Request frame', type: 'uint32' },
  responseTime: { name: 'icmp.resptime', title: 'Response time', type: 'string' },
  sent: { name: 'icmp.data_time', title: 'Timestamp from icmp data', type: 'absolute-time' },
  sentSince: {
    name: 'icmp.data_time_relative',
    title: 'Timestamp from icmp data (relative)',
    type: 'relative-time',
  },
  mask: { name: 'icmp.address_mask', title: 'Address Mask', type: 'ipv4' },
  ...EXTENSION_FIELDS,
} satisfies Record<string, Field>;

/** Identifier and sequence number follow the checksum. */
function hasIdent(type: number): boolean {
  return type === ECHO || type === ECHO_REPLY || (type >= TIMESTAMP && type <= MASK_REPLY);
}

/** Undefined for types whose code says nothing. */
function codeText(type: number, code: number): string | undefined {
  const codes = CODES[type];
  return codes && (codes[code] ?? `Unknown code: ${code}`);
}

/** TTL of the IPv4 packet that carries this one, for ping's Info. */
function ttlOf(d: Dissection, layer: Layer): string {
  const network = layer.below;
  return network?.protocol.name === 'ip' ? `, ttl=${d.bytes[network.start + 8]}` : '';
}

export const icmp: Protocol = {
  name: 'icmp',
  column: 'ICMP',
  title: 'Internet Control Message Protocol',
  tint: 'icmp',
  minLength: HEADER,
  binds: { 'ip.proto': [1] },
  fields: FIELDS,

  walk(d, layer) {
    const type = d.bytes[layer.start + TYPE]!;
    layer.headerLength = d.capturedEnd(layer) - layer.start;
    const start = layer.start + HEADER;
    if (QUOTING.has(type)) {
      if (start >= d.capturedEnd(layer)) return undefined;
      d.quote(layer);
      d.follow(start, extensionsAt(d, layer) ?? layer.end, layer);
      return lookup('ethertype', 0x0800);
    }
    if (type === ECHO || type === ECHO_REPLY) {
      const sentNs = sentTime(d, start, d.capturedEnd(layer));
      layer.facts = { answered: match(d, layer, type === ECHO), sentNs } satisfies EchoFacts;
      return rest(d, sentNs === undefined ? start : start + SENT_LENGTH, layer.end, layer);
    }
    if (type >= TIMESTAMP && type <= MASK_REPLY) return undefined;
    return rest(d, start, layer.end, layer);
  },

  info(d, layer) {
    const at = layer.start;
    const type = d.bytes[at + TYPE]!;
    const name = TYPES[type];
    if (name === undefined) return `Unknown ICMP (obsolete or malformed?)`;
    if (hasIdent(type)) {
      const seq = u16(d.bytes, at + SEQ);
      const ident = hex(u16(d.bytes, at + IDENT), 4);
      return `${name.padEnd(20)} id=${ident}, seq=${seq}/${u16le(d.bytes, at + SEQ)}${ttlOf(d, layer)}${answeredText(layer)}`;
    }
    const code = codeText(type, d.bytes[at + CODE]!);
    return code === undefined ? name : `${name.padEnd(20)} (${code})`;
  },

  emit(d, layer, out) {
    const { bytes } = d;
    const at = layer.start;
    const type = bytes[at + TYPE]!;
    const code = bytes[at + CODE]!;
    out.item(FIELDS.type, at + TYPE, 1, {
      suffix: ` (${TYPES[type] ?? 'Unknown ICMP (obsolete or malformed?)'})`,
    });
    const meaning = codeText(type, code);
    out.item(FIELDS.code, at + CODE, 1, meaning === undefined ? undefined : { suffix: ` (${meaning})` });
    const check = () => checkSum(bytes, at, layer.end, at + CHECKSUM);
    emitChecksum(d, at + CHECKSUM, FIELDS, check, undefined, true, out);
    emitRest(d, layer, type, code, out);
    const extensions = QUOTING.has(type) ? extensionsAt(d, layer) : undefined;
    if (extensions !== undefined) emitExtensions(d, layer, extensions, out);
  },
};

function emitRest(d: Dissection, layer: Layer, type: number, code: number, out: FieldSink): void {
  const at = layer.start;
  if (hasIdent(type)) {
    out.item(FIELDS.ident, at + IDENT);
    out.value(FIELDS.identLe, at + IDENT, 2, u16le(d.bytes, at + IDENT));
    out.item(FIELDS.seq, at + SEQ);
    out.value(FIELDS.seqLe, at + SEQ, 2, u16le(d.bytes, at + SEQ));
  }
  const { answered, sentNs } = (layer.facts as EchoFacts | undefined) ?? {};
  if (answered) {
    out.value(FIELDS.requestIn, at, 0, answered.number, { generated: true });
    const ms = milliseconds(answered.sinceNs);
    out.value(FIELDS.responseTime, at, 0, ms, {
      label: `Response time: ${(answered.sinceNs / 1e6).toFixed(3)} ms`,
      generated: true,
    });
  }
  if (sentNs !== undefined) {
    out.value(FIELDS.sent, at + HEADER, SENT_LENGTH, sentNs);
    out.value(FIELDS.sentSince, at + HEADER, SENT_LENGTH, sinceSent(d, sentNs), { generated: true });
  }
  switch (type) {
    case UNREACHABLE:
      if (code === FRAGMENTATION_NEEDED) {
        const mtu = () => out.item(FIELDS.mtu, at + REST + 2);
        if (!emitQuotedLength(d, at + REST, FIELDS.unused, mtu, out)) {
          out.item(FIELDS.unused, at + REST, 2);
          mtu();
        }
      } else emitUnused(d, at + REST, out);
      break;
    case REDIRECT:
      out.item(FIELDS.gateway, at + REST);
      break;
    case PARAMETER:
      out.value(FIELDS.pointer, at + REST, 1, d.bytes[at + REST]!);
      out.item(FIELDS.unused, at + REST + 1, 3);
      break;
    case 4:
      out.item(FIELDS.unused, at + REST, 4);
      break;
    case 11:
      emitUnused(d, at + REST, out);
      break;
    case ADVERTISEMENT:
      out.item(FIELDS.count, at + REST);
      out.item(FIELDS.entrySize, at + REST + 1);
      out.item(FIELDS.lifetime, at + REST + 2);
      break;
    case TIMESTAMP:
    case TIMESTAMP_REPLY:
      for (const [i, field] of [FIELDS.originate, FIELDS.receive, FIELDS.transmit].entries()) {
        const value = u32(d.bytes, at + HEADER + 4 * i);
        out.item(field, at + HEADER + 4 * i, 4, { suffix: ` (${sinceMidnight(value)})` });
      }
      break;
    case MASK:
    case MASK_REPLY:
      out.item(FIELDS.mask, at + HEADER);
      break;
  }
}

function emitUnused(d: Dissection, at: number, out: FieldSink): void {
  const tail = () => out.item(FIELDS.unused, at + 2, 2);
  if (!emitQuotedLength(d, at, FIELDS.unused, tail, out)) out.item(FIELDS.unused, at, 4);
}

function match(d: Dissection, layer: Layer, request: boolean) {
  const network = layer.below;
  if (layer.quotedBy || network?.protocol.name !== 'ip') return undefined;
  const source = ipv4Text(d.bytes, network.start + 12);
  const destination = ipv4Text(d.bytes, network.start + 16);
  const ends = request ? ([source, destination] as const) : ([destination, source] as const);
  return matchEcho(d, icmp, ends, u32(d.bytes, layer.start + IDENT), request);
}

/** ms after midnight UTC in words, with a fraction where there is one. */
function sinceMidnight(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const parts: string[] = [];
  const add = (count: number, word: string) => count > 0 && parts.push(`${count} ${word}${count === 1 ? '' : 's'}`);
  add(Math.floor(seconds / 3600), 'hour');
  add(Math.floor(seconds / 60) % 60, 'minute');
  const fraction = ms % 1000;
  if (fraction > 0) parts.push(`${seconds % 60}.${String(fraction).padStart(3, '0')} seconds`);
  else add(seconds % 60, 'second');
  return `${parts.length > 0 ? parts.join(', ') : '0 seconds'} after midnight UTC`;
}
