/**
 * Capture files in and out: compressed ones, damaged ones, traps; `convert` between formats with nothing lost; a file in the session with what its
 * packets tell of each other, and under a display filter.
 */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { after, describe, test } from 'node:test';
import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { run as convert } from '../../electron/cli/commands/convert.ts';
import { parseOptions } from '../../electron/cli/options/parse.ts';
import type { Invocation } from '../../electron/cli/options/spec.ts';
import { Output } from '../../electron/cli/output/output.ts';
import * as table from '../../electron/cli/table.ts';
import { Lz4Decoder } from '../../electron/packets/pcap/lz4.ts';
import { createSession } from '../../electron/session/session.ts';
import { sampleFile } from '../golden/samples.ts';
import { Talk } from '../golden/talk.ts';
import { ascii, concat } from '../netns/lib/frames.ts';

const MAIN = path.resolve(import.meta.dirname, '../../electron/cli/main.ts');
const folder = mkdtempSync(path.join(tmpdir(), 'xf-files-'));
after(() => rmSync(folder, { recursive: true }));

const capture = sampleFile(
  new Talk(80)
    .c('GET /a HTTP/1.1\r\nHost: example.net\r\n\r\n')
    .s('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n')
    .s('body')
    .c('GET /b HTTP/1.1\r\nHost: example.net\r\n\r\n')
    .s('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
    .closed().sample,
);
const PACKETS = 10;
const le32 = (value: number) => Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24);
/** An LZ4 frame: one stored block, then one with a literal run and matches that reach back over both blocks. */
function lz4(stored: Uint8Array, literals: Uint8Array): Uint8Array {
  const block = concat(
    Uint8Array.of(0xf0 | 4, literals.length - 15),
    literals,
    Uint8Array.of(1, 0),
    Uint8Array.of(0x10, 0x2a),
  );
  return concat(
    Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x40, 0x40, 0),
    concat(le32((stored.length | 0x80000000) >>> 0), stored),
    concat(le32(block.length), block),
    le32(0),
  );
}

interface Result {
  status: number;
  stdout: string;
  stderr: string;
}
const xdpeek = (...args: string[]): Promise<Result> =>
  new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
function file(name: string, bytes: Uint8Array): string {
  const at = path.join(folder, name);
  writeFileSync(at, bytes);
  return at;
}

describe('compressed captures', () => {
  for (const [name, bytes] of [
    ['a.pcapng.gz', gzipSync(capture)],
    ['b.pcapng.gz', Buffer.concat([gzipSync(capture.subarray(0, 300)), gzipSync(capture.subarray(300))])],
    ['c.pcapng.zst', zstdCompressSync(capture)],
  ] as const)
    test(`${name} reads as what is in it`, async () => {
      const { stdout, status, stderr } = await xdpeek('read', file(name, bytes));
      assert.equal(status, 0, stderr);
      assert.equal(stdout.trim().split('\n').length, PACKETS);
    });

  test('LZ4 blocks, stored and packed, in pieces of every size', () => {
    const literals = ascii('0123456789abcdef0123');
    const packed = lz4(ascii('stored first. '), literals);
    const wanted = `stored first. 0123456789abcdef0123${'3'.repeat(8)}*`;
    for (const size of [1, 3, 7, 1000]) {
      const decoder = new Lz4Decoder();
      let text = '';
      for (let at = 0; at < packed.length; at += size)
        for (const block of decoder.push(packed.subarray(at, at + size))) text += Buffer.from(block).toString('latin1');
      assert.equal(text, wanted, `in pieces of ${size}`);
      assert.equal(decoder.pending, false);
    }
    const cut = new Lz4Decoder();
    for (const _ of cut.push(packed.subarray(0, 40)));
    assert.equal(cut.pending, true);
    const damaged = packed.slice();
    damaged[packed.length - 8] = 0xff;
    assert.throws(() => [...new Lz4Decoder().push(damaged)], /LZ4 block/);
  });

  test('cut short: the packets before the cut, then what is wrong', async () => {
    const packed = gzipSync(capture, { level: 0 });
    const { stdout, status, stderr } = await xdpeek('read', file('cut.gz', packed.subarray(0, packed.length - 600)));
    assert.equal(status, 1);
    assert.match(
      stderr,
      /damaged at byte \d+: its gzip data is damaged or cut short after \d+ bytes.*before it are good/,
    );
    assert.ok(stdout.split('\n').length > 3);
    const to = path.join(folder, 'cut.pcapng');
    const converted = await xdpeek('convert', path.join(folder, 'cut.gz'), to);
    assert.equal(converted.status, 1);
    assert.match(converted.stderr, /damaged at byte .*What was written is what came before that/);
    assert.equal((await xdpeek('read', to)).stdout, stdout);
  });

  test('a file that unpacks to hundreds of times its size is a trap, and memory does not grow', async () => {
    const zeros = Buffer.alloc(64 << 20);
    const bomb = zstdCompressSync(Buffer.concat([capture, zeros, zeros, zeros, zeros, zeros]));
    const { status, stderr } = await xdpeek('read', file('bomb.zst', bomb));
    assert.equal(status, 1);
    assert.match(stderr, /unpacks to more than 100 times its size|damaged at byte/);
  });
});

