/**
 * Programs, links and pins by the command line, on programs that bpftool loaded from the library's objects and attached on a veth pair, or that this process
 * attached. bpftool is the judge of ids, figures and disassembly.
 */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { machineInstruction } from '../../electron/packets/bpf/x86-listing.ts';
import { findLayout } from '../../electron/session/layout.ts';
import { PrivilegedAccess } from '../../electron/session/privileged/access.ts';
import { Programs } from '../../electron/session/workbench/programs.ts';
import { Workbench } from '../../electron/session/workbench/workbench.ts';
import type { LinkInfo } from '../../electron/shared/workbench.ts';
import type { ListingLine, ProgramDetail, ProgramRow } from '../../electron/shared/workbench-api.ts';
import { withFolder, xdpeek, xdpeekAsNobody } from './cli-lib.ts';
import { addon } from './lib/addon.ts';
import { Network, type VethEnd } from './lib/network.ts';
import { attempt, eventually, run, start } from './lib/process.ts';

const LIBRARY = path.resolve(import.meta.dirname, '../../dist/bpf/library');
const PINS = `/sys/fs/bpf/xdp-inspect-${process.pid}`;

interface BpftoolProgram {
  id: number;
  type: string;
  tag: string;
  name?: string;
  gpl_compatible: boolean;
  loaded_at: number;
  uid: number;
  bytes_xlated: number;
  bytes_jited: number;
  bytes_memlock: number;
  map_ids?: number[];
  pinned?: string[];
  run_cnt?: number;
}

const lines = <T>(stdout: string): T[] =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as T);

async function listed(): Promise<ProgramRow[]> {
  const { status, stdout, stderr } = await xdpeek(['prog', 'list', '--json']);
  assert.equal(status, 0, stderr);
  return lines(stdout);
}

const bpftool = async <T>(...args: string[]) => JSON.parse(await run('bpftool', ['-j', ...args])) as T;

/** Loads an object of the library; its programs are pinned under their names. */
async function load(object: string): Promise<(program: string) => Promise<BpftoolProgram>> {
  const folder = `${PINS}/${object}`;
  await run('bpftool', ['prog', 'loadall', `${LIBRARY}/${object}.bpf.o`, folder]);
  return (program) => bpftool<BpftoolProgram>('prog', 'show', 'pinned', `${folder}/${program}`);
}

let network: Network;
let near: VethEnd;
let far: VethEnd;

before(async () => {
  mkdirSync(PINS);
  network = new Network({ prefix: 'xi' });
  [near, far] = await network.veth(await network.namespace('a'), await network.namespace('b'));
});
after(async () => {
  rmSync(PINS, { recursive: true });
  await network.close();
});

const tcx = (programId: number, order: 'first' | 'last') =>
  new addon.ProgramAttachment(
    {
      programId,
      target: { kind: 'interface', ifname: near.ifname, netns: near.netns, hook: 'tc-ingress', order },
    },
    [],
  );
const loadTc = (name: string) =>
  new addon.WorkbenchObject({
    // r0 = 0; exit: TC_ACT_OK
    code: Uint8Array.of(0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0),
    name,
    type: 'sched_cls',
    license: 'GPL',
    maps: [],
    logLevel: 0,
  });

