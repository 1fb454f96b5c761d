/** The workbench's pure logic: typed values as forms need them, what a load asks for, the verifier's log as rows, where a program can go, verdict maps. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MapDetail } from '../../electron/shared/map-api.ts';
import type { CType, LibraryParameter, ObjectDescription, VerifierLog } from '../../electron/shared/workbench-api.ts';
import { firstChoices, requestOf, wrongChoices } from '../../renderer/features/workbench/load-request.ts';
import {
  firstUnfolded,
  groupSteps,
  logRows,
  refusedStep,
  toggled,
} from '../../renderer/features/workbench/log-rows.ts';
import { wrongParameter, wrongParameters } from '../../renderer/features/workbench/parameters.ts';
import {
  type Choice,
  namedBySection,
  placesFor,
  targetOf,
  targetText,
  wrongName,
} from '../../renderer/features/workbench/targets.ts';
import { countsVerdicts, packetsIn, packetsOf, verdictKey } from '../../renderer/features/workbench/verdict-counts.ts';
import { sameValue, shownMembers, withValue, wrongScalar, wrongValue, zeroOf } from '../../renderer/ui/typed-value.ts';

const u16: CType = { kind: 'int', name: '__u16', bytes: 2, signed: false, encoding: 'number' };
const s8: CType = { kind: 'int', name: '__s8', bytes: 1, signed: true, encoding: 'number' };
const u64: CType = { kind: 'int', name: '__u64', bytes: 8, signed: false, encoding: 'number' };
const bool: CType = { kind: 'int', name: 'bool', bytes: 1, signed: false, encoding: 'bool' };
const mac: CType = {
  kind: 'array',
  name: '__u8[6]',
  bytes: 6,
  of: { ...u16, name: '__u8', bytes: 1 } as CType,
  count: 6,
};
const text: CType = {
  kind: 'array',
  name: 'char[4]',
  bytes: 4,
  of: { kind: 'int', name: 'char', bytes: 1, signed: true, encoding: 'char' },
  count: 4,
};
const color: CType = {
  kind: 'enum',
  name: 'enum color',
  bytes: 4,
  signed: false,
  values: [{ name: 'RED', value: '1' }],
};

test('a scalar says what is wrong with it: range by width and sign, names of enums, bytes, text in quotes', () => {
  for (const [type, good, bad] of [
    [u16, ['0', '65535', '0xffff', '0b1', "'a'"], ['65536', '-1', '', 'x', '1.5']],
    [s8, ['-128', '127'], ['128', '-129']],
    [u64, ['18446744073709551615'], ['18446744073709551616']],
    [bool, ['true', 'false', '1'], ['yes']],
    [color, ['RED', '7'], ['GREEN', '-1']],
    [mac, ['02:00:00:00:00:01', '020000000001', '0x02 00 00 00 00 01'], ['02:00', '02000000000g']],
    [text, ['"abcd"', '61626364'], ['"abcde"', '"ab', '"é"']],
  ] as const) {
    for (const value of good) assert.equal(wrongScalar(type, value), undefined, `${type.name} ${value}`);
    for (const value of bad) assert.ok(wrongScalar(type, value), `${type.name} ${value}`);
  }
  assert.match(wrongScalar(u16, '70000')!, /0 to 65535/);
  assert.match(wrongScalar(u16, '8', 3)!, /0 to 7/, 'a bit-field of 3 bits');
});

const config: CType = {
  kind: 'struct',
  name: 'struct config',
  bytes: 12,
  members: [
    { name: 'port', type: u16, bitOffset: 0 },
    {
      name: '',
      type: { kind: 'union', name: '', bytes: 2, members: [{ name: 'vlan', type: u16, bitOffset: 0 }] },
      bitOffset: 16,
    },
    { name: 'pairs', type: { kind: 'array', name: '__u16[2]', bytes: 4, of: u16, count: 2 }, bitOffset: 32 },
  ],
};

test('a nested value is changed in one place, and wrong ones are named by their place', () => {
  const value = { port: '1', vlan: '2', pairs: ['3', '4'] };
  assert.deepEqual(
    shownMembers(config).map(({ name }) => name),
    ['port', 'vlan', 'pairs'],
  );
  const next = withValue(value, ['pairs', 1], '70000');
  assert.deepEqual(next, { port: '1', vlan: '2', pairs: ['3', '70000'] });
  assert.deepEqual(value.pairs, ['3', '4'], 'the old one is what it was');
  assert.equal(wrongValue(config, value), undefined);
  assert.match(wrongValue(config, next)!, /^pairs: .*65535/);
  assert.ok(sameValue(value, withValue(next, ['pairs', 1], '4')));
});

test('a new value begins as zeros that are right for their types', () => {
  assert.deepEqual(zeroOf(config), { port: '0', vlan: '0', pairs: ['0', '0'] });
  const several: CType = {
    kind: 'struct',
    name: 'struct several',
    bytes: 24,
    members: [
      { name: 'yes', type: bool, bitOffset: 0 },
      { name: 'color', type: color, bitOffset: 32 },
      { name: 'mac', type: mac, bitOffset: 64 },
      { name: 'text', type: text, bitOffset: 112 },
      {
        name: '',
        type: {
          kind: 'union',
          name: '',
          bytes: 8,
          members: [
            {
              name: '',
              type: {
                kind: 'struct',
                name: '',
                bytes: 4,
                members: [
                  { name: 'low', type: u16, bitOffset: 0 },
                  { name: 'high', type: u16, bitOffset: 16 },
                ],
              },
              bitOffset: 0,
            },
            { name: 'whole', type: u64, bitOffset: 0 },
          ],
        },
        bitOffset: 128,
      },
    ],
  };
  const zero = zeroOf(several);
  // Of a union its first member, all of it: the others share the bytes.
  assert.deepEqual(zero, { yes: 'false', color: '0', mac: '000000000000', text: '""', low: '0', high: '0' });
  assert.equal(wrongValue(several, zero), undefined);
});

const description: ObjectDescription = {
  token: 7,
  name: 'x.o',
  license: 'GPL',
  hasBtf: true,
  programs: [
    { name: 'a', section: 'xdp', type: 'xdp', attach: '', instructions: 2 },
    { name: 'b', section: 'xdp', type: 'xdp', attach: '', instructions: 2, optional: true },
    { name: 'c', section: 'mine', type: '', attach: '', instructions: 2 },
  ],
  maps: [{ name: 'm', type: 'hash', keyBytes: 2, valueBytes: 2, maxEntries: 8, keyType: u16, valueType: u16 }],
  variables: [
    { name: 'port', section: '.rodata', offset: 0, type: u16, value: '80', constant: true },
    { name: 'config', section: '.data', offset: 0, type: config, value: { port: '1' }, constant: false },
  ],
};

test('a load asks for what was chosen and changed, and for nothing else', () => {
  const first = firstChoices(description);
  assert.deepEqual([...first.programs], ['a', 'c'], 'what the section marks as optional is left out');
  assert.match(wrongChoices(description, first)!, /type of c/);
  const choices = {
    ...first,
    types: { c: 'xdp', b: 'kprobe' },
    variables: { ...first.variables, port: '443' },
    sizes: { m: ' 16 ' },
    reuse: { m: '' },
    pinDir: 'mine',
  };
  assert.equal(wrongChoices(description, choices), undefined);
  assert.deepEqual(requestOf(description, choices), {
    token: 7,
    programs: ['a', 'c'],
    types: [{ program: 'c', type: 'xdp' }],
    variables: [{ name: 'port', value: '443' }],
    mapSizes: [{ map: 'm', maxEntries: 16 }],
    reuse: [],
    pinDir: 'mine',
    logLevel: 1,
  });
  assert.equal('pinDir' in requestOf(description, first), false);
  for (const [part, words] of [
    [{ programs: new Set<string>() }, /Choose a program/],
    [{ variables: { ...first.variables, port: '70000' } }, /^port: /],
    [{ sizes: { m: '0' } }, /^m: a size/],
    [{ reuse: { m: 'x' } }, /^m: .*id/],
    [{ pinDir: 'a/b' }, /pin folder/],
  ] as const)
    assert.match(wrongChoices(description, { ...choices, ...part })!, words);
});

const line = (n: number) => ({ file: 'x.c', line: n, column: 1, text: `line ${n};` });
const log: VerifierLog = {
  program: 'a',
  accepted: false,
  steps: [
    { at: 0, text: '(bf) r6 = r1', source: line(3), states: ['R1=ctx()'] },
    { at: 1, text: '(61) r2 = *(u32 *)(r1 +0)', source: line(3), states: [] },
    { at: 2, text: '(69) r0 = *(u16 *)(r2 +12)', source: line(4), states: ['R2=pkt(r=0)'] },
  ],
  refusedAt: 2,
  reason: 'invalid access to packet, off=12 size=2\nR2 offset is outside of the packet',
  hint: 'Check first.',
  summary: ['processed 3 insns'],
  raw: '',
};

test('the log is folded by source line; the refused instruction is open, with reason and hint beneath it', () => {
  const groups = groupSteps(log);
  assert.deepEqual(
    groups.map(({ from, to }) => [from, to]),
    [
      [0, 2],
      [2, 3],
    ],
  );
  assert.equal(refusedStep(log), 2);
  const unfolded = firstUnfolded(log, groups);
  const kinds = () => logRows(log, groups, unfolded).map(({ kind }) => kind);
  assert.deepEqual(kinds(), ['source', 'source', 'step', 'state', 'reason', 'reason', 'hint']);
  const all = logRows(log, groups, { groups: toggled(unfolded.groups, 0), steps: toggled(unfolded.steps, 2) });
  assert.deepEqual(
    all.map(({ kind }) => kind),
    ['source', 'step', 'step', 'source', 'step', 'reason', 'reason', 'hint'],
  );
  assert.deepEqual(
    all.filter((row) => 'refused' in row && row.refused).map(({ key }) => key),
    ['g1', 's2'],
  );
});

test('a log without source lines shows its instructions at once', () => {
  const bare = { ...log, steps: log.steps.map(({ source: _, ...step }) => step) };
  const groups = groupSteps(bare);
  assert.equal(groups.length, 1);
  assert.equal(logRows(bare, groups, firstUnfolded(bare, groups)).filter(({ kind }) => kind === 'step').length, 3);
});

test('places suit the type of the program; sections name tracepoints and functions', () => {
  assert.deepEqual(placesFor({ type: 'xdp', section: 'xdp' }), ['xdp']);
  assert.deepEqual(placesFor({ type: 'sched_cls', section: 'tc' }), ['tc-ingress', 'tc-egress']);
  assert.deepEqual(placesFor({ type: 'tracepoint', section: 'tp/xdp/xdp_exception' }), ['object', 'tracepoint']);
  assert.deepEqual(placesFor({ type: 'kprobe' }), ['kprobe', 'kretprobe']);
  assert.deepEqual(placesFor({ type: 'tracing', section: 'fentry/x' }), ['object']);
  assert.equal(namedBySection('tracepoint/xdp/xdp_exception'), 'xdp:xdp_exception');
  assert.equal(namedBySection('?kprobe/tcp_connect'), 'tcp_connect');
  assert.equal(namedBySection('xdp'), undefined);
  assert.equal(wrongName('tracepoint', 'xdp:xdp_exception'), undefined);
  assert.ok(wrongName('tracepoint', 'xdp_exception'));
  assert.ok(wrongName('kprobe', 'a b'));
  assert.deepEqual(placesFor({ type: 'socket_filter', section: 'socket' }), ['socket', 'udp']);
  assert.deepEqual(
    ['7070', '65535@blue', '0', '65536', 'dns', '53@'].map((port) => wrongName('udp', port) === undefined),
    [true, true, false, false, false, false],
  );
});

test('a choice becomes a target and words', () => {
  const choice: Choice = { place: 'xdp', ifname: 'v0', netns: 'blue', mode: 'native', order: 'last', name: ' f ' };
  const of = (part: Partial<Choice>) => targetOf({ ...choice, ...part });
  assert.deepEqual(of({}), { kind: 'interface', ifname: 'v0', netns: 'blue', hook: 'xdp', mode: 'native' });
  assert.deepEqual(of({ place: 'tc-egress', netns: '' }), {
    kind: 'interface',
    ifname: 'v0',
    hook: 'tc-egress',
    order: 'last',
  });
  assert.deepEqual(of({ place: 'kretprobe' }), { kind: 'kprobe', function: 'f', atReturn: true });
  assert.deepEqual(of({ place: 'raw-tracepoint', name: 'a:b' }), { kind: 'tracepoint', name: 'a:b', raw: true });
  assert.deepEqual(of({ place: 'udp', name: '7070' }), { kind: 'udp', port: 7070 });
  assert.deepEqual(of({ place: 'udp', name: '7070@red' }), { kind: 'udp', port: 7070, netns: 'red' });
  assert.equal(targetText(of({})), 'xdp on v0 in blue');
  assert.equal(targetText(of({ place: 'udp', name: '53@red' })), 'UDP port 53 in red');
});

test('verdicts are counted by arrays of five, typed or not', () => {
  const detail = (map: Partial<MapDetail['map']>, valueType: CType = u64) =>
    ({
      map: { type: 'percpu_array', name: 'xdp_stats_map', maxEntries: 5, ...map },
      keyType: u16,
      valueType,
    }) as MapDetail;
  assert.ok(countsVerdicts(detail({}, config)));
  assert.ok(countsVerdicts(detail({ name: 'verdicts' })));
  for (const other of [{ maxEntries: 6 }, { type: 'hash' }, { name: 'flows' }])
    assert.ok(!countsVerdicts(detail(other)));
  assert.equal(verdictKey(detail({}), 2), '2');
  assert.equal(verdictKey({ keyType: { kind: 'bytes', name: '', bytes: 4 } }, 2), '02000000');
  assert.equal(packetsOf({ bytes: '9', packets: '4' }), 4);
  assert.equal(packetsOf({ rx_packets: '3', rx_bytes: '1' }), 3);
  assert.equal(packetsOf('12'), 12);
  const untyped: CType = { kind: 'bytes', name: '', bytes: 8 };
  const value = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0);
  assert.equal(packetsIn({ value, valueValue: '' }, untyped), 257, 'two CPUs');
});

test('parameters of the library say what is missing or wrong', () => {
  const parameter = (part: Partial<LibraryParameter>) =>
    ({ name: 'p', label: 'Port', help: '', kind: 'port', required: true, ...part }) as LibraryParameter;
  assert.match(wrongParameter(parameter({}), '')!, /needed/);
  assert.equal(wrongParameter(parameter({ required: false }), ''), undefined);
  for (const bad of ['0', '65536', 'x']) assert.match(wrongParameter(parameter({}), bad)!, /1 to 65535/);
  assert.match(wrongParameter(parameter({ kind: 'mac' }), '02:00')!, /address/);
  assert.match(wrongParameter(parameter({ kind: 'number', min: 1, max: 4094 }), '4095')!, /1 to 4094/);
  assert.equal(wrongParameters([parameter({}), parameter({ name: 'q' })], { p: '1', q: '2' }), undefined);
  assert.match(wrongParameters([parameter({}), parameter({ name: 'q' })], { p: '1' })!, /needed/);
});