describe('convert', () => {
  const source = file('source.pcapng', capture);

  test('pcapng to pcapng is the same, byte for byte', async () => {
    const to = path.join(folder, 'same.pcapng');
    assert.equal((await xdpeek('convert', source, to)).status, 0);
    assert.ok(readFileSync(to).equals(capture));
  });

  test('with a filter everything but the other packets stays; custom blocks too', async () => {
    const custom = concat(le32(0xbad), le32(24), le32(0x1234), ascii('mine'), ascii('mine'), le32(24));
    const with_ = file('custom.pcapng', concat(capture, custom));
    const to = path.join(folder, 'http.pcapng');
    const { stderr, status } = await xdpeek('convert', with_, to, '-Y', 'http.request');
    assert.equal(status, 0, stderr);
    assert.match(stderr, /^2 packets of 10 written/);
    assert.ok(readFileSync(to).includes(Buffer.from(custom)));
    assert.equal((await xdpeek('read', to)).stdout.trim().split('\n').length, 2);
  });

  test('to pcap and back keeps bytes and nanoseconds; compressed by its name', async () => {
    const to = path.join(folder, 'out.pcap.gz');
    assert.equal((await xdpeek('convert', source, to)).status, 0);
    assert.equal(gunzipSync(readFileSync(to)).readUInt32LE(0), 0xa1b23c4d);
    const fields = ['-T', 'fields', '-e', 'frame.time_epoch', '-e', 'frame.len', '-e', 'tcp.seq_raw'];
    assert.equal((await xdpeek('read', to, ...fields)).stdout, (await xdpeek('read', source, ...fields)).stdout);
  });

  test('what cannot be written leaves nothing behind, and an old file as it was', async () => {
    const old = file('old.pcapng', ascii('an older file'));
    const none = await xdpeek('convert', path.join(folder, 'none'), old);
    assert.equal(none.status, 1);
    assert.equal(readFileSync(old, 'utf8'), 'an older file');
    const bad = await xdpeek('convert', source, old, '-Y', 'tcp.nosuch');
    assert.equal(bad.status, 2);
    assert.match(bad.stderr, /no field or protocol "tcp\.nosuch".*character 1/);
    assert.equal(readFileSync(old, 'utf8'), 'an older file');
    // Text, and a pcap whose first record is longer than any packet.
    const absurd = concat(
      ...[0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1, 1, 0, 0x7fffffff, 0x7fffffff].map(le32),
      new Uint8Array(100),
    );
    const refused: [Uint8Array, string][] = [
      [ascii('this is text'), 'cannot be read: this is not a pcap or pcapng file'],
      [absurd, 'is damaged at byte \\d+: .*'],
    ];
    for (const [bytes, how] of refused) {
      const { status, stderr } = await xdpeek('convert', file('bad.pcapng', bytes), old);
      assert.equal(status, 1);
      assert.match(
        stderr,
        new RegExp(`^xdpeek: .*bad\\.pcapng ${how}\\. Check that it is a pcapng or pcap file\\.\n$`),
      );
      assert.equal(readFileSync(old, 'utf8'), 'an older file');
    }
    const { invocation } = parseOptions(table.convert, [source, old]) as {
      invocation: Invocation<typeof table.convert>;
    };
    await assert.rejects(convert(invocation, { out: new Output(1, () => {}), stop: AbortSignal.abort() }), {
      message: `stopped before the end: ${old} was not written`,
    });
    assert.equal(readFileSync(old, 'utf8'), 'an older file');
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('.')),
      [],
    );
  });

  test('-c ends with that packet, also while more could come', async () => {
    const to = path.join(folder, 'three.pcapng');
    const child = spawn(process.execPath, [MAIN, 'convert', '-', to, '-c', '3'], { stdio: ['pipe', 'ignore', 'pipe'] });
    child.stdin.write(capture); // and stays open
    const stderr = await textOf(child.stderr);
    assert.equal(stderr, `3 packets of 3 written to ${to}\n`);
    assert.equal((await xdpeek('read', to)).stdout.trim().split('\n').length, 3);
  });

  test('standard output that is full is an error, one that nobody reads on is not', async () => {
    const long = file('long.pcapng', Buffer.concat(Array.from({ length: 300 }, () => capture)));
    const shell = async (rest: string) => {
      const line = `"${process.execPath}" "${MAIN}" convert ${rest}; echo "$PIPESTATUS" >&2`;
      return textOf(spawn('bash', ['-c', line], { stdio: ['ignore', 'ignore', 'pipe'] }).stderr);
    };
    assert.match(
      await shell(`"${long}" - > /dev/full`),
      /^xdpeek: standard output cannot be written: no space left\. .*\n1\n$/,
    );
    assert.equal(await shell(`"${long}" - | head -c 4`), '0\n');
  });
});

