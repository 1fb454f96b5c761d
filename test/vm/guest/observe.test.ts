/**
 * Hook observe on XDP programs that somebody else attached: each packet before and after, with the verdict, paired by id; filters, sampling
 * and counters; fragments; libxdp's dispatcher with two programs; a program that is replaced meanwhile.
 */
import assert from 'node:assert/strict';
import { release } from 'node:os';
import { test } from 'node:test';
import { changedBytes } from '../../../electron/packets/pcap/observed.ts';
import { readPacketOptions } from '../../../electron/packets/pcap/packet-options.ts';
import { compileFilter } from '../../../electron/session/filter/index.ts';
import type { CaptureTarget } from '../../../electron/shared/capture.ts';
import { addon } from '../../netns/lib/addon.ts';
import { AddonCapture, type Finished } from '../../netns/lib/addon-capture.ts';
import { pattern, udpFrame } from '../../netns/lib/frames.ts';
import { type VethEnd, withPair } from '../../netns/lib/network.ts';
import { attempt, eventually, run } from '../../netns/lib/process.ts';

const PAIR = { prefix: 'xv', quiet: true };
const OBJECT = '/xdpeek/test/vm/guest/programs/observed.bpf.o';
const [ABORTED, DROP, PASS, TX] = [0, 1, 2, 3];

const attach = ({ netns, ifname }: VethEnd, program: string, force = false) =>
  run('bpftool', ['prog', 'loadall', OBJECT, '/sys/fs/bpf/observed'], {})
    .then(() =>
      run(
        'bpftool',
        [
          'net',
          'attach',
          'xdp',
          'pinned',
          `/sys/fs/bpf/observed/${program}`,
          'dev',
          ifname,
          ...(force ? ['overwrite'] : []),
        ],
        { netns },
      ),
    )
    .finally(() => run('rm', ['-rf', '/sys/fs/bpf/observed']));
const observe = ({ netns, ifname }: VethEnd, more: Partial<CaptureTarget> = {}): CaptureTarget => ({
  ifname,
  netns,
  hook: 'observe',
  ...more,
});
const send = (end: VethEnd, frames: Uint8Array[]) => addon.sendFrames({ ifname: end.ifname, netns: end.netns, frames });
const matched = (capture: AddonCapture, slot: number, count: number) =>
  eventually(
    `${count} packets at ${slot}`,
    () => capture.capture.counters().interfaces![slot]!.matchedPackets >= count,
    20_000,
  );

/** epb_packetid of each packet, in order. */
function packetIds({ packets, pcapng }: Finished): (string | undefined)[] {
  const source = { read: (offset: number, length: number) => pcapng.subarray(offset, offset + length) };
  return packets.map(
    ({ bytes }) => readPacketOptions(source, bytes.byteOffset - pcapng.byteOffset, bytes.length)?.packetId,
  );
}

test('drops, rewrites, longer and shorter packets: both sides of each, paired, with the verdict', () =>
  withPair(PAIR, async (a, b) => {
    await attach(b, 'rewrite');
    const capture = new AddonCapture([observe(b)]);
    const attachments = capture.capture.attachments;
    assert.deepEqual(
      attachments.map(({ via, interfaceId, observed }) => [via, interfaceId, observed?.side, observed?.name]),
      [
        ['tracing-link', 0, 'before', 'rewrite'],
        ['tracing-link', 1, 'after', 'rewrite'],
      ],
    );
    const frames = [7, 8, 9, 10, 11, 12].map((destinationPort) => udpFrame(a, b, pattern(20), { destinationPort }));
    await send(a, frames);
    await matched(capture, 1, frames.length);
    const finished = await capture.finish();
    const ids = packetIds(finished);
    const before = finished.packets.filter(({ interfaceId }) => interfaceId === 0);
    const after = finished.packets.filter(({ interfaceId }) => interfaceId === 1);
    assert.deepEqual(
      before.map(({ bytes }) => Buffer.from(bytes).toString('hex')),
      frames.map((frame) => Buffer.from(frame).toString('hex')),
    );
    assert.ok(
      before.every(({ verdict }) => verdict === 255),
      'nobody has judged it yet',
    );
    assert.deepEqual(
      after.map(({ verdict }) => verdict),
      [DROP, TX, PASS, ABORTED, PASS, PASS],
    );
    assert.deepEqual(
      after.map(({ bytes }, i) => changedBytes(frames[i]!, bytes)),
      [
        [],
        [
          [5, 1],
          [11, 1],
        ],
        [[0, 4]],
        [],
        [[frames[4]!.length - 6, 0]],
        [],
      ],
    );
    const own = (side: number) => ids.filter((_, i) => finished.packets[i]!.interfaceId === side);
    assert.deepEqual(own(0), own(1));
    assert.equal(new Set(own(0)).size, frames.length);
    assert.equal(finished.counters.lostKernel + finished.counters.lostPipe, 0);
  }));

