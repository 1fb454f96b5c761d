/** What both sides of a connection say, protocol by protocol: usual talks, and what is at their edges. Bytes only; nobody opens them. */
import * as f from '../../electron/cli/demo/frames/index.ts';
import { extension, message, vector } from '../golden/tls-talk.ts';
import { mutate } from './mutate.ts';

export type Next = (below: number) => number;
export interface Turn {
  side: 0 | 1;
  bytes: Uint8Array;
}

export const pick = <Item>(next: Next, items: readonly Item[]): Item => items[next(items.length)]!;
/** One of the usual ones, seldom any. */
const usually = <Item>(next: Next, usual: readonly Item[], any: readonly Item[]): Item =>
  pick(next, next(12) ? usual : any);
export const bend = (bytes: Uint8Array, next: Next): Uint8Array => mutate(bytes, bytes, next).subarray(0, 60_000);

/** One byte of the first ones is another, often one that means something there. */
function nudged(said: Uint8Array, from: number, next: Next): Uint8Array {
  const copy = said.slice();
  const at = from + next(Math.min(200, copy.length - from));
  copy[at] = pick(next, [
    0,
    1,
    2,
    32,
    9,
    13,
    10,
    58,
    59,
    48,
    57,
    0x2b,
    0xa0,
    0xff,
    next(256),
    copy[at]! ^ (1 << next(8)),
  ]);
  return copy;
}

