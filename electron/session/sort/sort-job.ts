/** One sort in a scan thread: over the session's columns, in shared memory. */
import { closeSync, openSync } from 'node:fs';
import type { SortedRows } from '../../packets/order/sorted-rows.ts';
import { PacketStore } from '../../packets/store/packet-store.ts';
import { FileBytes } from '../files/file-bytes.ts';
import type { SortQuestion, TableNews } from '../scan/messages.ts';
import { inSlices } from '../slices.ts';
import { sortedBy } from './sorter.ts';

const PROGRESS_MS = 100;

export class SortJob {
  readonly #ended = new AbortController();

  /** Resolves with the order, or with nothing when it was ended. Rejects with XdpeekError. @param onProgress hears how many rows were gone through */
  async sort(
    file: string,
    { by, rows, references, pcapng }: SortQuestion,
    { chunks, count, baseNs, interfaces }: TableNews,
    onProgress: (done: number) => void,
  ): Promise<SortedRows | undefined> {
    const fd = openSync(file, 'r');
    try {
      const source = new FileBytes(fd);
      const store = new PacketStore(source, true);
      store.adopt(chunks, count, baseNs);
      let told = performance.now();
      const steps = sortedBy(
        { store, source, pcapng, interfaces },
        {
          by,
          rows,
          upTo: count,
          references,
          onProgress: (done) => {
            if (performance.now() - told < PROGRESS_MS) return;
            told = performance.now();
            onProgress(done);
          },
        },
      );
      return await finished(steps, this.#ended.signal);
    } finally {
      closeSync(fd);
    }
  }

  end(): void {
    this.#ended.abort();
  }
}

/** What a generator returns, gone through in slices; undefined when the signal aborted. */
export async function finished<T>(steps: Generator<void, T>, signal: AbortSignal): Promise<T | undefined> {
  let found: T | undefined;
  await inSlices(() => {
    const step = steps.next();
    if (!step.done) return true;
    found = step.value;
    return false;
  }, signal);
  return found;
}