test('a filter looks at the packet before the program, and both images follow it; statistics have the real verdicts', () =>
  withPair(PAIR, async (a, b) => {
    await attach(b, 'rewrite');
    const capture = new AddonCapture([observe(b)], { filter: compileFilter('udp dst port 7 or udp dst port 8', [1]) });
    const port = (destinationPort: number) => udpFrame(a, b, pattern(20), { destinationPort });
    await send(a, [port(7), port(8), port(12), port(7), port(13)]);
    await matched(capture, 1, 3);
    await eventually('the others were refused', () => capture.capture.counters().filteredPackets === 2, 10_000);
    capture.capture.setFilter(compileFilter('udp dst port 12', [1]));
    await send(a, [port(7), port(12)]);
    await matched(capture, 1, 4);
    const stats = capture.capture.readStats();
    const { packets } = await capture.finish();
    assert.deepEqual(
      packets.filter(({ interfaceId }) => interfaceId === 1).map(({ verdict }) => verdict),
      [DROP, TX, DROP, PASS],
    );
    const view = new DataView(stats.buffer, stats.byteOffset);
    const verdicts = [0, 0, 0, 0, 0];
    for (let cpu = 0; cpu < addon.probe().cpusPossible; cpu++)
      for (let i = 0; i < 5; i++) verdicts[i]! += Number(view.getBigUint64(cpu * 336 + i * 16, true));
    assert.deepEqual(verdicts, [0, 2, 1, 1, 0]);
  }));

test('fragments: 8,000 bytes are whole on both sides', () =>
  withPair({ ...PAIR, mtu: 9000 }, async (a, b) => {
    await attach(b, 'jumbo');
    const capture = new AddonCapture([observe(b)]);
    const frame = udpFrame(a, b, pattern(8000));
    await send(a, [frame]);
    await matched(capture, 1, 1);
    const { packets } = await capture.finish();
    assert.deepEqual(
      packets.map(({ bytes, wireLen }) => [Buffer.compare(bytes, frame), wireLen]),
      [
        [0, frame.length],
        [0, frame.length],
      ],
    );
  }));

test('sampling leaves out both images of a packet', () =>
  withPair(PAIR, async (a, b) => {
    await attach(b, 'rewrite');
    const capture = new AddonCapture([observe(b)], { sample: 5 });
    await send(
      a,
      Array.from({ length: 50 }, () => udpFrame(a, b, pattern(20))),
    );
    await matched(capture, 1, 50);
    const finished = await capture.finish();
    const ids = packetIds(finished);
    const own = (side: number) => ids.filter((_, i) => finished.packets[i]!.interfaceId === side);
    assert.deepEqual(own(0), own(1));
    assert.ok(own(0).length >= 10 && own(0).length < 15);
    assert.equal(finished.counters.capturedPackets + finished.counters.skippedPackets, 100);
  }));

