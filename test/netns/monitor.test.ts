/**
 * The Monitor and the trace log against what really happened: frames that are sent into programs that redirect, give up or fill queues, datagrams that nobody
 * wants, programs that are started, lines that are printed. What was sent is what must be counted.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { findLayout } from '../../electron/session/layout.ts';
import { PrivilegedAccess } from '../../electron/session/privileged/access.ts';
import { Monitor, MonitorReader } from '../../electron/session/workbench/monitor.ts';
import { Trace } from '../../electron/session/workbench/trace.ts';
import { Workbench } from '../../electron/session/workbench/workbench.ts';
import type { Figure, MonitorReading } from '../../electron/shared/monitor-api.ts';
import { xdpeek } from './cli-lib.ts';
import { addon } from './lib/addon.ts';
import { withBusyCpu } from './lib/cpu.ts';
import { numberedFrames, udpFrame } from './lib/frames.ts';
import { attachCause, type Cause, type CauseOptions } from './lib/monitor-causes.ts';
import { Network, type VethEnd, withPair } from './lib/network.ts';
import { eventually, type Running, run, start } from './lib/process.ts';

const COUNT = 100;
const MAIN = new URL('../../dist/cli/main.mjs', import.meta.url).pathname;
const indexOf = (netns: string, ifname: string) =>
  addon.interfaces(netns).find((info) => info.ifname === ifname)!.ifindex;
const send = (from: VethEnd, frames: Uint8Array[]) =>
  addon.sendFrames({ ifname: from.ifname, netns: from.netns, frames });
/** Once nothing more is counted: frames wait for the kernel's threads, and those for their turn. `counts` may be read without moving a period on. */
async function settled(counts: () => Promise<unknown>): Promise<void> {
  let last = '';
  let sinceMs = performance.now();
  await eventually('the counters stand still', async () => {
    const now = JSON.stringify(await counts());
    if (now !== last) sinceMs = performance.now();
    last = now;
    return performance.now() - sinceMs > 200;
  });
}
const alone = (body: () => Promise<number>) => body();
/** How many a rate was over the period. */
const grown = (figure: Figure | undefined, { periodNs }: MonitorReading) =>
  Math.round(((figure?.perSecond ?? 0) * periodNs) / 1e9);

