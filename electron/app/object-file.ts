/** An object file that was chosen in the app's own dialog, read for the page: a plain file of bounded size, never a device or a pipe. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { ObjectFile } from '../shared/api.ts';
import { errorData, XdpeekError } from '../shared/errors.ts';
import { OBJECT_MAX_BYTES } from '../shared/workbench.ts';

export async function readObjectFile(path: string): Promise<ObjectFile> {
  const name = basename(path);
  // A pipe without a writer would keep open() waiting.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
    // Node's own words have the path in them, which is not for the page.
    const { code } = errorData(error);
    throw new XdpeekError({ code, message: `${name} cannot be opened: ${code}` });
  });
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new XdpeekError({ code: 'EINVAL', message: `${name} is not a plain file` });
    if (stat.size > OBJECT_MAX_BYTES)
      throw new XdpeekError({
        code: 'E2BIG',
        message: `${name} has ${stat.size} bytes; an object file has at most ${OBJECT_MAX_BYTES >> 20} MiB`,
        hint: 'Strip its debug sections: llvm-strip -g keeps the BTF.',
      });
    // A plain Uint8Array: this is what crosses the bridge into the page.
    return { name, bytes: new Uint8Array(await file.readFile()) };
  } finally {
    await file.close();
  }
}
