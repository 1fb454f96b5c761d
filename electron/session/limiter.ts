/**
 * When a capture ends by itself: after so many packets, or the packet that reaches so many bytes. Blocks are cut behind exactly that
 * packet; what the kernel captured beyond it is dropped. Frames without packets (headers, statistics) always pass.
 */
import type { CaptureLimits } from '../shared/capture.ts';
import { wholeBlocks } from './files/blocks.ts';

export class Limiter {
  /** Packets that passed, and their bytes by wire length (counted only when there is a limit). */
  packets = 0;
  wireBytes = 0;
  readonly #maxPackets: number;
  readonly #maxBytes: number;

  constructor({ packets, bytes }: CaptureLimits) {
    this.#maxPackets = packets ?? Number.POSITIVE_INFINITY;
    this.#maxBytes = bytes ?? Number.POSITIVE_INFINITY;
  }

  get limited(): boolean {
    return this.#maxPackets !== Number.POSITIVE_INFINITY || this.#maxBytes !== Number.POSITIVE_INFINITY;
  }

  get reached(): boolean {
    return this.packets >= this.#maxPackets || this.wireBytes >= this.#maxBytes;
  }

  /** What of `bytes` still belongs to the capture. */
  take(bytes: Uint8Array, packets: number): { bytes: Uint8Array; packets: number } {
    if (packets === 0 || !this.limited) {
      this.packets += packets;
      return { bytes, packets };
    }
    const cut = this.reached
      ? { bytes: 0, packets: 0, wireBytes: 0 }
      : wholeBlocks(bytes, bytes.byteLength, this.#maxPackets - this.packets, this.#maxBytes - this.wireBytes);
    this.packets += cut.packets;
    this.wireBytes += cut.wireBytes;
    return { bytes: bytes.subarray(0, cut.bytes), packets: cut.packets };
  }
}
