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
  moveInto(from: number, to: number, offset: number, bytes: number): Promise<[bytes: number, why: string]>;
}

/** Bytes that are next in the pipe, and nobody has read. */
export interface PipedBytes {
  readonly bytes: number;
  /** How many went into the file, and why no more did (errno's name, or 'EOF' when there will be no more). */
  into(fd: number, offset: number): Promise<{ bytes: number; why: string }>;
}

export interface OutputPipe extends DirectInput {
  /** File descriptor for the child's `stdio`; close our copy with `handedOver` once it is spawned. */
  readonly theirs: number;
  handedOver(): void;
  /** The next `bytes` bytes; only while nothing is being read. */
  next(bytes: number): PipedBytes;
}

/** What an unprivileged process may have (fs.pipe-max-size). */
const PIPE_BYTES = 1 << 20;
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
    next: (bytes) => ({
      bytes,
      async into(fd, offset) {
        let moved = 0;
        for (;;) {
          const [more, why] = await moveInto(ours, fd, offset + moved, bytes - moved);
          moved += more;
          if (moved === bytes || (why !== 'EAGAIN' && why !== '') || stream.destroyed) return { bytes: moved, why };
        }
      },
    }),
  };
}
