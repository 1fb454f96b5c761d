/**
 * `-e FIELD`: which fields there are, and their values in a packet as tshark 4.0 prints them with `-T fields`. A field that
 * occurs more than once gives all its values in packet order; joining them by commas is up to the caller (fieldLine does).
 */
import { layerLabel } from './detail.ts';
import type { Dissection, Extra, Layer } from './dissection.ts';
import type { Field, FieldValue } from './field.ts';
import { valueText } from './field-text.ts';
import type { FrameInfo } from './frame.ts';
import { emitFrame, FRAME } from './frame-fields.ts';
import { MALFORMED, NOTE_FIELDS, NOTE_NAMES, noteValues, packetNotes } from './notes.ts';
import { protocolsInFrame } from './protocols-in-frame.ts';
import { PROTOCOLS } from './registry.ts';
import { CheckedSink } from './sink.ts';
import { summarize } from './summary.ts';
import { hexText } from './text.ts';

export interface FieldInfo {
  name: string;
  type: string;
  description: string;
  /** Its definitions: the same name may be shown in several ways. Empty for protocols and columns. */
  readonly definitions: Field[];
  /** Protocols that emit it; FRAME_OWNER for the frame's own. */
  readonly owners: Set<string>;
}

export const FRAME_OWNER = 'frame';

/** The packet list's columns, which can be asked for like fields. */
export const COLUMN_TEXT: Readonly<Record<string, (d: Dissection, frame: FrameInfo) => string>> = {
  '_ws.col.No.': (_d, frame) => String(frame.number),
  '_ws.col.Time': (_d, frame) => secondsOf(frame.timeNs),
  '_ws.col.Source': (d) => summarize(d).source,
  '_ws.col.Destination': (d) => summarize(d).destination,
  '_ws.col.Protocol': (d) => summarize(d).protocol,
  '_ws.col.Length': (d) => String(d.wireLen),
  '_ws.col.Info': (d) => summarize(d).info,
};
/** tshark ≥ 4.2 writes these in lower case: both are understood. */
const COLUMN_NAMES = new Map(Object.keys(COLUMN_TEXT).map((name) => [name.toLowerCase(), name]));
COLUMN_NAMES.set('_ws.col.number', '_ws.col.No.');
COLUMN_NAMES.set('_ws.col.def_src', '_ws.col.Source');
COLUMN_NAMES.set('_ws.col.def_dst', '_ws.col.Destination');

function secondsOf(ns: number): string {
  const whole = Math.floor(ns / 1e9);
  return `${whole}.${String(Math.round(ns - whole * 1e9)).padStart(9, '0')}`;
}

/** Every field that `-e` takes, by name. Protocol names ("tcp") are fields too: their value is their line in the tree. */
export const FIELDS: ReadonlyMap<string, FieldInfo> = (() => {
  const all = new Map<string, FieldInfo>();
  const info = (name: string, type: string, description: string): FieldInfo => {
    const known = all.get(name) ?? { name, type, description, definitions: [], owners: new Set() };
    all.set(name, known);
    return known;
  };
  const add = (field: Field, owner: string) => {
    const known = info(field.name, field.type, field.title);
    known.definitions.push(field);
    known.owners.add(owner);
  };
  info(FRAME_OWNER, 'protocol', 'Frame');
  for (const field of Object.values(FRAME)) add(field, FRAME_OWNER);
  for (const field of [...Object.values(NOTE_FIELDS), MALFORMED]) add(field, FRAME_OWNER);
  for (const protocol of PROTOCOLS) {
    info(protocol.name, 'protocol', protocol.title);
    for (const field of [...Object.values(protocol.fields), ...Object.values(NOTE_FIELDS), MALFORMED])
      add(field, protocol.name);
  }
  for (const name of Object.keys(COLUMN_TEXT)) info(name, 'string', `The packet list's ${name.slice(8)} column`);
  return all;
})();

/** The registered spelling of a field name, or undefined when there is no such field. */
export function fieldName(name: string): string | undefined {
  return FIELDS.has(name) ? name : COLUMN_NAMES.get(name.toLowerCase());
}

class ValueSink extends CheckedSink {
  readonly found: Map<string, string[]>;
  readonly #notes: boolean;

  /** @param notes expert notes are among what is asked for: everything has to be looked at */
  constructor(d: Dissection, found: Map<string, string[]>, notes: boolean) {
    super(d);
    this.found = found;
    this.#notes = notes;
  }
  protected override wants(field: Field): boolean {
    return this.#notes || this.found.has(field.name);
  }
  protected override take(
    field: Field,
    _offset: number,
    _length: number,
    value: FieldValue,
    extra: Extra | undefined,
  ): void {
    if (this.#notes && extra?.note) this.notes(noteValues(extra.severity ?? 'note', extra.note.group, extra.note.text));
    if (field.name !== NOTE_FIELDS.note.name) this.found.get(field.name)?.push(valueText(field, value));
  }

  notes(values: readonly [Field, FieldValue][]): void {
    for (const [field, value] of values) this.found.get(field.name)?.push(valueText(field, value));
  }
}

/** A list of fields made ready once, then asked of each packet. Unknown names must be refused before (fieldName). */
export class FieldQuery {
  readonly #names: readonly string[];
  readonly #owners = new Set<string>();
  readonly #frame: boolean;
  readonly #notes: boolean;

  constructor(names: readonly string[]) {
    this.#names = names.map((name) => fieldName(name) ?? name);
    for (const name of this.#names) for (const owner of FIELDS.get(name)?.owners ?? []) this.#owners.add(owner);
    this.#frame = this.#owners.has(FRAME_OWNER);
    this.#notes = this.#names.some((name) => NOTE_NAMES.has(name));
  }

  /** One list of values for each name, in the order given; empty where the packet has no such field. */
  values(d: Dissection, frame: FrameInfo): string[][] {
    const found = new Map<string, string[]>(this.#names.map((name) => [name, []]));
    const sink = new ValueSink(d, found, this.#notes);
    if (this.#frame) {
      sink.begin(d.frame.length);
      emitFrame(d, frame, () => protocolsInFrame(d), sink);
      if (this.#notes) sink.notes(packetNotes(d, frame));
    }
    for (const layer of d.layers) {
      d.enter(layer);
      found.get(layer.protocol.name)?.push(protocolText(d, layer));
      if (this.#owners.has(layer.protocol.name)) sink.emit(layer);
    }
    for (const [name, values] of found) {
      const column = COLUMN_TEXT[name];
      if (column) values.push(column(d, frame));
    }
    return this.#names.map((name) => found.get(name)!);
  }
}

/** A protocol asked for as a field: its line in the tree where that says more than its name, bytes for plain data. */
function protocolText(d: Dissection, layer: Layer): string {
  const { protocol } = layer;
  if (protocol.name === 'data') return hexText(d.bytes, layer.start, d.capturedEnd(layer));
  return protocol.label ? layerLabel(d, layer) : protocol.name;
}

/** One `-T fields` line: values of a field joined by commas, fields by tabs. */
export function fieldLine(query: FieldQuery, d: Dissection, frame: FrameInfo): string {
  return query
    .values(d, frame)
    .map((values) => values.join(','))
    .join('\t');
}
