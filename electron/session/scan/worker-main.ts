/** A scan thread: does what it is told, in the order in which it is told. */
import '../platform.ts';
import { parentPort } from 'node:worker_threads';
import { errorData, XdpeekError } from '../../shared/errors.ts';
import { SortJob } from '../sort/sort-job.ts';
import { ScanJob } from './job.ts';
import type { FromScanner, ToScanner } from './messages.ts';
import { StatJob } from './stat-job.ts';

const jobs = new Map<number, ScanJob>();
const statJobs = new Map<number, StatJob>();
const sortJobs = new Map<number, SortJob>();

const say = (message: FromScanner, given: ArrayBuffer[] = []) => parentPort!.postMessage(message, given);
const sayFailed = (job: number, error: unknown) =>
  say({ kind: 'failed', job, message: error instanceof Error ? error.message : String(error) });

parentPort!.on('message', (message: ToScanner) => {
  const { job } = message;
  try {
    work(message);
  } catch (error) {
    sayFailed(job, error);
  }
});

function work(message: ToScanner): void {
  const { job } = message;
  if (message.kind === 'begin') {
    jobs.set(job, new ScanJob(message.file, message.text, message.ended));
    return;
  }
  if (message.kind === 'statistics') {
    const { file, pcapng } = message;
    statJobs.set(job, new StatJob(file, pcapng, () => say({ kind: 'progressed', job })));
    return;
  }
  if (message.kind === 'ask') {
    answer(message);
    return;
  }
  if (message.kind === 'sort') {
    void sort(message);
    return;
  }
  if (message.kind === 'end') {
    sortJobs.get(job)?.end();
    statJobs.get(job)?.close();
    statJobs.delete(job);
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

function answer({ job, number, question, news }: ToScanner & { kind: 'ask' }): void {
  const found = statJobs.get(job);
  if (!found) return;
  try {
    say({ kind: 'answered', job, number, answer: found.ask(question, news) });
  } catch (error) {
    say({ kind: 'refused', job, number, error: errorData(error) });
  }
}

async function sort({ job, file, question, news }: ToScanner & { kind: 'sort' }): Promise<void> {
  const made = new SortJob();
  sortJobs.set(job, made);
  try {
    const sorted = await made.sort(file, question, news, (done) => say({ kind: 'sorting', job, done }));
    if (sorted) say({ kind: 'sorted', job, sorted }, [sorted.rows.buffer, sorted.begins.buffer]);
  } catch (error) {
    if (error instanceof XdpeekError) say({ kind: 'refused', job, number: 0, error: errorData(error) });
    else sayFailed(job, error);
  } finally {
    sortJobs.delete(job);
  }
}
