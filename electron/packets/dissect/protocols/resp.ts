/**
 * Redis: RESP2 and RESP3 (redis.io, "Redis serialization protocol specification"). A layer is the run of whole values in a segment, or the one value
 * that several segments hold. What begins with no known type, as an inline command does, is a fragment up to its line's end.
 */
import { decodeUtf8 } from '../../text/utf8.ts';
import { f, protocol } from '../define.ts';
import type { Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import type { Field } from '../field.ts';
import { PDU_MORE, type PduMemo } from '../tcp-payload.ts';
import { tcpFacts } from './tcp-facts.ts';
import { fromServer } from './text-lines.ts';

const PORTS = [6379];
/** A line longer than this has no end worth waiting for. */
const MAX_LINE = 65_536;
const MAX_DEPTH = 30;
/** Of one layer. */
const MAX_VALUES = 20_000;
const MAX_BULK = 512 << 20;
const LF = 10;

interface Kind {
  /** Of a line; bulk: bytes follow; many: that many values (times `per`) follow. */
  form: 'line' | 'bulk' | 'many';
  field: Field;
  length?: Field;
  title: string;
  per?: number;
}

const many = (name: string, title: string, per = 1): Kind => ({
  form: 'many',
  field: f.none(`resp.${name}`, title),
  length: f.i64(`resp.${name}.length`, 'Length'),
  title,
  per,
});
const bulk = (name: string, title: string): Kind => ({
  form: 'bulk',
  field: f.none(`resp.${name}`, title),
  length: f.i32(`resp.${name}.length`, 'Length'),
  title,
});
const line = (field: Field): Kind => ({ form: 'line', field, title: field.title });

/** By the first byte. Those after the array are RESP3's. */
const KINDS: Record<string, Kind> = {
  '+': line(f.text('resp.string', 'String')),
  '-': line(f.text('resp.error', 'Error')),
  ':': line(f.i64('resp.integer', 'Integer')),
  $: bulk('bulk_string', 'Bulk String'),
  '*': many('array', 'Array'),
  '%': many('map', 'Map', 2),
  '~': many('set', 'Set'),
  '>': many('push', 'Push'),
  '|': many('attribute', 'Attribute', 2),
  _: line(f.text('resp.null', 'Null')),
  '#': line(f.text('resp.boolean', 'Boolean')),
  ',': line(f.text('resp.double', 'Double')),
  '(': line(f.text('resp.big_number', 'Big Number')),
  '!': bulk('bulk_error', 'Bulk Error'),
  '=': bulk('verbatim_string', 'Verbatim String'),
};
const value = f.bytes('resp.bulk_string.value', 'Value');
const fragment = f.none('resp.fragment', 'Fragment');

interface Item {
  at: number;
  /** After its line. */
  body: number;
  /** After it, without the values inside it. */
  end: number;
  kind: Kind | undefined;
  text: string;
  /** Of a bulk's bytes, or of the values inside; −1 = null. */
  count: number;
}

/** The item at `at`; undefined while it is not whole. */
function readItem(bytes: Uint8Array, at: number, end: number): Item | undefined {
  const lf = bytes.subarray(at, Math.min(end, at + MAX_LINE)).indexOf(LF);
  if (lf < 0 && end - at < MAX_LINE) return undefined;
  const body = lf < 0 ? end : at + lf + 1;
  const stop = bytes[body - 2] === 13 ? body - 2 : body - 1;
  const text = decodeUtf8(bytes.subarray(at + 1, Math.max(at + 1, stop)));
  const kind = KINDS[String.fromCharCode(bytes[at]!)];
  const item: Item = { at, body, end: body, kind, text, count: 0 };
  if (!kind || kind.form === 'line') return item;
  const count = /^-?\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(count >= -1 && count <= MAX_BULK)) return { ...item, kind: undefined };
  item.count = count;
  if (kind.form === 'bulk' && count >= 0) item.end = body + count + 2;
  return item;
}

