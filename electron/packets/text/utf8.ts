/**
 * UTF-8 both ways without DOM or Node types (this folder has neither). Decoding never fails: a bad byte becomes U+FFFD,
 * overlong forms and surrogates included (RFC 3629).
 */
const REPLACEMENT = 0xfffd;
/** Arguments of one call. */
const MOST_AT_ONCE = 1024;

export function decodeUtf8(bytes: Uint8Array, stopAtNul = false): string {
  const end = bytes.length;
  let plain = 0;
  while (plain < end && plain < MOST_AT_ONCE && bytes[plain]! < 0x80 && bytes[plain] !== 0) plain++;
  // Nearly all text is plain, and short.
  let out = String.fromCharCode.apply(null, bytes.subarray(0, plain) as unknown as number[]);
  for (let i = plain; i < end; ) {
    const lead = bytes[i++]!;
    if (lead < 0x80) {
      if (lead === 0 && stopAtNul) break;
      out += String.fromCharCode(lead);
      continue;
    }
    const extra =
      lead >= 0xc2 && lead < 0xe0 ? 1 : lead >= 0xe0 && lead < 0xf0 ? 2 : lead >= 0xf0 && lead < 0xf5 ? 3 : 0;
    let code = extra === 0 ? REPLACEMENT : lead & (0x3f >> extra);
    let taken = 0;
    while (taken < extra && i + taken < end && (bytes[i + taken]! & 0xc0) === 0x80) {
      code = (code << 6) | (bytes[i + taken]! & 0x3f);
      taken++;
    }
    const valid =
      taken === extra &&
      (extra !== 2 || (code >= 0x800 && (code < 0xd800 || code > 0xdfff))) &&
      (extra !== 3 || (code >= 0x10000 && code <= 0x10ffff));
    if (valid) i += taken;
    out += String.fromCodePoint(valid ? code : REPLACEMENT);
  }
  return out;
}

export function encodeUtf8(text: string): Uint8Array {
  const out: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0)!;
    const safe = code >= 0xd800 && code <= 0xdfff ? REPLACEMENT : code;
    if (safe < 0x80) out.push(safe);
    else if (safe < 0x800) out.push(0xc0 | (safe >> 6), 0x80 | (safe & 0x3f));
    else if (safe < 0x10000) out.push(0xe0 | (safe >> 12), 0x80 | ((safe >> 6) & 0x3f), 0x80 | (safe & 0x3f));
    else out.push(0xf0 | (safe >> 18), 0x80 | ((safe >> 12) & 0x3f), 0x80 | ((safe >> 6) & 0x3f), 0x80 | (safe & 0x3f));
  }
  return Uint8Array.from(out);
}