describe('a file in the session', () => {
  async function opened(name: string, bytes: Uint8Array) {
    const spoolDir = path.join(folder, `spool-${name}`);
    const session = createSession({ host: 'cli', version: 'test', spoolDir });
    const api = session.api();
    await session.openFile(file(name, bytes));
    while ((await api.call('capture.status', {})).state === 'starting')
      await new Promise((done) => setTimeout(done, 5));
    return { session, api, spoolDir };
  }

  test('rows say what the packets before them told, in whatever order they are asked for', async () => {
    const { session, api } = await opened('rows.pcapng', capture);
    const infos = async (start: number, count: number) =>
      (await api.call('packets.rows', { start, count })).rows.map(({ protocol, info }) => `${protocol} ${info}`);
    const whole = await infos(0, PACKETS);
    assert.match(whole[0]!, /^TCP 40000 → 80 \[SYN\] Seq=0 /);
    assert.match(whole[4]!, /HTTP\/1\.1 200 OK .*TCP segment of a reassembled PDU/);
    assert.match(whole[5]!, /^HTTP HTTP\/1\.1 200 OK/);
    for (const row of [9, 5, 2, 7, 5, 0]) assert.deepEqual(await infos(row, 1), [whole[row]]);
    const { layers } = await api.call('packets.detail', { number: 6 });
    assert.ok(JSON.stringify(layers).includes('Request in frame: 4'));
    await session.close();
  });

  test('under a display filter: its rows, their places, its mistakes', async () => {
    const { session, api } = await opened('filter.pcapng', capture);
    const ask = (filter: string) => api.call('packets.rows', { start: 0, count: 100, filter });
    let window = await ask('http.response');
    while (window.scanned! < PACKETS) window = await ask('http.response');
    assert.deepEqual(
      window.rows.map(({ number }) => number),
      [6, 8],
    );
    assert.deepEqual(await api.call('packets.place', { number: 8, filter: 'http.response' }), {
      index: 1,
      there: true,
    });
    assert.deepEqual(await api.call('packets.place', { number: 7, filter: 'http.response' }), {
      index: 1,
      there: false,
    });
    await assert.rejects(ask('http.nosuch'), { code: 'FILTER', message: /no field/ });
    assert.deepEqual(await api.call('display.check', { filter: 'tcp.port == x' }), {
      ok: false,
      message: '"x" is not a number',
      offset: 12,
      length: 1,
    });
    const hints = await api.call('display.fields', { prefix: 'http.request.m' });
    assert.deepEqual(
      hints.map(({ name }) => name),
      ['http.request.method'],
    );
    await session.close();
  });

  test('a compressed one is unpacked beside, and nothing of it stays', async () => {
    const { session, api, spoolDir } = await opened('packed.pcapng.gz', gzipSync(capture));
    assert.equal((await api.call('packets.rows', { start: 0, count: 100 })).rows.length, PACKETS);
    const out = path.join(folder, 'unpacked.pcapng');
    await session.saveCapture(out);
    assert.ok(readFileSync(out).equals(capture));
    await session.close();
    assert.deepEqual(existsSync(spoolDir) ? readdirSync(spoolDir) : [], []);
  });
});
