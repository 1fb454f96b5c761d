/**
 * What every FieldSink does alike: read values, and stop at the first field that is not wholly there, so that a cut header
 * shows what it has and nothing that would have been computed from missing bytes.
 */
import type { DataSource, Dissection, Extra, FieldSink, Layer } from './dissection.ts';
import { type Field, type FieldValue, fieldWidth } from './field.ts';
import { readValue } from './field-text.ts';

export abstract class CheckedSink implements FieldSink {
  protected d!: Dissection;
  #limit = 0;
  #cut = false;
  /** `open`s since the cut, whose `close` must be swallowed. */
  #dropped = 0;

  constructor(d?: Dissection) {
    if (d) this.d = d;
  }

  /** Emits one layer's fields. */
  emit(layer: Layer): void {
    this.d.enter(layer);
    this.begin(this.d.capturedEnd(layer));
    layer.protocol.emit(this.d, layer, this);
  }

  /** What follows may use bytes up to `limit`. */
  begin(limit: number): void {
    this.#limit = limit;
    this.#cut = false;
    this.#dropped = 0;
  }

  within(source: DataSource, inner: () => void): void {
    if (this.#cut) return;
    const { bytes } = this.d;
    const limit = this.#limit;
    const dropped = this.#dropped;
    this.d.bytes = source.bytes;
    this.begin(source.bytes.length);
    this.move(source, inner);
    this.d.bytes = bytes;
    this.begin(limit);
    this.#dropped = dropped;
  }

  /** Runs `inner` for fields of another source. */
  protected move(_source: DataSource, inner: () => void): void {
    inner();
  }

  /** False saves reading the value. */
  protected abstract wants(field: Field, hidden: boolean, extra?: Extra): boolean;
  protected abstract take(
    field: Field,
    offset: number,
    length: number,
    value: FieldValue,
    extra: Extra | undefined,
  ): void;
  protected enter(): void {}
  protected leave(): void {}

  asks(...fields: Field[]): boolean {
    return fields.some((field) => this.wants(field, false));
  }

  item(field: Field, offset: number, length: number = fieldWidth(field), extra?: Extra): void {
    if (!this.#fits(offset, length)) return;
    if (this.wants(field, false, extra)) this.take(field, offset, length, this.read(field, offset, length), extra);
  }

  value(field: Field, offset: number, length: number, value: FieldValue, extra?: Extra): void {
    if (this.#fits(offset, length) && this.wants(field, extra?.hidden ?? false, extra))
      this.take(field, offset, length, value, extra);
  }

  open(field: Field, offset: number, length: number, value: FieldValue, extra?: Extra): void {
    if (!this.#fits(offset, length)) {
      this.#dropped++;
      return;
    }
    if (this.wants(field, false, extra)) this.take(field, offset, length, value, extra);
    this.enter();
  }

  close(): void {
    if (this.#dropped > 0) this.#dropped--;
    else this.leave();
  }

  hidden(field: Field, offset: number, length: number = fieldWidth(field)): void {
    if (!this.#fits(offset, length)) return;
    if (this.wants(field, true)) this.take(field, offset, length, this.read(field, offset, length), undefined);
  }

  protected read(field: Field, offset: number, length: number): FieldValue {
    return readValue(field, this.d.bytes, offset, length);
  }

  #fits(offset: number, length: number): boolean {
    if (!this.#cut && offset + length > this.#limit) this.#cut = true;
    return !this.#cut;
  }
}
