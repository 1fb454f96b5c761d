/** `xdpeek prog run-xsk-echo`: live counters per queue until SIGINT, totals at the end. */
import { setTimeout as after } from 'node:timers/promises';
import { XdpeekError } from '../../../shared/errors.ts';
import type { XskEchoCounts } from '../../../shared/workbench.ts';
import type { Invocation } from '../../options/spec.ts';
import { jsonLine } from '../../output/json-line.ts';
import { textTable } from '../../output/table.ts';
import { grouped } from '../../output/units.ts';
import type { Context } from '../../start.ts';
import { splitInterface } from '../../workbench/attach-place.ts';
import type { progRunXskEcho } from '../../workbench/table-run.ts';
import { withWorkbench } from '../../workbench/with-workbench.ts';

type Queue = XskEchoCounts['queues'][number];

const COLUMNS = [
  { title: 'QUEUE', right: true },
  { title: 'MODE' },
  ...['RECEIVED', 'ANSWERED', 'PER SECOND', 'IGNORED', 'TX FULL', 'NO MEMORY', 'DROPPED'].map((title) => ({
    title,
    right: true,
  })),
];

export async function run({ options }: Invocation<typeof progRunXskEcho>, { out, stop }: Context): Promise<number> {
  const { mode, threads, json, interval, take: takes } = options;
  const { ifname, ...where } = splitInterface(options.interface, options.netns);
  const endMs = options.duration === undefined ? Number.POSITIVE_INFINITY : performance.now() + options.duration * 1000;
  return withWorkbench(async (workbench) => {
    await workbench.request('xskEchoStart', { ifname, ...where, mode, zeroCopy: options['zero-copy'], threads, takes });
    const gone = new Promise<never>((_, reject) => workbench.onGone((reason) => reject(new XdpeekError(reason))));
    gone.catch(() => {}); // told by whoever waits then
    let last = await workbench.request('xskEchoRead', {});
    let lastMs = performance.now();
    process.stderr.write(
      `xdpeek: ${takes === 'pings' ? '' : 'taking every second packet and '}answering pings on ${ifname}, ${queuesText(last)}; Ctrl-C ends it\n`,
    );
    while (!stop.aborted && performance.now() < endMs) {
      const waitMs = Math.min(interval * 1000, endMs - performance.now());
      await Promise.race([after(waitMs, undefined, { signal: stop }).catch(() => {}), gone]);
      if (stop.aborted) break;
      const now = await workbench.request('xskEchoRead', {});
      const nowMs = performance.now();
      await out.write(json ? jsonLine(now) : `${asTable(now, last, (nowMs - lastMs) / 1000)}\n`);
      await out.flush();
      [last, lastMs] = [now, nowMs];
    }
    const total = await workbench.request('xskEchoStop', {});
    await out.write(json ? jsonLine({ ...total, total: true }) : summary(total));
    return 0;
  });
}

const queuesText = ({ queues }: XskEchoCounts) =>
  `${queues.length} queue${queues.length === 1 ? '' : 's'}, ${[...new Set(queues.map(({ mode }) => mode))].join(' and ')}`;

function asTable({ queues }: XskEchoCounts, before: XskEchoCounts, seconds: number): string {
  return textTable(
    COLUMNS,
    queues.map((queue, i) => {
      const rate = Math.round((queue.answered - (before.queues[i]?.answered ?? 0)) / seconds);
      const { received, answered, ignored, txFull, fillEmpty, rxDropped } = queue;
      const counts = [received, answered, rate, ignored, txFull, fillEmpty, rxDropped].map(grouped);
      return [`${queue.queue}`, queue.mode, ...counts];
    }),
  );
}

function summary({ queues }: XskEchoCounts): string {
  const sum = (of: (queue: Queue) => number) => grouped(queues.reduce((total, queue) => total + of(queue), 0));
  return `${sum((q) => q.received)} packets, ${sum((q) => q.answered)} answered, ${sum((q) => q.ignored)} not to be answered, ${sum((q) => q.txFull)} not sent, ${sum((q) => q.rxDropped)} dropped\n`;
}
