/**
 * A pair of connected sockets for what a child process writes, of which our end reads straight into memory of the reader's choice. The
 * socket that `spawn` makes by itself has new memory for every 64 KiB instead, which at a gigabyte a second costs more than reading.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';

export interface ReadTarget {
  /** Where the next bytes go; never empty. */
  space(): Uint8Array;
  /** So many of them came. */
  filled(count: number): void;
}

/** A stream without 'data': its bytes go where the target wants them. */
export interface DirectInput {
  readonly stream: Readable;
  /** Call before anything is sent. */
  readInto(target: ReadTarget): void;
}

export interface OutputSocket extends DirectInput {
  /** For the child's `stdio`; close our copy with `handedOver` once it is spawned. */
  readonly theirs: Socket;
  handedOver(): void;
}

/** A socket's path has 107 bytes at most (unix(7)). */
const LONGEST_FOLDER = 80;

/** The way in is a socket in a folder that is ours alone, and is gone when this resolves. */
export async function outputSocket(): Promise<OutputSocket> {
  const folder = await mkdtemp(path.join(tmpdir().length <= LONGEST_FOLDER ? tmpdir() : '/tmp', 'xdpeek-'));
  const server = createServer({ pauseOnConnect: true });
  let target: ReadTarget | undefined;
  const nowhere = new Uint8Array(1);
  try {
    const file = path.join(folder, 'output');
    server.listen(file);
    await once(server, 'listening');
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const stream = connect({
      path: file,
      onread: {
        buffer: () => target?.space() ?? nowhere,
        callback: (count, from) => {
          // The first read was set up before there was a target.
          if (from === nowhere) target?.space().set(nowhere.subarray(0, count));
          target?.filled(count);
          return true;
        },
      },
    });
    stream.pause();
    await once(stream, 'connect');
    const [theirs] = await accepted;
    return {
      stream,
      theirs,
      readInto(wanted) {
        target = wanted;
        stream.resume();
      },
      handedOver: () => void theirs.destroy(),
    };
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
}