/** Whole values from `at` on; how far they go, and of the one that is not whole how much it has in all where that is known. */
function wholeValues(bytes: Uint8Array, at: number, end: number, memo: PduMemo): number {
  let whole = at;
  let next = at + (memo.at ?? 0);
  /** Values that are still to come until the outermost is whole. */
  let waiting = memo.stage ?? 0;
  while (next < end) {
    const item = readItem(bytes, next, end);
    if (!item || item.end > end) {
      const size = item && waiting <= 1 ? item.end - at : PDU_MORE;
      if (whole > at) return whole - at;
      [memo.at, memo.stage] = [next - at, waiting];
      return size;
    }
    next = item.end;
    waiting = Math.max(0, waiting - 1);
    if (item.kind?.form === 'many' && item.count > 0) waiting += item.count * item.kind.per!;
    // An attribute stands before the value that it is about.
    if (item.kind === KINDS['|']) waiting++;
    if (waiting === 0) whole = next;
  }
  if (whole > at) return whole - at;
  [memo.at, memo.stage] = [next - at, waiting];
  return PDU_MORE;
}

type Visit = (item: Item, depth: number) => void;

/** All items of a layer in order; `leave` is called with the end of each that holds others. */
function walkItems(d: Dissection, layer: Layer, visit: Visit, leave: () => void = () => {}): void {
  const end = d.capturedEnd(layer);
  /** Values to come, by depth. */
  const open: number[] = [];
  let at = layer.start;
  for (let seen = 0; at < end && seen < MAX_VALUES; seen++) {
    const item = readItem(d.bytes, at, end);
    if (!item) break;
    visit(item, open.length);
    at = item.end;
    if (open.length > 0) open[open.length - 1]!--;
    if (item.kind?.form === 'many' && item.count > 0 && open.length < MAX_DEPTH) open.push(item.count * item.kind.per!);
    else if (item.kind?.form === 'many') leave();
    while (open.at(-1) === 0) {
      open.pop();
      leave();
    }
  }
  for (let left = open.length; left > 0; left--) leave();
}

const bytesOf = (d: Dissection, { body, count }: Item) => d.bytes.subarray(body, body + Math.max(0, count));

export const resp: Protocol = protocol({
  name: 'resp',
  column: 'RESP',
  title: 'REdis Serialization Protocol',
  tint: 'tcp',
  minLength: 1,
  binds: { 'tcp.port': PORTS },
  fields: {
    value,
    fragment,
    ...Object.fromEntries(
      Object.entries(KINDS).flatMap(([key, kind]) => [
        [key, kind.field],
        ...(kind.length ? [[`${key}length`, kind.length] as const] : []),
      ]),
    ),
  },
  pdu: (bytes, at, end, memo) => wholeValues(bytes, at, end, memo),

  info(d, layer) {
    const server = fromServer(d, layer, PORTS);
    const words: string[] = [];
    walkItems(d, layer, (item, depth) => {
      if (!item.kind) words.push('[fragment]');
      else if (item.kind.form === 'many') {
        if (server && depth === 0 && item.count > 0) words.push(`${item.kind.title}(${item.count})`);
      } else if (server && depth > 0) return;
      else if (item.kind.form === 'line') words.push(item.kind === KINDS['-'] ? `Error: ${item.text}` : item.text);
      else if (item.count >= 0) words.push(decodeUtf8(bytesOf(d, item)));
    });
    const more = !layer.source && layer.below && tcpFacts(layer.below)?.partial ? ' [continuation]' : '';
    return `${server ? 'Response' : 'Request'}: ${words.join(' ')}${more}`;
  },

  emit(d, layer, out) {
    walkItems(
      d,
      layer,
      (item) => emitItem(d, item, out),
      () => out.close(),
    );
  },
});

function emitItem(d: Dissection, item: Item, out: FieldSink): void {
  const { at, body, end, kind, text, count } = item;
  if (!kind) out.value(fragment, at, body - at, null);
  else if (kind.form === 'line') emitLine(item, kind, out);
  else if (kind.form === 'bulk') {
    const shown = count < 0 ? '[NULL]' : decodeUtf8(bytesOf(d, item));
    out.open(kind.field, at, end - at, null, { label: `${kind.title}: ${shown}` });
    out.value(kind.length!, at, body - at, count);
    if (count > 0) out.item(value, body, count);
    out.close();
  } else {
    const shown = count < 0 ? 'NULL' : count === 0 ? 'Empty' : `Length ${count}`;
    out.open(kind.field, at, body - at, null, { label: `${kind.title}: ${shown}` });
    out.value(kind.length!, at, body - at, BigInt(text));
  }
}

function emitLine({ at, body, text }: Item, { field }: Kind, out: FieldSink): void {
  if (field.type === 'string') out.value(field, at, body - at, text);
  else out.value(field, at, body - at, /^[+-]?\d{1,19}$/.test(text) ? BigInt(text.replace('+', '')) : 0n);
}
