/** Bytes for the root process, in pieces that its door takes. */
import { XdpeekError } from '../../shared/errors.ts';
import { OBJECT_MAX_BYTES, UPLOAD_PIECE_BYTES } from '../../shared/workbench.ts';
import type { Workbench } from './workbench.ts';

let lastToken = 0;

/** @returns the token that objectLoad and codeLoad take; the bytes are used once. */
export async function upload(workbench: Workbench, bytes: Uint8Array): Promise<number> {
  const size = bytes.length;
  if (size === 0) throw new XdpeekError({ code: 'FORMAT', message: 'there is nothing in it' });
  if (size > OBJECT_MAX_BYTES)
    throw new XdpeekError({
      code: 'E2BIG',
      message: `it has ${size} bytes; xdpeek loads at most ${OBJECT_MAX_BYTES}`,
      hint: 'Strip its debug sections: llvm-strip -g keeps the BTF.',
    });
  const token = ++lastToken;
  for (let offset = 0; offset < size; offset += UPLOAD_PIECE_BYTES) {
    const data = Buffer.from(bytes.subarray(offset, offset + UPLOAD_PIECE_BYTES)).toString('base64');
    await workbench.request('upload', { token, offset, size, data });
  }
  return token;
}
