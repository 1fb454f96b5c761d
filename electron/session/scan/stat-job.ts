/** The statistics of a capture in a scan thread: over the session's columns, in shared memory, and asked by the session's own methods. */
import { closeSync, openSync } from 'node:fs';
import { PacketStore } from '../../packets/store/packet-store.ts';
import { analysisHandlers } from '../analysis/handlers.ts';
import { Statistics } from '../analysis/statistics.ts';
import { FileBytes } from '../files/file-bytes.ts';
import type { TableInterface } from '../rows.ts';
import type { StatQuestion, TableNews } from './messages.ts';

export class StatJob {
  readonly #fd: number;
  readonly #store: PacketStore;
  readonly #interfaces: TableInterface[] = [];
  readonly #statistics: Statistics;
  readonly #handlers: ReturnType<typeof analysisHandlers>;
  #generation = 0;

  /** @param onProgress hears when a walk came further */
  constructor(file: string, pcapng: boolean, onProgress: () => void) {
    this.#fd = openSync(file, 'r');
    const source = new FileBytes(this.#fd);
    this.#store = new PacketStore(source, true);
    const table = { store: this.#store, source, pcapng, interfaces: this.#interfaces };
    this.#statistics = new Statistics(table);
    const asked = { ...table, statistics: this.#statistics };
    this.#handlers = analysisHandlers({ table: () => asked, generation: () => this.#generation, onProgress });
  }

  ask({ method, params }: StatQuestion, { chunks, count, baseNs, interfaces, generation }: TableNews): unknown {
    this.#store.adopt(chunks, count, baseNs);
    this.#interfaces.splice(0, this.#interfaces.length, ...interfaces);
    this.#generation = generation;
    return (this.#handlers[method] as (params: unknown) => unknown)(params);
  }

  close(): void {
    this.#statistics.end();
    closeSync(this.#fd);
  }
}
