/** How much is kept, and in what: limits, sampling, rings of files, several interfaces and namespaces, counting alone. tshark reads each file. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { capturing, packetsByTshark, tsharkFields, withFolder, xdpeek } from './cli-lib.ts';
import { addon } from './lib/addon.ts';
import { parsePackets } from './lib/addon-capture.ts';
import { numberedFrames } from './lib/frames.ts';
import { type VethEnd, withPair } from './lib/network.ts';
import { eventually } from './lib/process.ts';

const PAIR = { prefix: 'xv', quiet: true };
const send = (end: VethEnd, frames: Uint8Array[], intervalUs?: number) =>
  addon.sendFrames({ ifname: end.ifname, netns: end.netns, frames, ...(intervalUs !== undefined && { intervalUs }) });
const packetsOf = (file: string) => parsePackets(readFileSync(file));
const numbersOf = (file: string) =>
  packetsOf(file).map(({ bytes }) => new DataView(bytes.buffer, bytes.byteOffset + 42).getUint32(0));
const range = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('limits', () => {
  test('-c, --bytes and --duration end the capture by themselves, with exactly what was asked for', () =>
    withPair(PAIR, (a, b) =>
      withFolder(async (folder) => {
        const frames = numberedFrames(a, b, 100, 58); // 100 bytes each
        for (const [option, value, wanted] of [
          ['-c', '33', 33],
          ['--bytes', '1K', 11], // the packet that reaches 1024 is the last
        ] as const) {
          const file = path.join(folder, `${wanted}.pcapng`);
          const dump = await capturing(['dump', '-i', b.ifname, option, value, '-w', file], b.netns);
          await send(a, frames);
          const { status, stderr } = await dump.ended;
          assert.equal(status, 0, stderr);
          assert.equal((await packetsByTshark(file)).length, wanted, option);
          assert.deepEqual(numbersOf(file), range(wanted));
        }
        const file = path.join(folder, 'time.pcapng');
        const dump = await capturing(['dump', '-i', b.ifname, '--duration', '1.5', '-w', file], b.netns);
        await send(a, frames);
        assert.equal((await dump.ended).status, 0);
        assert.equal(packetsOf(file).length, 100);
      }),
    ));

  test('-s cuts what is kept, not what is counted', () =>
    withPair(PAIR, (a, b) =>
      withFolder(async (folder) => {
        const file = path.join(folder, 'cut.pcapng');
        const dump = await capturing(['dump', '-i', b.ifname, '-s', '60', '-c', '20', '-w', file], b.netns);
        await send(a, numberedFrames(a, b, 20, 458));
        await dump.ended;
        assert.deepEqual([...new Set(await tsharkFields(file, ['frame.cap_len', 'frame.len']))], ['60\t500']);
      }),
    ));

  test('--sample keeps one in N of each CPU and says how many it left out', () =>
    withPair(PAIR, (a, b) =>
      withFolder(async (folder) => {
        const file = path.join(folder, 'sample.pcapng');
        const dump = await capturing(['dump', '-i', b.ifname, '--sample', '10', '-w', file], b.netns);
        await send(a, numberedFrames(a, b, 500));
        await new Promise((resolve) => setTimeout(resolve, 200));
        const { stderr } = await dump.stop();
        const kept = packetsOf(file).length;
        assert.ok(kept >= 50 && kept <= 60, `${kept} kept`);
        assert.match(stderr, new RegExp(`500 packets .*; ${500 - kept} packets left out by sampling`));
        assert.match(stderr, /^0 packets lost$/m);
      }),
    ));

  test('--no-packets counts and keeps nothing', () =>
    withPair(PAIR, async (a, b) => {
      const dump = await capturing(['dump', '-i', b.ifname, '--no-packets'], b.netns);
      await send(a, numberedFrames(a, b, 70));
      await new Promise((resolve) => setTimeout(resolve, 200));
      const { stdout, stderr } = await dump.stop();
      assert.equal(stdout, '');
      assert.match(stderr, /^70 packets \(.*\) seen by the kernel program$/m);
    }));
});

describe('rings of files', () => {
  /** Names in order, and what is in them all. */
  const ring = (folder: string) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.pcapng'))
      .sort();

  test('--file-packets and --files: numbered and dated names, each a whole capture, the newest kept, no packet twice', () =>
    withPair(PAIR, (a, b) =>
      withFolder(async (folder) => {
        const options = ['-w', path.join(folder, 'r.pcapng'), '--file-packets', '20', '--files', '3'];
        const dump = await capturing(['dump', '-i', b.ifname, ...options], b.netns);
        await send(a, numberedFrames(a, b, 110));
        await eventually('the last file', () => ring(folder).some((name) => name.startsWith('r_00006_')));
        assert.equal((await dump.stop()).status, 0);
        const names = ring(folder);
        assert.deepEqual(
          names.map((name) => name.replace(/_\d{14}\./, '_T.')),
          ['r_00004_T.pcapng', 'r_00005_T.pcapng', 'r_00006_T.pcapng'],
        );
        const files = names.map((name) => path.join(folder, name));
        for (const [i, file] of files.entries()) assert.equal((await packetsByTshark(file)).length, [20, 20, 10][i]);
        assert.deepEqual(files.flatMap(numbersOf), range(110).slice(60));
      }),
    ));

  test('--file-size: no file is longer, no packet is lost between two; --file-time begins a new one as time goes', () =>
    withPair(PAIR, (a, b) =>
      withFolder(async (folder) => {
        const size = ['-w', path.join(folder, 's.pcapng'), '--file-size', '8K'];
        const dump = await capturing(['dump', '-i', b.ifname, ...size], b.netns);
        await send(a, numberedFrames(a, b, 400));
        await new Promise((resolve) => setTimeout(resolve, 300));
        await dump.stop();
        const files = ring(folder).map((name) => path.join(folder, name));
        assert.ok(files.length >= 5);
        // The interface statistics come behind what the size allows.
        for (const file of files) assert.ok(statSync(file).size <= 8192 + 256, `${statSync(file).size}`);
        assert.deepEqual(files.flatMap(numbersOf), range(400));
      }).then(() =>
        withFolder(async (folder) => {
          const time = ['-w', path.join(folder, 't.pcapng'), '--file-time', '0.3'];
          const dump = await capturing(['dump', '-i', b.ifname, ...time], b.netns);
          await send(a, numberedFrames(a, b, 100), 10_000);
          await dump.stop();
          const files = ring(folder).map((name) => path.join(folder, name));
          assert.ok(files.length >= 3, `${files.length} files in a second`);
          assert.deepEqual(files.flatMap(numbersOf), range(100));
        }),
      ),
    ));

  test('ring options without -w, or --files alone, are wrong usage', async () => {
    assert.equal((await xdpeek(['dump', '-i', 'lo', '--file-size', '1M'])).status, 2);
    assert.equal((await xdpeek(['dump', '-i', 'lo', '-w', 'x', '--files', '2'])).status, 2);
  });
});