describe("XDP's tracepoints", () => {
  let access: PrivilegedAccess;
  let workbench: Workbench;
  let reader: MonitorReader;
  let network: Network;
  let a: VethEnd;
  let b: VethEnd;
  let port: number;
  const inB = (line: string) => run('ip', ['-n', b.netns, ...line.split(' ')]);

  before(async () => {
    access = new PrivilegedAccess(findLayout());
    workbench = new Workbench(access);
    reader = await MonitorReader.start(workbench);
    network = new Network({ prefix: 'xm' });
    [a, b] = await network.veth(await network.namespace('a'), await network.namespace('b'), { quiet: true });
    await inB('link add p0 type veth peer name p1');
    await inB('link set p0 up');
    await inB('link set p1 up');
    port = indexOf(b.netns, 'p0');
  });
  after(async () => {
    await access.close();
    await network.close();
  });

  /** All but what the rest of the machine does meanwhile. */
  const xdpCounts = async () => {
    const { clockNs: _, drops: __, execs: ___, ...counts } = await workbench.request('monitorRead', {});
    return counts;
  };

  /** COUNT frames into `program` on b; what was counted meanwhile. */
  async function counting(program: Cause, options: CauseOptions, around = alone): Promise<MonitorReading> {
    const detach = await attachCause(b, program, options);
    try {
      await reader.read();
      await around(() => send(a, numberedFrames(a, b, COUNT)));
      await settled(xdpCounts);
      return await reader.read();
    } finally {
      detach();
    }
  }
  const errors = (reading: MonitorReading) =>
    Object.fromEntries(
      reading.redirectErrors
        .map(({ error, figures }) => [error, grown(figures.count, reading)] as const)
        .filter(([, n]) => n > 0),
    );

  for (const mode of ['native', 'generic'] as const) {
    test(`${mode}: programs that give up and that return no verdict are exceptions of their action`, async () => {
      const aborted = await counting('give_up', { mode });
      const of = (reading: MonitorReading, action: string) =>
        grown(reading.exceptions.find((each) => each.action === action)?.figures.count, reading);
      assert.equal(of(aborted, 'ABORTED'), COUNT);
      const unknown = await counting('no_verdict', { mode });
      assert.deepEqual([of(unknown, 'UNKNOWN'), of(unknown, 'ABORTED')], [COUNT, 0]);
    });

    test(`${mode}: redirects that fail are counted by error, with what it means`, async () => {
      const nowhere = await counting('to_index', { mode, target: 9999 });
      assert.deepEqual(errors(nowhere), { EINVAL: COUNT });
      assert.match(nowhere.redirectErrors.find(({ error }) => error === 'EINVAL')!.meaning, /no such target/);
      await inB('link set p0 down');
      const loads = await Promise.all(['p0', 'p1'].map((ifname) => attachCause({ ...b, ifname }, 'pass')));
      try {
        assert.deepEqual(errors(await counting('to_index', { mode, target: port })), { ENETDOWN: COUNT });
      } finally {
        for (const unload of loads) unload();
        await inB('link set p0 up');
      }
    });

    test(`${mode}: a cpumap's queue and its thread; a full queue drops the rest`, async () => {
      const reading = await counting('to_cpu', { mode, target: 1, queue: 512 });
      const [queue] = reading.cpumapEnqueue.filter(({ toCpu }) => toCpu === 1);
      assert.equal(grown(queue?.figures.processed, reading), COUNT);
      assert.equal(grown(queue?.figures.drops, reading), 0);
      const [thread] = reading.cpumapKthread;
      assert.equal(grown(thread?.figures.processed, reading), COUNT);
      const cpu1 = thread?.perCpu.find(({ cpu }) => cpu === 1);
      assert.equal(grown(cpu1?.figures.processed, reading), COUNT, 'all of it on CPU 1');
      assert.equal(grown(reading.redirects[0]?.figures.count, reading), COUNT);

      // While the frames come, its thread gets no CPU: the eight places fill, and stay full.
      const full = await counting('to_cpu', { mode, target: 1, queue: 8 }, (body) => withBusyCpu(1, body));
      const enqueued = full.cpumapEnqueue.find(({ toCpu }) => toCpu === 1)!.figures;
      assert.equal(grown(enqueued.processed, full), COUNT);
      assert.equal(grown(enqueued.drops, full), COUNT - 8, 'eight places for a hundred frames');
      assert.equal(grown(full.cpumapKthread[0]!.figures.processed, full), 8);
    });
  }

  test('a devmap sends what the peer takes; a peer that is down drops it with the driver’s error', async () => {
    const unload = await attachCause({ ...b, ifname: 'p1' }, 'pass');
    try {
      const ours = ({ devmap }: MonitorReading) => devmap.find(({ to }) => to.text.includes(`p0 (netns ${b.netns})`));
      const sent = await counting('to_port', { port });
      const { figures, from } = ours(sent)!;
      assert.deepEqual([grown(figures.sent, sent), grown(figures.drops, sent)], [COUNT, 0]);
      assert.match(from.text, new RegExp(`veth0 \\(netns ${b.netns}\\)`));
      await inB('link set p1 down');
      const dropped = await counting('to_port', { port });
      const { figures: now, error } = ours(dropped)!;
      assert.equal(error?.name, 'ENXIO', 'the ring of the peer is gone');
      assert.deepEqual([grown(now.sent, dropped), grown(now.drops, dropped)], [0, COUNT]);
      assert.ok(now.errors.perSecond > 0, 'the driver refused it');
      assert.equal(now.sent.total, COUNT, 'totals stay');
    } finally {
      unload();
      await inB('link set p1 up');
    }
  });

  test('a veth whose peer has no XDP program takes no redirected frames', async () => {
    const reading = await counting('to_port', { port });
    const refused = Object.entries(errors(reading));
    const drops = reading.devmap.reduce((sum, { figures }) => sum + grown(figures.drops, reading), 0);
    // Linux 6.3 and newer refuse the redirect (EOPNOTSUPP), older ones the transmission (ENXIO).
    assert.equal(refused.reduce((sum, [, n]) => sum + n, 0) + drops, COUNT);
    for (const [error] of refused) assert.equal(error, 'EOPNOTSUPP');
  });
});

