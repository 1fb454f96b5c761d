/**
 * The pipe that privileged writes its frames to. A pipe and no socket, since memory can go into it by its pages and out of it into a file inside
 * the kernel: the packets of a capture that is only written pass no process's memory on their way. Our end is read straight into memory
 * of the reader's choice, and is left alone while a frame's body is moved.
 */
import { closeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import path from 'node:path';
import { XdpeekError } from '../../shared/errors.ts';
import type { DirectInput, ReadTarget } from '../../transport/stdio.ts';
import { findLayout } from '../layout.ts';

/** native/pipe/index.d.ts. */
interface PipeAddon {
  makePipe(bytes: number): [number, number];
  moveInto(from: number, to: number, offset: number, bytes: number, captureId: number, enough: number): Promise<Moved>;
}

/** As native/pipe/index.d.ts; `frames` and `packets` count all frames, the first one too. */
export interface Moved {
  bytes: number;
  rest: number;
  frames: number;
  packets: number;
  read: Uint8Array;
  why: string;
}

/** The blocks of a PACKETS frame that are next in the pipe, and nobody has read. */
export interface PipedBlocks {
  readonly captureId: number;
  readonly packets: number;
  readonly bytes: number;
  /** With so many bytes moved it comes back, however much more there is: a part of the credit, so that there is always some. */
  enough: number;
  /** Into the file, with those of the capture's frames that are there behind it. `why`: '' if all went, else errno's name, or 'EOF'. */
  into(fd: number, offset: number): Promise<Moved>;
}

export interface OutputPipe extends DirectInput {
  /** File descriptor for the child's `stdio`; close our copy with `handedOver` once it is spawned. */
  readonly theirs: number;
  handedOver(): void;
  /** `bytes` bytes of blocks that are next, behind a PACKETS payload's own header; only while nothing is being read. */
  next(header: Uint8Array, bytes: number): PipedBlocks;
}

/** What an unprivileged process may have (fs.pipe-max-size). */
const PIPE_BYTES = 1 << 20;
/** Of PipedBlocks, unless somebody sets it. */
const ENOUGH_BYTES = 8 << 20;
/** As long as a frame's header, which is what comes first after a pause. */
const FIRST_BYTES = 8;

let loaded: PipeAddon | undefined;

function addon(): PipeAddon {
  if (loaded) return loaded;
  const file = path.join(findLayout().dist, 'native/xdpeek-pipe.node');
  try {
    loaded = createRequire(import.meta.url)(file) as PipeAddon;
    return loaded;
  } catch (error) {
    throw new XdpeekError({
      code: 'ENOENT',
      message: `the privileged process cannot be given a pipe: ${(error as Error).message.split('\n')[0]}`,
      hint: 'The installation is incomplete: build or install it again.',
    });
  }
}

export function outputPipe(): OutputPipe {
  const { makePipe, moveInto } = addon();
  const [ours, theirs] = makePipe(PIPE_BYTES);
  let target: ReadTarget | undefined;
  let paused = true;
  // Where a read goes that was set up before it was known where it should go.
  const first = new Uint8Array(FIRST_BYTES);

  const take = (count: number, from: Uint8Array): boolean => {
    let busy: Promise<unknown> | undefined;
    if (from !== first) busy = target!.filled(count);
    else
      for (let at = 0; at < count; ) {
        const space = target!.space();
        const part = from.subarray(at, Math.min(count, at + space.byteLength));
        space.set(part);
        at += part.byteLength;
        busy = target!.filled(part.byteLength);
      }
    if (!busy) return true;
    paused = true;
    const goOn = () => void stream.resume();
    busy.then(goOn, goOn);
    return false;
  };
  const stream = new Socket({
    fd: ours,
    readable: true,
    writable: false,
    onread: {
      buffer: () => {
        if (!paused && target) return target.space();
        paused = false;
        return first;
      },
      callback: (count, from) => take(count, from),
    },
  });
  stream.pause();
  return {
    stream,
    theirs,
    handedOver: () => closeSync(theirs),
    readInto(wanted) {
      target = wanted;
      stream.resume();
    },
    next(header, bytes) {
      const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
      const captureId = view.getUint32(0, true);
      const packets = view.getUint32(4, true);
      const blocks: PipedBlocks = { captureId, packets, bytes, enough: ENOUGH_BYTES, into };
      async function into(fd: number, offset: number): Promise<Moved> {
        const all: Moved = { bytes: 0, rest: bytes, frames: 1, packets, read: first, why: '' };
        do {
          const enough = blocks.enough - all.bytes;
          const moved = await moveInto(ours, fd, offset + all.bytes, all.rest, captureId, enough);
          all.bytes += moved.bytes;
          all.rest = moved.rest;
          all.frames += moved.frames;
          all.packets += moved.packets;
          all.read = moved.read;
          all.why = moved.why;
        } while (all.why === 'EAGAIN' && !stream.destroyed);
        return all;
      }
      return blocks;
    },
  };
}
