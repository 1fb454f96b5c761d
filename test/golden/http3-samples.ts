/** HTTP/3 over QUIC, opened by its key log: control and QPACK streams, requests with their answers, bodies over several packets, frames out of order. */
import * as f from '../../electron/cli/demo/frames/index.ts';
import { ack, QuicTalk, stream, varint } from './quic-talk.ts';
import { raw } from './sample-parts.ts';
import type { Sample } from './samples.ts';

const u8 = (...values: number[]) => Uint8Array.of(...values);
const [DATA, HEADERS, SETTINGS, PUSH_PROMISE, GOAWAY, MAX_PUSH_ID] = [0, 1, 4, 5, 7, 13];
const frame = (type: number, ...payload: Uint8Array[]) => {
  const body = f.concat(...payload);
  return f.concat(varint(type), varint(body.length), body);
};
/** An integer in the low bits of a byte (RFC 9204 §4.1.1). */
const prefixed = (first: number, bits: number, value: number): Uint8Array => {
  const most = 2 ** bits - 1;
  if (value < most) return u8(first | value);
  const rest = [first | most];
  let left = value - most;
  for (; left >= 128; left = Math.floor(left / 128)) rest.push((left % 128) | 128);
  return u8(...rest, left);
};
const said = (first: number, bits: number, text: string) => f.concat(prefixed(first, bits, text.length), f.ascii(text));
/** Field lines: of the static table, with its name, with a name of their own. */
const indexed = (index: number) => prefixed(0xc0, 6, index);
const named = (index: number, value: string) => f.concat(prefixed(0x50, 4, index), said(0, 7, value));
const literal = (name: string, value: string) => f.concat(said(0x20, 3, name), said(0, 7, value));
/** Of the dynamic table, counted back from the base. */
const dynamic = (index: number) => prefixed(0x80, 6, index);
const postBase = (index: number) => prefixed(0x10, 4, index);
const dynamicNamed = (index: number, value: string) => f.concat(prefixed(0x40, 4, index), said(0, 7, value));
const PLAIN = raw('0000');

const settings = (...pairs: [number, number][]) =>
  frame(SETTINGS, ...pairs.map(([id, value]) => f.concat(varint(id), varint(value))));
const request = (path: string) =>
  frame(HEADERS, PLAIN, indexed(17), indexed(23), named(0, 'example.net'), named(1, path), literal('x-own', 'yes'));
const response = (...lines: Uint8Array[]) => frame(HEADERS, PLAIN, indexed(25), ...lines);

const talk = new QuicTalk(50_450);
talk.handshake([]);
/** What the packets hold, for whoever seals it himself. */
export const HTTP3_PAYLOADS: { side: 'client' | 'server'; payload: Uint8Array }[] = [];
const says =
  (side: 'client' | 'server') =>
  (...frames: Uint8Array[]) => {
    HTTP3_PAYLOADS.push({ side, payload: f.concat(...frames) });
    talk.send(side, talk.packet(side, 'application', ...frames));
  };
const c = says('client');
const s = says('server');

const BODY = f.pattern(900);
const CONTROL = f.concat(u8(0), settings([1, 4096], [6, 65_536], [7, 100], [8, 1], [0x33, 1], [0x21 + 0x1f, 5]));
c(stream(2, 0, CONTROL), stream(6, 0, u8(2)), stream(10, 0, u8(3)));
s(ack(0), stream(3, 0, f.concat(u8(0), settings([1, 4096], [7, 16]))), stream(7, 0, u8(2)), stream(11, 0, u8(3)));
c(stream(0, 0, request('/index.html'), true));
s(stream(0, 0, f.concat(response(indexed(52), named(4, '11')), frame(DATA, f.ascii('hello http3'))), true));
// Huffman-coded value (":authority: www.example.com" as in HPACK's documents), a body in the request, frames over two packets
const post = f.concat(
  frame(
    HEADERS,
    PLAIN,
    indexed(20),
    indexed(23),
    f.concat(prefixed(0x50, 4, 0), raw('8cf1e3c2e5f23a6ba0ab90f4ff')),
    named(1, '/form'),
  ),
  frame(DATA, f.ascii('k=v&')),
  frame(DATA, f.ascii('more=1')),
);
c(stream(4, 0, post.subarray(0, 12)));
c(stream(4, 12, post.subarray(12), true));
// the second half first, then the first
const answer = f.concat(response(indexed(53)), frame(DATA, BODY));
s(stream(4, 400, answer.subarray(400), true));
s(stream(4, 0, answer.subarray(0, 400)));
// the dynamic table: two entries on the server's encoder stream, and a block that refers to them in all ways
s(
  stream(
    7,
    1,
    f.concat(
      prefixed(0x20, 5, 220),
      f.concat(prefixed(0xc0, 6, 92), said(0, 7, 'xdpeek/1')),
      f.concat(said(0x40, 5, 'x-table'), said(0, 7, 'kept')),
      prefixed(0x00, 5, 0),
    ),
  ),
);
c(stream(10, 1, f.concat(prefixed(0x80, 7, 0), prefixed(0x00, 6, 3))), stream(8, 0, request('/again'), true));
s(
  stream(
    8,
    0,
    f.concat(
      // required insert count 3 of at most 128 entries, base 2
      frame(
        HEADERS,
        prefixed(0, 8, 4),
        prefixed(0x80, 7, 0),
        indexed(25),
        dynamic(0),
        dynamic(1),
        postBase(0),
        dynamicNamed(0, 'new'),
      ),
      frame(DATA, f.ascii('ok')),
    ),
    true,
  ),
);
// entries that have not come; control frames; a frame and a stream that mean nothing; a push
c(
  stream(12, 0, request('/blocked'), true),
  stream(
    2,
    CONTROL.length,
    f.concat(frame(MAX_PUSH_ID, varint(8)), frame(0xf0700, f.concat(varint(0), f.ascii('u=1')))),
  ),
);
s(stream(12, 0, frame(HEADERS, prefixed(0, 8, 10), prefixed(0, 7, 0), dynamic(0)), true));
s(
  stream(3, 1 + 2 + 5, f.concat(frame(GOAWAY, varint(12)), frame(0x21, f.pattern(5)))),
  stream(15, 0, f.concat(varint(1), varint(3), response(indexed(52)), frame(DATA, f.ascii('pushed')))),
  stream(19, 0, f.concat(varint(0x21), f.pattern(8))),
  stream(8, 9999, f.ascii('far ahead')),
);
c(stream(16, 0, f.concat(frame(PUSH_PROMISE, varint(3), PLAIN, indexed(17)), frame(HEADERS, raw('0000 ff')))));

export const HTTP3_SAMPLES: Record<string, Sample> = { http3: talk.sample };