test('IF@NS: several interfaces in several namespaces in one file, told apart, with a summary of each', () =>
  withPair(PAIR, (a, b) =>
    withFolder(async (folder) => {
      const file = path.join(folder, 'both.pcapng');
      const where = [a, b].flatMap(({ ifname, netns }) => ['-i', `${ifname}@${netns}`]);
      // Not the kernel's own answers that nobody listens.
      const dump = await capturing(['dump', ...where, '-w', file, 'udp']);
      await send(a, numberedFrames(a, b, 30));
      await send(b, numberedFrames(b, a, 20));
      await new Promise((resolve) => setTimeout(resolve, 200));
      const { status, stderr } = await dump.stop();
      assert.equal(status, 0, stderr);
      const names = await tsharkFields(file, ['frame.interface_id', 'frame.interface_description']);
      const counts = names.reduce((sum, name) => sum.set(name, (sum.get(name) ?? 0) + 1), new Map<string, number>());
      assert.deepEqual(
        counts,
        new Map([
          [`1\tseen at XDP in network namespace ${b.netns}`, 30],
          [`0\tseen at XDP in network namespace ${a.netns}`, 20],
        ]),
      );
      for (const [end, count] of [
        [a, 20],
        [b, 30],
      ] as const)
        assert.match(stderr, new RegExp(`^${end.ifname}@${end.netns} +xdp +\\d+ +${count} +0 +0$`, 'm'));
    }),
  ));
