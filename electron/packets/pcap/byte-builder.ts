/** Appends fixed-width little-endian values to one growing buffer. For headers and blocks, not for bulk data. */
export class ByteBuilder {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  length = 0;

  u16(value: number): this {
    const at = this.#take(2);
    this.#view.setUint16(at, value, true);
    return this;
  }
  u32(value: number): this {
    const at = this.#take(4);
    this.#view.setUint32(at, value >>> 0, true);
    return this;
  }
  i32(value: number): this {
    const at = this.#take(4);
    this.#view.setInt32(at, value, true);
    return this;
  }
  u64(value: bigint): this {
    this.#view.setBigUint64(this.#take(8), BigInt.asUintN(64, value), true);
    return this;
  }
  raw(bytes: Uint8Array): this {
    const at = this.#take(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }
  /** Zero bytes up to a multiple of four. */
  pad4(): this {
    this.#take(-this.length & 3);
    return this;
  }
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.length);
  }

  #take(count: number): number {
    const at = this.length;
    if (at + count > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(at + count, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.length = at + count;
    return at;
  }
}
