/**
 * SOCKS 4, 4a and 5 (RFC 1928, RFC 1929): how a proxy is asked for a connection. Once it is granted, the connection belongs to the protocol of the port that
 * was asked for.
 */
import { own } from '../../state/conversations.ts';
import { u16 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { f, protocol } from '../define.ts';
import type { Protocol } from '../dissection.ts';
import { lookup, recognise } from '../tables.ts';
import { rest } from './data.ts';
import { tcpFacts } from './tcp-facts.ts';
import { fromServer } from './text-lines.ts';

const PORTS = [1080];
const COMMANDS: Record<number, string> = { 1: 'Connect', 2: 'Bind', 3: 'UdpAssociate', 128: 'Ping', 129: 'Traceroute' };
const METHODS: Record<number, string> = {
  0: 'No authentication',
  1: 'GSSAPI',
  2: 'Username/Password',
  255: 'No acceptable methods',
};
const RESULTS4: Record<number, string> = {
  90: 'Granted',
  91: 'Rejected or Failed',
  92: 'Rejected because SOCKS server cannot connect to identd on the client',
  93: 'Rejected because the client program and identd report different user-ids',
};
const RESULTS5: Record<number, string> = {
  0: 'Succeeded',
  1: 'General SOCKS server failure',
  2: 'Connection not allowed by ruleset',
  3: 'Network unreachable',
  4: 'Host unreachable',
  5: 'Connection refused',
  6: 'TTL expired',
  7: 'Command not supported',
  8: 'Address type not supported',
};
const GRANTED4 = 90;
const LOGIN = 2;

const F = {
  version: f.u8('socks.version', 'Version'),
  command: f.u8('socks.command', 'Command', { names: COMMANDS }),
  remotePort: f.u16('socks.dstport', 'Remote Port'),
  address: f.ip4('socks.dst', 'Remote Address'),
  address6: f.ip6('socks.dstV6', 'Remote Address(ipv6)'),
  user: f.text('socks.username', 'User name'),
  password: f.text('socks.password', 'Password'),
  domain: f.text('socks.v4a_dns_name', 'SOCKS v4a Remote Domain Name'),
  results: f.u8('socks.results', 'Results', { names: (value) => RESULTS5[value] ?? RESULTS4[value] }),
  methods: f.u8('socks.auth_method_count', 'Authentication Method Count'),
  method: f.u8('socks.auth_method', 'Method', { names: METHODS }),
  accepted: f.u8('socks.auth_accepted_method', 'Accepted Auth Method', { names: METHODS }),
  subversion: f.u8('socks.subnegotiation_version', 'Subnegotiation Version'),
  status: f.u8('socks.auth_status', 'Status', { names: { 0: 'success' } }),
  reserved: f.u8('socks.reserved', 'Reserved'),
  addressType: f.u8('socks.address_type', 'Address Type', { names: { 1: 'IPv4', 3: 'Domain Name', 4: 'IPv6' } }),
  remoteName: f.text('socks.remote_name', 'Remote name'),
  port: f.u16('socks.port', 'Port'),
};

type Kind = 'ask4' | 'answer4' | 'greeting' | 'method' | 'login' | 'logged-in' | 'ask5' | 'answer5' | 'data';
interface Facts {
  kind: Kind;
  version: number;
  command: number;
}
/** How far a connection has come. */
interface Progress {
  version: number;
  method: number | undefined;
  loggedIn: boolean;
  command: number;
  port: number;
  granted: boolean;
}
const WORDS: Record<Kind, string> = {
  ask4: ' Connect to server request',
  answer4: ' Connect Response',
  greeting: ' Connect to server request',
  method: ' Connect to server response',
  login: ' User authentication request',
  'logged-in': ' User authentication reply',
  ask5: ' Command Request',
  answer5: ' Command Response',
  data: '',
};
const PROGRESS = Symbol('socks');
const fresh = (): Progress => ({ version: 0, method: undefined, loggedIn: false, command: 0, port: 0, granted: false });

/** Where an address (its type at `at`) ends. */
function addressEnd(bytes: Uint8Array, at: number): number {
  const type = bytes[at];
  return at + 1 + (type === 3 ? 1 + (bytes[at + 1] ?? 0) : type === 4 ? 16 : 4);
}

function step(bytes: Uint8Array, at: number, end: number, server: boolean, progress: Progress): Kind {
  if (progress.granted) return 'data';
  const first = bytes[at]!;
  if (!server && (progress.version === 4 || (progress.version === 0 && first === 4))) {
    progress.version = 4;
    progress.port = u16(bytes, at + 2);
    return 'ask4';
  }
  if (server && progress.version === 4) {
    progress.granted = bytes[at + 1] === GRANTED4;
    return 'answer4';
  }
  if (!server && progress.version === 0 && first === 5) {
    progress.version = 5;
    return 'greeting';
  }
  if (progress.version !== 5) return 'data';
  if (server && progress.method === undefined) {
    progress.method = bytes[at + 1] ?? 0;
    return 'method';
  }
  if (progress.method === LOGIN && !progress.loggedIn) {
    if (!server) return 'login';
    progress.loggedIn = bytes[at + 1] === 0;
    return 'logged-in';
  }
  if (first !== 5) return 'data';
  if (!server) {
    progress.command = bytes[at + 1] ?? 0;
    const portAt = addressEnd(bytes, at + 3);
    if (portAt + 2 <= end) progress.port = u16(bytes, portAt);
    return 'ask5';
  }
  progress.granted = bytes[at + 1] === 0;
  return 'answer5';
}

export const socks: Protocol = protocol({
  name: 'socks',
  column: 'Socks',
  title: 'Socks Protocol',
  tint: 'tcp',
  minLength: 2,
  binds: { 'tcp.port': PORTS },
  fields: F,
  walk(d, layer) {
    const end = d.capturedEnd(layer);
    layer.headerLength = end - layer.start;
    const conversation = layer.below && tcpFacts(layer.below)?.conversation;
    const progress = conversation ? own(conversation, PROGRESS, fresh) : fresh();
    const kind = step(d.bytes, layer.start, end, fromServer(d, layer, PORTS), progress);
    layer.facts = { kind, version: progress.version, command: progress.command } satisfies Facts;
    if (conversation && progress.granted && kind !== 'data') conversation.above = lookup('tcp.port', progress.port);
    if (kind !== 'data') return undefined;
    layer.headerLength = 0;
    const inner = recognise('tcp', d.bytes, layer.start, end, d);
    if (!inner) return rest(d, layer.start, layer.end);
    d.follow(layer.start, layer.end);
    return inner;
  },
  info(_d, layer) {
    const { kind, version, command } = layer.facts as Facts;
    const about = kind === 'ask5' || kind === 'answer5' ? ` - ${COMMANDS[command] ?? 'Unknown'}` : '';
    return `Version: ${version}${WORDS[kind]}${about}`;
  },
  emit(d, layer, out) {
    if (layer.short) return;
    const c = Cursor.of(d, layer, out);
    const { kind } = layer.facts as Facts;
    if (kind === 'login' || kind === 'logged-in') {
      out.value(F.version, c.at, 0, 5, { generated: true });
      c.u8(F.subversion);
    } else if (kind !== 'data') c.u8(F.version);
    EMIT[kind]?.(c);
  },
});

const result = (c: Cursor, words: Record<number, string>, version: number) => {
  const value = c.peek(1);
  c.u8(F.results, { label: `Results(V${version}): ${words[value] ?? 'Unknown'} (${value})` });
};

function address(c: Cursor): void {
  const type = c.u8(F.addressType);
  if (type === 1) c.item(F.address, 4);
  else if (type === 4) c.item(F.address6, 16);
  else if (type === 3) {
    const length = c.peek(1);
    const start = c.at;
    const name = String.fromCharCode(...c.bytes.subarray(start + 1, Math.min(c.end, start + 1 + length)));
    c.out.value(F.remoteName, start, 1 + length, name);
    c.skip(1 + length);
  } else return;
  c.u16(F.port);
}

const sized = (c: Cursor, field: typeof F.user) => {
  const length = c.peek(1);
  c.skip(1);
  c.text(field, length);
};

const EMIT: Partial<Record<Kind, (c: Cursor) => void>> = {
  ask4(c) {
    c.u8(F.command);
    c.u16(F.remotePort);
    // 0.0.0.x: the name comes at the end (4a).
    const named = c.peek(3) === 0 && c.peek(1, 3) !== 0;
    c.item(F.address, 4);
    if (c.left > 0) c.cstring(F.user);
    if (named && c.left > 0) c.cstring(F.domain);
  },
  answer4(c) {
    result(c, RESULTS4, 4);
    c.u16(F.remotePort);
    c.item(F.address, 4);
  },
  greeting(c) {
    const count = c.u8(F.methods);
    for (let i = 0; i < count && c.left > 0; i++) {
      const method = c.peek(1);
      c.u8(F.method, { label: `Method[${i}]: ${method} (${METHODS[method] ?? 'Unknown'})` });
    }
  },
  method(c) {
    c.u8(F.accepted);
  },
  login(c) {
    sized(c, F.user);
    sized(c, F.password);
  },
  'logged-in'(c) {
    c.u8(F.status);
  },
  ask5(c) {
    c.u8(F.command);
    c.u8(F.reserved);
    address(c);
  },
  answer5(c) {
    result(c, RESULTS5, 5);
    c.u8(F.reserved);
    address(c);
  },
};