describe('the stack', () => {
  test('drops by reason and place: nobody at the port, a wrong checksum; programs that start', () =>
    withPair({ prefix: 'xm', quiet: true }, async (a, b) => {
      const access = new PrivilegedAccess(findLayout());
      try {
        const workbench = new Workbench(access);
        const reader = await MonitorReader.start(workbench);
        const drops = (reading: MonitorReading, reason: string, place: RegExp) =>
          reading.drops
            .filter((drop) => drop.reason === reason && place.test(drop.place) && drop.protocol === 'IPv4')
            .reduce((sum, { figure }) => sum + grown(figure, reading), 0);
        await reader.read();
        await send(a, numberedFrames(a, b, COUNT, 22, { destinationPort: 4444 }));
        const wrong = numberedFrames(a, b, COUNT, 22, { destinationPort: 4444 });
        // Ethernet, IPv4, and the last two bytes of the UDP header.
        for (const frame of wrong) frame[14 + 20 + 7]! ^= 0x55;
        await send(a, wrong);
        for (let i = 0; i < 5; i++) await run('true', []);
        await settled(async () => {
          const { drops: counts } = await workbench.request('monitorRead', {});
          return counts.filter(({ reasonName }) => /UDP_CSUM|NO_SOCKET/.test(reasonName));
        });
        const reading = await reader.read();
        assert.equal(drops(reading, 'UDP_CSUM', /udp/), COUNT);
        const unwanted = drops(reading, 'NO_SOCKET', /udp/);
        // Other programs of this machine may send to closed ports as well.
        assert.ok(unwanted >= COUNT && unwanted < COUNT + 20, `${unwanted} without a socket`);
        assert.ok(grown(reading.execs, reading) >= 5, 'each start of a program is counted');
      } finally {
        await access.close();
      }
    }));
});

test('a session: series, alarms with since when, a stop that keeps what was seen, and a root process that dies', () =>
  withPair({ prefix: 'xm', quiet: true }, async (a, b) => {
    const access = new PrivilegedAccess(findLayout());
    const detach = await attachCause(b, 'give_up');
    try {
      const monitor = new Monitor(new Workbench(access));
      const { handlers } = monitor;
      assert.equal(monitor.window().running, false);
      await handlers['monitor.start']({});
      await send(a, numberedFrames(a, b, COUNT));
      const alarm = () => monitor.window().alarms.find(({ text }) => text.includes('ABORTED'));
      await eventually('an alarm', () => alarm() !== undefined);
      assert.ok(alarm()!.active && alarm()!.level === 'error' && Date.now() - alarm()!.sinceMs < 10_000);
      const { timeMs, perSecond } = monitor.window().series;
      assert.equal(perSecond.exceptions.length, timeMs.length);
      assert.ok(Math.max(...perSecond.exceptions) > 0, 'the chart shows it');
      await handlers['monitor.stop']({});
      assert.equal(monitor.window().running, false);
      assert.ok(monitor.window().reading, 'what was counted can still be read');

      await handlers['monitor.start']({});
      process.kill((await access.workbench()).pid!, 'SIGKILL');
      await eventually('the end is told', () => !monitor.window().running);
      assert.match(monitor.window().error!.message, /killed by SIGKILL/);
    } finally {
      detach();
      await access.close();
    }
  }));

