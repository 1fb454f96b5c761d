/** A thread of `read`: batch after batch, as far ahead of the printing as may be. */
import { parentPort, workerData } from 'node:worker_threads';
import { AHEAD, type ReaderData } from './messages.ts';
import { ShardReader } from './shard-reader.ts';

const data = workerData as ReaderData;
const reader = await ShardReader.open(data);
for (let made = 0; ; made++) {
  for (let printed = Atomics.load(data.printed, 0); made - printed >= AHEAD; printed = Atomics.load(data.printed, 0))
    Atomics.wait(data.printed, 0, printed);
  const batch = reader.next();
  parentPort!.postMessage(
    batch,
    [batch.text, batch.rows, batch.ends].map(({ buffer }) => buffer as ArrayBuffer),
  );
  if (batch.last || batch.entangled) break;
}
