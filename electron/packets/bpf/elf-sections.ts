/**
 * Sections of a 64-bit little-endian ELF object, by name: for the few that libbpf does not hand out (the licence, line information). libbpf has opened the
 * file before; still, nothing is read outside of the bytes, and what makes no sense is not there.
 */
import { decodeUtf8 } from '../text/utf8.ts';

const HEADER_BYTES = 64;
const SECTION_BYTES = 64;
/** SHT_NOBITS: no bytes in the file. */
const NO_BITS = 8;

export function elfSections(bytes: Uint8Array): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  if (bytes.length < HEADER_BYTES) return found;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const table = Number(view.getBigUint64(40, true));
  const count = view.getUint16(60, true);
  const header = (index: number) => {
    const at = table + index * SECTION_BYTES;
    if (index >= count || at + SECTION_BYTES > bytes.length) return undefined;
    const offset = Number(view.getBigUint64(at + 24, true));
    const size = Number(view.getBigUint64(at + 32, true));
    const none = view.getUint32(at + 4, true) === NO_BITS || offset + size > bytes.length;
    return {
      name: view.getUint32(at, true),
      data: none ? bytes.subarray(0, 0) : bytes.subarray(offset, offset + size),
    };
  };
  const names = header(view.getUint16(62, true))?.data;
  if (!names) return found;
  for (let index = 0; index < count; index++) {
    const section = header(index);
    if (section) found.set(textAt(names, section.name), section.data);
  }
  return found;
}

/** Up to the NUL. */
export function textAt(bytes: Uint8Array, at: number): string {
  const end = bytes.indexOf(0, at);
  return decodeUtf8(bytes.subarray(at, end < 0 ? bytes.length : end));
}
