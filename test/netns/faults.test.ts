/**
 * What can go wrong around a capture that runs: its interface, its program, its reader, its transport, a second xdpeek. Each is said in words, what was
 * captured stays good, and nothing of anybody else's is ever detached. The command line as people run it; more of it in cli-errors.test.ts.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { capturing, nothingAttached, packetsByTshark, withFolder, xdpeek } from './cli-lib.ts';
import { addon } from './lib/addon.ts';
import { AddonCapture, parsePackets } from './lib/addon-capture.ts';
import { numberedFrames } from './lib/frames.ts';
import { generate } from './lib/generator.ts';
import { type VethEnd, withPair } from './lib/network.ts';
import { attempt, eventually, type Running, run } from './lib/process.ts';

const OUT = 2;
const PAIR = { prefix: 'xg', quiet: true };
const send = (end: Pick<VethEnd, 'ifname' | 'netns'>, frames: Uint8Array[]) =>
  addon.sendFrames({ ifname: end.ifname, netns: end.netns, frames });
const attachedTo = ({ ifname, netns }: Pick<VethEnd, 'ifname' | 'netns'>) =>
  addon.interfaces(netns).find((each) => each.ifname === ifname)!.attached;
const ip = (netns: string, ...args: string[]) => run('ip', ['-n', netns, ...args]);

/** Ends the capture as a person does and gives what it said and wrote. */
async function ended(dump: Running, file: string, signal?: NodeJS.Signals) {
  const result = signal ? await dump.stop(signal) : await dump.ended;
  // Without the kernel's own answers that nobody listens at the test's port.
  const packets = parsePackets(readFileSync(file)).filter(({ direction }) => direction !== OUT);
  return { ...result, packets };
}

/** Ids of the perf event arrays that this process holds. */
function perfMapsHere(): string[] {
  const PERF_EVENT_ARRAY = 4;
  const ids = readdirSync('/proc/self/fdinfo').flatMap((fd) => {
    try {
      const text = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8');
      return Number(/^map_type:\t(\d+)/m.exec(text)?.[1]) === PERF_EVENT_ARRAY
        ? (/^map_id:\t(\d+)/m.exec(text)?.[1] ?? [])
        : [];
    } catch {
      return []; // closed meanwhile
    }
  });
  return [...new Set(ids)];
}

describe('the interface', () => {
  for (const hook of ['xdp', 'tc-ingress', 'socket', 'afxdp'] as const)
    test(`deleted under ${hook}: the capture ends, says so, and its file is whole`, () =>
      withPair(PAIR, (a, b) =>
        withFolder(async (folder) => {
          const file = path.join(folder, 'f.pcapng');
          const dump = await capturing(['dump', '-i', b.ifname, '--hook', hook, '-w', file], b.netns);
          await send(a, numberedFrames(a, b, 50));
          await eventually('written', () => existsSync(file) && readFileSync(file).length > 50 * 90);
          await ip(b.netns, 'link', 'delete', b.ifname);
          const { status, stderr, packets } = await ended(dump, file);
          assert.equal(status, 1, stderr);
          assert.match(stderr, new RegExp(`xdpeek: .*${b.ifname}.*the interface was removed`));
          assert.match(stderr, /xdpeek ifaces/, 'says what to do');
          assert.equal(packets.length, 50);
          assert.ok((await packetsByTshark(file)).length >= 50);
        }),
      ));

  test('renamed: the capture goes on under the old name and says the new one', () =>
    withPair(PAIR, (a, b) =>
      withFolder(async (folder) => {
        const file = path.join(folder, 'f.pcapng');
        const dump = await capturing(['dump', '-i', b.ifname, '-w', file], b.netns);
        await send(a, numberedFrames(a, b, 10));
        for (const line of [`${b.ifname} down`, `${b.ifname} name other0`, 'other0 up'])
          await ip(b.netns, 'link', 'set', ...line.split(' '));
        await dump.waitFor(/veth0 is now called other0; the capture goes on/);
        await eventually('carrier', () =>
          addon.interfaces(b.netns).some((each) => each.ifname === 'other0' && each.running),
        );
        await send(a, numberedFrames(a, b, 10));
        const { status, stderr, packets } = await ended(dump, file, 'SIGINT');
        assert.equal(status, 0, stderr);
        assert.equal(packets.length, 20);
        assert.deepEqual(attachedTo({ ifname: 'other0', netns: b.netns }), []);
      }),
    ));

  test('moved into another network namespace: said; nothing of ours stays on it', () =>
    withPair(PAIR, (a, b, network) =>
      withFolder(async (folder) => {
        const file = path.join(folder, 'f.pcapng');
        const elsewhere = await network.namespace('c');
        const dump = await capturing(['dump', '-i', b.ifname, '-w', file], b.netns);
        await send(a, numberedFrames(a, b, 10));
        await ip(b.netns, 'link', 'set', b.ifname, 'netns', elsewhere);
        await dump.waitFor(/moved to another/);
        const { packets } = await ended(dump, file, 'SIGINT');
        assert.equal(packets.length, 10);
        await nothingAttached(elsewhere, b.ifname);
      }),
    ));

  test('brought down and up again: the capture waits, says both, and goes on', () =>
    withPair(PAIR, (a, b) =>
      withFolder(async (folder) => {
        const file = path.join(folder, 'f.pcapng');
        const dump = await capturing(['dump', '-i', b.ifname, '-w', file], b.netns);
        await ip(b.netns, 'link', 'set', b.ifname, 'down');
        await dump.waitFor(/veth0 was brought down: nothing arrives until it is up again/);
        await ip(b.netns, 'link', 'set', b.ifname, 'up');
        await dump.waitFor(/veth0 is up again/);
        await eventually('carrier', () =>
          addon.interfaces(b.netns).some((each) => each.ifname === b.ifname && each.running),
        );
        await send(a, numberedFrames(a, b, 30));
        const { status, packets } = await ended(dump, file, 'SIGINT');
        assert.equal(status, 0);
        assert.equal(packets.length, 30);
      }),
    ));

  test('MTU changed, up and down: said, and longer frames still come whole', () =>
    withPair(PAIR, (a, b) =>
      withFolder(async (folder) => {
        const file = path.join(folder, 'f.pcapng');
        const dump = await capturing(['dump', '-i', b.ifname, '-w', file], b.netns);
        for (const end of [a, b]) await ip(end.netns, 'link', 'set', end.ifname, 'mtu', '9000');
        await dump.waitFor(/the MTU of veth0 changed from 1500 to 9000/);
        await send(a, numberedFrames(a, b, 5, 8000));
        const { packets } = await ended(dump, file, 'SIGINT');
        assert.deepEqual(
          packets.map(({ bytes }) => bytes.length),
          Array.from({ length: 5 }, () => packets[0]!.wireLen),
        );
        assert.ok(packets[0]!.wireLen >= 8000);
      }),
    ));
});

