/**
 * The session over the built root process, on real interfaces: what is sent is what can be asked for; what goes wrong is told
 * in words and costs nothing that was captured before; nothing stays attached, no file stays behind.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { runCapture } from '../../electron/session/dump.ts';
import { wholeBlocks } from '../../electron/session/files/blocks.ts';
import { createSession, type Session } from '../../electron/session/session.ts';
import type { InspectorApi } from '../../electron/shared/api.ts';
import type { CaptureOptions, CaptureStatus, CaptureTarget } from '../../electron/shared/capture.ts';
import { addon } from './lib/addon.ts';
import { numberedFrames } from './lib/frames.ts';
import { generate } from './lib/generator.ts';
import { type VethEnd, withPair } from './lib/network.ts';
import { attempt, eventually, run } from './lib/process.ts';

const QUIET = { prefix: 'xc', quiet: true };

const target = ({ netns, ifname }: VethEnd): CaptureTarget => ({ ifname, netns, hook: 'xdp' });
const on = (end: VethEnd, more: Partial<CaptureOptions> = {}): CaptureOptions => ({ targets: [target(end)], ...more });
const send = ({ netns, ifname }: VethEnd, frames: Uint8Array[], repeat = 1) =>
  addon.sendFrames({ ifname, netns, frames, repeat });
const attachedTo = ({ netns, ifname }: VethEnd) =>
  addon.interfaces(netns).find((info) => info.ifname === ifname)?.attached ?? [];
const nothingLeft = (end: VethEnd) => eventually('nothing is attached', () => attachedTo(end).length === 0);

async function withSession<T>(body: (session: Session, api: InspectorApi, folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'xc-'));
  const session = createSession({ host: 'cli', version: 'test', spoolDir: path.join(folder, 'spool') });
  try {
    return await body(session, session.api(), folder);
  } finally {
    await session.close();
    assert.deepEqual(spools(folder), [], 'a session that ends leaves no spool');
    rmSync(folder, { recursive: true });
  }
}

function spools(folder: string): string[] {
  try {
    return readdirSync(path.join(folder, 'spool'));
  } catch {
    return [];
  }
}

/** Processes of this test that run privileged. */
function privilegedPids(): number[] {
  const out = execFileSync('ps', ['--ppid', String(process.pid), '-o', 'pid=,args='], { encoding: 'utf8' });
  return out
    .split('\n')
    .filter((line) => line.includes('xdpeek-privileged') || line.includes('privileged/main.mjs'))
    .map((line) => Number.parseInt(line, 10));
}

const stored = (api: InspectorApi, count: number) =>
  eventually(`${count} packets are stored`, async () => (await api.call('capture.status', {})).stored >= count);

test('N sent, N stored, byte for byte; measures agree; the saved file holds them all', async () => {
  await withPair(QUIET, async (a, b) => {
    await withSession(async (session, api, folder) => {
      const seen: CaptureStatus[] = [];
      api.subscribe('status', (status) => seen.push(status));
      const started = await api.call('capture.start', on(b));
      assert.equal(started.state, 'running');
      assert.equal(started.attachments[0]?.via, 'xdp-link');
      const frames = numberedFrames(a, b, 500);
      assert.equal(await send(a, frames, 2), 1000);
      await stored(api, 1000);
      // Saved in the middle of the capture: complete as of now.
      const early = path.join(folder, 'early.pcapng');
      await session.saveCapture(early);
      await eventually('statistics', async () => (await api.call('stats.get', {})).byVerdict[2]?.packets === 1000);
      await eventually('flows', async () => (await api.call('flows.rows', FLOWS)).flows[0]?.packets === 1000);
      const stopped = await api.call('capture.stop', {});
      assert.equal(stopped.state, 'stopped');
      const { matchedPackets, capturedPackets, lostKernel, lostPipe, lostStore } = stopped.counters;
      assert.deepEqual([matchedPackets, capturedPackets, lostKernel, lostPipe, lostStore], [1000, 1000, 0, 0, 0]);
      assert.deepEqual([stopped.pps, stopped.bitsPerSecond], [0, 0]);
      await nothingLeft(b);
      for (const number of [1, 500, 1000]) {
        const { bytes, row } = await api.call('packets.detail', { number });
        assert.deepEqual([...bytes], [...frames[(number - 1) % 500]!]);
        assert.deepEqual([row.verdict, row.direction, row.protocol], ['pass', 'in', 'UDP']);
      }
      const { rows, total } = await api.call('packets.rows', { start: 900, count: 1000 });
      assert.deepEqual([total, rows.length, rows.at(-1)?.number], [1000, 100, 1000]);
      const { flows } = await api.call('flows.rows', FLOWS);
      assert.deepEqual([flows[0]?.source, flows[0]?.destination, flows[0]?.pps], [a.ipv4, b.ipv4, 0]);
      assert.equal((await api.call('top.get', { count: 5 })).talkers[0]?.label, a.ipv4);
      for (const file of [early, path.join(folder, 'late.pcapng')]) {
        if (file !== early) await session.saveCapture(file);
        const { stdout, stderr } = await attempt('tshark', ['-r', file, '-T', 'fields', '-e', 'frame.len']);
        assert.equal(stdout.split('\n').length - 1, 1000);
        assert.equal(stderr.replace(/^Running as user.*\n/gm, ''), '');
      }
      assert.ok(seen.length >= 3 && seen.every(({ generation }) => generation <= 1));
      assert.equal(seen.at(-1)?.state, 'stopped');
      const cleared = await api.call('capture.clear', {});
      assert.deepEqual([cleared.state, cleared.stored, cleared.generation], ['idle', 0, 2]);
      assert.deepEqual(spools(folder), []);
    });
  });
});

