/** The unprivileged addon for the pipe that privileged writes to (dist/native/xdpeek-pipe.node). */

/** A pipe of `bytes` bytes, or what the system allows: [end to read, end to write], both closed by exec. Throws Error with errno's name in `code`. */
export function makePipe(bytes: number): [number, number];

/**
 * splice(2): moves bytes from the pipe `from` into the file `to` at `offset`, on a thread of its own, without their passing through our
 * memory. Resolves with how many went and why no more did: errno's name, '' when all went, 'EOF' when the pipe's writers are gone, 'EAGAIN' when
 * nothing came for a while. Never rejects for what the two files do.
 */
export function moveInto(from: number, to: number, offset: number, bytes: number): Promise<[bytes: number, why: string]>;
