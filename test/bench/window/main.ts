/**
 * `npm run bench:window [-- --rounds N --seconds N --pps N --views Live,Packets --package --nice=N]`: the window while a million packets a second are captured, how soon a packet is on the
 * screen, and how soon the window can be used. About three minutes by default.
 *
 * Workload: 60-byte UDP frames of 1024 flows through a veth pair, paced, generator and receive path on CPU 0; nothing else is pinned. `xdpeek serve` with
 * its spool on tmpfs, Debian's Chromium, headless and without a GPU: painting and putting together are done by the CPUs that also capture, which Electron
 * with a GPU does not. Each view is open for some seconds on a capture of its own, and in turn with it `xdpeek dump -w` writes the same traffic to tmpfs without a
 * window. *No capture* is the same page and the same traffic with nothing captured: frames that are late there are late by the machine.
 * Losses are the capture's own counters, CPU is that of whole processes from /proc, frames are requestAnimationFrame's.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, setPriority, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { withPair } from '../../netns/lib/network.ts';
import { run } from '../../netns/lib/process.ts';
import { aligned, type Goal, goals, median, spread } from '../capture/report.ts';
import { type Latency, latency } from './latency.ts';
import { dumped, type Lost, type Traffic, type Viewed, viewed } from './load.ts';
import { packageBytes } from './package-size.ts';
import { MeasuredWindow, type Started } from './window.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '8' },
    pps: { type: 'string', default: '1000000' },
    views: { type: 'string', default: 'none,Live,Packets,Flows' },
    starts: { type: 'string', default: '3' },
    package: { type: 'boolean', default: false },
    nice: { type: 'string', default: '0' },
  },
});
const ROUNDS = Number(values.rounds);
const TRAFFIC: Traffic = { pps: Number(values.pps), seconds: Number(values.seconds) };
const VIEWS = values.views.split(',').filter((name) => name !== '') as ('none' | 'Live' | 'Packets' | 'Flows')[];
/** 30 a second; the page's clock says tenths of ms. */
const LATE_MS = 33.5;

// Everything that is started inherits it: where others work on the same machine, they count less.
setPriority(Number(values.nice));

const say = (text: string) => process.stdout.write(`${text}\n`);

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

const lateShare = (intervals: readonly number[]) =>
  (100 * intervals.filter((ms) => ms > LATE_MS).length) / Math.max(1, intervals.length);
const millions = (runs: readonly Lost[]) =>
  spread(
    runs.map(({ sentPps }) => sentPps / 1e6),
    2,
  );
const perMillion = ({ lost, seen }: Lost) => (1e6 * lost) / Math.max(1, seen);
const drawn = ({ cores }: Viewed) => cores.session + cores.renderer;

function viewRow(name: string, runs: readonly Viewed[]): string[] {
  const intervals = runs.flatMap((each) => each.intervals);
  const ages = runs.flatMap((each) => each.ages);
  const cores = (what: keyof Viewed['cores']) => median(runs.map((each) => each.cores[what])).toFixed(2);
  return [
    name,
    millions(runs),
    spread(runs.map(perMillion), 0),
    [0, 1, 2].map((hop) => runs.reduce((sum, { where }) => sum + where[hop]!, 0)).join(' / '),
    cores('session'),
    cores('renderer'),
    cores('browser'),
    cores('privileged'),
    ...[0.5, 0.99, 1].map((share) => quantile(intervals, share).toFixed(0)),
    `${lateShare(intervals).toFixed(1)} %`,
    name === 'Packets' && ages.length > 0
      ? `${quantile(ages, 0.5).toFixed(0)} / ${quantile(ages, 0.99).toFixed(0)}`
      : '',
  ];
}

function loadTable(views: ReadonlyMap<string, readonly Viewed[]>, dumps: readonly Lost[]): string {
  const head = [
    ...['view', 'sent Mpps', 'lost of 1 M', 'kernel / pipe / store', 'session', 'renderer', 'browser', 'privileged'],
    ...['frame ms: median', 'p99', 'longest', `> ${LATE_MS}`, 'newest row, ms: p50 / p99'],
  ];
  const rows = [...views].map(([name, runs]) => viewRow(name === 'none' ? 'no capture' : name, runs));
  const none = dumps.length === 0 ? [] : [['dump -w', millions(dumps), spread(dumps.map(perMillion), 0)]];
  return aligned([head, ...rows, ...none.map((row) => head.map((_, i) => row[i] ?? ''))]);
}

