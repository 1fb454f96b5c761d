/**
 * What a filter asks of a packet, gathered in one walk: for each field it names, the values in packet order, each with the layer it was found
 * in. Only protocols that own such a field are asked to emit.
 */

import { u32 } from '../dissect/bytes.ts';
import type { Dissection, Extra, Layer } from '../dissect/dissection.ts';
import { type Field, type FieldValue, fieldWidth } from '../dissect/field.ts';
import { readValue, valueText } from '../dissect/field-text.ts';
import { COLUMN_TEXT, FIELDS, FRAME_OWNER } from '../dissect/fields.ts';
import type { FrameInfo } from '../dissect/frame.ts';
import { emitFrame } from '../dissect/frame-fields.ts';
import { NOTE_FIELDS, NOTE_NAMES, noteValues, packetNotes } from '../dissect/notes.ts';
import { protocolsInFrame } from '../dissect/protocols-in-frame.ts';
import { CheckedSink } from '../dissect/sink.ts';
import type { Datum } from './datum.ts';
import { ipv4Of, ipv6Of } from './literal.ts';

const TRUE: Datum = 1;
const NOTHING = new Uint8Array(0);

export class Found {
  readonly values: Datum[] = [];
  /** Which of its protocol's layers in the packet, from 1 (outermost). */
  readonly layers: number[] = [];
  /** Bytes in the packet; only for `raw`. */
  readonly ranges: Uint8Array[] = [];

  clear(): void {
    this.values.length = 0;
    this.layers.length = 0;
    this.ranges.length = 0;
  }
}

export class Facts extends CheckedSink {
  readonly #found = new Map<string, Found>();
  readonly #protocols = new Map<string, Found>();
  readonly #columns = new Map<string, Found>();
  readonly #owners = new Set<string>();
  /** Expert notes are asked for: everything has to be looked at. */
  #notes = false;
  #layer = 0;

  /** Names a field that the filter needs; returns where its values will be. */
  need(name: string): Found {
    const info = FIELDS.get(name)!;
    const into = COLUMN_TEXT[name] ? this.#columns : info.type === 'protocol' ? this.#protocols : this.#found;
    const known = into.get(name);
    if (known) return known;
    const found = new Found();
    into.set(name, found);
    for (const owner of info.owners) this.#owners.add(owner);
    if (NOTE_NAMES.has(name)) this.#notes = true;
    return found;
  }

  get names(): ReadonlySet<string> {
    return new Set([...this.#found.keys(), ...this.#protocols.keys(), ...this.#columns.keys()]);
  }

  /** Where the values of a field that was named are; protocols too. */
  found(name: string): Found | undefined {
    return this.#found.get(name) ?? this.#protocols.get(name) ?? this.#columns.get(name);
  }

  gather(d: Dissection, frame: FrameInfo): void {
    for (const found of this.#found.values()) found.clear();
    for (const found of this.#protocols.values()) found.clear();
    this.d = d;
    if (this.#owners.has(FRAME_OWNER)) {
      this.#layer = 1;
      this.begin(d.frame.length);
      emitFrame(d, frame, () => protocolsInFrame(d), this);
      if (this.#notes) this.#note(packetNotes(d, frame));
    }
    const whole = this.#protocols.get(FRAME_OWNER);
    if (whole) push(whole, d.frame, 1, d.frame);
    for (const layer of d.layers) this.#gatherLayer(d, layer);
    for (const [name, found] of this.#columns) {
      found.clear();
      push(found, COLUMN_TEXT[name]!(d, frame), 1, d.frame);
    }
  }

  #gatherLayer(d: Dissection, layer: Layer): void {
    const { name } = layer.protocol;
    const asProtocol = this.#protocols.get(name);
    const wanted = this.#owners.has(name);
    if (!asProtocol && !wanted) return;
    this.#layer = ordinal(layer);
    d.enter(layer);
    if (asProtocol) {
      const bytes = d.bytes.subarray(Math.min(layer.start, d.bytes.length), d.capturedEnd(layer));
      push(asProtocol, bytes, this.#layer, bytes);
    }
    if (wanted) this.emit(layer);
  }

  protected override wants(field: Field): boolean {
    return this.#notes || this.#found.has(field.name);
  }

  /** Addresses as the bytes they are: no text is made. */
  protected override read(field: Field, offset: number, length: number): FieldValue {
    if (field.type === 'ipv4') return u32(this.d.bytes, offset);
    if (field.type === 'ipv6' || field.type === 'ether')
      return this.d.bytes.subarray(offset, offset + fieldWidth(field));
    return readValue(field, this.d.bytes, offset, length);
  }

  protected override take(field: Field, offset: number, length: number, value: FieldValue, extra?: Extra): void {
    if (this.#notes) {
      if (extra?.note) this.#note(noteValues(extra.severity ?? 'note', extra.note.group, extra.note.text));
      if (field.name === NOTE_FIELDS.note.name) return;
    }
    const found = this.#found.get(field.name);
    if (found)
      push(found, this.#datum(field, offset, value), this.#layer, this.d.bytes.subarray(offset, offset + length));
  }

  #note(values: readonly [Field, FieldValue][]): void {
    for (const [field, value] of values) {
      const found = this.#found.get(field.name);
      if (found) push(found, this.#datum(field, 0, value), this.#layer, NOTHING);
    }
  }

  #datum(field: Field, offset: number, value: FieldValue): Datum {
    if (value === null) return TRUE;
    if (typeof value === 'boolean') return value ? 1 : 0;
    if (typeof value !== 'string') return value;
    switch (field.type) {
      case 'ipv4':
        return ipv4Of(value) ?? 0;
      case 'ipv6':
        return ipv6Of(value) ?? new Uint8Array(16);
      case 'ether':
        return this.d.bytes.subarray(offset, offset + 6);
      case 'string':
        return value;
      default:
        return valueText(field, value);
    }
  }
}

function push(found: Found, value: Datum, layer: number, bytes: Uint8Array): void {
  found.values.push(value);
  found.layers.push(layer);
  found.ranges.push(bytes);
}

function ordinal(layer: Layer): number {
  let number = 1;
  for (let below = layer.below; below; below = below.below) if (below.protocol === layer.protocol) number++;
  return number;
}