const bytes = (next: Next, length: number) => Uint8Array.from({ length }, () => next(256));
const [CHANGE, ALERT, HANDSHAKE, DATA, HEARTBEAT] = [20, 21, 22, 23, 24] as const;
const VERSIONS = [0x0300, 0x0301, 0x0302, 0x0303, 0x0304] as const;
const RETRY = Uint8Array.from(Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex'));

const record = (type: number, version: number, body: Uint8Array) =>
  f.concat(Uint8Array.of(type), f.u16(version), f.u16(body.length), body);

/** One message in several records, several in one, or as it should be. */
function records(next: Next, version: number, messages: readonly Uint8Array[]): Uint8Array[] {
  const all = f.concat(...messages);
  if (next(16) === 0 && all.length > 4) return [record(HANDSHAKE, version, nudged(all, next(4) ? 4 : 0, next))];
  switch (next(20)) {
    case 0:
    case 1:
    case 2:
      return [record(HANDSHAKE, version, all)];
    case 3: {
      const at = 1 + next(all.length - 1);
      return [record(HANDSHAKE, version, all.subarray(0, at)), record(HANDSHAKE, version, all.subarray(at))];
    }
    default:
      return messages.map((each) => record(HANDSHAKE, version, each));
  }
}

function clientHello(next: Next, offered: readonly number[]): Uint8Array {
  const extensions = [
    extension(0, vector(2, Uint8Array.of(0), vector(2, f.ascii('example.net')))),
    ...(offered.includes(0x0304) ? [extension(43, vector(1, ...offered.map(f.u16)))] : []),
    ...(next(24) === 0 ? [extension(42)] : []),
    extension(16, vector(2, vector(1, f.ascii('h2')))),
  ];
  const random = bytes(next, 32);
  const list = next(24) === 0 ? [] : [vector(2, ...extensions)];
  return message(
    1,
    f.u16(0x0303),
    random,
    vector(1, bytes(next, 32)),
    vector(2, f.u16(0x1301)),
    vector(1, Uint8Array.of(0)),
    ...list,
  );
}

function serverHello(next: Next, version: number, random: Uint8Array = bytes(next, 32)): Uint8Array {
  const is13 = version === 0x0304;
  const list = is13
    ? [extension(43, f.u16(version)), extension(51, f.u16(29), vector(2, bytes(next, 32)))]
    : [extension(0)];
  const legacy = is13 ? 0x0303 : version;
  return message(
    2,
    f.u16(legacy),
    random,
    vector(1, bytes(next, 32)),
    f.u16(0x1301),
    Uint8Array.of(0),
    vector(2, ...list),
  );
}

/** Data in records of any size, also none that ends in its segment. */
function data(next: Next, version: number): Uint8Array {
  const sizes = Array.from({ length: 1 + next(4) }, () =>
    pick(next, [1, 19, 19, 300, 300, 1400, 5000, next(16_000) + 1]),
  );
  return f.concat(...sizes.map((size) => record(DATA, version, bytes(next, size))));
}

const change = (version: number) => record(CHANGE, version, Uint8Array.of(1));

/** Something that is not where it should be. */
function oddRecord(next: Next, version: number): Uint8Array {
  switch (next(7)) {
    case 0:
      return record(ALERT, version, Uint8Array.of(1 + next(2), next(120)));
    case 1:
      return record(ALERT, version, bytes(next, 26));
    case 2:
      return record(HEARTBEAT, version, bytes(next, 40));
    case 3:
      return bytes(next, 1 + next(60));
    case 4:
      return record(HANDSHAKE, version, bytes(next, 40));
    case 5:
      return change(version);
    default:
      return record(HANDSHAKE, version, message(next(30), bytes(next, next(30))));
  }
}

function tlsStream(next: Next): Turn[] {
  const version = pick(next, [0x0301, 0x0303, 0x0303, 0x0304, 0x0304, 0x0304]);
  const legacy = version === 0x0304 ? 0x0303 : version;
  const turns: Turn[] = [];
  const say = (side: 0 | 1, ...parts: Uint8Array[]) => turns.push({ side, bytes: f.concat(...parts) });
  const hello = () =>
    records(next, pick(next, VERSIONS), [clientHello(next, version === 0x0304 ? [0x0304, 0x0303] : [])]);
  if (next(8)) {
    say(0, ...hello());
    if (version === 0x0304 && next(4) === 0) {
      say(1, ...records(next, legacy, [serverHello(next, version, RETRY)]), change(legacy));
      say(0, change(legacy), ...hello());
    }
    const certificate = message(11, bytes(next, pick(next, [100, 3000, 20_000]) % 16_000));
    if (version === 0x0304) {
      say(1, ...records(next, legacy, [serverHello(next, version)]), change(legacy), data(next, legacy));
      say(0, change(legacy), data(next, legacy));
    } else {
      say(1, ...records(next, version, [serverHello(next, version), certificate, message(14)]));
      say(
        0,
        ...records(next, version, [message(16, bytes(next, 66))]),
        change(version),
        record(HANDSHAKE, version, bytes(next, 40)),
      );
      say(1, change(version), record(HANDSHAKE, version, bytes(next, 40)));
    }
  }
  for (let i = next(6); i > 0; i--) {
    const side = next(2) as 0 | 1;
    say(side, data(next, legacy));
    if (next(24) === 0) say(side, oddRecord(next, legacy));
  }
  if (next(2)) say(0, record(ALERT, legacy, bytes(next, pick(next, [2, 19, 26]))));
  return turns;
}

const USUAL = ['GET', 'GET', 'POST', 'PUT', 'OPTIONS', 'DELETE'] as const;
const METHODS = [...USUAL, 'HEAD', 'CONNECT', 'PATCH', 'M-SEARCH', 'BREW', 'GET GET'] as const;
const TARGETS = ['/', '/a/b?c=d&e=%20', '*', 'http://example.net/', '/\u00fc', '', '/x'.repeat(300)] as const;
const STATUS = [
  ...['200 OK', '200 OK', '200 OK', '404 Not Found', '100 Continue', '103 Early Hints', '101 Switching Protocols'],
  ...['204 No Content', '304 Not Modified', '99 Low', '999', '', 'abc', '  206   Partial', '500 \u00e9'],
] as const;
const TYPES = [
  ...['text/html', 'text/html; charset=utf-8', 'application/json', 'application/octet-stream', 'image/PNG ', ''],
  ...[
    'application/Octet-Stream;x',
    ' text/plain',
    'text/xml',
    'application/x-www-form-urlencoded',
    'caf\u00e9/x',
    ';',
    'a b/c',
  ],
] as const;

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const USUAL_STATUS = ['200 OK', '404 Not Found', '204 No Content', '304 Not Modified', '100 Continue'] as const;

/** Header fields that tell how long the body is, and the body: they agree, most of the time. */
function body(next: Next): [fields: string[], body: Uint8Array] {
  const content = bytes(next, pick(next, [0, 1, 5, 300, 4000]));
  switch (next(40)) {
    case 0:
      return [[], new Uint8Array(0)];
    case 1:
      return [
        ['Transfer-Encoding: chunked'],
        f.concat(
          f.ascii(`${content.length.toString(16)}\r\n`),
          content,
          f.ascii(content.length ? '\r\n0\r\n\r\n' : '\r\n'),
        ),
      ];
    case 2:
      return [[`Content-Length: ${pick(next, ['', '-1', '1x', '0005', '99999999999', '16777216', '3'])}`], content];
    case 3:
      return [['Content-Encoding: gzip', `Content-Length: ${content.length}`], content];
    case 4:
      return [['Connection: close'], content];
    default:
      return [
        [
          `${pick(next, ['Content-Length', 'content-length', 'CONTENT-LENGTH'])}:${pick(next, [' ', '', '\t'])}${content.length}`,
        ],
        content,
      ];
  }
}

function httpMessage(next: Next, start: string): Uint8Array {
  const [fields, content] = body(next);
  if (next(2)) fields.push(`Content-Type: ${usually(next, TYPES.slice(0, 8), TYPES)}`);
  if (next(4) === 0) fields.push('Content-Length : 3', 'X', ': y', 'Content-Length: 7');
  if (next(3) === 0) fields.unshift('Host: example.net');
  if (next(60) === 0) fields.push('Upgrade: websocket', 'Connection: Upgrade');
  const end = next(8) ? '\r\n' : '\n';
  const head = utf8([start, ...fields, '', ''].join(end));
  return f.concat(next(16) ? head : nudged(head, 0, next), content);
}

function httpStream(next: Next): Turn[] {
  const turns: Turn[] = [];
  const request = () =>
    httpMessage(
      next,
      `${usually(next, USUAL, METHODS)} ${usually(next, ['/'], TARGETS)} HTTP/1.${usually(next, ['1'], ['0', 'x'])}`,
    );
  const response = () => httpMessage(next, `HTTP/1.${next(2)} ${usually(next, USUAL_STATUS, STATUS)}`);
  for (let i = 1 + next(6); i > 0; i--) {
    // Some are sent before the answer came.
    turns.push({ side: 0, bytes: next(24) ? request() : f.concat(request(), request()) });
    turns.push({ side: 1, bytes: next(24) ? response() : f.concat(response(), response()) });
    if (next(40) === 0) turns.push({ side: next(2) as 0 | 1, bytes: bytes(next, 1 + next(400)) });
  }
  if (next(40) === 0)
    turns.unshift({ side: 0, bytes: f.ascii('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0') });
  return turns;
}

/** Of no protocol that a port tells, or of one that its bytes tell. */
function anyStream(next: Next): Turn[] {
  switch (next(10)) {
    case 0:
      return httpStream(next);
    case 1:
      return tlsStream(next);
    case 2:
      return [{ side: 1, bytes: f.ascii('SSH-2.0-OpenSSH_9.9\r\n') }, ...noise(next)];
    case 3:
      return [...noise(next), { side: 0, bytes: utf8('REGISTER sip:b SIP/2.0\r\nVia: SIP/2.0/TCP a\r\n\r\n') }];
    default:
      return noise(next);
  }
}

const noise = (next: Next): Turn[] =>
  Array.from({ length: 1 + next(6) }, () => {
    const said = bytes(next, 1 + next(pick(next, [3, 40, 3000])));
    if (next(3) === 0) said[0] = pick(next, [22, 65, 71, 72, 80, 83]);
    return { side: next(2) as 0 | 1, bytes: said };
  });

/** By the ports at which it is spoken, nearly always. */
export const STREAMS: readonly (readonly [ports: readonly number[], of: (next: Next) => Turn[]])[] = [
  [[443, 443, 443, 8443, 993], tlsStream],
  [[443, 8443], tlsStream],
  [[80, 80, 8080, 3128], httpStream],
  [[80, 80, 80, 443, 50_080, 50_081], httpStream],
  [[50_080, 50_081], anyStream],
  [[50_080, 50_080, 50_080, 443, 80, 22, 6379], anyStream],
];
