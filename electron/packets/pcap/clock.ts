/**
 * Interface timestamps → nanoseconds after the file's first packet. Epoch nanoseconds exceed 2^53, so one bigint base is
 * kept for the file and packets get number offsets: exact for 104 days around the base. The common resolutions
 * (10^-n, n ≤ 9) cost two multiplications a packet; others go through bigint.
 */
import type { CaptureInterface } from './types.ts';

const NS = 1_000_000_000n;

/** if_tsresol octet → ticks a second. Absurd exponents are clamped so that arithmetic stays finite. */
export function ticksPerSecond(tsresol: number): bigint {
  const exponent = BigInt(Math.min(tsresol & 0x7f, 63));
  return tsresol & 0x80 ? 2n ** exponent : 10n ** (exponent > 18n ? 18n : exponent);
}

export class FileClock {
  /** Epoch ns of the first packet with a time. */
  baseNs: bigint | undefined;
  readonly #scales = new Map<CaptureInterface, { high: number; low: number; baseNs: number; nsPerTick: number }>();
  #firstSeconds = 0;
  #firstFractionNs = 0;
  #lastInterface: CaptureInterface | undefined;
  #lastScale: { high: number; low: number; baseNs: number; nsPerTick: number } | undefined;

  /** @param high,low the 64-bit tick count as two unsigned 32-bit halves. */
  relativeNs(on: CaptureInterface, high: number, low: number): number {
    let scale = this.#lastInterface === on ? this.#lastScale : this.#scales.get(on);
    if (!scale) {
      const epochNs = epoch(on, high, low);
      this.baseNs ??= epochNs;
      const exact = on.ticksPerSecond <= NS && NS % on.ticksPerSecond === 0n;
      const nsPerTick = exact ? Number(NS / on.ticksPerSecond) : 0;
      scale = { high, low, baseNs: Number(epochNs - this.baseNs), nsPerTick };
      this.#scales.set(on, scale);
    }
    this.#lastInterface = on;
    this.#lastScale = scale;
    if (scale.nsPerTick === 0) return Number(epoch(on, high, low) - this.baseNs!);
    return scale.baseNs + ((high - scale.high) * 4294967296 + (low - scale.low)) * scale.nsPerTick;
  }

  /** For classic pcap, whose one interface counts seconds and a fraction. */
  relativeOfSeconds(seconds: number, fractionNs: number): number {
    if (this.baseNs === undefined) {
      this.baseNs = BigInt(seconds) * NS + BigInt(fractionNs);
      this.#firstSeconds = seconds;
      this.#firstFractionNs = fractionNs;
    }
    return (seconds - this.#firstSeconds) * 1e9 + (fractionNs - this.#firstFractionNs);
  }
}

function epoch(on: CaptureInterface, high: number, low: number): bigint {
  const ticks = (BigInt(high) << 32n) | BigInt(low);
  return (ticks * NS) / on.ticksPerSecond + on.offsetSeconds * NS;
}
