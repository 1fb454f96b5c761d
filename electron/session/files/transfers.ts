/** Writing packets somewhere: one at a time, with progress that the status shows, and an end to it when somebody says so. */

import { XdpeekError } from '../../shared/errors.ts';
import type { ExportRequest, TransferStatus } from '../../shared/export.ts';
import { chosenRows } from '../analysis/chosen.ts';
import type { CaptureData } from '../data/capture-data.ts';
import { exported } from './export.ts';
import { packed } from './pack.ts';

export class Transfers {
  readonly #onChange: () => void;
  #status: TransferStatus | undefined;
  #abort: AbortController | undefined;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get status(): TransferStatus | undefined {
    return this.#status;
  }

  /** Whoever writes hears of it as an error CANCELLED. Nothing happens when nothing is written. */
  cancel(why = 'writing was cancelled'): void {
    this.#abort?.abort(new XdpeekError({ code: 'CANCELLED', message: `${why}: nothing was written` }));
  }

  /** @param write takes the bytes; it must leave nothing behind when they end with an error */
  async run(
    data: CaptureData,
    { packets, format, packing }: ExportRequest,
    name: string,
    write: (bytes: AsyncIterable<Uint8Array>) => Promise<void>,
  ): Promise<void> {
    if (this.#abort)
      throw new XdpeekError({ code: 'EBUSY', message: 'another file is being written', hint: 'Wait, or cancel it.' });
    const rows = data.table.store.count;
    const abort = new AbortController();
    const { signal } = abort;
    this.#abort = abort;
    const tell = (phase: TransferStatus['phase'], done: number) => {
      this.#status = { name, phase, done, total: rows };
      this.#onChange();
    };
    try {
      tell('looking', 0);
      const saved = data.save();
      if (!saved) throw nothing('there is nothing to save', 'Capture first.');
      const chosen = await chosenRows(data.table, packets, { signal, onProgress: (done) => tell('looking', done) });
      if (chosen.count === 0 && packets.of !== 'filter') throw nothing('no packet is chosen', 'Mark or select some.');
      if (chosen.count === 0 && !chosen.all) throw nothing('no packet is let through', 'Choose others.');
      tell('writing', 0);
      const work = { signal, onRows: (done: number) => tell('writing', done) };
      const bytes = exported({ table: data.table, saved, rows }, chosen, format, work);
      await write(packing === 'none' ? bytes : packed(bytes, `.${packing}`));
    } catch (error) {
      // What a cancelled one stumbles over is not why it ended.
      throw signal.aborted ? signal.reason : error;
    } finally {
      this.#abort = undefined;
      this.#status = undefined;
      this.#onChange();
    }
  }
}

function nothing(message: string, hint: string): XdpeekError {
  return new XdpeekError({ code: 'ENOENT', message, hint });
}
