/** Bytes as people paste them. Pure. */
const hex = (byte: number) => byte.toString(16).padStart(2, '0');

export function asHex(bytes: Uint8Array): string {
  return Array.from(bytes, hex).join('');
}

/** "00000000  45 00 00 54 …  E..T…", 16 a line, as `xxd` and Wireshark do. */
export function asDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16);
    lines.push(`${at.toString(16).padStart(4, '0')}  ${Array.from(row, hex).join(' ').padEnd(47)}  ${asText(row)}`);
  }
  return lines.join('\n');
}

export function asCArray(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 12)
    lines.push(`  ${Array.from(bytes.subarray(at, at + 12), (byte) => `0x${hex(byte)}`).join(', ')}`);
  return `static const unsigned char packet[${bytes.length}] = {\n${lines.join(',\n')}\n};`;
}

/** Printable ASCII, a dot for the rest. */
export function asText(bytes: Uint8Array): string {
  return Array.from(bytes, character).join('');
}

export function asEscaped(bytes: Uint8Array): string {
  return `"${Array.from(bytes, (byte) => `\\x${hex(byte)}`).join('')}"`;
}

export function character(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
}
