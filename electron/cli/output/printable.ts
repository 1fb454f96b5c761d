/**
 * Text from packets, files and other processes, made harmless for a terminal: nothing that can move the cursor, start an
 * escape sequence, change direction of writing or forge a line survives. Every printer uses this.
 */

/**
 * C0, DEL, C1 (the 8-bit form of ESC [), line and paragraph separators, bidirectional controls and invisible marks, byte
 * order mark, interlinear controls, and lone surrogates.
 */
export const HARMFUL =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

/** Whatever is not of these is looked at closely: plain text, and the arrow of every line. */
const CLOSER = /[^ -~→]/;

function visible(found: string): string {
  const code = found.codePointAt(0)!;
  if (code === 0x0a) return '\\n';
  if (code === 0x0d) return '\\r';
  if (code === 0x09) return '\\t';
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/** @returns `text` on one line, each harmful character as `\n`, `\x1b` or `\u{202e}`. */
export function printable(text: string): string {
  return CLOSER.test(text) ? text.replace(HARMFUL, visible) : text;
}
