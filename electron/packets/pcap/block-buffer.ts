/**
 * Turns arbitrary chunks into contiguous pieces. The consumer asks for `need` bytes at the read position and gets them
 * without a copy when one chunk holds them, or from a carry buffer that grows only with bytes that have really arrived,
 * so a lying length costs nothing. `skip` passes over bytes of any count without keeping them.
 */
export class BlockBuffer {
  /** Bytes that `at` indexes. Valid until the next push. */
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(this.bytes.buffer);
  /** Read position in `bytes`. */
  at = 0;
  /** File offset of bytes[0]. */
  base = 0;
  /** Bytes still to pass over before anything is read. */
  #toSkip = 0;
  /** What is being passed over: file offset of its beginning, and bytes. */
  skipping = { from: 0, length: 0 };
  #carry = new Uint8Array(0);

  get fileOffset(): number {
    return this.base + this.at;
  }
  get available(): number {
    return this.bytes.length - this.at;
  }
  /** Bytes announced by `skip` that have not come yet. */
  get missing(): number {
    return this.#toSkip;
  }

  /** @param headroom bytes in front of `chunk` in its memory that may be written over: what is left of the chunk before goes there */
  push(chunk: Uint8Array, headroom = 0): void {
    const rest = this.available;
    this.base += this.at;
    if (rest === 0) {
      this.#use(chunk);
    } else if (rest <= headroom) {
      const whole = new Uint8Array(chunk.buffer, chunk.byteOffset - rest, rest + chunk.length);
      whole.set(this.bytes.subarray(this.at));
      this.#use(whole);
    } else {
      const total = rest + chunk.length;
      // Already at the front of the carry buffer: append only, so tiny chunks of a long block stay linear.
      const inPlace = this.at === 0 && this.bytes.buffer === this.#carry.buffer && total <= this.#carry.length;
      if (!inPlace) {
        const kept = this.bytes.subarray(this.at);
        if (this.#carry.length < total) this.#carry = new Uint8Array(Math.max(total, this.#carry.length * 2, 4096));
        this.#carry.set(kept, 0); // set() copes with overlap
      }
      this.#carry.set(chunk, rest);
      this.#use(this.#carry.subarray(0, total));
    }
    if (this.#toSkip > 0) this.skip(0);
  }

  /** Moves the read position on by `count` bytes, now or as they arrive. */
  skip(count: number): void {
    if (count > this.available) this.skipping = { from: this.fileOffset, length: count };
    const wanted = this.#toSkip + count;
    const now = Math.min(wanted, this.available);
    this.at += now;
    this.#toSkip = wanted - now;
  }

  #use(bytes: Uint8Array): void {
    // Plain: of Node's buffers a slice is no copy.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }
}
