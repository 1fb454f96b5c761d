/**
 * The pages that the writer of frames lends to a pipe (native/src/frame_writer.cc): whoever reads the pipe, however late, finds what was written, and nothing else
 * that this process keeps in memory later.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { FRAME_HEADER_BYTES, FrameType } from '../../electron/shared/wire.ts';
import type * as Pipe from '../../native/pipe/index.d.ts';
import { addon } from '../netns/lib/addon.ts';

const pipes = createRequire(import.meta.url)(
  path.resolve(import.meta.dirname, '../../dist/native/xdpeek-pipe.node'),
) as typeof Pipe;

/** Long enough to go by its pages; too short to be kept for the next frames. */
const LONG = 100 << 10;
const filled = (byte: number, length: number) => new Uint8Array(length).fill(byte);

/** So much memory is asked for and written that what was given back before is used again. */
async function fillMemory(byte: number): Promise<void> {
  const nowhere = openSync('/dev/null', 'w');
  const other = new addon.FrameWriter({ fd: nowhere, queueBytes: 64 << 20 });
  for (let i = 0; i < 200; i++) other.write(FrameType.CONTROL, filled(byte, LONG));
  await other.flush();
  other.close();
  closeSync(nowhere);
}

/** Everything that is in the pipe, when no one has its other end any more. */
function readAll(fd: number): Buffer {
  const parts: Buffer[] = [];
  for (let part = Buffer.alloc(1 << 16), count = 1; count > 0; ) {
    count = readSync(fd, part);
    parts.push(Buffer.from(part.subarray(0, count)));
  }
  return Buffer.concat(parts);
}

/** Bytes of the frames, without their headers. */
function payload(frames: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < frames.length; ) {
    const end = at + FRAME_HEADER_BYTES + frames.readUInt32LE(at);
    parts.push(frames.subarray(at + FRAME_HEADER_BYTES, end));
    at = end;
  }
  return Buffer.concat(parts);
}

test('frames that are in the pipe when the writer is closed are read as they were written', async () => {
  const [from, to] = pipes.makePipe(1 << 20);
  const writer = new addon.FrameWriter({ fd: to, queueBytes: 8 << 20 });
  for (const byte of [1, 2, 3]) writer.write(FrameType.CONTROL, filled(byte, LONG));
  await writer.flush();
  writer.close();
  closeSync(to);
  await fillMemory(9);
  const found = payload(readAll(from));
  closeSync(from);
  assert.ok(found.equals(Buffer.concat([1, 2, 3].map((byte) => filled(byte, LONG)))));
});

/** Takes the pages out of the pipe without reading them (splice into a pipe of its own), says so, and prints which bytes are in them when told to. */
const KEEPER = `
import os, sys, fcntl
end, start = os.pipe()
fcntl.fcntl(start, 1031, 1 << 20)  # F_SETPIPE_SZ
left = int(sys.argv[1])
while left: left -= os.splice(3, start, left)
os.close(start)
print('kept', flush=True)
sys.stdin.readline()
found = set()
while piece := os.read(end, 1 << 20): found.update(piece[${FRAME_HEADER_BYTES}:])
print(sorted(found), flush=True)
`;

test('a reader that keeps the pages it was lent does not see what this process has in memory later', async () => {
  const [from, to] = pipes.makePipe(1 << 20);
  const writer = new addon.FrameWriter({ fd: to, queueBytes: 8 << 20 });
  const keeper = spawn('python3', ['-c', KEEPER, `${LONG + FRAME_HEADER_BYTES}`], {
    stdio: ['pipe', 'pipe', 'inherit', from],
  });
  try {
    writer.write(FrameType.CONTROL, filled(1, LONG));
    await once(keeper.stdout!, 'data');
    await new Promise((resolve) => setTimeout(resolve, 50)); // the writer has seen that the pipe is empty
    await fillMemory(9);
    keeper.stdin!.write('\n');
    const [said] = (await once(keeper.stdout!, 'data')) as [Buffer];
    assert.equal(`${said}`.trim(), '[1]');
  } finally {
    keeper.kill();
    writer.close();
    closeSync(to);
    closeSync(from);
  }
});
