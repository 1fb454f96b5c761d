/** Bytes as they cross the pipe. */
export const fromBase64 = (text: string): Uint8Array => Buffer.from(text, 'base64');
export const toBase64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
