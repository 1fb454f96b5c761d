/** What protocols of text lines share: which end is the server, lines of a segment. */
import { u16 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import type { Dissection, FieldSink, Layer } from '../dissection.ts';
import { PDU_MORE } from '../tcp-payload.ts';

/** A line longer than this is taken as it comes. */
const MAX_LINE = 65_536;

/** Whether the sender is the server: its port is one of these, or the one that the user chose. */
export function fromServer(d: Dissection, layer: Layer, ports: readonly number[]): boolean {
  for (let below: Layer | undefined = layer; below; below = below.below) {
    const { name } = below.protocol;
    if (name !== 'tcp' && name !== 'udp') continue;
    const source = u16(d.bytes, below.start);
    const port = d.decodeAs?.port(`${name}.port`, source, u16(d.bytes, below.start + 2));
    return port === undefined ? ports.includes(source) : port === source;
  }
  return false;
}

/** Up to the last line end of the segment; a line that is not over waits for the next. */
export function wholeLines(bytes: Uint8Array, at: number, end: number): number {
  const last = bytes.lastIndexOf(10, end - 1);
  if (last < at) return end - at > MAX_LINE ? end - at : PDU_MORE;
  return last + 1 - at;
}

export function* lines(
  d: Dissection,
  layer: Layer,
  out: FieldSink,
): Generator<{ text: string; start: number; length: number; total: number }> {
  const c = new Cursor(d, out, layer.start, d.capturedEnd(layer));
  for (let line = c.line(); line; line = c.line()) yield { ...line, total: c.at - line.start };
}

export function firstLine(d: Dissection, layer: Layer): string {
  const c = new Cursor(d, NOBODY, layer.start, d.capturedEnd(layer));
  return c.line()?.text ?? '';
}

export function lastLine(d: Dissection, layer: Layer): string {
  let text = '';
  for (const line of lines(d, layer, NOBODY)) text = line.text;
  return text;
}

const NOBODY: FieldSink = {
  item() {},
  value() {},
  asks: () => false,
  open() {},
  close() {},
  within() {},
  hidden() {},
};
