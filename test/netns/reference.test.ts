/** Rows of the reference that no other file shows: programs and maps by the command line, on real interfaces. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { nothingAttached, tsharkFields, withFolder, xdpeek } from './cli-lib.ts';
import { addon } from './lib/addon.ts';
import { udpFrame } from './lib/frames.ts';
import { withLibrary } from './lib/library.ts';
import { type VethEnd, withPair } from './lib/network.ts';
import { eventually, run, start } from './lib/process.ts';

const dist = path.resolve(import.meta.dirname, '../../dist');
const object = (name: string) => path.join(dist, 'bpf/library', `${name}.bpf.o`);
const quiet = { prefix: 'xlr', quiet: true } as const;
/** Names of pins are of the whole machine. */
const unique = (name: string) => `xlr${process.pid}_${name}`;

const beside = (args: readonly string[]) => start(process.execPath, [path.join(dist, 'cli/main.mjs'), ...args]);

async function ok(args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await xdpeek(args);
  assert.equal(status, 0, `${args.join(' ')}: ${stderr}`);
  return stdout;
}
async function refused(args: readonly string[], words: RegExp): Promise<void> {
  const { status, stderr } = await xdpeek(args);
  assert.match(stderr, words, args.join(' '));
  assert.equal(status, 1);
}
const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const xdpOf = ({ netns, ifname }: VethEnd) => addon.interfaces(netns).find((each) => each.ifname === ifname)!.attached;
const send = (a: VethEnd, b: VethEnd, count: number, options: Parameters<typeof udpFrame>[3] = {}) =>
  addon.sendFrames({
    netns: a.netns,
    ifname: a.ifname,
    frames: Array(count).fill(udpFrame(a, b, new Uint8Array(9), options)),
  });

test('a program is chosen by name or section, attached by mode and taken off; what stands in its way is said with the way out', () =>
  withPair(quiet, async (a, b) => {
    const at = ['-i', b.ifname, '--netns', b.netns];
    const file = object('xdp_pass');
    for (const [mode, chosen, arrive] of [
      ['native', 'xdp_drop', 0],
      ['generic', 'xdp_pass', 5],
    ] as const) {
      const running = beside([
        'prog',
        'attach',
        `${file}:${chosen}`,
        ...at,
        '--mode',
        mode,
        '--json',
        '--interval',
        '0.2',
      ]);
      await running.waitFor(/attached /);
      assert.deepEqual(
        xdpOf(b).map((each) => [each.name, each.mode]),
        [[chosen, mode]],
      );
      await refused(['prog', 'attach', `${file}:xdp_abort`, ...at], /--force/);
      await send(a, b, 5);
      await running.waitFor(arrive === 0 ? /"drop"[^}]*5/i : /"pass"[^}]*5/i);
      assert.equal((await running.stop('SIGINT')).status, 0);
      await nothingAttached(b.netns, b.ifname);
    }
    const several = await xdpeek(['prog', 'attach', file, ...at]);
    assert.equal(several.status, 2);
    assert.match(several.stderr, /has several programs.*xdp_pass, xdp_drop, xdp_abort/);
    await refused(['prog', 'attach', 'xdp_pass', '-i', 'lo', '--mode', 'native'], /generic/);
    // By section: the only one of its kind.
    await ok(['prog', 'attach', `${object('vlan_drop')}:xdp`, ...at, '--duration', '0.1']);
    await nothingAttached(b.netns, b.ifname);
  }));

test('maps are pinned in a folder, found again on reload with their counts, and refused when they differ', () =>
  withPair(quiet, async (a, b) => {
    const folder = unique('maps');
    const at = ['-i', b.ifname, '--netns', b.netns, '--duration', '0.1'];
    const passed = async () => {
      const [entry] = lines(await ok(['map', 'get', `${folder}/verdicts`, '2', '--json']));
      return Number(entry.value.packets);
    };
    try {
      const running = beside([
        'prog',
        'attach',
        'vlan_collect',
        '-i',
        b.ifname,
        '--netns',
        b.netns,
        '--pin-dir',
        folder,
      ]);
      await running.waitFor(/attached /);
      await send(a, b, 7);
      await eventually('seven are counted', async () => (await passed()) === 7);
      await running.stop();
      await refused(['prog', 'attach', 'vlan_collect', ...at, '--pin-dir', folder], /--reuse-maps/);
      const again = beside([
        'prog',
        'attach',
        'vlan_collect',
        '-i',
        b.ifname,
        '--netns',
        b.netns,
        '--pin-dir',
        folder,
        '--reuse-maps',
      ]);
      await again.waitFor(/attached /);
      await send(a, b, 4);
      await eventually('they go on from seven', async () => (await passed()) === 11);
      await again.stop();
      await refused(
        ['prog', 'load', 'vlan_collect', '--pin-dir', folder, '--reuse-maps', '--map-size', 'vlans=16'],
        /vlans.*(max_entries|entries)|(max_entries|entries).*vlans/s,
      );
      assert.equal(await passed(), 11);
    } finally {
      for (const map of ['verdicts', 'vlans']) await xdpeek(['map', 'unpin', `${folder}/${map}`]);
    }
  }));

