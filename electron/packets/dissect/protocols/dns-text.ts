/** How DNS says times and bytes. */

/** 3661 → "1 hour, 1 minute, 1 second". */
export function durationText(seconds: number): string {
  const parts: string[] = [];
  const add = (count: number, word: string) => count > 0 && parts.push(`${count} ${word}${count === 1 ? '' : 's'}`);
  add(Math.floor(seconds / 86400), 'day');
  add(Math.floor(seconds / 3600) % 24, 'hour');
  add(Math.floor(seconds / 60) % 60, 'minute');
  add(seconds % 60, 'second');
  return parts.length > 0 ? parts.join(', ') : '0 seconds';
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** RFC 4648. */
export function base64Text(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const three = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let k = 0; k < 4; k++) text += i + k > bytes.length ? '=' : DIGITS[(three >> (18 - 6 * k)) & 63]!;
  }
  return text;
}
