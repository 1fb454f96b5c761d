/** Offset, sixteen bytes in hex, and the same in ASCII: tshark -x's layout, so its users and `text2pcap` can read it. */

const ROW = 16;
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function hexDump(bytes: Uint8Array): string {
  let out = '';
  for (let start = 0; start < bytes.length; start += ROW) {
    const end = Math.min(start + ROW, bytes.length);
    let hex = '';
    let ascii = '';
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!;
      hex += ` ${HEX[byte]}`;
      ascii += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
    }
    out += `${start.toString(16).padStart(4, '0')} ${hex.padEnd(ROW * 3)}   ${ascii}\n`;
  }
  return out;
}