describe('prog list', () => {
  test('every program with the figures that bpftool gives, maps and pins', async () => {
    const named = await load('redirect_map');
    const judge = await named('redirect_map');
    const ours = (await listed()).find(({ id }) => id === judge.id)!;
    assert.deepEqual(
      {
        type: ours.type,
        name: ours.name,
        tag: ours.tag,
        uid: ours.uid,
        gpl: ours.gpl,
        xlated: ours.xlatedBytes,
        jited: ours.jitedBytes,
        memory: ours.memoryBytes,
        maps: ours.mapIds.toSorted(),
        loaded: Number(BigInt(ours.loadedNs) / 1_000_000_000n),
        pinned: ours.pinned,
        attached: ours.attached,
      },
      {
        type: 'xdp',
        name: 'redirect_map',
        tag: judge.tag,
        uid: 0,
        gpl: true,
        xlated: judge.bytes_xlated,
        jited: judge.bytes_jited,
        memory: judge.bytes_memlock,
        maps: judge.map_ids!.toSorted(),
        loaded: judge.loaded_at,
        pinned: [`${PINS}/redirect_map/redirect_map`],
        attached: [],
      },
    );
    const all = await bpftool<BpftoolProgram[]>('prog', 'list');
    const mine = all.filter(({ pinned }) => pinned?.some((file) => file.startsWith(PINS)) ?? false);
    const ids = (await listed()).map(({ id }) => id);
    assert.ok(mine.length === 0 || mine.every(({ id }) => ids.includes(id)));
  });

  test('where a program is attached: XDP without a link, with its mode, interface and namespace', async () => {
    const named = await load('xdp_pass');
    const { id } = await named('xdp_pass');
    await run('ip', ['link', 'set', 'dev', far.ifname, 'xdpgeneric', 'pinned', `${PINS}/xdp_pass/xdp_pass`], {
      netns: far.netns,
    });
    const attached = (await listed()).find((program) => program.id === id)!.attached;
    assert.deepEqual(attached, [`xdp (generic) on ${far.ifname} in network namespace ${far.netns}`]);
    await run('ip', ['link', 'set', 'dev', far.ifname, 'xdpgeneric', 'off'], { netns: far.netns });
    assert.deepEqual((await listed()).find((program) => program.id === id)!.attached, []);
  });

  test('an interface tells its programs in the order in which they run: TCX first to last, then clsact', async () => {
    const objects = ['inspect_late', 'inspect_early', 'inspect_old'].map(loadTc);
    const [late, early, old] = objects.map(({ programs }) => programs[0]!.id) as [number, number, number];
    const attachments = [tcx(late, 'last'), tcx(early, 'first')];
    const access = new PrivilegedAccess(findLayout());
    try {
      await run('bpftool', ['prog', 'pin', 'id', `${old}`, `${PINS}/old`]);
      await run('tc', ['qdisc', 'add', 'dev', near.ifname, 'clsact'], { netns: near.netns });
      const filter = ['filter', 'add', 'dev', near.ifname, 'ingress', 'bpf', 'direct-action', 'pinned', `${PINS}/old`];
      await run('tc', filter, { netns: near.netns });
      const { places, programs } = await new Programs(new Workbench(access)).list();
      const place = places.find(({ ifname, netns }) => ifname === near.ifname && netns === near.netns)!;
      assert.deepEqual(
        place.chains.map(({ hook, programs: chain }) => [
          hook,
          ...chain.map(({ id, via, linkId }) => [id, via, linkId]),
        ]),
        [
          [
            'tc-ingress',
            [early, 'tcx', attachments[1]!.info.linkId],
            [late, 'tcx', attachments[0]!.info.linkId],
            [old, 'clsact', undefined],
          ],
        ],
      );
      assert.deepEqual(programs.find(({ id }) => id === old)!.attached, [
        `tc-ingress on ${near.ifname} in network namespace ${near.netns}`,
      ]);
    } finally {
      await access.close();
      for (const attachment of attachments) attachment.close();
      for (const object of objects) object.close();
      await attempt('tc', ['qdisc', 'del', 'dev', near.ifname, 'clsact'], { netns: near.netns });
    }
  });

  test('who may not look gets told what it needs, and nothing else', async () => {
    const { status, stdout, stderr } = await xdpeekAsNobody(['prog', 'list']);
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /^xdpeek: .+/);
  });
});

