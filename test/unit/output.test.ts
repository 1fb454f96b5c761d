/** Standard output as a pipe that somebody made non-blocking: nothing is lost or out of order, and a reader that goes away ends it quietly. */
import assert from 'node:assert/strict';
import { closeSync, createReadStream, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { Output } from '../../electron/cli/output/output.ts';
import type { makePipe as MakePipe } from '../../native/pipe/index.d.ts';

const { makePipe } = createRequire(import.meta.url)(
  path.resolve(import.meta.dirname, '../../dist/native/xdpeek-pipe.node'),
) as { makePipe: typeof MakePipe };

const PIPE_BYTES = 64 << 10;
const NONBLOCK = 0o4000;

/** As node, ssh and others leave pipes that they had. The socket is given back: it must not close its end while the test goes on. */
function nonBlockingPipe(): { from: number; to: number; other: Socket } {
  const [from, to] = makePipe(PIPE_BYTES);
  const other = new Socket({ fd: to, readable: false, writable: true });
  const flags = /flags:\s+(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${to}`, 'utf8'))![1]!;
  assert.ok(Number.parseInt(flags, 8) & NONBLOCK);
  return { from, to, other };
}

test('all that is written to a non-blocking pipe arrives in order', async () => {
  const { from, to, other } = nonBlockingPipe();
  const gone: string[] = [];
  const out = new Output(to, () => gone.push('gone'));
  const parts = Array.from({ length: 40 }, (_, i) => Buffer.alloc(100_000, 0x41 + (i % 26)));
  const written = (async () => {
    for (const [i, part] of parts.entries()) {
      await out.write(`part ${i}\n`);
      await out.writeBytes(part);
    }
    await out.flush();
    other.destroy();
  })();
  const read: Buffer[] = [];
  for await (const piece of createReadStream('', { fd: from, highWaterMark: 5000 })) read.push(piece as Buffer);
  await written;
  const expected = Buffer.concat(parts.flatMap((part, i) => [Buffer.from(`part ${i}\n`), part]));
  assert.ok(Buffer.concat(read).equals(expected));
  assert.deepEqual(gone, []);
});

test('a reader that goes away while it is waited for ends it quietly, once', async () => {
  const { from, to, other } = nonBlockingPipe();
  const gone: string[] = [];
  const out = new Output(to, () => gone.push('gone'));
  const waiting = out.writeBytes(Buffer.alloc(10 * PIPE_BYTES));
  setTimeout(() => closeSync(from), 50);
  await waiting;
  await out.writeBytes(Buffer.alloc(10));
  assert.deepEqual([gone, out.closed], [['gone'], true]);
  other.destroy();
});
