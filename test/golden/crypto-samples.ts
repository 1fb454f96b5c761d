/** Samples of what is encrypted, and of what is carried in it: TLS of every kind that we open, HTTP/2, WebSocket. */
import { constants, deflateRawSync } from 'node:zlib';
import * as f from '../../electron/cli/demo/frames/index.ts';
import { ack, QuicTalk, stream, V1, V2, varint } from './quic-talk.ts';
import { raw } from './sample-parts.ts';
import type { Sample } from './samples.ts';
import { Talk } from './talk.ts';
import { message, type TlsKind, TlsTalk } from './tls-talk.ts';

const GCM13: TlsKind = { version: 0x0304, suite: 0x1301, cipher: 'aes-128-gcm', keyLength: 16, hash: 'sha256' };
const GCM13_384: TlsKind = { version: 0x0304, suite: 0x1302, cipher: 'aes-256-gcm', keyLength: 32, hash: 'sha384' };
const GCM12: TlsKind = { version: 0x0303, suite: 0xc02b, cipher: 'aes-128-gcm', keyLength: 16, hash: 'sha256' };
const CBC10: TlsKind = {
  version: 0x0301,
  suite: 0xc009,
  cipher: 'aes-128-cbc',
  keyLength: 16,
  hash: 'sha256',
  mac: 'sha1',
};

const GET = 'GET /secret HTTP/1.1\r\nHost: example.net\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 12\r\n\r\n';

/** One request and its answer over each of these, one connection after the other. */
function overEach(firstPort: number, kinds: readonly TlsKind[]): Sample {
  const talks = kinds.map((kind, i) =>
    new TlsTalk(kind, 443, firstPort + i).handshake().c(GET).s(`${OK}opened it.\r\n`),
  );
  return {
    linkType: 1,
    frames: talks.flatMap(({ sample }) => sample.frames),
    secrets: talks.flatMap(({ log }) => log).join('\n'),
  };
}

