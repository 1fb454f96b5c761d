/**
 * Capture filters in the kernel. The judge of each verdict is not ours: tcpdump, that is libpcap's own interpreter, for the corpus, and an
 * interpreter written for these tests for programs made at random. Then live: filters that change under traffic lose nothing.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { pcapHeader, pcapRecord } from '../../electron/packets/pcap/writer.ts';
import { compileFilter } from '../../electron/session/filter/index.ts';
import type { CaptureTarget } from '../../electron/shared/capture.ts';
import { addon } from './lib/addon.ts';
import { AddonCapture } from './lib/addon-capture.ts';
import { flat, interpret, random, randomProgram } from './lib/classic-bpf.ts';
import { corpusPackets, FILTERS } from './lib/filter-corpus.ts';
import { concat, numberedFrames, pattern, udpFrame } from './lib/frames.ts';
import { generate } from './lib/generator.ts';
import { readPcap } from './lib/ground-truth.ts';
import { type VethEnd, withNetwork, withPair } from './lib/network.ts';
import { attempt, eventually, run } from './lib/process.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'xf-'));
after(() => rmSync(folder, { recursive: true }));

const ETHERNET = [1];
const codeOf = (text: string) => compileFilter(text, ETHERNET).programs[0]!.code;

describe('verdicts are libpcap’s', () => {
  const packets = corpusPackets();
  const file = path.join(folder, 'corpus.pcap');
  // The time of packet n is n seconds: what tcpdump hands on can be told apart.
  writeFileSync(
    file,
    concat(
      pcapHeader(1),
      ...packets.map((bytes, i) => pcapRecord(BigInt(i + 1) * 1_000_000_000n, bytes.length, bytes)),
    ),
  );

  /** The kernel runs tc programs on packets with a whole IP header and of less than a page. */
  const runnable = (bytes: Uint8Array, context: 'xdp' | 'tc') =>
    context === 'xdp' || (bytes.length >= 54 && bytes.length < 3400);

  async function judged(text: string): Promise<number[]> {
    const out = path.join(folder, 'judged.pcap');
    const result = await attempt('tcpdump', ['-r', file, '-w', out, text]);
    assert.equal(result.status, 0, `${text}: ${result.stderr}`);
    return readPcap(out).map(({ epochNs }) => Number(epochNs / 1_000_000_000n) - 1);
  }

  test(`${FILTERS.length} filters on ${packets.length} packets, as XDP and as tc programs`, async () => {
    assert.ok(FILTERS.length >= 150);
    let matches = 0;
    for (const text of FILTERS) {
      const expected = await judged(text);
      matches += expected.length;
      for (const context of ['xdp', 'tc'] as const) {
        const verdicts = addon.runFilter(codeOf(text), context, packets);
        const found = [...verdicts.entries()].filter(([, verdict]) => verdict === 1).map(([i]) => i);
        assert.deepEqual(
          found,
          expected.filter((i) => verdicts[i] !== 255),
          `${text} (${context})`,
        );
        const left = [...verdicts.entries()].filter(([, verdict]) => verdict === 255).map(([i]) => packets[i]!);
        assert.ok(!left.some((packet) => runnable(packet, context)), `${text}: every packet was run`);
      }
    }
    assert.ok(matches > packets.length, 'the corpus does match');
  });

  test('2,000 random programs give what the interpreter gives', () => {
    const some = packets.filter((packet, i) => i % 4 === 0 && runnable(packet, 'tc'));
    let matched = 0;
    for (let seed = 1; seed <= 2000; seed++) {
      const program = randomProgram(random(seed));
      const context = seed % 2 ? 'xdp' : 'tc';
      const expected = some.map((packet) => (interpret(program, packet) === 0 ? 0 : 1));
      assert.deepEqual([...addon.runFilter(flat(program), context, some)], expected, `seed ${seed} (${context})`);
      matched += expected.filter(Boolean).length;
    }
    assert.ok(matched > 1000 && matched < 2000 * some.length, 'both verdicts occur');
  });
});

