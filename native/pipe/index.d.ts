/** The unprivileged addon for the pipe that privileged writes to (dist/native/xdpeek-pipe.node). */

/** A pipe of `bytes` bytes, or what the system allows: [end to read, end to write], both closed by exec. Throws Error with errno's name in `code`. */
export function makePipe(bytes: number): [number, number];

export interface Moved {
  /** That went into the file, of all frames. */
  bytes: number;
  /** That are left of the last frame's blocks; none if `why` is ''. */
  rest: number;
  /** Frames after the first, and the packets that they say they hold. */
  frames: number;
  packets: number;
  /** The beginning of what is next, which was read on the way and is none of these frames: 0 to 16 bytes. */
  read: Uint8Array;
  /** Why no more went: errno's name; '' when all did; 'EOF' when the pipe's writers are gone; 'EAGAIN' when nothing came for a while. */
  why: string;
}

/**
 * splice(2): moves the blocks of a PACKETS frame, `bytes` of them, from the pipe `from` into the file `to` at `offset`, on a thread of its own, without their
 * passing through our memory; then those of the frames of the same capture that follow within a moment, until it was `enough` bytes. Never
 * rejects for what the two files do.
 */
export function moveInto(
  from: number,
  to: number,
  offset: number,
  bytes: number,
  captureId: number,
  enough: number,
): Promise<Moved>;