const FLOWS = { sort: 'packets', descending: true, start: 0, count: 10 } as const;

test('both directions at two hooks: interfaces and directions are told apart', async () => {
  await withPair({ prefix: 'xc' }, async (a, b) => {
    await withSession(async (_session, api) => {
      const { netns, ifname } = b;
      const targets: CaptureTarget[] = [
        { ifname, netns, hook: 'tc-ingress' },
        { ifname, netns, hook: 'tc-egress' },
      ];
      await api.call('capture.start', { targets });
      await run('ping', ['-c', '3', '-i', '0.05', b.ipv4], { netns: a.netns });
      await eventually('both ways are stored', async () => {
        const { rows } = await api.call('packets.rows', { start: 0, count: 1000 });
        const echo = rows.filter(({ protocol }) => protocol === 'ICMP');
        const [request, reply] = ['in', 'out'].map((way) => echo.filter(({ direction }) => direction === way));
        return (
          request?.length === 3 && reply?.length === 3 && request[0]?.interfaceId === 0 && reply[0]?.interfaceId === 1
        );
      });
      await eventually('a flow that says so', async () => {
        const { flows } = await api.call('flows.rows', { ...FLOWS, search: 'echo' });
        return flows.some(({ state, direction }) => state === 'echo request' && direction === 'in');
      });
    });
  });
});

test('kill -9 of privileged in mid-capture: failed with the reason, packets stay, start again works', async () => {
  await withPair(QUIET, async (a, b) => {
    await withSession(async (_session, api) => {
      await api.call('capture.start', on(b));
      await send(a, numberedFrames(a, b, 50));
      await stored(api, 50);
      const [pid] = privilegedPids();
      process.kill(pid!, 'SIGKILL');
      await eventually('it failed', async () => (await api.call('capture.status', {})).state === 'failed');
      const status = await api.call('capture.status', {});
      assert.match(status.error!.message, /killed by SIGKILL/);
      assert.match(status.error!.hint!, /again/);
      assert.equal(status.stored, 50);
      assert.equal((await api.call('packets.rows', { start: 49, count: 1 })).rows.length, 1);
      await nothingLeft(b);
      const again = await api.call('capture.start', on(b));
      assert.deepEqual([again.state, again.generation, again.error], ['running', 2, undefined]);
      await send(a, numberedFrames(a, b, 20));
      await stored(api, 20);
      assert.equal((await api.call('capture.stop', {})).stored, 20);
    });
  });
});

test('the interface goes away: failed with the reason, what was captured stays', async () => {
  await withPair(QUIET, async (a, b) => {
    await withSession(async (_session, api) => {
      await api.call('capture.start', on(b));
      await send(a, numberedFrames(a, b, 30));
      await stored(api, 30);
      await run('ip', ['-n', b.netns, 'link', 'delete', b.ifname]);
      await eventually('it failed', async () => (await api.call('capture.status', {})).state === 'failed');
      const { error, stored: kept } = await api.call('capture.status', {});
      assert.match(error!.message, new RegExp(b.ifname));
      assert.equal(kept, 30);
    });
  });
});