function loadGoals(views: ReadonlyMap<string, readonly Viewed[]>, dumps: readonly Lost[]): Goal[] {
  const captured = [...views].filter(([name]) => name !== 'none');
  return captured.flatMap(([name, runs]): Goal[] => [
    {
      what: `${name}: lost of 1 M, above that of dump -w`,
      value: Math.max(0, median(runs.map(perMillion)) - median(dumps.map(perMillion))),
      bar: 0,
      better: 'less',
    },
    { what: `${name}: session + renderer, cores`, value: median(runs.map(drawn)), bar: 1, better: 'less' },
    {
      what: `${name}: longest frame, ms`,
      value: median(runs.map(({ intervals }) => Math.max(...intervals))),
      bar: LATE_MS,
      better: 'less',
    },
  ]);
}

await withPair({ prefix: 'xw', quiet: true }, async (near, far) => {
  for (const { netns, ifname } of [near, far]) await run('ethtool', ['-K', ifname, 'gro', 'on'], { netns });
  const folder = mkdtempSync(path.join(tmpdir(), 'xdpeek-bench-'));
  await run('mount', ['-t', 'tmpfs', '-o', 'size=8g', 'xdpeek-bench', folder]);
  let open: MeasuredWindow | undefined;
  try {
    say(
      `kernel ${(await run('uname', ['-r'])).trim()}, load ${loadavg()[0]!.toFixed(1)}, ${ROUNDS} rounds, medians [least–most]\n`,
    );
    const starts: Started[] = [];
    for (let n = 0; n < Math.max(1, Number(values.starts)); n++) {
      await open?.close();
      open = await MeasuredWindow.open(near, folder);
      starts.push(open.started);
    }
    const window = open!;
    const listens = starts.map(({ listensMs }) => listensMs);
    const usable = starts.map(({ usableMs }) => usableMs);
    say(
      `start, ms: until it listens ${spread(listens, 0)}, from navigation until a click can start ${spread(usable, 0)}`,
    );

    const late: Latency = await latency(window, near, far);
    const [p50, p99, longest] = [0.5, 0.99, 1].map((share) => quantile(late.ms, share));
    say(
      `wire → screen, ms: p50 ${p50!.toFixed(0)}, p99 ${p99!.toFixed(0)}, longest ${longest!.toFixed(0)}, of ${late.ms.length} (${late.sent} sent, 50 a second)\n`,
    );

    const views = new Map(VIEWS.map((name) => [name as string, [] as Viewed[]]));
    const dumps: Lost[] = [];
    for (let round = 0; round < ROUNDS; round++)
      for (const name of VIEWS) {
        views.get(name)!.push(await viewed(window, near, far, name === 'none' ? undefined : name, TRAFFIC));
        if (name !== 'none') dumps.push(await dumped(near, far, folder, TRAFFIC));
      }
    if (ROUNDS > 0)
      say(`${TRAFFIC.pps / 1e6} Mpps for ${TRAFFIC.seconds} s each; CPU in cores\n${loadTable(views, dumps)}\n`);
    const met: Goal[] = [
      ...(ROUNDS > 0 ? loadGoals(views, dumps) : []),
      { what: 'wire → screen, ms: p99', value: p99!, bar: 150, better: 'less' },
      {
        what: 'serve: start to a usable window, ms',
        value: median(starts.map(({ listensMs, usableMs }) => listensMs + usableMs)),
        bar: 1500,
        better: 'less',
      },
    ];
    if (values.package)
      met.push({
        what: 'package without Electron and Node, MB',
        value: packageBytes() / 1e6,
        bar: 15,
        better: 'less',
      });
    say(`goals of PERFORMANCE (load ${loadavg()[0]!.toFixed(1)})\n${goals(met)}`);
  } finally {
    await open?.close();
    await run('umount', [folder]);
    rmSync(folder, { recursive: true });
  }
});