describe('other programs', () => {
  test('ours forced off by somebody: the capture ends and says that it was', () =>
    withPair(PAIR, (a, b) =>
      withFolder(async (folder) => {
        const file = path.join(folder, 'f.pcapng');
        const dump = await capturing(['dump', '-i', b.ifname, '-w', file], b.netns);
        await send(a, numberedFrames(a, b, 10));
        const { programId } = attachedTo(b)[0]!;
        const links = JSON.parse(await run('bpftool', ['-j', 'link', 'list'])) as { id: number; prog_id: number }[];
        const link = links.find(({ prog_id }) => prog_id === programId)!;
        await run('bpftool', ['link', 'detach', 'id', `${link.id}`]);
        const { status, stderr, packets } = await ended(dump, file);
        assert.equal(status, 1);
        assert.match(stderr, /another program forced ours off it/);
        assert.match(stderr, /start again when it is free/);
        assert.equal(packets.length, 10);
      }),
    ));

  test('`ip link set xdp off` does not reach a program that a link holds: the capture goes on', () =>
    withPair(PAIR, (a, b) =>
      withFolder(async (folder) => {
        const file = path.join(folder, 'f.pcapng');
        const dump = await capturing(['dump', '-i', b.ifname, '-w', file], b.netns);
        assert.notEqual((await attempt('ip', ['-n', b.netns, 'link', 'set', b.ifname, 'xdp', 'off'])).status, 0);
        await send(a, numberedFrames(a, b, 10));
        assert.equal((await ended(dump, file, 'SIGINT')).packets.length, 10);
      }),
    ));

  test('two xdpeeks on one interface: XDP has room for one, tc for both; the end of one is nothing to the other', () =>
    withPair(PAIR, (a, b) =>
      withFolder(async (folder) => {
        const files = ['xdp', 'one', 'two'].map((name) => path.join(folder, `${name}.pcapng`)) as [
          string,
          string,
          string,
        ];
        const dump = (hook: string, file: string) =>
          capturing(['dump', '-i', b.ifname, '--hook', hook, '-w', file], b.netns);
        const xdp = await dump('xdp', files[0]);
        const refused = await xdpeek(['dump', '-i', b.ifname, '--hook', 'xdp'], { netns: b.netns });
        assert.equal(refused.status, 1);
        assert.match(refused.stderr, /already runs program 'xdpeek_xdp'.*--hook tc-ingress/);
        const one = await dump('tc-ingress', files[1]);
        const two = await dump('tc-ingress', files[2]);
        await send(a, numberedFrames(a, b, 20));
        assert.equal((await ended(one, files[1], 'SIGINT')).packets.length, 20);
        await send(a, numberedFrames(a, b, 20));
        assert.equal((await ended(xdp, files[0], 'SIGINT')).packets.length, 40);
        await send(a, numberedFrames(a, b, 20));
        assert.equal((await ended(two, files[2], 'SIGINT')).packets.length, 60);
        await nothingAttached(b.netns, b.ifname);
      }),
    ));

  test('programs of others, before and after ours, are there when all of ours are gone', () =>
    withPair(PAIR, (a, b) =>
      withFolder(async (folder) => {
        await run('tc', ['-n', b.netns, 'qdisc', 'add', 'dev', b.ifname, 'clsact']);
        const object = path.resolve(import.meta.dirname, '../../dist/bpf/capture_tc.bpf.o');
        await run('tc', [
          ...['-n', b.netns, 'filter', 'add', 'dev', b.ifname, 'ingress'],
          ...['bpf', 'da', 'obj', object, 'sec', 'tc'],
        ]);
        const theirs = attachedTo(b);
        assert.equal(theirs.length, 1);
        const file = path.join(folder, 'f.pcapng');
        const hooks = ['--hook', 'xdp', '--hook', 'tc', '--hook', 'socket'];
        const dump = await capturing(['dump', '-i', b.ifname, ...hooks, '-w', file], b.netns);
        await send(a, numberedFrames(a, b, 10));
        const { packets } = await ended(dump, file, 'SIGINT');
        assert.equal(packets.length, 30);
        assert.deepEqual(attachedTo(b), theirs);
        await capturing(['dump', '-i', b.ifname, '--hook', 'tc'], b.netns).then((each) => each.stop('SIGKILL'));
        await eventually('only theirs', () => attachedTo(b).length === theirs.length);
        assert.deepEqual(attachedTo(b), theirs);
      }),
    ));
});