describe('root’s door', () => {
  const refused: [string, number[]][] = [
    ['nothing', []],
    ['no return at the end', [0x00, 0, 0, 1]],
    ['a jump behind the end', [0x15, 1, 0, 5, 0x06, 0, 0, 1]],
    ['an endless jump', [0x05, 0, 0, 0xffffffff, 0x06, 0, 0, 1]],
    ['memory slot 16', [0x60, 0, 0, 16, 0x06, 0, 0, 1]],
    ['a store to slot 99', [0x02, 0, 0, 99, 0x06, 0, 0, 1]],
    ['division by the constant 0', [0x34, 0, 0, 0, 0x06, 0, 0, 1]],
    ['a shift by 32', [0x64, 0, 0, 32, 0x06, 0, 0, 1]],
    ['the kernel’s ancillary data', [0x28, 0, 0, 0xfffff000, 0x06, 0, 0, 1]],
    ['an unknown operation', [0xb4, 0, 0, 1, 0x06, 0, 0, 1]],
    ['a code beyond eight bits', [0x106, 0, 0, 1]],
    ['a return of X', [0x0e, 0, 0, 1]],
  ];
  for (const [name, code] of refused)
    test(`refuses ${name}`, () => assert.throws(() => addon.translateFilter(code, 'xdp'), { code: 'FILTER' }));

  test('refuses 4,097 instructions; what is too long for one eBPF program says so', () => {
    const loads = (count: number) => [
      ...Array.from({ length: count }, () => [0x20, 0, 0, 40_000]).flat(),
      0x06,
      0,
      0,
      1,
    ];
    assert.throws(() => addon.translateFilter(loads(4096), 'xdp'), { code: 'FILTER', message: /4097 instructions/ });
    assert.throws(() => addon.translateFilter([0x15, 255, 0, 1, ...loads(4000)], 'tc'), {
      code: 'FILTER',
      message: /too long/,
    });
  });

  test('100,000 programs of random numbers never crash it, and what it takes the kernel’s verifier takes', () => {
    const next = random(7);
    let taken = 0;
    for (let i = 0; i < 100_000; i++) {
      const count = 1 + Math.floor(next() * 6);
      const code = Array.from({ length: count * 4 }, (_, n) =>
        n % 4 === 3
          ? Math.floor(next() * (next() < 0.5 ? 64 : 0x100000000))
          : n % 4 === 0
            ? Math.floor(next() * 256)
            : Math.floor(next() * 4),
      );
      if (next() < 0.9) code.splice(-4, 4, 0x06, 0, 0, 1);
      try {
        addon.translateFilter(code, 'xdp');
      } catch (error) {
        assert.equal((error as { code: string }).code, 'FILTER');
        continue;
      }
      if (taken++ % 20 === 0) addon.runFilter(code, i % 2 ? 'xdp' : 'tc', [pattern(60)]);
    }
    assert.ok(taken > 1000, `${taken} were valid`);
  });
});

const at = ({ ifname, netns }: { ifname: string; netns: string }, hook: CaptureTarget['hook']): CaptureTarget => ({
  ifname,
  netns,
  hook,
});
const send = (end: VethEnd, frames: Uint8Array[]) => addon.sendFrames({ ifname: end.ifname, netns: end.netns, frames });
const PAIR = { prefix: 'xf', quiet: true };

