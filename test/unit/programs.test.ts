/** Programs, the pure parts: code as lines, machine code by source, rates, calls as a tree, the table's order and search. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { machineInstruction } from '../../electron/packets/bpf/x86-listing.ts';
import { attachedWords, attachPlaces } from '../../electron/session/workbench/programs-attached.ts';
import { codeListing } from '../../electron/session/workbench/programs-code.ts';
import { machineListing } from '../../electron/session/workbench/programs-machine.ts';
import { RunRates, ratesBetween, readingOf } from '../../electron/session/workbench/programs-rates.ts';
import type { InterfaceInfo } from '../../electron/shared/capture.ts';
import type { LinkInfo, ProgramInfo } from '../../electron/shared/workbench.ts';
import type { ListingLine, ProgramRow } from '../../electron/shared/workbench-api.ts';
import { attachmentsOf, consequence } from '../../renderer/features/programs/attachments.ts';
import { callTree } from '../../renderer/features/programs/call-tree.ts';
import { codeRows, jumpsTo, listingText, rowOf } from '../../renderer/features/programs/code-rows.ts';
import {
  PROGRAM_COLUMNS,
  searchedPrograms,
  shortPlace,
  sortedPrograms,
} from '../../renderer/features/programs/columns.ts';

const NOTHING = new Uint8Array();
const insn = (opcode: number, registers: number, offset: number, immediate: number) => {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, opcode);
  view.setUint8(1, registers);
  view.setInt16(2, offset, true);
  view.setInt32(4, immediate, true);
  return [...bytes];
};

describe('code', () => {
  // A map by id, a helper by distance, a call whose distance is in `off`, its function, and a jump backwards.
  const xlated = Uint8Array.from([
    ...insn(0x18, 0x11, 0, 42),
    ...insn(0, 0, 0, 0),
    ...insn(0x85, 0, 0, 338048),
    ...insn(0x85, 0x10, 1, 1),
    ...insn(0x95, 0, 0, 0),
    ...insn(0xb7, 0, 0, 0),
    ...insn(0x05, 0, -2, 0),
  ]);
  const { lines, functions } = codeListing(
    { xlated, lineInfo: NOTHING, funcInfo: NOTHING, symbols: [{ immediate: 338048, name: '__htab_map_lookup_elem' }] },
    { program: 'entry', btf: undefined, map: (id) => (id === 42 ? 'counts' : undefined) },
  );
  test('maps by id and name, helpers by their symbol, calls by distance, functions that nothing names', () => {
    assert.deepEqual(
      lines.map(({ at, text, target }) => [at, text, target]),
      [
        [0, '(18) r1 = map[id:42]', undefined],
        [2, '(85) call __htab_map_lookup_elem#338048', undefined],
        [3, '(85) call pc+1', 5],
        [4, '(95) exit', undefined],
        [5, '(b7) r0 = 0', undefined],
        [6, '(05) goto pc-2', 5],
      ],
    );
    assert.deepEqual(lines[0]!.reference, { kind: 'map', name: 'counts', id: 42 });
    assert.deepEqual(lines[1]!.reference, { kind: 'helper', name: '__htab_map_lookup_elem' });
    assert.deepEqual(lines[2]!.reference, { kind: 'function', name: 'function at 5' });
    assert.deepEqual(functions, [
      { name: 'entry', at: 0, instructions: 5 },
      { name: 'function at 5', at: 5, instructions: 2 },
    ]);
  });

  test('code that is cut off, and slots that lie outside, end in lines', () => {
    for (let length = 0; length <= xlated.length; length++) {
      const cut = codeListing(
        { xlated: xlated.subarray(0, length), lineInfo: NOTHING, funcInfo: NOTHING, symbols: [] },
        { program: 'entry', btf: undefined, map: () => undefined },
      );
      assert.ok(cut.lines.length <= 6);
    }
  });

  test('machine code: every byte once, cut at functions', () => {
    const jited = Uint8Array.from({ length: 50 }, (_, i) => i);
    const listing = machineListing(
      { jited, lineInfo: NOTHING, jitedKsyms: ['4096', '8192'], jitedLengths: [20, 30], jitedLineInfo: [] },
      ['one', 'two'],
      undefined,
      'arm64',
    );
    assert.deepEqual(
      listing.map(({ at, function: name }) => [at, name]),
      [
        [0, 'one'],
        [16, undefined],
        [20, 'two'],
        [36, undefined],
      ],
    );
    const bytes = listing.flatMap(({ text }) => text.split(' ').map((byte) => Number.parseInt(byte, 16)));
    assert.deepEqual(bytes, [...jited]);
  });
});

describe('x86-64', () => {
  const text = (...bytes: number[]) => machineInstruction(Uint8Array.from(bytes), 0);
  test('what compilers of eBPF write; what is cut off or unknown is nothing', () => {
    assert.deepEqual(text(0x48, 0x89, 0xe5), { length: 3, text: 'mov rbp,rsp' });
    assert.deepEqual(text(0x0f, 0x84, 0x10, 0, 0, 0), { length: 6, text: 'je 0x16', target: 0x16 });
    assert.deepEqual(text(0x65, 0x48, 0x03, 0x04, 0x25, 0x28, 0xc0, 0xb0, 0x83), {
      length: 9,
      text: 'add rax,QWORD PTR gs:0xffffffff83b0c028',
    });
    assert.deepEqual(text(0xc4, 0xe2, 0xf1, 0xf7, 0xc0), { length: 5, text: 'shlx rax,rax,rcx' });
    assert.equal(text(0x48, 0x8b), undefined);
    assert.equal(text(0x0f, 0x05), undefined);
    assert.equal(text(), undefined);
    assert.equal(text(...Array.from({ length: 20 }, () => 0x66), 0x90), undefined);
  });
  test('any bytes at all: an instruction inside of them, or nothing', () => {
    let seed = 1;
    for (let round = 0; round < 20_000; round++) {
      const code = Uint8Array.from({ length: 1 + (round % 18) }, () => {
        seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
        return seed >> 16;
      });
      const found = machineInstruction(code, 0);
      if (found) assert.ok(found.length > 0 && found.length <= Math.min(15, code.length), `${code}`);
    }
  });
  test('calls between functions that lie apart in the kernel lead to them; others keep their address', () => {
    // call +0xffb (to 0x2000 from 0x1000+5), then call +0 (to 0x100a: the ret behind it), ret; the other function: ret.
    const jited = Uint8Array.of(0xe8, 0xfb, 0x0f, 0, 0, 0xe8, 0xf6, 0xff, 0xff, 0x7f, 0xc3, 0xc3);
    const raw = { jited, lineInfo: NOTHING, jitedKsyms: ['4096', '8192'], jitedLengths: [11, 1], jitedLineInfo: [] };
    const listing = machineListing(raw, ['one', 'two'], undefined, 'x64');
    assert.deepEqual(
      listing.map(({ at, text: words, target, reference }) => [at, words, target, reference?.name]),
      [
        [0, 'call 0xb', 11, 'two'],
        [5, 'call 0x80001000', undefined, undefined],
        [10, 'ret', undefined, undefined],
        [11, 'ret', undefined, undefined],
      ],
    );
  });
});

const SOURCE = { file: '/src/a.bpf.c', line: 7, column: 1, text: 'return 0;' };
const LINES: ListingLine[] = [
  { at: 0, text: '(05) goto pc+1', function: 'main', source: SOURCE, target: 2 },
  { at: 1, text: '(b7) r0 = 0', source: SOURCE },
  { at: 2, text: '(95) exit', source: { ...SOURCE, text: '' } },
];

describe('the reader', () => {
  test('a line of source stands once before its instructions; those without text are left out', () => {
    assert.deepEqual(
      codeRows(LINES, true).map(({ kind }) => kind),
      ['function', 'source', 'instruction', 'instruction', 'instruction'],
    );
    assert.deepEqual(
      codeRows(LINES, false).map(({ kind }) => kind),
      ['function', 'instruction', 'instruction', 'instruction'],
    );
  });
  test('rows of slots, where jumps come from, and text for the clipboard', () => {
    const rows = codeRows(LINES, true);
    assert.equal(rowOf(rows, 2), 4);
    assert.deepEqual([...jumpsTo(LINES)], [[2, [0]]]);
    assert.equal(listingText(rows, false).split('\n')[1], '; return 0; [a.bpf.c:7]');
  });
});

test('rates come from two readings that are apart; a program that is new has none', () => {
  const program = (id: number, runCount: number, runTimeNs: number) => ({ id, runCount, runTimeNs }) as ProgramInfo;
  const before = readingOf([program(1, 100, 5000), program(2, 0, 0)], 1000);
  const rates = ratesBetween(before, readingOf([program(1, 300, 25_000), program(2, 0, 0), program(3, 9, 9)], 3000));
  assert.deepEqual(rates.get(1), { runs: 200, runsPerSecond: 100, nsPerRun: 100, cpuShare: 0.00001 });
  assert.deepEqual(rates.get(2), { runs: 0, runsPerSecond: 0, cpuShare: 0 });
  assert.equal(rates.get(3), undefined);
  const many = new RunRates();
  assert.equal(many.take([program(1, 0, 0)], 0).size, 0);
  // Another window asks at once: the base stays the first reading, which is too young to tell anything.
  assert.equal(many.take([program(1, 5, 50)], 10).size, 0);
  assert.equal(many.take([program(1, 100, 1000)], 1000).get(1)?.runsPerSecond, 100);
});

describe('places', () => {
  const veth = { ifname: 'veth0', netns: 'blue', attached: [] as InterfaceInfo['attached'] } as InterfaceInfo;
  const link = { id: 9, type: 'xdp', programId: 4, target: 'xdp on veth0', ifname: 'veth0', netns: 'blue' } as LinkInfo;
  const attached = [
    { hook: 'xdp', mode: 'native', programId: 4, name: 'x', ours: false },
    { hook: 'tc-ingress', programId: 5, name: 't', ours: false },
  ] satisfies InterfaceInfo['attached'];
  const places = attachPlaces([link], [{ ...veth, attached }, veth], [{ id: 4, name: 'drop_every_third_ping' }]);

  test('what a link holds is told once, what netlink holds by the interface', () => {
    const words = attachedWords([link], [{ ...veth, attached }]);
    assert.deepEqual(words(4), ['xdp on veth0']);
    assert.deepEqual(words(5), ['tc-ingress on veth0 in network namespace blue']);
    assert.deepEqual(words(6), []);
    assert.equal(places.length, 1);
    assert.deepEqual(
      places[0]!.chains.map(({ programs }) => programs.map(({ via, linkId }) => [via, linkId])),
      [[['link', 9]], [['clsact', undefined]]],
    );
  });
  test('a program has its whole name also where the kernel tells 15 letters of it', () => {
    assert.deepEqual(
      places[0]!.chains.flatMap(({ programs }) => programs.map(({ id, name }) => [id, name])),
      [
        [4, 'drop_every_third_ping'],
        [5, 't'],
      ],
    );
  });
  test('taking off names what changes', () => {
    const [one] = attachmentsOf(5, [], places);
    assert.ok(one?.kind === 'netlink');
    assert.deepEqual(one.target, {
      kind: 'interface',
      ifname: 'veth0',
      netns: 'blue',
      hook: 'tc-ingress',
    });
    assert.match(consequence(one, 't'), /^t is taken off tc-ingress on veth0 in network namespace blue\. Packets pass/);
  });
});

test('a tree of calls ends where functions call each other in a circle', () => {
  const functions = ['a', 'b', 'c'].map((name, at) => ({ name, at, instructions: 1 }));
  const call = (from: string, to: string) => ({ from, to, kind: 'call' as const });
  const nodes = callTree({ functions, calls: [call('a', 'b'), call('b', 'a'), call('a', 'b')] });
  assert.deepEqual(
    nodes.map(({ name, depth, again }) => `${depth}${name}${again ? ' again' : ''}`),
    ['0a', '1b', '2a again', '1b again', '0c'],
  );
});

test('the columns that a width shows have room for their least widths, names of 15 letters included', () => {
  const least = (track: string) => Number(/\d+/.exec(track)![0]);
  for (let width = 300; width <= 1200; width += 1) {
    const shown = PROGRAM_COLUMNS.filter(({ leavesBelow = 0 }) => width >= leavesBelow);
    const sum = shown.reduce((total, { track }) => total + least(track), 0);
    assert.ok(sum <= width, `${sum} px in ${width}`);
  }
  assert.ok(least(PROGRAM_COLUMNS.find(({ id }) => id === 'name')!.track) >= 140);
});

test('programs are found by every word, and sorted by numbers and words', () => {
  const row = (id: number, name: string, more: Partial<ProgramRow> = {}) =>
    ({ id, name, type: 'xdp', tag: 'ff', attached: [], pinned: [], holders: [], mapIds: [], ...more }) as ProgramRow;
  const rows = [row(1, 'zeta', { runsPerSecond: 5 }), row(2, 'alpha', { attached: ['xdp on eth0'] }), row(3, 'alpha')];
  const ids = (list: readonly ProgramRow[]) => list.map(({ id }) => id);
  assert.deepEqual(ids(searchedPrograms(rows, ' ETH0 alp ')), [2]);
  assert.deepEqual(ids(searchedPrograms(rows, '')), [1, 2, 3]);
  assert.deepEqual(ids(sortedPrograms(rows, 'name', false)), [2, 3, 1]);
  assert.equal(shortPlace('xdp (native) on veth0 in network namespace blue'), 'veth0@blue: xdp (native)');
  assert.equal(shortPlace('tcx_ingress on eth0'), 'eth0: tcx_ingress');
  assert.equal(shortPlace('raw tracepoint sched_switch'), 'raw tracepoint sched_switch');
  assert.deepEqual(ids(sortedPrograms(rows, 'runsPerSecond', true)), [1, 2, 3]);
});