describe('readers and transports', () => {
  test('a reader that stands still: the kernel never waits; every packet is captured or counted as lost, and the file is whole', () =>
    withPair(PAIR, (a, b) =>
      withFolder(async (folder) => {
        await run('ethtool', ['-K', b.ifname, 'gro', 'on'], { netns: b.netns });
        const file = path.join(folder, 'f.pcapng');
        const dump = await capturing(['dump', '-i', b.ifname, '-B', '1M', '-w', file], b.netns);
        process.kill(dump.pid, 'SIGSTOP');
        const { sent } = await generate(a, { pps: 400_000, count: 800_000, bytes: 200 }, b);
        process.kill(dump.pid, 'SIGCONT');
        const { status, stderr, packets } = await ended(dump, file, 'SIGINT');
        assert.equal(status, 0, stderr);
        const number = (pattern: RegExp) => Number((pattern.exec(stderr)?.[1] ?? '0').replaceAll(',', ''));
        const captured = number(/([\d,]+) packets .* captured/);
        const lost = [...stderr.matchAll(/([\d,]+) packets? \((?:kernel buffer full|reader too slow)\)/g)].map(
          ([, text]) => Number(text!.replaceAll(',', '')),
        );
        assert.equal(packets.length, captured);
        assert.equal(captured + lost.reduce((sum, each) => sum + each, 0), sent, stderr);
        assert.ok(captured < sent, 'the reader did stand still');
      }),
    ));

  test('a CPU without a ring: what it sees is counted as lost there, what others see is captured', () =>
    withPair(PAIR, async (a, b) => {
      const capture = new AddonCapture([{ ifname: b.ifname, netns: b.netns, hook: 'xdp' }], { buffer: 'perf' });
      const [perf, ...more] = perfMapsHere();
      assert.equal(more.length, 0);
      await run('bpftool', ['map', 'delete', 'id', `${perf}`, 'key', '0', '0', '0', '0']);
      // The generator sends from CPU 0, and veth receives where it was sent.
      await run('ethtool', ['-K', b.ifname, 'gro', 'on'], { netns: b.netns });
      const { sent } = await generate(a, { pps: 10_000, count: 2000 }, b);
      await eventually('seen', () => capture.capture.counters().matchedPackets === sent);
      const { counters, packets } = await capture.finish();
      const cpus = counters.cpus!;
      const onFirst = cpus.find(({ cpu }) => cpu === 0)!;
      assert.equal(onFirst.lostKernel, onFirst.matchedPackets);
      assert.ok(onFirst.lostKernel > 0);
      assert.equal(counters.lostKernel, onFirst.lostKernel);
      assert.equal(packets.length + counters.lostKernel, sent);
    }));
});
