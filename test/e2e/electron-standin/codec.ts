/** Structured values as JSON text, with binary tagged and in base64: what a DevTools binding can carry. Runs in Node and in pages. */

export function encode(value: unknown): string {
  return JSON.stringify(tag(value) ?? null);
}

export function decode(text: string): unknown {
  return JSON.parse(text, (_key, value) => {
    if (typeof value !== 'object' || value === null) return value;
    if (typeof value.$buffer === 'string') return Uint8Array.fromBase64(value.$buffer).buffer;
    if (typeof value.$bytes === 'string') return Uint8Array.fromBase64(value.$bytes);
    return value;
  });
}

function tag(value: unknown): unknown {
  if (value instanceof ArrayBuffer) return { $buffer: new Uint8Array(value).toBase64() };
  if (ArrayBuffer.isView(value))
    return { $bytes: new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength).toBase64() };
  if (Array.isArray(value)) return value.map(tag);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, tag(entry)]));
  return value;
}

/** What crosses between the main process and a page's preload world. */
export type ToPage =
  | { kind: 'reply'; id: number; value?: unknown; error?: string }
  | { kind: 'event'; channel: string; args: unknown[]; ports: number[] }
  | { kind: 'port'; port: number; data: unknown }
  | { kind: 'port-closed'; port: number };

export type FromPage =
  | { kind: 'invoke'; id: number; channel: string; args: unknown[] }
  | { kind: 'send'; channel: string; args: unknown[] }
  | { kind: 'port'; port: number; data: unknown }
  | { kind: 'port-closed'; port: number };

/** What the preload's getPathForFile returns; resolved to the real path on its way to main. */
export const FILE_TOKEN = 'standin-file:';
export const PRELOAD_WORLD = 'electron-preload';
