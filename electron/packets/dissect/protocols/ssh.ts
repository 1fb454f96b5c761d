/** SSH transport (RFC 4253): the identification lines, key exchange while it is readable, packets after that as encrypted. HASSH fingerprints. */

import { own } from '../../state/conversations.ts';
import { decodeUtf8 } from '../../text/utf8.ts';
import { u32 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { f, protocol } from '../define.ts';
import type { Layer, Protocol } from '../dissection.ts';
import { PDU_MORE, PDU_REST } from '../tcp-payload.ts';
import { tcpFacts } from './tcp-facts.ts';
import { fromServer } from './text-lines.ts';
import { md5Text } from './tls/hello.ts';

const PORT = 22;
const KEXINIT = 20;
const NEWKEYS = 21;
const MAX_PACKET = 35_000 * 8;
const MESSAGES: Record<number, string> = {
  1: 'Disconnect',
  2: 'Ignore',
  3: 'Unimplemented',
  4: 'Debug',
  5: 'Service Request',
  6: 'Service Accept',
  [KEXINIT]: 'Key Exchange Init',
  [NEWKEYS]: 'New Keys',
  30: 'Elliptic Curve Diffie-Hellman Key Exchange Init',
  31: 'Elliptic Curve Diffie-Hellman Key Exchange Reply',
  32: 'Diffie-Hellman Group Exchange Init',
  33: 'Diffie-Hellman Group Exchange Reply',
  34: 'Diffie-Hellman Group Exchange Request',
};
const LISTS = [
  'kex_algorithms',
  'server_host_key_algorithms',
  'encryption_algorithms_client_to_server',
  'encryption_algorithms_server_to_client',
  'mac_algorithms_client_to_server',
  'mac_algorithms_server_to_client',
  'compression_algorithms_client_to_server',
  'compression_algorithms_server_to_client',
  'languages_client_to_server',
  'languages_server_to_client',
];
const LIST_FIELDS = LISTS.map((name) => ({
  length: f.u32(`ssh.${name}_length`, `${name} length`),
  list: f.text(`ssh.${name}`, `${name} string`),
}));
const F = {
  protocol: f.text('ssh.protocol', 'Protocol'),
  direction: { ...f.flag('ssh.direction', 'Direction'), bits: 0 },
  length: f.u32('ssh.packet_length', 'Packet Length'),
  padding: f.u8('ssh.padding_length', 'Padding Length'),
  code: f.u8('ssh.message_code', 'Message Code', { names: MESSAGES }),
  cookie: f.bytes('ssh.cookie', 'Cookie'),
  follows: f.u8('ssh.first_kex_packet_follows', 'First KEX Packet Follows'),
  reserved: f.bytes('ssh.kex.reserved', 'Reserved'),
  hasshFull: f.text('ssh.kex.hassh_algorithms', 'hasshAlgorithms'),
  hassh: f.text('ssh.kex.hassh', 'hassh'),
  hasshServerFull: f.text('ssh.kex.hasshserver_algorithms', 'hasshServerAlgorithms'),
  hasshServer: f.text('ssh.kex.hasshserver', 'hasshServer'),
  paddingString: f.bytes('ssh.padding_string', 'Padding String'),
  encryptedLength: f.bytes('ssh.packet_length_encrypted', 'Packet Length (encrypted)'),
  encrypted: f.bytes('ssh.encrypted_packet', 'Encrypted Packet'),
};

interface State {
  /** By direction. */
  identified: [boolean, boolean];
  keyed: [boolean, boolean];
}
const STATE = Symbol('ssh');
function stateOf(layer: Layer): { state: State; side: 0 | 1 } | undefined {
  const facts = layer.protocol.name === 'tcp' ? tcpFacts(layer) : layer.below && tcpFacts(layer.below);
  return (
    facts && {
      state: own(facts.conversation, STATE, (): State => ({ identified: [false, false], keyed: [false, false] })),
      side: facts.side,
    }
  );
}

/** first: the line of the side that speaks first. */
type Kind = 'first' | 'line' | 'packet' | 'encrypted';
const isLine = (bytes: Uint8Array, at: number) =>
  bytes[at] === 0x53 && bytes[at + 1] === 0x53 && bytes[at + 2] === 0x48 && bytes[at + 3] === 0x2d;

export const ssh: Protocol = protocol({
  name: 'ssh',
  column: 'SSH',
  title: 'SSH Protocol',
  tint: 'tls',
  binds: { 'tcp.port': [PORT] },
  heuristic: { tcp: (bytes, at, end) => end - at > 4 && isLine(bytes, at) },
  fields: {
    ...F,
    ...Object.fromEntries(
      LIST_FIELDS.flatMap(({ length, list }) => [
        [length.name, length],
        [list.name, list],
      ]),
    ),
  },
  pdu(bytes, at, end, _memo, _d, layer) {
    const found = stateOf(layer);
    if (isLine(bytes, at)) {
      const lf = bytes.indexOf(10, at);
      return lf < 0 || lf >= end ? PDU_MORE : lf + 1 - at;
    }
    if (!found || found.state.keyed[found.side]) return PDU_REST;
    if (end - at < 6) return PDU_MORE;
    const length = u32(bytes, at);
    if (length < 2 || length > MAX_PACKET) return PDU_REST;
    // What follows in the same segment must be looked at with the new keys in mind.
    if (bytes[at + 5] === NEWKEYS) found.state.keyed[found.side] = true;
    return 4 + length;
  },
  walk(d, layer) {
    const end = d.capturedEnd(layer);
    layer.headerLength = end - layer.start;
    const found = stateOf(layer);
    let kind: Kind = 'encrypted';
    if (isLine(d.bytes, layer.start)) kind = 'line';
    else if (
      end - layer.start >= 6 &&
      u32(d.bytes, layer.start) === end - layer.start - 4 &&
      MESSAGES[d.bytes[layer.start + 5]!] !== undefined
    )
      kind = 'packet';
    if (found && kind === 'line') {
      found.state.identified[found.side] = true;
      if (!found.state.identified[1 - found.side]) kind = 'first';
    }
    layer.facts = kind;
    return undefined;
  },
  columnOf: (_d, layer) => (layer.facts === 'first' ? 'SSH' : 'SSHv2'),
  info(d, layer) {
    const who = fromServer(d, layer, [PORT]) ? 'Server' : 'Client';
    const end = d.capturedEnd(layer);
    if (layer.facts === 'line' || layer.facts === 'first')
      return `${who}: Protocol (${decodeUtf8(d.bytes.subarray(layer.start, end)).trimEnd()})`;
    if (layer.facts === 'packet') return `${who}: ${MESSAGES[d.bytes[layer.start + 5]!]}`;
    return `${who}: Encrypted packet (len=${end - layer.start})`;
  },
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    const server = fromServer(d, layer, [PORT]);
    if (layer.facts === 'line' || layer.facts === 'first') {
      const line = c.line()!;
      out.value(F.protocol, line.start, line.length, line.text);
    } else if (layer.facts === 'encrypted') {
      c.data(F.encryptedLength, Math.min(4, c.left));
      if (c.left > 0) c.data(F.encrypted);
    } else packet(c, server);
    out.value(F.direction, layer.start, 0, server, {
      generated: true,
      label: `Direction: ${server ? 'server-to-client' : 'client-to-server'}`,
    });
  },
});

function packet(c: Cursor, server: boolean): void {
  const { out } = c;
  c.u32(F.length);
  const padding = c.u8(F.padding);
  const code = c.u8(F.code);
  if (code === KEXINIT) {
    c.data(F.cookie, 16);
    const lists: string[] = [];
    for (const { length, list } of LIST_FIELDS) {
      const size = c.u32(length);
      if (size > c.left) return;
      lists.push(c.text(list, size));
    }
    c.u8(F.follows);
    c.data(F.reserved, 4);
    const chosen = server ? [lists[0], lists[3], lists[5], lists[7]] : [lists[0], lists[2], lists[4], lists[6]];
    const full = chosen.join(';');
    out.value(server ? F.hasshServerFull : F.hasshFull, c.at, 0, full, { generated: true });
    const hash = md5Text(full);
    if (hash) out.value(server ? F.hasshServer : F.hassh, c.at, 0, hash, { generated: true });
  }
  if (padding > 0 && padding <= c.left) {
    c.skip(c.left - padding);
    c.data(F.paddingString, padding);
  }
}