describe('live', () => {
  for (const hook of ['xdp', 'tc-ingress', 'socket'] as const)
    test(`${hook}: only what matches is counted and captured; the rest is counted as filtered and passes`, () =>
      withPair(PAIR, async (a, b) => {
        const capture = new AddonCapture([at(b, hook)], { filter: compileFilter('udp dst port 7', ETHERNET) });
        const wanted = numberedFrames(a, b, 30, 22, { destinationPort: 7 });
        await send(a, [...numberedFrames(a, b, 50), ...wanted]);
        await eventually('all seen', () => {
          const { matchedPackets, filteredPackets } = capture.capture.counters();
          return matchedPackets >= 30 && filteredPackets >= 50;
        });
        const { packets, counters } = await capture.finish();
        assert.deepEqual(
          packets.map(({ bytes }) => Buffer.from(bytes).toString('hex')),
          wanted.map((bytes) => Buffer.from(bytes).toString('hex')),
        );
        assert.equal(counters.matchedPackets, 30);
      }));

  test('changed again and again under full load: every packet is judged by the old filter or the new one', () =>
    withPair(PAIR, async (a, b) => {
      await run('ethtool', ['-K', b.ifname, 'gro', 'on'], { netns: b.netns });
      const all = [
        compileFilter('udp', ETHERNET),
        compileFilter('ip', ETHERNET),
        compileFilter('len >= 60', ETHERNET),
        undefined,
      ];
      const capture = new AddonCapture([at(b, 'xdp')], { snaplen: 60 });
      let changes = 0;
      const timer = setInterval(() => capture.capture.setFilter(all[changes++ % all.length]), 5);
      const { sent } = await generate(a, { pps: 300_000, count: 600_000 }, b);
      clearInterval(timer);
      const { counters } = await capture.finish();
      assert.ok(changes > 20, `${changes} changes`);
      assert.equal(counters.matchedPackets, sent, 'each of the filters takes every one of these packets');
      assert.equal(counters.filteredPackets, 0);
    }));

  test('a filter that cannot be loaded leaves the old one in place', () =>
    withPair(PAIR, async (a, b) => {
      const capture = new AddonCapture([at(b, 'xdp')], { filter: compileFilter('udp dst port 7', ETHERNET) });
      assert.throws(
        () => capture.capture.setFilter({ text: 'broken', programs: [{ linkType: 1, code: [0, 0, 0, 0] }] }),
        { code: 'FILTER' },
      );
      assert.throws(
        () => capture.capture.setFilter({ text: 'raw only', programs: [{ linkType: 101, code: codeOf('udp') }] }),
        { code: 'FILTER', message: /link type/ },
      );
      await send(a, [...numberedFrames(a, b, 5), ...numberedFrames(a, b, 5, 22, { destinationPort: 7 })]);
      await eventually('ten', () => {
        const { matchedPackets, filteredPackets } = capture.capture.counters();
        return matchedPackets >= 5 && filteredPackets >= 5;
      });
      assert.equal((await capture.finish()).counters.filteredPackets, 5);
    }));

  test('tags that the kernel moved into metadata are seen in their place, at tc and at a packet socket', () =>
    withNetwork({ prefix: 'xf' }, async (network) => {
      const [left, middle, right] = [
        await network.namespace('a'),
        await network.namespace('m'),
        await network.namespace('b'),
      ];
      const [a, port] = await network.veth(left, middle, { ifname: 'p0', quiet: true });
      const [b] = await network.veth(right, middle, { ifname: 'p1', quiet: true });
      const frames = [
        udpFrame(a, b, pattern(30), { tags: [{ id: 42, priority: 5 }] }),
        udpFrame(a, b, pattern(30), { tags: [{ id: 7 }], family: 6 }),
        udpFrame(a, b, pattern(30), { tags: [{ id: 42 }, { id: 9 }] }),
        udpFrame(a, b, pattern(31)),
      ];
      const cases: [string, number[]][] = [
        ['vlan', [0, 1, 2]],
        ['vlan 42', [0, 2]],
        ['vlan 42 and udp', [0]],
        ['vlan and ip6 and udp dst port 9', [1]],
        ['vlan 42 and vlan 9', [2]],
        ['ether[12:2] = 0x8100', [0, 1, 2]],
        ['ether[14:2] & 0xfff = 7', [1]],
        ['ether[10:4] = 0x00018100', [0, 1, 2]],
        ['ether[13:4] = 0x00a02a08', [0]],
        ['ether[11] = 1', [0, 1, 2, 3]],
        ['udp', [3]],
        [`len = ${frames[1]!.length}`, [1]],
        ['ether[len - 1] != 0 and vlan', [0, 1, 2]],
        ['ether[ether[5] + 11:2] = 0x8100', [0, 1, 2]],
      ];
      for (const hook of ['tc-ingress', 'socket'] as const)
        for (const [text, expected] of cases) {
          const capture = new AddonCapture([at(port, hook)], { filter: compileFilter(text, ETHERNET) });
          await send(a, frames);
          await eventually('all seen', () => {
            const { matchedPackets, filteredPackets } = capture.capture.counters();
            return matchedPackets + filteredPackets >= frames.length;
          });
          const { packets } = await capture.finish();
          const found = packets.map(({ bytes }) => frames.findIndex((frame) => Buffer.compare(frame, bytes) === 0));
          assert.deepEqual(found, expected, `${text} at ${hook}`);
        }
    }));

  test('protochain, which needs a loop, is refused in words and in its place', () => {
    assert.throws(() => compileFilter('ip6 protochain 17', ETHERNET), {
      code: 'FILTER',
      message: /loop, which no filter in the kernel can/,
      place: { offset: 4, length: 10 },
    });
  });

  test('the presets compile, for Ethernet and those without addresses of it for raw IP', async () => {
    const { filterPresets } = await import('../../electron/session/filter/index.ts');
    const presets = filterPresets({ SSH_CONNECTION: '192.0.2.7 50022 198.51.100.1 22' });
    for (const { filter } of presets) assert.ok(compileFilter(filter, [1]).programs.length === 1, filter);
    const mine = presets.find(({ id }) => id === 'not-ssh')!;
    assert.match(
      mine.filter,
      /^not \(tcp port 22 and tcp port 50022 and host 192\.0\.2\.7 and host 198\.51\.100\.1\)$/,
    );
    assert.equal(
      filterPresets({ SSH_CONNECTION: 'x; y 1 2' }).find(({ id }) => id === 'not-ssh')!.filter,
      'not tcp port 22',
    );
  });
});
