/**
 * pcapng option lists (draft-ietf-opsawg-pcapng §3.5): code u16, length u16, value, padding to 4 bytes. Codes used here
 * and one walker that never leaves [start, end) and treats a length that would as the end of the list.
 */
import { decodeUtf8 } from '../text/utf8.ts';

export const OPT_END = 0;
export const OPT_COMMENT = 1;

export const SHB_HARDWARE = 2;
export const SHB_OS = 3;
export const SHB_APPLICATION = 4;

export const IF_NAME = 2;
export const IF_DESCRIPTION = 3;
export const IF_TSRESOL = 9;
export const IF_FILTER = 11;
export const IF_OS = 12;
export const IF_TSOFFSET = 14;
export const IF_HARDWARE = 15;

export const EPB_FLAGS = 2;
export const EPB_DROPCOUNT = 4;
export const EPB_PACKETID = 5;
export const EPB_QUEUE = 6;
export const EPB_VERDICT = 7;

export const ISB_IFRECV = 4;
export const ISB_IFDROP = 5;
export const ISB_OSDROP = 7;
export const ISB_USRDELIV = 8;

/** First octet of epb_verdict. */
export const VERDICT_KIND_TC = 1;
export const VERDICT_KIND_XDP = 2;

/** Calls `visit(code, offset, length)`, offset that of the value, for each option; `visit` returns false to stop. */
export function walkOptions(
  view: DataView,
  start: number,
  end: number,
  littleEndian: boolean,
  visit: (code: number, offset: number, length: number) => boolean | undefined,
): void {
  let at = start;
  while (at + 4 <= end) {
    const code = view.getUint16(at, littleEndian);
    const length = view.getUint16(at + 2, littleEndian);
    if (code === OPT_END || at + 4 + length > end) return;
    if (visit(code, at + 4, length) === false) return;
    at += 4 + ((length + 3) & ~3);
  }
}

/** Option text: UTF-8, up to a NUL if a writer put one there. Bad sequences become U+FFFD. */
export function optionText(view: DataView, offset: number, length: number): string {
  return decodeUtf8(new Uint8Array(view.buffer, view.byteOffset + offset, length), true);
}