test('what cannot start says why and leaves the capture before it alone', async () => {
  await withPair(QUIET, async (a, b) => {
    await withSession(async (_session, api, folder) => {
      await api.call('capture.start', on(b));
      await assert.rejects(api.call('capture.start', on(b)), { code: 'EBUSY', message: /a capture is running/ });
      await assert.rejects(api.call('capture.clear', {}), { code: 'EBUSY' });
      await send(a, numberedFrames(a, b, 10));
      await stored(api, 10);
      await api.call('capture.stop', {});
      const missing = { targets: [{ ifname: 'nothing0', netns: b.netns, hook: 'xdp' as const }] };
      await assert.rejects(api.call('capture.start', missing), (error: Error & { code: string }) => {
        assert.equal(error.code, 'ENODEV');
        assert.match(error.message, /nothing0/);
        return true;
      });
      const status = await api.call('capture.status', {});
      assert.deepEqual([status.state, status.stored, status.generation], ['failed', 10, 1]);
      assert.equal(status.error?.code, 'ENODEV');
      assert.equal(spools(folder).length, 1, 'only the spool that is shown');
      assert.equal((await api.call('packets.rows', { start: 0, count: 10 })).rows.length, 10);
    });
  });
});

test('an interface that another XDP program holds: EBUSY, in words', async () => {
  await withPair(QUIET, async (_a, b) => {
    await withSession(async (_first, other) => {
      await other.call('capture.start', on(b));
      await withSession(async (_session, api) => {
        await assert.rejects(api.call('capture.start', on(b)), (error: Error & { code: string; hint?: string }) => {
          assert.equal(error.code, 'EBUSY');
          assert.match(error.message, new RegExp(b.ifname));
          assert.ok(error.hint);
          return true;
        });
      });
      assert.equal(attachedTo(b).length, 1, 'the other one is left alone');
    });
  });
});

test('a full disk: what was written stays and can be read, the rest is counted, the reason is shown', async () => {
  await withPair(QUIET, async (a, b) => {
    await withSession(async (_unused, _api, folder) => {
      const disk = path.join(folder, 'disk');
      mkdirSync(disk);
      await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'xc', disk]);
      const session = createSession({ host: 'cli', version: 'test', spoolDir: path.join(disk, 'spool') });
      try {
        const api = session.api();
        await api.call('capture.start', on(b));
        const sent = await send(a, numberedFrames(a, b, 100, 1400), 20);
        await eventually('it failed', async () => (await api.call('capture.status', {})).state === 'failed');
        const { error, stored: kept, counters } = await api.call('capture.status', {});
        assert.equal(error?.code, 'ENOSPC');
        assert.match(error.message, /disk is full/);
        assert.ok(kept > 300, `${kept} packets`);
        assert.ok(counters.lostStore > 0);
        assert.equal(kept + counters.lostStore + counters.lostKernel + counters.lostPipe, counters.matchedPackets);
        assert.ok(counters.matchedPackets <= sent);
        await nothingLeft(b);
        const { bytes } = await api.call('packets.detail', { number: kept });
        assert.equal(bytes.length, 1442);
        const saved = path.join(folder, 'saved.pcapng');
        await session.saveCapture(saved);
        const file = readFileSync(saved);
        const whole = wholeBlocks(file);
        assert.deepEqual([whole.bytes, whole.packets], [file.length, kept]);
        const there = path.join(disk, 'copy.pcapng');
        await assert.rejects(session.saveCapture(there), { code: 'ENOSPC' });
        assert.deepEqual(readdirSync(disk), ['spool'], 'no half-saved file');
      } finally {
        await session.close();
        await run('umount', [disk]);
      }
    });
  });
});

test('runCapture: exactly N packets in whole blocks, kernel tables without a packet, an end at once when aborted', async () => {
  await withPair(QUIET, async (a, b) => {
    const pieces: Uint8Array[] = [];
    const frames = numberedFrames(a, b, 100);
    let sending: Promise<number> | undefined;
    const counted = await runCapture({
      options: { ...on(b), limits: { packets: 33 } },
      stop: new AbortController().signal,
      onStarted: () => {
        sending = send(a, frames);
      },
      onBlocks: (bytes) => void pieces.push(bytes),
    });
    await sending;
    assert.equal(counted.delivered, 33);
    assert.equal(counted.error, undefined);
    const file = Buffer.concat(pieces);
    const whole = wholeBlocks(file);
    assert.deepEqual({ bytes: whole.bytes, packets: whole.packets }, { bytes: file.length, packets: 33 });
    await nothingLeft(b);

    const stop = new AbortController();
    let packets = 0;
    const summary = await runCapture({
      options: on(b, { packets: false }),
      stop: stop.signal,
      onStarted: () => {
        sending = send(a, frames);
      },
      onBlocks: (_bytes, count) => {
        packets += count;
        return undefined;
      },
      snapshots: {
        everyMs: 50,
        flows: true,
        stats: true,
        onSnapshot: ({ counters, flows, stats }) => {
          assert.ok(flows && stats);
          if (counters.matchedPackets === 100) stop.abort();
        },
      },
    });
    assert.equal(packets, 0);
    assert.equal(summary.counters.matchedPackets, 100);
    await nothingLeft(b);
    const aborted = await runCapture({ options: on(b), stop: AbortSignal.abort() });
    assert.equal(aborted.delivered, 0);
    await assert.rejects(
      runCapture({ options: { targets: [{ ifname: 'nothing0', hook: 'xdp' }] }, stop: stop.signal }),
      {
        code: 'ENODEV',
      },
    );
    assert.deepEqual(privilegedPids(), []);
  });
});