describe('prog show', () => {
  test('functions, maps and calls; a tail call says what the program array holds now', async () => {
    const named = await load('traffic_tailcall');
    const entry = await named('traffic_tailcall');
    const show = async () => {
      const { status, stdout, stderr } = await xdpeek(['prog', 'show', String(entry.id), '--json']);
      assert.equal(status, 0, stderr);
      return JSON.parse(stdout) as Omit<ProgramDetail, 'xlated' | 'jited'>;
    };
    const empty = await show();
    assert.deepEqual(empty.maps.map(({ id }) => id).toSorted(), entry.map_ids!.toSorted());
    const stages = empty.maps.find(({ type }) => type === 'prog_array')!;
    assert.deepEqual(
      empty.calls.map(({ kind, to, map }) => [kind, to, map?.id]),
      [['tail-call', '', stages.id]],
    );
    const stage = await named('on_ipv4');
    // A program array that no process and no pin holds forgets what it held.
    await run('bpftool', ['map', 'pin', 'id', `${stages.id}`, `${PINS}/stages`]);
    await run('bpftool', [
      ...['map', 'update', 'id', `${stages.id}`, 'key', '0', '0', '0', '0'],
      ...['value', 'pinned', `${PINS}/traffic_tailcall/on_ipv4`],
    ]);
    const { calls } = await show();
    assert.deepEqual(
      calls.map(({ from, to, kind, key, programId }) => [from, to, kind, key, programId]),
      [['traffic_tailcall', 'on_ipv4', 'tail-call', 0, stage.id]],
    );
    const text = await xdpeek(['prog', 'show', `${entry.id}`]);
    assert.match(text.stdout, new RegExp(`tail call by stages\\[0\\] → on_ipv4 \\(program ${stage.id}\\)`));
  });

  test('functions that call each other', async () => {
    const { id } = await (await load('traffic_calls'))('traffic_calls');
    const { stdout } = await xdpeek(['prog', 'show', `${id}`, '--json']);
    const { functions, calls } = JSON.parse(stdout) as ProgramDetail;
    assert.equal(functions[0]!.name, 'traffic_calls');
    const edges = calls.map(({ from, to, kind }) => `${kind} ${from} ${to}`);
    assert.ok(edges.includes('call traffic_calls handle_ipv4'), edges.join());
    assert.ok(edges.includes('call handle_ipv6 count_tcp'), edges.join());
  });

  test('a name of several, an unknown one and an id that is gone are errors that say what to do', async () => {
    await load('vlan_drop');
    await run('bpftool', ['prog', 'load', `${LIBRARY}/vlan_drop.bpf.o`, `${PINS}/second`]);
    const several = await xdpeek(['prog', 'show', 'vlan_drop']);
    assert.equal(several.status, 1);
    assert.match(several.stderr, /programs are called 'vlan_drop'.*by its id: \d+, \d+/);
    const none = await xdpeek(['prog', 'show', 'no-such-program']);
    assert.match(none.stderr, /there is no program 'no-such-program'. 'xdpeek prog list'/);
    const gone = await xdpeek(['prog', 'disasm', '4294967295']);
    assert.equal(gone.status, 1);
    assert.match(gone.stderr, /there is no program/);
  });
});

