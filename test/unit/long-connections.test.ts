/**
 * Encrypted connections of more packets than are walked to show one: entered anywhere, they show what a walk from their beginning shows. Beside TLS with
 * HTTP/1, HTTP/2 with its header table, records and frames over several segments; HTTP/3 over QUIC.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import * as f from '../../electron/cli/demo/frames/index.ts';
import { detail } from '../../electron/packets/dissect/detail.ts';
import { summarize } from '../../electron/packets/dissect/index.ts';
import type { Budget } from '../../electron/packets/dissect/tcp-payload.ts';
import type { Conversation } from '../../electron/packets/state/conversations.ts';
import { COPY } from '../../electron/packets/state/copied.ts';
import { Checkpoints } from '../../electron/session/analysis/checkpoints.ts';
import { createSession } from '../../electron/session/session.ts';
import { ack, QuicTalk, stream } from '../golden/quic-talk.ts';
import { open, stateful } from '../golden/render.ts';
import { type Sample, sampleFile } from '../golden/samples.ts';
import { type TlsKind, TlsTalk } from '../golden/tls-talk.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'xf-long-'));
after(() => rmSync(folder, { recursive: true }));

const GCM13: TlsKind = { version: 0x0304, suite: 0x1301, cipher: 'aes-128-gcm', keyLength: 16, hash: 'sha256' };
const CBC10: TlsKind = {
  version: 0x0301,
  suite: 0xc009,
  cipher: 'aes-128-cbc',
  keyLength: 16,
  hash: 'sha256',
  mac: 'sha1',
};
const ROUNDS = 8000;

/** Requests and answers; each answer's record is cut over two segments. */
function http1(kind: TlsKind, port: number): Sample {
  const talk = new TlsTalk({ ...kind }, 443, port).handshake();
  for (let i = 0; i < ROUNDS; i++) {
    talk.c(`GET /${i} HTTP/1.1\r\nHost: example.net\r\n\r\n`);
    const text = `answer ${i}`;
    const answer = talk.record(
      'server',
      23,
      f.ascii(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${text.length}\r\n\r\n${text}`),
    );
    talk.send('server', answer.subarray(0, 40)).send('server', answer.subarray(40));
  }
  return talk.sample;
}

const frame2 = (type: number, flags: number, id: number, ...payload: Uint8Array[]) => {
  const body = f.concat(...payload);
  return f.concat(f.u32(body.length).subarray(1), Uint8Array.of(type, flags), f.u32(id), body);
};
const literal = (first: number, name: string, value: string) =>
  f.concat(Uint8Array.of(first, name.length), f.ascii(name), Uint8Array.of(value.length), f.ascii(value));

/** The name and value that all requests refer to are put into the table once, at the beginning. */
function http2(): Sample {
  const talk = new TlsTalk({ ...GCM13, alpn: 'h2' }, 443, 41_101).handshake();
  talk.c(f.concat(f.ascii('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame2(4, 0, 0)));
  talk.c(frame2(1, 5, 1, Uint8Array.of(0x82, 0x84, 0x87), literal(0x40, 'x-kept', 'from the beginning')));
  talk.s(frame2(4, 0, 0), frame2(1, 5, 1, Uint8Array.of(0x88)));
  for (let i = 1; i < ROUNDS; i++) {
    // 0xbe: the newest entry of the table; the frame goes on in another record
    const request = frame2(1, 5, 2 * i + 1, Uint8Array.of(0x82, 0x84, 0x87, 0xbe), literal(0, 'n', String(i)));
    talk.c(request.subarray(0, 12)).c(request.subarray(12));
    talk.s(frame2(1, 5, 2 * i + 1, Uint8Array.of(0x88)));
  }
  return talk.sample;
}

function http3(): Sample {
  const talk = new QuicTalk(50_480);
  talk.handshake([]);
  const said = (side: 'client' | 'server', ...frames: Uint8Array[]) =>
    talk.send(side, talk.packet(side, 'application', ...frames));
  const settings = Uint8Array.of(0, 4, 3, 1, 0x50, 0);
  said('client', stream(2, 0, settings));
  said('server', stream(3, 0, settings));
  // An entry on the client's encoder stream, which all requests refer to.
  const insert = f.concat(
    Uint8Array.of(2, 0x3f, 0x81, 1, 0x46),
    f.ascii('x-kept'),
    Uint8Array.of(18),
    f.ascii('from the beginning'),
  );
  said('client', stream(6, 0, insert));
  for (let i = 0; i < ROUNDS; i++) {
    const section = Uint8Array.of(2, 0, 0xd1, 0xc1, 0x80);
    const request = f.concat(Uint8Array.of(1, section.length), section);
    said('client', stream(4 * i, 0, request.subarray(0, 3)));
    said('client', stream(4 * i, 3, request.subarray(3), true));
    said('server', ack(i), stream(4 * i, 0, Uint8Array.of(1, 3, 0, 0, 0xd9), true));
  }
  return talk.sample;
}

const SAMPLES: Record<string, () => { sample: Sample; shows: RegExp }> = {
  'TLS 1.3': () => ({ sample: http1(GCM13, 41_100), shows: /GET \/[67]\d+ / }),
  'TLS 1.0, whose records are chained': () => ({ sample: http1(CBC10, 41_102), shows: /GET \/[67]\d+ / }),
  'HTTP/2 in TLS': () => ({ sample: http2(), shows: /HEADERS\[1\d+\]: GET/ }),
  'HTTP/3': () => ({ sample: http3(), shows: /HEADERS: GET/ }),
};

describe('a connection of more than 20,000 packets, entered anywhere', () => {
  for (const [name, make] of Object.entries(SAMPLES))
    test(name, async () => {
      const { sample, shows } = make();
      const bytes = sampleFile(sample);
      const file = path.join(folder, 'long.pcapng');
      writeFileSync(file, bytes);
      const count = sample.frames.length;
      assert.ok(count > 23_000, `${count} packets`);
      const truth = open(bytes);
      const dissections = stateful(truth);
      const session = createSession({ host: 'cli', version: 'test', spoolDir: path.join(folder, 'spool') });
      await session.openFile(file);
      const api = session.api();
      const last = summarize(dissections[count - 1]!).info;
      // Until the background walk came to the end: before that a packet is shown by itself.
      for (let tries = 0; tries < 3000; tries++) {
        const { total } = await api.call('packets.rows', { start: 0, count: 1 });
        const found = total === count ? await api.call('packets.detail', { number: count }) : undefined;
        if (found && !found.provisional) {
          assert.equal(found.row.info, last);
          break;
        }
        await new Promise((done) => setTimeout(done, 10));
      }
      // The end first, then the middle, then on from there, and back.
      for (const start of [count - 60, 21_000, 21_050, 22_900, 20_500]) {
        const ask = () => api.call('packets.rows', { start, count: 50 });
        let { rows, provisional } = await ask();
        // A long walk goes on at each question.
        for (let tries = 0; provisional && tries < 1000; tries++) ({ rows, provisional } = await ask());
        const wanted = Array.from({ length: 50 }, (_, i) => summarize(dissections[start + i]!).info);
        assert.deepEqual(
          rows.map(({ info }) => info),
          wanted,
          `rows from ${start}`,
        );
        assert.ok(
          wanted.some((info) => shows.test(info)),
          `${start}: ${wanted[0]}`,
        );
      }
      const { layers } = await api.call('packets.detail', { number: count - 3 });
      const whole = detail(dissections[count - 4]!, truth.frame(count - 4));
      assert.deepEqual(
        layers.map(({ label }) => label),
        whole.map(({ label }) => label),
      );
      await session.close();
    });
});

test('checkpoints are bounded: where there is too much, every other one goes', () => {
  const value = {
    vital: true,
    [COPY](budget: Budget) {
      budget.held += 10_000;
      return value;
    },
  };
  const conversation = { group: 7, isBare: false, above: undefined, units: undefined, data: new Map([[value, value]]) };
  const checkpoints = new Checkpoints(10, 300_000);
  let most = 0;
  for (let row = 0; row < 100_000; row++) {
    checkpoints.passed(row, conversation as unknown as Conversation);
    most = Math.max(most, checkpoints.bytes);
  }
  assert.ok(most <= 320_000, `${most} bytes`);
  for (const row of [30_000, 50_000, 99_999]) {
    const found = checkpoints.before(row, 7)!;
    assert.ok(found.row < row && row - found.row < 20_000, `${found.row} for ${row}`);
  }
  assert.equal(checkpoints.before(99_999, 8), undefined);
});
