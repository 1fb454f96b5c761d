/** The addon of lines over TLS: records and handshakes in any pieces, every version, what is lost and what is no record. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as f from '../../electron/cli/demo/frames/index.ts';
import { says } from '../fixtures/said.ts';
import { TcpScript } from '../fixtures/tcp-script.ts';
import { extension, made, message, vector } from '../golden/tls-talk.ts';

const S = f.TCP_FLAG;
const [CHANGE, ALERT, HANDSHAKE, DATA, HEARTBEAT] = [20, 21, 22, 23, 24] as const;
const PART = '[TCP segment of a reassembled PDU]';
const talk = () => new TcpScript(443);

const record = (type: number, body: Uint8Array, version = 0x0303) =>
  f.concat(Uint8Array.of(type), f.u16(version), f.u16(body.length), body);
const data = (length: number, version?: number) => record(DATA, f.pattern(length), version);
const change = record(CHANGE, Uint8Array.of(1));
const handshake = (...messages: Uint8Array[]) => record(HANDSHAKE, f.concat(...messages));

const supported = extension(43, vector(1, f.u16(0x0304)));
const client = (...extensions: Uint8Array[]) =>
  message(
    1,
    f.u16(0x0303),
    made('client', 32),
    vector(1),
    vector(2, f.u16(0x1301)),
    vector(1, Uint8Array.of(0)),
    vector(2, ...extensions),
  );
const server = (version: number, random: Uint8Array = made('server', 32)) =>
  message(
    2,
    f.u16(Math.min(version, 0x0303)),
    random,
    vector(1),
    f.u16(0x1301),
    Uint8Array.of(0),
    vector(2, ...(version === 0x0304 ? [extension(43, f.u16(version))] : [])),
  );
const RETRY = Uint8Array.from(Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex'));

test('a record that is cut anywhere, also in its header', async () => {
  const whole = data(60);
  for (let at = 1; at < whole.length; at++)
    await says(talk().c(whole.subarray(0, at)).s().c(whole.subarray(at)).c(data(9)), [
      PART,
      '[ACK]',
      'TLSv1.2 ',
      { ends: ' Application Data' },
    ]);
  for (let at = 1; at < 5; at++) {
    const script = talk();
    for (let byte = 0; byte < at; byte++) script.c(whole.subarray(byte, byte + 1));
    await says(script.c(f.concat(whole.subarray(at), whole, whole.subarray(0, at))), [
      ...new Array(at).fill(PART),
      { ends: ' Application Data, Application Data' },
    ]);
  }
});

test('several records a segment, and one over many segments', async () => {
  const long = data(16_384);
  const script = talk().c(f.concat(data(1), data(2), data(3), long.subarray(0, 10)));
  for (let at = 10; at < long.length; at += 2000) script.c(long.subarray(at, at + 2000));
  const parts = Math.ceil((long.length - 10) / 2000);
  await says(script, [
    { ends: ' Application Data, Application Data, Application Data' },
    ...new Array(parts - 1).fill(PART),
    { ends: ' Application Data' },
  ]);
  await says(
    talk().c(f.concat(...new Array(250).fill(data(1)))),
    [{ ends: new Array(250).fill('Application Data').join(', ') }],
    { room: 10 },
  );
});

test('TLS 1.3 from hello to data, with a hello retry request', async () => {
  const script = talk()
    .open()
    .c(record(HANDSHAKE, client(supported), 0x0301))
    .s(f.concat(handshake(server(0x0304, RETRY)), change))
    .c(f.concat(change, handshake(client(supported))))
    .s(f.concat(handshake(server(0x0304)), data(30), data(900)))
    .c(f.concat(data(50), data(100)))
    .s(record(HANDSHAKE, f.pattern(20)))
    .s(record(ALERT, f.pattern(19)));
  await says(script, [
    ...['[SYN]', '[SYN, ACK]', '[ACK]'],
    'TLSv1 ',
    { ends: ' Hello Retry Request, Change Cipher Spec' },
    { ends: ' Change Cipher Spec, Client Hello' },
    { ends: ' Server Hello, Application Data, Application Data' },
    'TLSv1.3 ',
    { ends: ' Encrypted Handshake Message' },
    { ends: ' Encrypted Alert' },
  ]);
});

test('TLS 1.2: messages of every kind, what is encrypted after the change', async () => {
  const script = talk()
    .c(handshake(client()))
    .s(handshake(server(0x0303), message(11, f.pattern(700)), message(12, f.pattern(99)), message(14)))
    .c(f.concat(handshake(message(16, f.pattern(66))), change, record(HANDSHAKE, f.pattern(40))))
    .s(f.concat(handshake(message(4, f.pattern(50))), change, record(HANDSHAKE, message(20, f.pattern(12)))))
    .c(data(10))
    .c(record(HEARTBEAT, f.pattern(30)))
    .c(record(ALERT, Uint8Array.of(1, 0)))
    .s(record(ALERT, f.pattern(26)));
  await says(script, [
    'TLSv1.2 ',
    { ends: ' Server Hello, Certificate, Server Key Exchange, Server Hello Done' },
    { ends: ' Client Key Exchange, Change Cipher Spec, Encrypted Handshake Message' },
    { ends: ' New Session Ticket, Change Cipher Spec, Encrypted Handshake Message' },
    { ends: ' Application Data' },
    { ends: ' Heartbeat' },
    { ends: ' Encrypted Alert' },
    { ends: ' Encrypted Alert' },
  ]);
  const names = [0, 3, 5, 6, 8, 13, 15, 21, 22, 23, 24, 25, 67, 254];
  const printed = await says(talk().c(f.concat(...names.map((type) => handshake(message(type, f.pattern(3)))))), [
    'Hello Request, Hello Verify Request, End of Early Data',
  ]);
  assert.equal(printed.lines[0]!.split(', ').length, names.length);
});

test('versions of every age show in the column', async () => {
  for (const [version, column] of [
    [0x0300, ' SSLv3 '],
    [0x0301, ' TLSv1 '],
    [0x0302, ' TLSv1.1 '],
    [0x0303, ' TLSv1.2 '],
    [0x0304, ' TLSv1.3 '],
  ] as const)
    await says(
      talk()
        .c(data(5, version))
        .s(record(HANDSHAKE, server(version), 0x0301))
        .c(data(5, 0x0301)),
      [column, column, column],
    );
});

test('whoever sends data or warns has understood the version; an offer is none that was agreed on', async () => {
  const closed = (version: number) => record(ALERT, f.pattern(26), version);
  await says(
    talk()
      .c(record(HANDSHAKE, client(), 0x0301))
      .c(change)
      .c(closed(0x0302))
      .c(change)
      .c(data(4, 0x0303)),
    [' TLSv1 ', ' TLSv1 ', ' TLSv1.1 ', ' TLSv1.1 ', ' TLSv1.2 '],
  );
});

test('a handshake message over several segments is put together; over several records the thread has it', async () => {
  const chain = handshake(server(0x0303), message(11, f.pattern(4000)), message(14));
  for (const at of [1, 4, 5, 6, 100, 1500])
    await says(talk().s(chain.subarray(0, at)).s(chain.subarray(at, 2000)).s(chain.subarray(2000)), [
      PART,
      PART,
      { ends: ' Server Hello, Certificate, Server Hello Done' },
    ]);
  const whole = message(11, f.pattern(200));
  await says(
    talk()
      .c(data(3))
      .s(handshake(whole.subarray(0, 100)))
      .s(handshake(whole.subarray(100))),
    [' Application Data', { left: 'Handshake fragment' }, { left: 'Certificate' }],
  );
});

test('a plain alert and early data are for the thread, with what was before', async () => {
  await says(
    talk()
      .c(handshake(client()))
      .s(record(ALERT, Uint8Array.of(2, 40))),
    ['Client Hello', { left: 'Alert (Level: Fatal, Description: Handshake Failure)' }],
  );
  await says(
    talk()
      .open()
      .c(f.concat(handshake(client(supported, extension(42))), data(40))),
    [...['[SYN]', '[SYN, ACK]', '[ACK]'], { left: 'Client Hello, Application Data' }],
  );
});

test('what is no record', async () => {
  await says(
    talk()
      .c('GET / HTTP/1.1\r\n\r\n')
      .c(data(5))
      .c(f.concat(data(5), f.ascii('nothing'))),
    [{ ends: ' Continuation Data' }, ' Application Data', { ends: ' Application Data' }],
  );
  // Behind a record that began before, it is a unit of its own; in one whose size was not known yet it is not.
  const whole = data(20);
  await says(
    talk()
      .c(whole.subarray(0, 9))
      .c(f.concat(whole.subarray(9), f.ascii('nothing'))),
    [PART, { ends: ' Application Data, Continuation Data' }],
  );
  await says(
    talk()
      .c(whole.subarray(0, 3))
      .c(f.concat(whole.subarray(3), f.ascii('nothing'))),
    [PART, { ends: ' Application Data' }],
  );
  await says(talk().c('abc').c('defg'), [PART, { left: 'Continuation Data' }]);
  await says(
    talk()
      .c(handshake(f.pattern(40)))
      .c(handshake(message(99, f.pattern(5)))),
    ['Encrypted Handshake Message', 'Encrypted Handshake Message'],
  );
});

test('lost, repeated and overtaken segments of a record', async () => {
  const whole = data(3000);
  const cut = [whole.subarray(0, 1000), whole.subarray(1000, 2000), whole.subarray(2000)] as const;
  await says(talk().c(cut[0]).c(cut[0], { shift: -1000, gapNs: 9e8 }).c(cut[1]).c(cut[2]), [
    PART,
    '[TCP Retransmission] ',
    PART,
    ' Application Data',
  ]);
  await says(talk().c(cut[0]).lost(0, 1000).c(cut[2]).c(data(8)), [PART, 'Continuation Data', ' Application Data']);
  await says(talk().c(cut[0]).lost(0, 1000).c(data(7)), [PART, { ends: ' Application Data' }]);
});

test('a FIN with payload, and one behind an unfinished record', async () => {
  const fin = { flags: S.fin | S.psh | S.ack };
  await says(
    talk()
      .c(data(5))
      .c(data(9), fin)
      .s('', { flags: S.fin | S.ack }),
    [' Application Data', ' Application Data', '[FIN, ACK]'],
  );
  const whole = data(50);
  await says(talk().c(whole.subarray(0, 20)).c(whole.subarray(20, 30), fin), [PART, { left: ' Application Data' }]);
  await says(
    talk()
      .c(whole.subarray(0, 20))
      .c('', { flags: S.fin | S.ack }),
    [PART, { left: ' Application Data' }],
  );
  await says(talk().c(whole.subarray(0, 20)).c(whole.subarray(20), fin), [PART, ' Application Data']);
});
