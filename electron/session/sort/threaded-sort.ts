/** A sort that a scan thread does. */
import type { SortedRows } from '../../packets/order/sorted-rows.ts';
import { XdpeekError } from '../../shared/errors.ts';
import type { PacketTable } from '../rows.ts';
import type { FromScanner } from '../scan/messages.ts';
import { scanPool } from '../scan/pool.ts';
import type { SortWork } from './sorter.ts';

/** Undefined: there are no threads, or they are lost, or one cannot: then it is to be done here. Rejects with XdpeekError, or with the signal's reason. */
export function threadedSort(table: PacketTable, work: SortWork, signal: AbortSignal): Promise<SortedRows | undefined> {
  const pool = scanPool();
  if (!pool) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const { store, source, pcapng, interfaces } = table;
    const leave = () => {
      signal.removeEventListener('abort', abort);
      pool.leave(job);
    };
    const abort = () => {
      leave();
      if (!pool.broken) pool.tell(thread, { kind: 'end', job });
      reject(signal.reason);
    };
    const job = pool.enter({
      heard: (message: FromScanner) => {
        if (message.kind === 'sorting') {
          work.onProgress(message.done);
          return;
        }
        leave();
        if (message.kind === 'sorted') resolve(message.sorted);
        else if (message.kind === 'refused') reject(new XdpeekError(message.error));
        else resolve(undefined);
      },
      lost: () => {
        leave();
        resolve(undefined);
      },
    });
    const thread = job % pool.threads.length;
    signal.addEventListener('abort', abort);
    const { by, references } = work;
    const rows = work.rows?.slice();
    pool.tell(
      thread,
      {
        kind: 'sort',
        job,
        file: `/proc/${process.pid}/fd/${source.fd}`,
        question: { by, rows, references, pcapng },
        news: {
          count: work.upTo,
          baseNs: store.baseNs,
          chunks: store.chunksFrom(0),
          interfaces: [...interfaces],
          generation: 0,
        },
      },
      rows ? [rows.buffer] : [],
    );
  });
}
