/** The root process's door, without the process: arguments, vocabulary, names, rate. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseArguments } from '../../electron/privileged/arguments.ts';
import { Throttle } from '../../electron/privileged/throttle.ts';
import { CAPTURE_VOCABULARY, checkParams, decodeEnvelope } from '../../electron/privileged/vocabulary.ts';
import { WORKBENCH_VOCABULARY } from '../../electron/privileged/workbench/vocabulary.ts';
import { XdpeekError } from '../../electron/shared/errors.ts';
import { captureOptions, interfaceName, netnsName, netnsOrAll } from '../../electron/shared/validate.ts';

test('two argument lists are taken, and no other', () => {
  assert.equal(parseArguments(['--role', 'capture']), 'capture');
  assert.equal(parseArguments(['--role', 'workbench']), 'workbench');
  for (const args of [
    [],
    ['capture'],
    ['--role'],
    ['--role', ''],
    ['', ''],
    ['--role', 'Capture'],
    ['--role', 'capture', ''],
    ['--role', 'capture', '--role', 'capture'],
    ['--role=capture'],
    ['-role', 'capture'],
    ['--role', 'capture\0'],
    ['--role', 'x'.repeat(1 << 20)],
    ['--role', '__proto__'],
  ])
    assert.equal(parseArguments(args), undefined, JSON.stringify(args).slice(0, 80));
});

test('interface names are what the kernel takes, in bytes', () => {
  for (const name of ['lo', 'eth0', 'veth-a.100', 'br_lan', 'wlp0s20f3', 'fifteen-letters', 'é', '猫猫猫猫猫', 'a@b'])
    assert.equal(interfaceName(name, 'ifname'), name);
  for (const name of [
    '',
    '.',
    '..',
    '../lo',
    'a/b',
    'a:1',
    'a%d',
    'a b',
    'a\tb',
    'a\nb',
    'a\0',
    '\u007f',
    'sixteen-letters!',
    '猫猫猫猫猫猫',
    'a\u00a0b',
    7,
    null,
    {},
    ['lo'],
  ])
    assert.throws(() => interfaceName(name, 'ifname'), { code: 'USAGE' }, JSON.stringify(name));
});

test('namespaces are names under /run/netns, or pid:N; "*" only where all are meant', () => {
  for (const name of ['blue', 'pid:1', 'pid:4194304', 'a.b', 'x'.repeat(255)])
    assert.equal(netnsName(name, 'netns'), name);
  for (const name of [
    '',
    '.',
    '..',
    'a..b',
    '/proc/1/ns/net',
    'a/b',
    'a%',
    'pid:',
    'pid:0',
    'pid:-1',
    'pid:01',
    'pid:1/..',
    'pid:x',
    'a\n',
    'x'.repeat(256),
    'é'.repeat(128),
    3,
  ])
    assert.throws(() => netnsName(name, 'netns'), { code: 'USAGE' }, JSON.stringify(name));
  assert.equal(netnsOrAll('*', 'netns'), '*');
});

test('capture options: known members only, each in its range; the result is a new object', () => {
  const given = {
    targets: [{ ifname: 'eth0', hook: 'xdp', mode: 'native' }],
    snaplen: 96,
    buffer: 'perf',
    flows: false,
  };
  const checked = captureOptions(given, 'options');
  assert.deepEqual(checked, given);
  assert.notEqual(checked, given);
  assert.notEqual(checked.targets[0], given.targets[0]);
  const target = { ifname: 'eth0', hook: 'xdp' };
  for (const [options, message] of [
    [null, /must be an object/],
    [{}, /lacks "targets"/],
    [{ targets: [] }, /1 to 8 entries/],
    [{ targets: Array(9).fill(target) }, /1 to 8 entries/],
    [{ targets: [target, target] }, /twice/],
    [{ targets: [target], toString: 1 }, /unknown member "toString"/],
    [{ targets: [target], snaplen: 262145 }, /from 1 to 262144/],
    [{ targets: [target], snaplen: Number.NaN }, /whole number/],
    [{ targets: [target], packets: 1 }, /true or false/],
    [{ targets: [{ ...target, hook: 'tc-egress', mode: 'auto' }] }, /only for the hooks xdp and afxdp/],
    [
      JSON.parse('{"targets":[{"ifname":"eth0","hook":"xdp"}],"__proto__":{"flows":true}}'),
      /unknown member "__proto__"/,
    ],
  ] as const)
    assert.throws(() => captureOptions(options, 'options'), { code: 'USAGE', message });
});

test('100,000 fuzzed requests: taken with the types that are declared, or refused; nothing else', () => {
  let state = 99;
  const next = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const pick = <T>(list: readonly T[]): T => list[next(list.length)]!;
  const LEAVES = [
    null,
    true,
    -1,
    0,
    1,
    1.5,
    1e300,
    2 ** 53,
    '',
    'lo',
    '*',
    'xdp',
    'auto',
    '../x',
    '\0',
    'x'.repeat(300),
  ];
  const KEYS = [
    'netns',
    'captureId',
    'options',
    'creditBytes',
    'targets',
    'ifname',
    'hook',
    'mode',
    'bytes',
    '__proto__',
    'flows',
    'stats',
    'protocol',
  ];
  const value = (depth: number): unknown => {
    if (depth === 0 || next(3) > 0) return pick(LEAVES);
    if (next(2)) return Array.from({ length: next(4) }, () => value(depth - 1));
    return Object.fromEntries(Array.from({ length: next(5) }, () => [pick(KEYS), value(depth - 1)]));
  };
  const methods = [
    ...Object.keys(CAPTURE_VOCABULARY),
    ...Object.keys(WORKBENCH_VOCABULARY),
    'exec',
    '',
    '__proto__',
    'toString',
    'hello ',
  ];
  let taken = 0;
  for (let round = 0; round < 100_000; round++) {
    const text = JSON.stringify({ id: pick([1, 7, 0, '1', null, 2 ** 60]), method: pick(methods), params: value(4) });
    const bytes = Buffer.from(text);
    for (let hits = next(20) === 0 ? 3 : 0; hits > 0; hits--) bytes[next(bytes.length)] = next(256);
    try {
      const envelope = decodeEnvelope(bytes);
      const role = round % 2 === 0 ? 'capture' : 'workbench';
      const vocabulary = role === 'capture' ? CAPTURE_VOCABULARY : WORKBENCH_VOCABULARY;
      const params = checkParams(vocabulary, role, envelope.method, envelope.params);
      assert.ok(Number.isSafeInteger(envelope.id) && Object.hasOwn(vocabulary, envelope.method));
      assert.equal(Object.getPrototypeOf(params), Object.prototype);
      taken++;
    } catch (error) {
      assert.ok(error instanceof XdpeekError && ['USAGE', 'PROTOCOL'].includes(error.code), String(error));
    }
  }
  assert.ok(taken > 100, `${taken} were taken: the fuzz reaches past the envelope`);
});

test('a role has its own methods only: capture takes no code, the workbench no capture', () => {
  const refused = (vocabulary: Parameters<typeof checkParams>[0], role: 'capture' | 'workbench', method: string) =>
    assert.throws(
      () => checkParams(vocabulary, role, method, {}),
      (error: Error) => error.message === `role ${role} has no method "${method}"`,
    );
  for (const method of ['upload', 'objectLoad', 'codeLoad', 'mapUpdate', 'pin', 'attach', 'linkDetach'])
    refused(CAPTURE_VOCABULARY, 'capture', method);
  refused(WORKBENCH_VOCABULARY, 'workbench', 'captureStart');
});

test('the workbench takes no path, no foreign pin, no long name', () => {
  const wrong: [string, unknown][] = [
    ['pin', { kind: 'map', id: 1, name: '../escape' }],
    ['pin', { kind: 'map', id: 1, name: 'a/b/c' }],
    ['pin', { kind: 'map', id: 1, name: '/a' }],
    ['unpin', { name: '' }],
    ['upload', { token: 1, offset: 0, size: 1 << 30, data: 'AAAA' }],
    ['upload', { token: 1, offset: 0, size: 4, data: 'not base64' }],
    ['attach', { programId: 1, target: { kind: 'tracepoint', name: '/etc/passwd' } }],
    ['attach', { programId: 1, target: { kind: 'interface', ifname: 'eth0/..', hook: 'xdp' } }],
    ['attach', { programId: 1, target: { kind: 'file', path: '/' } }],
    ['mapRead', { id: 1, cursor: '', count: 1 << 20 }],
  ];
  for (const [method, params] of wrong)
    assert.throws(
      () => checkParams(WORKBENCH_VOCABULARY, 'workbench', method, params),
      (error: Error) => error instanceof XdpeekError && error.code === 'USAGE',
      method,
    );
});

test('good requests of the workbench, damaged in one place at a time: taken as declared, or refused by name', () => {
  const target = { kind: 'interface', ifname: 'eth0', netns: 'blue', hook: 'xdp', mode: 'native' };
  const good: Record<string, Record<string, unknown>> = {
    upload: { token: 1, offset: 0, size: 4, data: 'AAAA' },
    objectLoad: {
      token: 1,
      name: 'filter',
      programs: ['a'],
      types: [{ program: 'a', type: 'xdp' }],
      variables: [{ section: '.rodata', offset: 0, data: 'AAAA' }],
      mapSizes: [{ map: 'm', maxEntries: 5 }],
      reuse: [{ map: 'm', id: 3 }],
      pinDir: 'dir',
      logLevel: 1,
    },
    codeLoad: { token: 1, name: 'x', type: 'xdp', license: 'GPL', maps: [{ slot: 1, id: 1 }], logLevel: 0 },
    mapCreate: { type: 'hash', name: 'm', keyBytes: 4, valueBytes: 4, maxEntries: 1, flags: 0 },
    attach: { programId: 1, target, replace: { expectedId: 0 }, pin: 'dir/name' },
    detachFrom: { target, expectedId: 7 },
    mapUpdate: { id: 1, key: 'AAAA', value: 'AAAA', mode: 'any' },
    pin: { kind: 'link', id: 1, name: 'n' },
    programRun: { id: 1, data: 'AAAA', repeat: 1 },
  };
  const WRONG = [
    null,
    undefined,
    true,
    -1,
    1.5,
    2 ** 40,
    '',
    '\0',
    '../x',
    '/etc/passwd',
    'a b',
    'x'.repeat(5000),
    [],
    {},
    [[]],
    { a: 1 },
  ];
  /** Every way of putting `wrong` in the place of one member, however deep. */
  function* damaged(value: unknown, wrong: unknown): Generator<unknown> {
    if (typeof value !== 'object' || value === null) return;
    for (const key of Object.keys(value)) {
      const copy = structuredClone(value) as Record<string, unknown>;
      copy[key] = wrong;
      yield copy;
      for (const inner of damaged((value as Record<string, unknown>)[key], wrong))
        yield { ...(Array.isArray(value) ? {} : value), [key]: inner };
    }
    if (!Array.isArray(value)) yield { ...value, unknown: wrong ?? 1 };
  }
  let refused = 0;
  for (const [method, params] of Object.entries(good)) {
    assert.deepEqual(checkParams(WORKBENCH_VOCABULARY, 'workbench', method as 'attach', params), params, method);
    for (const wrong of WRONG)
      for (const request of damaged(params, wrong))
        try {
          const taken = checkParams(WORKBENCH_VOCABULARY, 'workbench', method as 'attach', request) as {
            pin?: string;
            pinDir?: string;
            target?: { ifname?: string; netns?: string };
          };
          for (const name of [taken.pin, taken.pinDir, taken.target?.ifname, taken.target?.netns])
            assert.ok(name === undefined || (name.length < 256 && !/\.\.|^\/|\0/.test(name)), `${method}: ${name}`);
        } catch (error) {
          assert.ok(error instanceof XdpeekError && error.code === 'USAGE', String(error));
          refused++;
        }
  }
  assert.ok(refused > 800, `${refused} were refused`);
});

test('the throttle lets a burst through, then so many a second, in order, and pauses its source meanwhile', () => {
  let nowMs = 0;
  const log: (number | string)[] = [];
  const throttle = new Throttle<number>({
    perSecond: 1000,
    burst: 3,
    handle: (item) => log.push(item),
    pause: () => log.push('pause'),
    resume: () => log.push('resume'),
    now: () => nowMs,
  });
  for (let item = 0; item < 3; item++) throttle.push(item);
  assert.deepEqual(log, [0, 1, 2]);
  throttle.push(3);
  throttle.push(4);
  assert.deepEqual(log, [0, 1, 2, 'pause']);
  throttle.close();
  nowMs = 1000;
  throttle.push(5);
  assert.ok(!log.includes(3), 'what waited was dropped by close');
});
