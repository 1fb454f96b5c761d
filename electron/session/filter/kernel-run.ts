/** A capture filter run by the kernel on packets that are on no interface (BPF_PROG_TEST_RUN), and its eBPF. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { MAX_REQUEST_BYTES } from '../../shared/wire.ts';
import { findLayout } from '../layout.ts';
import { PrivilegedAccess } from '../privileged/access.ts';

/** Of packets' bytes with their lengths, in base64 within one request, beside the code. */
const BATCH_BYTES = Math.floor((MAX_REQUEST_BYTES / 4) * 3 * 0.6);

/** native/index.d.ts. */
interface Addon {
  translateFilter(code: number[], context: 'xdp'): Uint8Array;
}

/** The filter's eBPF as it would be loaded for XDP, struct bpf_insn × n. Needs no privilege: nothing is loaded. */
export function translate(code: number[]): Uint8Array {
  const file = path.join(findLayout().dist, 'native/xdpeek.node');
  const addon = createRequire(import.meta.url)(file) as Addon;
  return addon.translateFilter(code, 'xdp');
}

/** Packets go in one by one; `matches` and `unable` (the kernel runs no such packet) are complete after `finish`. */
export class KernelRun {
  matches = 0;
  unable = 0;
  readonly #access = new PrivilegedAccess(findLayout());
  readonly #code: number[];
  #batch: Buffer[] = [];
  #bytes = 0;

  constructor(code: number[]) {
    this.#code = code;
  }

  /** Copies the packet. Await it: a full batch is run before it resolves. */
  async add(packet: Uint8Array): Promise<void> {
    if (packet.byteLength + 4 > BATCH_BYTES) {
      this.unable++;
      return;
    }
    if (this.#bytes + packet.byteLength + 4 > BATCH_BYTES) await this.#run();
    const length = Buffer.alloc(4);
    length.writeUInt32LE(packet.byteLength);
    this.#batch.push(length, Buffer.from(packet));
    this.#bytes += packet.byteLength + 4;
  }

  async finish(): Promise<void> {
    await this.#run();
  }

  close(): Promise<void> {
    return this.#access.close();
  }

  async #run(): Promise<void> {
    if (this.#batch.length === 0) return;
    const client = await this.#access.capturer();
    const packets = Buffer.concat(this.#batch).toString('base64');
    this.#batch = [];
    this.#bytes = 0;
    const { verdicts } = await client.request('filterRun', { context: 'xdp', code: this.#code, packets });
    for (const verdict of Buffer.from(verdicts, 'base64')) {
      if (verdict === 1) this.matches++;
      else if (verdict !== 0) this.unable++;
    }
  }
}