test('200 k packets/s into the store: all of them, or counted; the event loop stays free; 28 bytes a packet', {
  timeout: 60_000,
}, async () => {
  await withPair(QUIET, async (a, b) => {
    await withSession(async (_session, api) => {
      await api.call('capture.start', on(b));
      const heap = process.memoryUsage().rss;
      let longest = 0;
      // The CPU time of this thread from one timer to the next: what others do on this machine does not count.
      let last = process.threadCpuUsage();
      const timer = setInterval(() => {
        const { user, system } = process.threadCpuUsage(last);
        longest = Math.max(longest, (user + system) / 1000);
        last = process.threadCpuUsage();
      }, 1);
      const { sent } = await generate(a, { bytes: 60, pps: 200_000, count: 600_000 }, b);
      const { stored: kept, counters } = await api.call('capture.stop', {});
      clearInterval(timer);
      assert.equal(counters.matchedPackets, sent);
      assert.equal(kept + counters.lostKernel + counters.lostPipe + counters.lostStore, sent);
      assert.ok(kept >= sent * 0.95, `${kept} of ${sent} stored`);
      assert.ok(longest < 100, `the event loop was held for ${Math.round(longest)} ms of CPU`);
      const grown = (process.memoryUsage().rss - heap) / 1e6;
      assert.ok(grown < 150, `${Math.round(grown)} MB more`);
      process.stdout.write(
        `# stored ${kept} of ${sent}, longest pause ${longest.toFixed(1)} ms, ${grown.toFixed(0)} MB more\n`,
      );
    });
  });
});

test('start and stop ten times: no process, namespace entry, file or listener is left over', async () => {
  await withPair(QUIET, async (_a, b) => {
    await withSession(async (_session, api, folder) => {
      const warnings: Error[] = [];
      const onWarning = (warning: Error) => warnings.push(warning);
      process.on('warning', onWarning);
      const open = () => readdirSync('/proc/self/fd').length;
      await api.call('capture.start', on(b));
      await api.call('capture.stop', {});
      const before = open();
      for (let round = 0; round < 10; round++) {
        await api.call('capture.start', on(b));
        await api.call('capture.stop', {});
      }
      // What is closed already may stand in the list for a moment.
      await eventually(`${open()} descriptors are ${before} again`, () => open() <= before + 1);
      assert.equal(spools(folder).length, 1);
      assert.equal(privilegedPids().length, 1);
      process.off('warning', onWarning);
      assert.deepEqual(warnings, []);
    });
    assert.deepEqual(privilegedPids(), []);
  });
});

test('as a user who may not attach: interfaces are listed, a capture says what is missing, nobody is asked twice', async () => {
  const source = path.resolve(import.meta.dirname, '../../electron/session/session.ts');
  const program = `
    import { createSession } from ${JSON.stringify(source)};
    const session = createSession({ host: 'cli', version: 'test', spoolDir: '/nonexistent' });
    const api = session.api();
    const listed = await api.call('interfaces.list', {});
    const before = await api.call('host.info', {});
    const options = { targets: [{ ifname: 'lo', hook: 'xdp' }] };
    const error = await api.call('capture.start', options).catch(({ code, message, hint }) => ({ code, message, hint }));
    const after = await api.call('host.info', {});
    console.log(JSON.stringify({ names: listed.map(({ ifname }) => ifname), before, error, after }));
    await session.close();`;
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all', '--ambient-caps=-all'];
  const node = [process.execPath, '--input-type=module', '-e', program];
  const { stdout, stderr, status } = await attempt('setpriv', [...nobody, ...node]);
  assert.equal(status, 0, stderr);
  const { names, before, error, after } = JSON.parse(stdout);
  assert.ok(names.includes('lo'));
  assert.equal(before.capabilities.privileged, false);
  // Where the package is installed, pkexec would be asked; it refuses without an agent.
  assert.match(error.code, /^(PKEXEC_MISSING|AUTH_NO_AGENT|AUTH_REFUSED)$/);
  assert.match(error.message, /rights|authentication agent/);
  assert.ok(error.hint);
  assert.match(after.privilege.state, /^(missing|refused)$/);
  assert.equal(after.privilege.error.code, error.code);
});