describe('command line', () => {
  /** Started, watching; ended by the signal. */
  async function watching(args: string[], words: RegExp): Promise<Running> {
    const running = start(process.execPath, [MAIN, ...args]);
    await running.waitFor(words);
    return running;
  }

  test('monitor prints what happened, per CPU, and sums up at SIGINT', () =>
    withPair({ prefix: 'xm', quiet: true }, async (a, b) => {
      const detach = await attachCause(b, 'give_up');
      try {
        const args = ['monitor', '--interval', '0.2', '--json', '--per-cpu', '--errors-only'];
        const monitor = await watching(args, /watching/);
        await send(a, numberedFrames(a, b, COUNT));
        const exceptions = () =>
          monitor
            .stdout()
            .split('\n')
            .slice(0, -1)
            .flatMap((line) => JSON.parse(line).rows)
            .findLast(({ kind }: { kind: string }) => kind === 'exception');
        await eventually('all are printed', () => exceptions()?.errors === COUNT);
        const { status, stderr } = await monitor.stop('SIGINT');
        assert.equal(status, 0);
        assert.match(stderr, /\b100 exceptions \(ABORTED 100\)/);
        const row = exceptions();
        assert.equal(
          row.perCpu.reduce((sum: number, { errors }: { errors: number }) => sum + errors, 0),
          COUNT,
        );
      } finally {
        detach();
      }
    }));

  test('monitor as a table ends after its snapshots', async () => {
    const { status, stdout } = await xdpeek(['monitor', '-c', '2', '--interval', '0.2']);
    assert.equal(status, 0);
    assert.equal(stdout.match(/period \d+\.\d+ s/g)?.length, 2);
    assert.match(stdout, /KIND +CPU +PPS +ERROR\/S +BULK +TOTAL +ERRORS +WHAT/);
    assert.match(stdout, /exec +all .* programs started/);
  });

  test('trace prints bpf_printk lines with addresses and protocols decoded; raw and JSON have them as they were', () =>
    withPair({ prefix: 'xm', quiet: true }, async (a, b) => {
      const detach = await attachCause(b, 'say');
      const decoded = new RegExp(`src: ${a.mac}, dst: ${b.mac}, proto: IPv4 \\(0x0800\\)`, 'g');
      try {
        const trace = await watching(['trace', '--search', a.mac], /following/);
        await send(a, numberedFrames(a, b, COUNT));
        await eventually('all lines', () => trace.stdout().match(decoded)?.length === COUNT);
        const { status, stderr } = await trace.stop('SIGTERM');
        assert.equal(status, 0);
        assert.match(stderr, /100 printed, 0 lost/);

        const json = await watching(['trace', '--json', '--raw', '-c', '1', '--search', 'src: '], /following/);
        await send(a, [udpFrame(a, b, new Uint8Array(9))]);
        const line = JSON.parse((await json.ended).stdout);
        assert.equal(line.function, 'bpf_trace_printk');
        assert.match(line.raw, /bpf_trace_printk: src: \d+, dst: \d+, proto: 2048$/);
        assert.ok(line.timeS > 0 && line.flags.length >= 4 && line.task !== '');
      } finally {
        detach();
      }
    }));

  test('a trace pipe that somebody else reads is told, with the way out, where the kernel lets one read at a time', async () => {
    const other = new addon.TracePipe(() => {});
    try {
      const { status, stderr } = await xdpeek(['trace', '--duration', '0.2']);
      // Kernels that let several read share the lines among them.
      if (status === 0) assert.match(stderr, /0 printed|lost/);
      else assert.match(stderr, /busy.*Another program reads it/i);
    } finally {
      other.close();
    }
  });

  test('trace ends by itself after its time', async () => {
    const { status, stderr } = await xdpeek(['trace', '--duration', '0.3', '--search', 'nothing has this in it']);
    assert.equal(status, 0);
    assert.match(stderr, /, 0 printed, /);
  });
});

test('the trace log of a session is searched, paused at a line, and counts what came since', () =>
  withPair({ prefix: 'xm', quiet: true }, async (a, b) => {
    const access = new PrivilegedAccess(findLayout());
    const detach = await attachCause(b, 'say');
    try {
      const { handlers } = new Trace(new Workbench(access));
      const get = (more: object) => handlers['trace.get']({ start: -1, count: 50, search: 'proto: IPv4', ...more });
      await handlers['trace.start']({});
      await send(a, numberedFrames(a, b, COUNT));
      await eventually('the lines', async () => (await get({})).matching === COUNT);
      const { total, lines } = await get({});
      assert.equal(lines.length, 50);
      await send(a, numberedFrames(a, b, 7));
      await eventually('seven more', async () => (await get({ until: total })).newer >= 7);
      assert.equal((await get({ until: total })).matching, COUNT, 'a paused view stands still');
      assert.equal((await get({ search: 'nobody says this' })).matching, 0);
      await handlers['trace.stop']({});
      assert.equal((await get({})).matching, COUNT + 7, 'and nothing was lost meanwhile');
    } finally {
      detach();
      await access.close();
    }
  }));
