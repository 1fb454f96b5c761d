/** Bytes of a stream as people read them. Pure. */

export type Form = 'text' | 'hex' | 'c';

/** UTF-8 where it is, else one character a byte. Lines stay lines; everything else that cannot be printed is a dot. */
export function asText(bytes: Uint8Array): string {
  return decoded(bytes)
    .replaceAll('\r\n', '\n')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffd]/g, '·');
}

function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => (byte < 0x7f ? String.fromCharCode(byte) : '·')).join('');
  }
}

/** Offset, sixteen bytes, and the same as characters. */
export function asHex(bytes: Uint8Array, offset: number): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16);
    const hex = Array.from(row, (byte) => byte.toString(16).padStart(2, '0'));
    const words = `${hex.slice(0, 8).join(' ')}  ${hex.slice(8).join(' ')}`.padEnd(48);
    const plain = Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('');
    text += `${(offset + at).toString(16).padStart(8, '0')}  ${words}  ${plain}\n`;
  }
  return text;
}

/** As an array of C. */
export function asC(bytes: Uint8Array, name: string): string {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += 12)
    rows.push(
      `  ${Array.from(bytes.subarray(at, at + 12), (byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(', ')},`,
    );
  return `static const unsigned char ${name}[] = {\n${rows.join('\n')}\n};\n`;
}