describe('prog disasm', () => {
  /** bpftool 7.1 knows no per-CPU moves, puts functions' symbols behind calls, and writes 0 as "off" of a map's value apart. */
  const undecorated = (line: string) => line.replace(/(call pc[+-]\d+)#\S+/, '$1').trim();

  for (const object of ['traffic_calls', 'redirect_map', 'router'] as const)
    test(`${object}: the lines of bpftool, source too`, async () => {
      const named = await load(`${object}`).catch(() => undefined);
      const id = named ? (await named(object)).id : (await listed()).find(({ name }) => name === object)!.id;
      const judge = (await run('bpftool', ['prog', 'dump', 'xlated', 'id', `${id}`, 'linum']))
        .split('\n')
        .filter((line) => /^ *\d+: \(/.test(line))
        .map(undecorated);
      const { status, stdout, stderr } = await xdpeek(['prog', 'disasm', `${id}`, '--json']);
      assert.equal(status, 0, stderr);
      const listing = lines<ListingLine>(stdout);
      assert.ok(listing.length > 60);
      assert.deepEqual(
        listing.map(({ at, text }) => `${at}: ${text.replace(/r(\d) = &\(void __percpu \*\)\((r\d)\)/, 'r$1 = $2')}`),
        judge,
      );
      // What jumps lands on an instruction of the listing.
      const slots = new Set(listing.map(({ at }) => at));
      for (const { target, text } of listing) if (target !== undefined) assert.ok(slots.has(target), text);
      // The source lines are those that bpftool prints.
      const sources = (await run('bpftool', ['prog', 'dump', 'xlated', 'id', `${id}`]))
        .split('\n')
        .filter((line) => line.startsWith('; '))
        .map((line) => line.slice(2).trim());
      assert.deepEqual(
        listing.flatMap(({ source }) => (source ? [source.text] : [])),
        sources,
      );
      for (const { reference } of listing)
        if (reference?.kind === 'map') assert.ok(reference.name.length > 0, JSON.stringify(reference));
    });

  test('--source names file and line; --jited covers every byte of the machine code', async () => {
    const { id } = await (await load('icmp_echo'))('icmp_echo');
    const text = await xdpeek(['prog', 'disasm', `${id}`, '--source']);
    assert.match(text.stdout, /^icmp_echo:\n; .*\[icmp_echo\.bpf\.c:\d+\]\n {3}0: \(/);
    const { stdout } = await xdpeek(['prog', 'disasm', `${id}`, '--jited', '--json']);
    const machine = lines<ListingLine>(stdout);
    const whole = addon.programCode(id).jited;
    assert.equal(machine[0]!.function, 'icmp_echo');
    assert.ok(machine.some(({ source }) => source?.file.endsWith('icmp_echo.bpf.c')));
    assert.deepEqual(
      machine.map(({ at }) => at).toSorted((a, b) => a - b),
      machine.map(({ at }) => at),
    );
    assert.equal(machine.at(-1)!.at < whole.length, true);
  });

  test('machine code of x86-64 is what objdump makes of it, on every program of the library that was loaded', async (t) => {
    if (process.arch !== 'x64') return t.diagnostic('this machine is no x86-64: its machine code is shown as bytes');
    // Some may be loaded already.
    for (const object of ['traffic_calls', 'redirect_map', 'router', 'icmp_echo', 'patch_ports', 'vlan_collect'])
      await load(object).catch(() => {});
    const mine = addon.programs().filter(({ pinned }) => pinned.some((file) => file.startsWith(PINS)));
    const { id } = mine.find(({ name }) => name === 'traffic_calls')!;
    const { stdout } = await xdpeek(['prog', 'disasm', `${id}`, '--jited', '--json']);
    const jumps = lines<ListingLine>(stdout).filter(({ target }) => target !== undefined);
    assert.ok(jumps.some(({ text, reference }) => text.startsWith('call ') && reference?.name === 'handle_ipv4'));
    let compared = 0;
    await withFolder(async (folder) => {
      for (const program of mine) {
        const code = addon.programCode(program.id).jited;
        const file = path.join(folder, 'code');
        writeFileSync(file, code);
        const judge = await run('objdump', ['-D', '-b', 'binary', '-m', 'i386:x86-64', '-M', 'intel', '-w', file]);
        for (const [, at, words] of judge.matchAll(/^ *([0-9a-f]+):\t[0-9a-f ]+\t(.*)$/gm)) {
          const expected = words!
            .replace(/ +# .*$/, '')
            .replace(/\s+/g, ' ')
            .trim();
          assert.equal(machineInstruction(code, Number.parseInt(at!, 16))?.text, expected, program.name);
          compared++;
        }
      }
    });
    assert.ok(compared > 1000, `${compared}`);
  });
});

describe('prog stats', () => {
  test('runs a second and ns a run are what the kernel counted; the counting ends with the command', async () => {
    const named = await load('xdp_stats');
    const { id } = await named('xdp_stats');
    await run('ip', ['link', 'set', 'dev', near.ifname, 'xdp', 'pinned', `${PINS}/xdp_stats/xdp_stats`], {
      netns: near.netns,
    });
    const ping = start('ping', ['-q', '-i', '0.02', near.ipv4], { netns: far.netns });
    try {
      const { status, stdout, stderr } = await xdpeek([
        ...['prog', 'stats', '--interval', '1', '-c', '2', '--json', '--program', `${id}`],
      ]);
      assert.equal(status, 0, stderr);
      const readings = lines<{ periodNs: number; programs: { id: number; runsPerSecond: number; nsPerRun: number }[] }>(
        stdout,
      );
      assert.equal(readings.length, 2);
      for (const { periodNs, programs } of readings) {
        assert.deepEqual(
          programs.map((each) => each.id),
          [id],
        );
        assert.ok(periodNs > 0.9e9 && periodNs < 20e9, `${periodNs}`);
        // Fifty pings a second, as far as a busy machine gets to them.
        assert.ok(programs[0]!.runsPerSecond > 1 && programs[0]!.runsPerSecond < 200, `${programs[0]!.runsPerSecond}`);
        assert.ok(programs[0]!.nsPerRun > 1 && programs[0]!.nsPerRun < 1e6, `${programs[0]!.nsPerRun}`);
      }
      const counted = async () => (await named('xdp_stats')).run_cnt ?? 0;
      const before = await counted();
      await new Promise((resolve) => setTimeout(resolve, 300));
      assert.equal(await counted(), before);
    } finally {
      await ping.stop('SIGKILL');
      await run('ip', ['link', 'set', 'dev', near.ifname, 'xdp', 'off'], { netns: near.netns });
    }
  });
});

describe('prog pin and unpin', () => {
  test('a pin keeps the program; unpinned it goes; names that are paths are refused', async () => {
    const { id } = await (await load('vlan_swap'))('vlan_swap');
    const name = `inspect${process.pid}`;
    const pinned = await xdpeek(['prog', 'pin', `${id}`, name]);
    assert.equal(pinned.status, 0, pinned.stderr);
    const file = pinned.stdout.trim();
    assert.equal((await bpftool<BpftoolProgram>('prog', 'show', 'pinned', file)).id, id);
    rmSync(`${PINS}/vlan_swap`, { recursive: true });
    assert.deepEqual((await listed()).find((program) => program.id === id)!.pinned, [file]);
    const unpinned = await xdpeek(['prog', 'unpin', name]);
    assert.equal(unpinned.status, 0, unpinned.stderr);
    await eventually('the program is gone', async () => !(await listed()).some((program) => program.id === id));
    for (const wrong of ['../evil', '/sys/fs/bpf/other', 'a/b/c', '']) {
      const refused = await xdpeek(['prog', 'pin', '1', wrong]);
      assert.equal(refused.status, 2, wrong);
    }
    const again = await xdpeek(['prog', 'unpin', name]);
    assert.equal(again.status, 1);
    assert.match(again.stderr, /pin/);
  });
});

describe('link list and detach', () => {
  const links = async () => lines<LinkInfo>((await xdpeek(['link', 'list', '--json'])).stdout);

  test('ids, types and programs are those of bpftool; a link says which interface it is on', async () => {
    const object = loadTc('inspect_tc');
    const programId = object.programs[0]!.id;
    const attachment = tcx(programId, 'first');
    try {
      const mine = (await links()).find(({ id }) => id === attachment.info.linkId)!;
      assert.deepEqual(
        [mine.type, mine.programId, mine.ifname, mine.netns, mine.target],
        ['tcx', programId, near.ifname, near.netns, `tcx_ingress on ${near.ifname} in network namespace ${near.netns}`],
      );
      assert.ok(mine.holders.some(({ pid }) => pid === process.pid));
      const judge = await bpftool<{ id: number; prog_id: number }[]>('link', 'list');
      const pairs = (await links()).map(({ id, programId: program }) => `${id} ${program}`);
      for (const { id, prog_id } of judge.filter((each) => each.id === mine.id))
        assert.ok(pairs.includes(`${id} ${prog_id}`));
      const row = (await listed()).find(({ id }) => id === programId)!;
      assert.deepEqual(row.attached, [mine.target]);
    } finally {
      attachment.close();
      object.close();
    }
  });

  test('detaches only while the link has the expected program', async () => {
    const object = loadTc('inspect_tc2');
    const programId = object.programs[0]!.id;
    const attachment = tcx(programId, 'last');
    const linkId = attachment.info.linkId;
    try {
      const wrong = await xdpeek(['link', 'detach', `${linkId}`, '--expect', `${programId + 1}`]);
      assert.equal(wrong.status, 1);
      assert.match(wrong.stderr, new RegExp(`${programId}`));
      assert.ok((await links()).some(({ id, ifname }) => id === linkId && ifname === near.ifname));
      const right = await xdpeek(['link', 'detach', `${linkId}`, '--expect', `${programId}`]);
      assert.equal(right.status, 0, right.stderr);
      await eventually('nothing is attached', () =>
        addon
          .interfaces(near.netns)
          .every(({ attached }) => attached.every((program) => program.programId !== programId)),
      );
      const gone = await xdpeek(['link', 'detach', '4294967295', '--expect', '1']);
      assert.equal(gone.status, 1);
      assert.match(gone.stderr, /link/);
      const usage = await attempt(process.execPath, [
        path.resolve(import.meta.dirname, '../../dist/cli/main.mjs'),
        ...['link', 'detach', '7'],
      ]);
      assert.equal(usage.status, 2);
    } finally {
      attachment.close();
      object.close();
    }
  });
});
