/** Object files that were dropped or picked, as bytes. */
import type { ObjectFile } from '../../electron/shared/api.ts';
import { XdpeekError } from '../../electron/shared/errors.ts';
import { OBJECT_MAX_BYTES } from '../../electron/shared/workbench.ts';

export const isObjectName = (name: string) => /\.(o|bpf|elf)$/i.test(name);

/** Too large ones are refused before they are read. */
export async function readObjectFile(file: File): Promise<ObjectFile> {
  if (file.size > OBJECT_MAX_BYTES)
    throw new XdpeekError({
      code: 'E2BIG',
      message: `${file.name} has ${file.size} bytes; an object file has at most ${OBJECT_MAX_BYTES >> 20} MiB`,
    });
  return { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
}
