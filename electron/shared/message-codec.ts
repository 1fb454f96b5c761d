/**
 * One structured message ↔ one binary WebSocket message. Layout, little-endian:
 *
 *   u32 textBytes │ UTF-8 JSON [value, [[path, byteLength]…]] │ the Uint8Arrays, one after the other
 *
 * Each Uint8Array in `value` is null in the JSON and named by its path, so no content can pass for one. `undefined` members
 * are left out and NaN/Infinity become null, as in JSON. Decoding checks everything: the other side is not trusted.
 */
import { XdpeekError } from './errors.ts';

/** Part of every JavaScript runtime that we use, though not of the language's own library. */
declare const TextEncoder: { new (): { encode(text: string): Uint8Array<ArrayBuffer> } };
declare const TextDecoder: {
  new (label: 'utf-8', options: { fatal: true }): { decode(bytes: Uint8Array): string };
};

type Path = (string | number)[];
const HEADER_BYTES = 4;
const MAX_DEPTH = 64;

export function encodeMessage(message: unknown): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const places: [Path, number][] = [];
  const value = extract(message, [], parts, places);
  const text = new TextEncoder().encode(JSON.stringify([value ?? null, places]));
  const total = parts.reduce((sum, part) => sum + part.byteLength, HEADER_BYTES + text.byteLength);
  const out = new Uint8Array(total);
  new DataView(out.buffer).setUint32(0, text.byteLength, true);
  out.set(text, HEADER_BYTES);
  let at = HEADER_BYTES + text.byteLength;
  for (const part of parts) {
    out.set(part, at);
    at += part.byteLength;
  }
  return out;
}

/** The message of `bytes`; its Uint8Arrays are copies. Throws XdpeekError PROTOCOL on anything malformed. */
export function decodeMessage(bytes: Uint8Array): unknown {
  if (bytes.byteLength < HEADER_BYTES) throw malformed('it is shorter than its header');
  const textBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  let at = HEADER_BYTES + textBytes;
  if (at > bytes.byteLength) throw malformed('its text is cut off');
  const envelope = parse(bytes.subarray(HEADER_BYTES, at));
  if (!Array.isArray(envelope) || envelope.length !== 2 || !Array.isArray(envelope[1]))
    throw malformed('it is not [value, parts]');
  const box = { value: envelope[0] as unknown };
  for (const place of envelope[1] as unknown[]) {
    const [path, length] = checkPlace(place);
    if (at + length > bytes.byteLength) throw malformed('a binary part is cut off');
    replace(box, ['value', ...path], bytes.slice(at, at + length));
    at += length;
  }
  if (at !== bytes.byteLength) throw malformed('bytes are left over');
  return box.value;
}

function parse(text: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch {
    throw malformed('its text is not JSON');
  }
}

/** A copy of `value` without its Uint8Arrays, which go to `parts`. */
function extract(value: unknown, path: Path, parts: Uint8Array[], places: [Path, number][]): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) {
    parts.push(value);
    places.push([path, value.byteLength]);
    return null;
  }
  if (path.length >= MAX_DEPTH) throw malformed('it is nested too deeply');
  if (Array.isArray(value)) return value.map((item, index) => extract(item, [...path, index], parts, places));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, extract(item, [...path, key], parts, places)]),
  );
}

function checkPlace(place: unknown): [Path, number] {
  const [path, length] = Array.isArray(place) ? (place as unknown[]) : [];
  const isPath =
    Array.isArray(path) &&
    path.length <= MAX_DEPTH &&
    path.every((step) => typeof step === 'string' || typeof step === 'number');
  if (!isPath || !Number.isSafeInteger(length) || (length as number) < 0) throw malformed('a binary part has no place');
  return [path as Path, length as number];
}

/** Only a null that the JSON itself holds may be replaced: never something inherited. */
function replace(root: object, path: Path, bytes: Uint8Array): void {
  let holder = root as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) {
    const next = Object.hasOwn(holder, step) ? holder[step] : undefined;
    if (typeof next !== 'object' || next === null || next instanceof Uint8Array)
      throw malformed('a binary part has no place');
    holder = next as Record<string | number, unknown>;
  }
  const last = path.at(-1)!;
  if (!Object.hasOwn(holder, last) || holder[last] !== null) throw malformed('a binary part has no place');
  holder[last] = bytes;
}

function malformed(why: string): XdpeekError {
  return new XdpeekError({ code: 'PROTOCOL', message: `a message cannot be read: ${why}` });
}