test('together with another hook in one capture, and beside a long program name', () =>
  withPair(PAIR, async (a, b) => {
    await attach(b, 'count_and_let_everything_pass');
    const capture = new AddonCapture([
      { ifname: b.ifname, netns: b.netns, hook: 'tc-ingress' },
      observe(b, { program: 'count_and_let_everything_pass' }),
    ]);
    assert.equal(capture.capture.attachments[1]?.observed?.name, 'count_and_let_everything_pass');
    await send(a, [udpFrame(a, b, pattern(20)), udpFrame(a, b, pattern(30))]);
    await matched(capture, 0, 2);
    await matched(capture, 2, 2);
    const { packets } = await capture.finish();
    assert.deepEqual(
      [0, 1, 2].map((id) => packets.filter(({ interfaceId }) => interfaceId === id).length),
      [2, 2, 2],
    );
    assert.throws(() => new AddonCapture([observe(b, { program: 'nonesuch' })]), {
      code: 'ENOENT',
      hint: /count_and_let_e/,
    });
  }));

test('the observed program is replaced by another one: told with its id, and the new one is left alone', () =>
  withPair(PAIR, async (_, b) => {
    await attach(b, 'rewrite');
    const capture = new AddonCapture([observe(b)]);
    const told: Error[] = [];
    capture.capture.onFailure((error) => told.push(error));
    await attach(b, 'jumbo', true);
    await eventually('told', () => told.length > 0, 60_000);
    assert.match(told[0]!.message, /another XDP program \(id \d+\) replaced the one that was observed/);
    await capture.finish();
    assert.equal(addon.interfaces(b.netns).find(({ ifname }) => ifname === b.ifname)!.attached[0]?.name, 'jumbo');
  }));

const [major = 0, minor = 0] = release().split('.').map(Number);
// Debian 12's xdp-loader (1.3.1) cannot make a dispatcher on later kernels: it is refused there before we come into it.
if (major < 6 || (major === 6 && minor < 10))
  test('a dispatcher with two programs: each is observed on its own, in order', () =>
    withPair(PAIR, async (a, b) => {
      const loaded = await attempt('xdp-loader', ['load', '-m', 'native', '-s', 'xdp', b.ifname, OBJECT], {
        netns: b.netns,
      });
      assert.equal(loaded.status, 0, loaded.stderr);
      const second = await attempt(
        'xdp-loader',
        ['load', '-m', 'native', '-n', 'count_and_let_everything_pass', b.ifname, OBJECT],
        { netns: b.netns },
      );
      assert.equal(second.status, 0, second.stderr);
      const capture = new AddonCapture([observe(b)]);
      const names = capture.capture.attachments.map(({ observed }) => `${observed?.side} ${observed?.name}`);
      assert.equal(names.length, 4, names.join());
      assert.ok(
        names.includes('before rewrite') && names.includes('after count_and_let_everything_pass'),
        names.join(),
      );
      await send(a, [udpFrame(a, b, pattern(20))]);
      await matched(capture, 1, 1);
      const { packets } = await capture.finish();
      assert.ok(packets.length >= 2);
      await run('xdp-loader', ['unload', '-a', b.ifname], { netns: b.netns });
    }));

test('dump --hook observe prints both sides with the verdict and the bytes that changed', () =>
  withPair(PAIR, async (a, b) => {
    await attach(b, 'rewrite');
    const cli = attempt('/xdpeek/node_modules/node/bin/node', [
      '/xdpeek/dist/cli/main.mjs',
      'dump',
      '-i',
      `${b.ifname}@${b.netns}`,
      '--hook',
      'observe',
      '-c',
      '4',
    ]);
    await eventually(
      'attached',
      async () => {
        await send(a, [udpFrame(a, b, pattern(20), { destinationPort: 8 })]);
        return (await Promise.race([
          cli.then(() => true),
          new Promise((done) => setTimeout(done, 300, false)),
        ])) as boolean;
      },
      60_000,
    );
    const { stdout, stderr, status } = await cli;
    assert.equal(status, 0, stderr);
    const lines = stdout.trim().split('\n');
    assert.match(lines[0]!, /before rewrite .*UDP/);
    assert.match(lines[1]!, /after {2}rewrite {2}tx .*\[packet 1 with bytes 5, 11 changed\]/);
    assert.match(stderr, /INTERFACE +HOOK +SEEN/);
  }));
