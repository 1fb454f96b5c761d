/**
 * What a list is sorted by: for each place of the list a key of 64 bits, in two words, or none. The upper words take no memory while all of them
 * are 0. Encoders turn values into keys that stand in the values' order.
 */
const BITS = new DataView(new ArrayBuffer(8));
const SIGN = 0x8000_0000;

export class Keys {
  readonly count: number;
  readonly low: Uint32Array;
  high: Uint32Array | undefined;
  /** A bit for each place that has a key. */
  readonly #there: Uint8Array;
  #valued = 0;

  constructor(count: number) {
    this.count = count;
    this.low = new Uint32Array(count);
    this.#there = new Uint8Array((count + 7) >>> 3);
  }

  /** Places that have a key. */
  get valued(): number {
    return this.#valued;
  }

  has(at: number): boolean {
    return (this.#there[at >>> 3]! & (1 << (at & 7))) !== 0;
  }

  /** Once for each place. */
  set(at: number, low: number, high = 0): void {
    this.low[at] = low;
    if (high !== 0) {
      this.high ??= new Uint32Array(this.count);
      this.high[at] = high;
    }
    this.#there[at >>> 3]! |= 1 << (at & 7);
    this.#valued++;
  }

  /** Not for NaN. */
  setNumber(at: number, value: number): void {
    // -0 is 0.
    BITS.setFloat64(0, value + 0);
    const high = BITS.getUint32(0);
    const low = BITS.getUint32(4);
    // Of negative numbers the larger have the smaller bits.
    if (high >= SIGN) this.set(at, ~low >>> 0, ~high >>> 0);
    else this.set(at, low, (high | SIGN) >>> 0);
  }

  /** 64 bits, signed or not. */
  setLarge(at: number, value: bigint, signed: boolean): void {
    BITS.setBigUint64(0, BigInt.asUintN(64, value));
    const high = BITS.getUint32(0);
    this.set(at, BITS.getUint32(4), signed ? (high ^ SIGN) >>> 0 : high);
  }

  same(a: number, b: number): boolean {
    return this.low[a] === this.low[b] && this.high?.[a] === this.high?.[b];
  }
}
