/** A thread of `read`: piece after piece, as they are given, until somebody ends it. */
import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import {
  doneAt,
  GIVEN,
  type Moved,
  type News,
  newsAt,
  packetsAt,
  type ReaderData,
  SLOTS,
  stoppedAt,
} from './messages.ts';
import { ShardPrinter } from './shard-printer.ts';

const data = workerData as ReaderData;
const { control, shard, shards, port } = data;
const printer = await ShardPrinter.open(data);

function print(slot: number): boolean {
  for (let news = control[newsAt(shards, slot)]!; news > 0; news--)
    printer.hear(receiveMessageOnPort(port)!.message as News);
  const lines = data.lines[slot]!;
  const { text } = lines;
  if (!printer.print(data.slots[slot]!, control[packetsAt(shards, slot)]!, lines)) return false;
  if (lines.text !== text) port.postMessage({ slot, text: lines.text } satisfies Moved);
  return true;
}

for (let done = 0; ; done++) {
  while (Atomics.load(control, GIVEN) === done) Atomics.wait(control, GIVEN, done);
  const printed = print(done % SLOTS);
  if (!printed) Atomics.store(control, stoppedAt(shard), 1);
  Atomics.store(control, doneAt(shard), done + 1);
  Atomics.notify(control, doneAt(shard));
  if (!printed) break;
}
