/** The addon of lines over HTTP/1: messages and bodies in any pieces, bodies whose length it does not know, what is no message. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as f from '../../electron/cli/demo/frames/index.ts';
import { says, type Wanted } from '../fixtures/said.ts';
import { TcpScript } from '../fixtures/tcp-script.ts';

const S = f.TCP_FLAG;
const PART = ' [TCP segment of a reassembled PDU]';
const FIN = { flags: S.fin | S.psh | S.ack };
const talk = (port = 80) => new TcpScript(port);
const utf8 = (text: string) => new TextEncoder().encode(text);

const GET = 'GET /a?b=c HTTP/1.1\r\nHost: example.net\r\n\r\n';
const response = (body: string, ...fields: string[]) =>
  [`HTTP/1.1 200 OK`, `Content-Length: ${body.length}`, ...fields, '', body].join('\r\n');
const OK = { ends: ' HTTP/1.1 200 OK ' };

test('requests and responses, with what their bodies are', async () => {
  const script = talk()
    .open()
    .c(GET)
    .s(response('hello', 'Content-Type: text/html; charset=utf-8'))
    .c('POST /form HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}')
    .s(response('', 'Content-Type: text/html'))
    .s(response('x', 'Content-Type: application/octet-stream'))
    .s(response('x', 'content-TYPE:  Image/PNG ', 'Content-Type: text/plain'))
    .s(response('x', 'Content-Type: ;q'))
    .s(response('x'));
  await says(script, [
    ...['[SYN]', '[SYN, ACK]', '[ACK]'],
    { ends: ' HTTP 96 GET /a?b=c HTTP/1.1 ' },
    { ends: ' HTTP/1.1 200 OK  (text/html)' },
    { ends: ' POST /form HTTP/1.1  (application/json)' },
    OK,
    OK,
    { ends: ' HTTP/1.1 200 OK  (Image/PNG)' },
    OK,
    OK,
  ]);
});

test('every method, every port; what only looks like one', async () => {
  const methods = [
    'GET',
    'POST',
    'PUT',
    'DELETE',
    'OPTIONS',
    'TRACE',
    'PATCH',
    'PROPFIND',
    'PROPPATCH',
    'MKCOL',
    'COPY',
  ];
  for (const method of [
    ...methods,
    'MOVE',
    'LOCK',
    'UNLOCK',
    'REPORT',
    'SEARCH',
    'NOTIFY',
    'M-SEARCH',
    'SUBSCRIBE',
    'UNSUBSCRIBE',
  ])
    await says(talk(8080).c(`${method} / HTTP/1.1\r\n\r\n`), [{ ends: ` ${method} / HTTP/1.1 ` }]);
  for (const text of [
    'BREW / HTTP/1.1\r\n\r\n',
    'get / HTTP/1.1\r\n\r\n',
    'GET  / HTTP/1.1\r\n\r\n',
    'GET ',
    'HTTP/2 200\r\n\r\n',
  ])
    await says(talk(3128).c(text), [{ ends: ' Continuation' }]);
});

test('a body over several segments', async () => {
  const whole = utf8(response('0123456789', 'Content-Type: text/css'));
  const head = whole.length - 10;
  for (const cut of [[head], [head + 1], [head, head + 1, head + 9], [head + 4, head + 8]]) {
    const script = talk();
    for (const [i, from] of [0, ...cut].entries()) script.s(whole.subarray(from, cut[i] ?? whole.length));
    const parts: Wanted[] = cut.map((_, i) => ({ ends: i === 0 ? ` HTTP/1.1 200 OK ${PART}` : PART }));
    await says(script.s(whole), [...parts, { ends: ' OK  (text/css)' }, { ends: ' OK  (text/css)' }]);
  }
});

test('a head over several segments, and messages that follow each other in one, are for the thread', async () => {
  await says(talk().c(GET).c(GET.slice(0, 20)).c(GET.slice(20)), [
    'GET /a?b=c HTTP/1.1 ',
    { left: PART },
    { left: 'GET /a?b=c HTTP/1.1 ' },
  ]);
  await says(talk().c(GET + GET), [{ left: 'GET' }]);
  const whole = response('0123456789');
  await says(
    talk()
      .s(whole.slice(0, -4))
      .s(whole.slice(-4) + whole),
    [PART, { left: 'HTTP/1.1 200 OK ' }],
  );
  await says(
    talk()
      .s(whole.slice(0, -4))
      .s(`${whole.slice(-4)}x`),
    [PART, { left: 'HTTP' }],
  );
});

test('chunked and packed bodies, those until the end, and lengths that are none', async () => {
  for (const fields of [
    'Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    'TRANSFER-encoding: gzip, Chunked\r\n\r\n0\r\n\r\n',
    'Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc',
    'Content-Type: text/html\r\n\r\nuntil the end',
    'Content-Length: \r\n\r\nx',
    'Content-Length: -1\r\n\r\nx',
    'Content-Length: 1, 1\r\n\r\nx',
    'Content-Length: 99999999999999999999\r\n\r\nx',
  ])
    await says(talk().c(GET).s(`HTTP/1.1 200 OK\r\n${fields}`).c(GET), [
      'GET /a?b=c',
      { left: '200 OK' },
      { left: 'GET /a?b=c' },
    ]);
  const first = response('x', 'Content-Length: 7', 'Content-Length : 9');
  await says(talk().s(first), [OK]);
  await says(talk().s('HTTP/1.1 200 OK\nContent-Length:1\n\nx'), [OK]);
});

test('responses without a body, whatever they say, and requests whose answer has none', async () => {
  for (const status of ['100 Continue', '103 Early Hints', '204 No Content', '304 Not Modified'])
    await says(talk().s(`HTTP/1.1 ${status}\r\nContent-Length: 9\r\n\r\n`).s(response('x')), [
      { ends: `${status} ` },
      OK,
    ]);
  for (const request of ['HEAD / HTTP/1.1\r\n\r\n', 'CONNECT a:443 HTTP/1.1\r\n\r\n'])
    await says(talk().c(request).s('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n').s(response('x')), [
      { left: request.split('\r')[0]! },
      { left: 'HTTP/1.1 200 OK ' },
      { left: 'HTTP/1.1 200 OK ' },
    ]);
  for (const start of ['HTTP/1.1', 'HTTP/1.1 99 x', 'HTTP/1.1 abc'])
    await says(talk().s(`${start}\r\nContent-Length: 1\r\n\r\nx`), [{ left: 'HTTP' }]);
});

test('an upgrade, and the preface of HTTP/2, take the connection to the thread', async () => {
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
  await says(
    talk()
      .c(`GET / HTTP/1.1\r\n${upgrade}\r\n`)
      .s(`HTTP/1.1 101 Switching Protocols\r\n${upgrade}\r\n`)
      .s(Uint8Array.of(0x81, 2, 104, 105)),
    ['GET / HTTP/1.1 ', { left: '101 Switching Protocols' }, { left: 'WebSocket Text [FIN]' }],
  );
  const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
  await says(talk().open().c(preface), ['[SYN]', '[SYN, ACK]', '[ACK]', { left: 'HTTP2' }]);
  await says(talk(50_080).open().c(preface), ['[SYN]', '[SYN, ACK]', '[ACK]', { left: 'HTTP2' }]);
});

test('letters beyond ASCII, and control characters, are for the thread', async () => {
  await says(talk().c(utf8('GET /\u00fc HTTP/1.1\r\n\r\n')), [{ left: 'GET /\u00fc HTTP/1.1' }]);
  await says(talk().c('GET /\x1b[31m HTTP/1.1\r\n\r\n'), [{ left: 'GET /' }]);
  await says(talk().c('GET /\xff HTTP/1.1\r\n\r\n'), [{ left: 'GET /' }]);
  await says(talk().s(utf8(response('x', 'Content-Type: caf\u00e9/x'))), [{ left: '(caf\u00e9/x)' }]);
  await says(talk().s(utf8(response('x', 'X-Name: caf\u00e9'))), [OK]);
});

test('lost, repeated and overtaken segments of a body', async () => {
  const whole = response('0'.repeat(3000));
  const cut = [whole.slice(0, 1000), whole.slice(1000, 2000), whole.slice(2000)] as const;
  await says(talk().s(cut[0]).s(cut[0], { shift: -1000, gapNs: 9e8 }).s(cut[1]).s(cut[2]), [
    PART,
    '[TCP Retransmission]',
    PART,
    OK,
  ]);
  await says(talk().s(cut[0]).lost(1, 1000).s(cut[2]).s(whole), [PART, { ends: ' Continuation' }, OK]);
  await says(talk().s(cut[0]).s(cut[2], { shift: 1000 }).s(cut[1]), [PART, ' Continuation', '[TCP Out-Of-Order]']);
});

test('a FIN with payload, at the end, too early, and without', async () => {
  const whole = response('0123456789');
  const close = { flags: S.fin | S.ack };
  await says(talk().c(GET, FIN).s(whole, FIN), ['GET', OK]);
  await says(talk().s(whole.slice(0, -5)).s(whole.slice(-5), FIN), [PART, OK]);
  await says(talk().s(whole.slice(0, -5)).s(whole.slice(-5, -2), FIN), [PART, { left: 'HTTP' }]);
  await says(talk().s(whole.slice(0, -5)).s('', close), [PART, { left: 'HTTP' }]);
  await says(talk().s(whole.slice(0, -5)).c('', close).s(whole.slice(-5)).s('', close), [
    PART,
    '[FIN, ACK]',
    OK,
    '[FIN, ACK]',
  ]);
  await says(talk().s(whole.slice(0, -5), FIN).s('', close), [
    { ends: ` HTTP/1.1 200 OK ${PART}` },
    { left: 'HTTP/1.1 200 OK ' },
  ]);
});

test('no port says it, but the bytes do: the connection goes to the thread with its past', async () => {
  await says(talk(50_080).open().c('no').s('yes').c(GET).s(response('x')), [
    ...['[SYN]', '[SYN, ACK]', '[ACK]', 'Len=2', 'Len=3'],
    { left: 'GET /a?b=c HTTP/1.1' },
    { left: 'HTTP/1.1 200 OK' },
  ]);
  await says(talk(50_080).c('no').s('SSH-2.0-x\r\n').c('SSH-2.0-y\r\n'), [
    'Len=2',
    { left: 'Protocol (SSH-2.0-x)' },
    { left: 'Protocol (SSH-2.0-y)' },
  ]);
  // SIP tells of media between any hosts: one thread does it all.
  const call = talk(50_080).c('no').s('INVITE sip:b SIP/2.0\r\nCall-ID: 1\r\n\r\n');
  const { again, lines } = await says(call, []);
  assert.deepEqual([again, lines], [true, []]);
});