test('plain and per-CPU arrays and hashes are read, summed and by CPU', () =>
  withPair(quiet, (a, b) =>
    withLibrary(async (lab) => {
      const stats = await lab.attach('xdp_stats', b);
      await send(a, b, 6);
      await eventually('six', () => stats.verdicts()['pass'] === 6);
      const [udp] = lines(await ok(['map', 'dump', `${stats.maps['protocols']}`, '--filter', 'key == 17', '--json']));
      assert.equal(Number(udp.value.packets), 6);
      const [wide] = lines(
        await ok(['map', 'dump', `${stats.maps['protocols']}`, '--filter', 'key == 17', '--per-cpu', '--json']),
      );
      const each = (wide.values as { value: { packets: number } }[]).map(({ value }) => value.packets);
      assert.equal(each.length, addon.probe().cpusPossible);
      assert.equal(
        each.reduce((sum, one) => sum + one),
        6,
      );
      await stats.detach();
      const traffic = await lab.attach('traffic_calls', b);
      await send(a, b, 3, { family: 6, destinationPort: 53 });
      await eventually('three', () => traffic.verdicts()['pass'] === 3);
      const hash = lines(await ok(['map', 'dump', `${traffic.maps['udp_ports']}`, '--json']));
      assert.deepEqual(
        hash.map(({ key, value }) => [Number(key), Number(value.packets)]),
        [[53, 3]],
      );
      await traffic.detach();
      const alternate = await lab.attach('xsk_alternate', b);
      await send(a, b, 5);
      await eventually('five', () => alternate.verdicts()['pass'] === 5);
      const [queue] = lines(await ok(['map', 'get', `${alternate.maps['queues']}`, '0', '--json']));
      assert.equal(Number(queue.value), 5);
    }),
  ));

const COUNTER = `
; Counts packets and lets every one pass.
.type xdp
.license GPL
.map counts array 4 8 1
  *(u32 *)(r10 -4) = 0
  r2 = r10
  r2 += -4
  r1 = map[counts]
  call bpf_map_lookup_elem
  if r0 == 0 goto out
  r1 = 1
  lock *(u64 *)(r0 +0) += r1
out:
  r0 = 2
  exit
`;

async function countsPackets(a: VethEnd, b: VethEnd, load: readonly string[], pin: string): Promise<number> {
  const { programs, maps } = JSON.parse(await ok(['prog', 'load', ...load, '--pin', pin, '--json']));
  const running = beside(['prog', 'attach', `${programs[0].id}`, '-i', b.ifname, '--netns', b.netns]);
  await running.waitFor(/attached /);
  await send(a, b, 8);
  await eventually('eight', () => addon.mapLookup(maps[0].id, new Uint8Array(4))?.[0] === 8);
  await running.stop();
  return programs[0].id;
}

test('a program made of instructions counts packets of an interface, without any toolchain', () =>
  withPair(quiet, (a, b) =>
    withFolder(async (folder) => {
      const pin = unique('insns');
      const file = path.join(folder, 'counter.json');
      const instructions = [
        { code: 0x62, dst: 10, off: -4, imm: 0 },
        { code: 0xbf, dst: 2, src: 10 },
        { code: 0x07, dst: 2, imm: -4 },
        { code: 0x18, dst: 1, map: 'counts' },
        { code: 0x85, imm: 1 },
        { code: 0x15, dst: 0, off: 2, imm: 0 },
        { code: 0xb7, dst: 1, imm: 1 },
        { code: 0xdb, dst: 0, src: 1, imm: 0 },
        { code: 0xb7, dst: 0, imm: 2 },
        { code: 0x95 },
      ];
      const maps = [{ name: 'counts', type: 'array', key: 4, value: 8, entries: 1 }];
      writeFileSync(file, JSON.stringify({ type: 'xdp', license: 'GPL', maps, instructions }));
      try {
        await countsPackets(a, b, ['--insns', file], pin);
      } finally {
        await xdpeek(['prog', 'unpin', pin]);
      }
    }),
  ));

test('assembly is loaded, attached and judged; what the kernel holds reads the same', () =>
  withPair(quiet, (a, b) =>
    withFolder(async (folder) => {
      const pin = unique('asm');
      const file = path.join(folder, 'counter.s');
      writeFileSync(file, COUNTER);
      try {
        const id = await countsPackets(a, b, ['--asm', file], pin);
        const text = await ok(['prog', 'disasm', `${id}`]);
        for (const line of ['r2 = r10', 'r2 += -4', 'lock *(u64 *)(r0 +0) += r1', 'r0 = 2', 'exit'])
          assert.ok(text.includes(line), `${line} in\n${text}`);
      } finally {
        await xdpeek(['prog', 'unpin', pin]);
      }
      writeFileSync(file, COUNTER.replace('r2 += -4', 'r2 =+ -4'));
      await refused(['prog', 'load', '--asm', file], /counter\.s: .*line 8|counter\.s: .*8:/);
    }),
  ));

test('a raw socket with an eBPF filter writes the ICMP packets of both directions, and no others, into a file', () =>
  withPair({ prefix: 'xlr' }, (a, b) =>
    withFolder(async (folder) => {
      const file = path.join(folder, 'icmp.pcap');
      const capture = beside([
        'dump',
        '-i',
        `${b.ifname}@${b.netns}`,
        '--hook',
        'socket',
        '-f',
        'icmp',
        '-w',
        file,
        '-c',
        '8',
      ]);
      await capture.waitFor(/watching /);
      for (const size of ['32', '57']) {
        // What the stack says of their closed port is ICMPv6, which 'icmp' is not.
        await send(a, b, 3, { family: 6 });
        await run('ping', ['-4', '-c', '2', '-i', '0.05', '-s', size, b.ipv4], { netns: a.netns });
      }
      assert.equal((await capture.ended).status, 0);
      const seen = await tsharkFields(file, ['icmp.type', 'icmp.seq', 'icmp.checksum.status', 'data.len', 'udp.port']);
      assert.deepEqual(
        seen.map((line) => line.trimEnd()),
        [24, 49].flatMap((length) =>
          ['1', '2'].flatMap((seq) => ['8', '0'].map((type) => `${type}\t${seq}\t1\t${length}`)),
        ),
      );
    }),
  ));
