/** `-w -`: the blocks themselves on standard output, for another program. */
import type { Output } from '../output/output.ts';
import type { BlockSink } from './sink.ts';

export class OutputSink implements BlockSink {
  readonly lost = 0;
  private readonly out: Output;

  constructor(out: Output) {
    this.out = out;
  }

  get quiet(): boolean {
    return this.out.closed;
  }

  async take(bytes: Uint8Array): Promise<boolean | undefined> {
    await this.out.writeBytes(bytes);
    return !this.out.closed;
  }

  close(): Promise<void> {
    return this.out.flush();
  }
}