const http2Frame = (type: number, flags: number, stream: number, ...payload: Uint8Array[]) => {
  const body = f.concat(...payload);
  return f.concat(f.u32(body.length).subarray(1), Uint8Array.of(type, flags), f.u32(stream), body);
};
const PREFACE = f.ascii('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const literal = (name: string, value: string) =>
  f.concat(Uint8Array.of(0, name.length), f.ascii(name), Uint8Array.of(value.length), f.ascii(value));

const clear = new Talk(80, 41006)
  .c(
    PREFACE,
    http2Frame(
      4,
      0,
      0,
      raw(
        '0001 00001000 0002 00000000 0003 00000064 0004 0000ffff 0005 00004000 0006 00010000 0008 00000001 0009 00000007',
      ),
    ),
    http2Frame(8, 0, 0, raw('0000ffff')),
    // "GET /index.html" at www.example.com, the authority compressed and put into the table
    http2Frame(1, 0x25, 1, raw('80000003 0f'), raw('8285 86 418cf1e3c2e5f23a6ba0ab90f4ff')),
  )
  .s(http2Frame(4, 0, 0), http2Frame(4, 1, 0))
  .s(
    http2Frame(1, 0, 1, raw('88'), literal('content-type', 'text/plain')),
    http2Frame(9, 4, 1, literal('x-end', 'yes')),
    http2Frame(0, 0, 1, f.ascii('hello, ')),
  )
  .s(http2Frame(0, 9, 1, raw('04'), f.ascii('world\n'), new Uint8Array(4)))
  .c(http2Frame(1, 4, 3, raw('3f e1 1f 83 86 be 04 06'), f.ascii('/a%20b'), raw('60 04 6a 3d 30 3b')))
  .c(http2Frame(0, 1, 3, f.ascii('k=v')))
  .s(http2Frame(5, 4, 3, raw('00000002'), raw('82 86 84')), http2Frame(3, 0, 3, raw('00000008')))
  .c(http2Frame(2, 0, 5, raw('00000001 ff')), http2Frame(6, 0, 0, f.ascii('12345678')))
  .s(http2Frame(6, 1, 0, f.ascii('12345678')), http2Frame(10, 0, 1, raw('0000'), f.ascii('h3=":443"')))
  .s(http2Frame(7, 0, 0, raw('00000003 00000001'), f.ascii('bye')));

/** Early data: all of it before the answer, some behind it with the largest hash, and refused. */
const EARLY = [
  new TlsTalk({ ...GCM13, alpn: 'http/1.1' }, 443, 41_010)
    .resume({}, GET)
    .handshakeMessage('server', message(4, raw('00001c20 01020304 02 0001 0004 aabbccdd 0008 002a 0004 00004000')))
    .s(`${OK}opened it.\r\n`),
  new TlsTalk({ ...GCM13_384, alpn: 'http/1.1' }, 443, 41_011).resume({ taken: 1, after: GET }, GET, GET).s(OK, 'open'),
  new TlsTalk({ ...GCM13, suite: 0x1303, cipher: 'chacha20-poly1305', keyLength: 32 }, 443, 41_012)
    .resume({ accepted: false, after: GET }, GET)
    .s(OK),
];

export const CRYPTO_SAMPLES: Record<string, Sample> = {
  tls13: new TlsTalk({ ...GCM13, alpn: 'http/1.1' }, 443, 41001)
    .handshake()
    .c(GET)
    .handshakeMessage('server', message(4, raw('00001c20 01020304 02 0001 0004 aabbccdd 0000')))
    .s(OK, 'open')
    .s('ed it.\r\n')
    .update('server')
    .c('GET /again HTTP/1.1\r\nHost: exa', 'mple.net\r\n\r\n')
    .s('HTTP/1.1 204 No Content\r\n\r\n')
    .alert('client', 0)
    .alert('server', 0).sample,
  tls13_closed: {
    ...new TlsTalk(GCM13_384, 443, 41002).handshake().c(GET).s(OK).alert('server', 0).sample,
    secrets: '',
  },
  tls13_early: {
    linkType: 1,
    frames: EARLY.flatMap(({ sample }) => sample.frames),
    secrets: EARLY.flatMap(({ log }) => log).join('\n'),
  },
  tls12: new TlsTalk({ ...GCM12, alpn: 'http/1.1' }, 443, 41003)
    .handshake()
    .c(GET)
    .s(OK, 'opened it.\r\n')
    .alert('server', 40).sample,
  tls_aead: overEach(42_000, [
    GCM13_384,
    { ...GCM13, suite: 0x1303, cipher: 'chacha20-poly1305', keyLength: 32 },
    { ...GCM12, suite: 0xcca9, cipher: 'chacha20-poly1305', keyLength: 32 },
    { ...GCM12, suite: 0xc02c, cipher: 'aes-256-gcm', keyLength: 32, hash: 'sha384' },
    { ...GCM12, suite: 0xc0ac, cipher: 'aes-128-ccm' },
    { ...GCM12, suite: 0xc0ae, cipher: 'aes-128-ccm', tagLength: 8 },
  ]),
  tls_cbc: overEach(43_000, [
    CBC10,
    { ...CBC10, version: 0x0302, suite: 0xc00a, cipher: 'aes-256-cbc', keyLength: 32 },
    { ...CBC10, version: 0x0303, suite: 0xc023, mac: 'sha256' },
    { ...CBC10, version: 0x0303, suite: 0xc023, mac: 'sha256', encryptThenMac: true },
    { ...CBC10, version: 0x0301, encryptThenMac: true },
    { ...CBC10, version: 0x0303, suite: 0xc024, cipher: 'aes-256-cbc', keyLength: 32, mac: 'sha384', hash: 'sha384' },
  ]),
  http2: clear.sample,
  http2_tls: new TlsTalk({ ...GCM13, alpn: 'h2' }, 443, 41004)
    .handshake()
    .c(f.concat(PREFACE, http2Frame(4, 0, 0)))
    .c(http2Frame(1, 5, 1, raw('048360f51782418aa0e41d139d09b8f34d3387')).subarray(0, 15))
    .c(http2Frame(1, 5, 1, raw('048360f51782418aa0e41d139d09b8f34d3387')).subarray(15))
    .s(
      http2Frame(4, 0, 0),
      http2Frame(1, 4, 1, raw('88'), literal('content-type', 'text/html')),
      http2Frame(0, 1, 1, f.ascii('<p>open</p>\n')),
    ).sample,
};

const u8 = (...values: number[]) => Uint8Array.of(...values);
const v1 = new QuicTalk(50_443).handshake();
const v2 = new QuicTalk(50_444, V2, 0x1302, 8443).retry(f.ascii('a token of the server')).handshake();
const chacha = new QuicTalk(50_445, V1, 0x1303).handshake();

export const QUIC_SAMPLES: Record<string, Sample> = {
  quic: v1
    .send(
      'server',
      v1.packet(
        'server',
        'application',
        ack(0),
        u8(0x1e),
        f.concat(u8(0x18), varint(1), varint(0), u8(4), raw('01020304'), f.pattern(16)),
        f.concat(u8(7), varint(3), f.ascii('tok')),
        stream(0, 0, f.ascii('hello back')),
        f.concat(u8(0x10), varint(70_000)),
        f.concat(u8(0x11), varint(0), varint(70_000)),
        f.concat(u8(0x12), varint(100)),
        f.concat(u8(0x13), varint(3)),
      ),
    )
    .send(
      'client',
      v1.packet(
        'client',
        'application',
        f.concat(u8(3), varint(0), varint(2), u8(0), varint(0), varint(1), varint(2), varint(3)),
        f.concat(u8(4), varint(4), varint(256), varint(10)),
        f.concat(u8(5), varint(8), varint(257)),
        f.concat(u8(0x14), varint(5000)),
        f.concat(u8(0x15), varint(0), varint(5001)),
        f.concat(u8(0x16), varint(9)),
        f.concat(u8(0x19), varint(0)),
        f.concat(u8(0x1a), f.pattern(8)),
        f.concat(u8(0x1b), f.pattern(8)),
        f.concat(u8(0x31), varint(4), f.ascii('dgrm')),
      ),
    )
    .send('server', v1.packet('server', 'application', f.concat(u8(0x1d), varint(256), varint(3), f.ascii('bye'))))
    .send('client', v1.packet('client', 'application', f.concat(u8(0x1c), varint(10), varint(6), varint(0)))).sample,
  quic_v2: v2.sample,
  quic_chacha: chacha.sample,
  quic_closed: { ...new QuicTalk(50_446).handshake().negotiate(V1, V2, 0x0a1a2a3a).sample, secrets: '' },
};

/** A WebSocket frame; the client's are masked. */
const ws = (first: number, payload: Uint8Array | string, mask?: Uint8Array) => {
  const bytes = typeof payload === 'string' ? f.ascii(payload) : payload;
  const length = bytes.length < 126 ? u8(bytes.length) : f.concat(u8(126), f.u16(bytes.length));
  length[0]! |= mask ? 0x80 : 0;
  const hidden = mask ? bytes.map((byte, i) => byte ^ mask[i % 4]!) : bytes;
  return f.concat(u8(first), length, mask ?? u8(), hidden);
};
const MASK = u8(0x11, 0x22, 0x33, 0x44);
const upgrade = (extensions = '') =>
  `GET /chat HTTP/1.1\r\nHost: example.net\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${extensions}\r\n`;
const switching = (extensions = '') =>
  `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n${extensions}\r\n`;
const DEFLATE = 'Sec-WebSocket-Extensions: permessage-deflate\r\n';
/** Two messages of one direction: the second refers to the first. */
const packed = deflated(['{"hello":"websocket"}', '{"hello":"websocket"}']);

export const WEBSOCKET_SAMPLES: Record<string, Sample> = {
  websocket: new Talk(80, 41007)
    .c(upgrade())
    .s(switching())
    .c(ws(0x81, 'hello', MASK))
    .s(ws(0x81, 'hello back'), ws(0x82, f.pattern(200)))
    .c(ws(0x01, 'in two ', MASK))
    .c(ws(0x80, 'parts', MASK))
    .s(ws(0x89, 'ping'))
    .c(ws(0x8a, 'ping', MASK))
    .s(ws(0x81, 'over two segments').subarray(0, 6))
    .s(ws(0x81, 'over two segments').subarray(6))
    .c(ws(0x88, f.concat(f.u16(1000), f.ascii('done')), MASK))
    .s(ws(0x88, f.u16(1000))).sample,
  websocket_deflate: new Talk(80, 41008)
    .c(upgrade(DEFLATE))
    .s(switching(DEFLATE))
    .s(ws(0xc1, packed[0]!))
    .s(ws(0xc1, packed[1]!))
    .c(ws(0xc1, packed[0]!, MASK)).sample,
  websocket_tls: new TlsTalk(GCM13, 443, 41005)
    .handshake()
    .c(upgrade())
    .s(switching())
    .c(ws(0x81, 'hello', MASK))
    .s(ws(0x81, 'hello back')).sample,
};

/** permessage-deflate (RFC 7692): raw, flushed, without the flush's last four bytes, one window over all messages. */
function deflated(messages: readonly string[]): Uint8Array[] {
  let before = '';
  return messages.map((message) => {
    const options = { finishFlush: constants.Z_SYNC_FLUSH, ...(before && { dictionary: Buffer.from(before) }) };
    before += message;
    return deflateRawSync(message, options).subarray(0, -4);
  });
}
