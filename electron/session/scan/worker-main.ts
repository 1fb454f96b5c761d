/** A scan thread: does what it is told, in the order in which it is told. */
import { parentPort } from 'node:worker_threads';
import { ScanJob } from './job.ts';
import type { FromScanner, ToScanner } from './messages.ts';

const jobs = new Map<number, ScanJob>();

const say = (message: FromScanner) => parentPort!.postMessage(message);

parentPort!.on('message', (message: ToScanner) => {
  const { job } = message;
  try {
    work(message);
  } catch (error) {
    say({ kind: 'failed', job, message: error instanceof Error ? error.message : String(error) });
  }
});

function work(message: ToScanner): void {
  const { job } = message;
  if (message.kind === 'begin') {
    jobs.set(job, new ScanJob(message.file, message.text, message.ended));
    return;
  }
  const found = jobs.get(job);
  if (!found) return;
  if (message.kind === 'end') {
    found.close();
    jobs.delete(job);
    return;
  }
  if (found.ended) return;
  const { chunk, linkTypes } = message;
  if (message.kind === 'scan')
    say({ kind: 'scanned', job, from: message.from, ...found.scan(chunk, linkTypes, message.from, message.to) });
  else say({ kind: 'walked', job, from: message.rows[0]!, yes: found.walk(chunk, linkTypes, message.rows) });
}
