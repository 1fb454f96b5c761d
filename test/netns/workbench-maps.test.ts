/**
 * Maps by the command line and the session, on maps of every type that this kernel lets bpftool create, and on types that clang wrote. bpftool is the
 * judge of what is in them.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { findLayout } from '../../electron/session/layout.ts';
import { PrivilegedAccess } from '../../electron/session/privileged/access.ts';
import { Maps } from '../../electron/session/workbench/maps/maps.ts';
import { compareReadings } from '../../electron/session/workbench/maps/snapshots.ts';
import { Workbench } from '../../electron/session/workbench/workbench.ts';
import type { MapRowsQuestion, MapWindow } from '../../electron/shared/map-api.ts';
import { xdpeek } from './cli-lib.ts';
import { addon } from './lib/addon.ts';
import { attempt, run } from './lib/process.ts';

const PINS = `/sys/fs/bpf/xdp-maps-${process.pid}`;
const OWN = `maps${process.pid}`;

let access: PrivilegedAccess;
let workbench: Workbench;
let maps: Maps;
let folder: string;

const bpftool = async <T>(...args: string[]) => JSON.parse(await run('bpftool', ['-j', ...args])) as T;
const pin = (name: string) => `${PINS}/${name}`;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const u32 = (value: number) => new Uint8Array(new Uint32Array([value]).buffer);

/** Created by bpftool and pinned. Undefined where the kernel has no such type or refuses it. */
async function created(
  name: string,
  type: string,
  key: number,
  value: number,
  ...more: string[]
): Promise<number | undefined> {
  const sizes = ['key', String(key), 'value', String(value), 'entries', '8'];
  const { status } = await attempt('bpftool', [
    'map',
    'create',
    pin(name),
    'type',
    type,
    ...sizes,
    'name',
    name,
    ...more,
  ]);
  return status === 0 ? idOf(name) : undefined;
}

const idOf = async (name: string) => (await bpftool<{ id: number }>('map', 'show', 'pinned', pin(name))).id;

async function must(id: Promise<number | undefined>): Promise<number> {
  const found = await id;
  assert.ok(found !== undefined, 'the kernel has this type');
  return found;
}

/** Asks until all is read, as the window does. */
async function whole(question: Omit<MapRowsQuestion, 'start' | 'count'> & { count?: number }): Promise<MapWindow> {
  for (;;) {
    const window = await maps.rows({ start: 0, count: 100, ...question });
    if (window.complete) return window;
  }
}

async function cli(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await xdpeek(['map', ...args]);
  assert.equal(status, 0, stderr);
  return stdout;
}

const jsonLines = <T>(text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as T);

/** bpftool's dump: key and values as hexadecimal. */
async function dumped(name: string): Promise<{ key: string; values: string[] }[]> {
  interface Dumped {
    key: string[];
    value?: string[];
    values?: { value: string[] }[];
  }
  const text = (bytes: string[] = []) => bytes.map((byte) => byte.replace('0x', '').padStart(2, '0')).join('');
  const entries = await bpftool<Dumped[]>('map', 'dump', 'pinned', pin(name));
  return entries
    .map(({ key, value, values }) => ({
      key: text(key),
      values: values ? values.map((each) => text(each.value)) : [text(value)],
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

before(() => {
  mkdirSync(PINS);
  folder = mkdtempSync(path.join(tmpdir(), 'xm-'));
  access = new PrivilegedAccess(findLayout());
  workbench = new Workbench(access);
  maps = new Maps(workbench);
});

after(async () => {
  await access.close();
  rmSync(PINS, { recursive: true, force: true });
  rmSync(`/sys/fs/bpf/xdpeek/${OWN}`, { recursive: true, force: true });
  rmSync(folder, { recursive: true });
});

describe('every type of map', { concurrency: false }, () => {
  for (const [type, keyBytes, flags] of [
    ['hash', 4, []],
    ['lru_hash', 6, []],
    ['percpu_hash', 4, []],
    ['lru_percpu_hash', 4, []],
    ['array', 4, []],
    ['percpu_array', 4, []],
    ['lpm_trie', 8, ['flags', '1']],
  ] as const)
    test(`${type}: the same entries as bpftool, in the session and on the command line`, async () => {
      const id = await must(created(type, type, keyBytes, 12, ...flags));
      const perCpu = type.includes('percpu');
      const cpus = perCpu ? addon.mapRead(id, new Uint8Array(), 1).valueBytes / 16 || availableParallelism() : 1;
      for (let i = 0; i < 5; i++) {
        const key = new Uint8Array(keyBytes);
        key.set(type === 'lpm_trie' ? [8 + i, 0, 0, 0, 10 + i] : u32(i));
        const one = new Uint8Array(perCpu ? 16 * cpus : 12);
        for (let cpu = 0; cpu < cpus; cpu++) one.set([i + 1, cpu, 3], 16 * cpu);
        addon.mapUpdate(id, key, one, 'any');
      }
      const expected = await dumped(type);
      const window = await whole({ id });
      assert.equal(window.shown, expected.length);
      const found = window.rows
        .map(({ key, value }) => ({
          key: hex(key),
          values: Array.from({ length: cpus }, (_, cpu) => hex(value.subarray(16 * cpu, 16 * cpu + 12))),
        }))
        .sort((a, b) => (a.key < b.key ? -1 : 1));
      assert.deepEqual(found, expected);
      const printed = jsonLines<{ value: string; values?: { value: string }[] }>(
        await cli('dump', String(id), '--json', '--per-cpu'),
      );
      const values = printed.map((entry) => entry.values?.map(({ value }) => value) ?? [entry.value]);
      assert.deepEqual(values.map(String).sort(), expected.map((entry) => String(entry.values)).sort());
    });

  test('queue and stack: pushed, peeked and popped in their order; an empty one says so', async () => {
    for (const [type, order] of [
      ['queue', ['0a000000', '0b000000']],
      ['stack', ['0b000000', '0a000000']],
    ] as const) {
      const id = String(await must(created(type, type, 0, 4)));
      await cli('push', id, 'hex', '0a', '00', '00', '00');
      await cli('push', id, '0b000000');
      assert.deepEqual(jsonLines(await cli('get', id, '--json')), [{ value: order[0] }]);
      assert.deepEqual(jsonLines(await cli('dump', id, '--json')), [{ value: order[0] }]);
      assert.equal(await cli('pop', id), `${order[0]}\n`);
      assert.equal(await cli('pop', id), `${order[1]}\n`);
      const empty = await xdpeek(['map', 'pop', id]);
      assert.equal(empty.status, 1);
      assert.match(empty.stderr, /is empty/);
    }
  });

  test('maps of maps and program arrays name what they hold, and take ids', async () => {
    const inner = await must(created('inner', 'hash', 4, 4));
    for (const type of ['array_of_maps', 'hash_of_maps']) {
      const id = await must(created(type, type, 4, 4, 'inner_map', 'pinned', pin('inner')));
      await maps.set(id, type === 'array_of_maps' ? '0' : '00000000', String(inner), 'any');
      const { rows } = await whole({ id });
      assert.deepEqual(
        rows.map(({ refers }) => refers),
        [{ kind: 'map', id: inner, name: 'inner' }],
      );
      assert.match(await cli('dump', String(id)), new RegExp(`${inner}\\s+inner`));
    }
    const wrong = await xdpeek(['map', 'set', 'array_of_maps', '0', 'value', '4294967295']);
    assert.equal(wrong.status, 1);
  });

  test('devmaps name interfaces; cpumaps take a queue length', async () => {
    const devmap = await must(created('devmap', 'devmap', 4, 8));
    await cli('set', String(devmap), '0', 'value', 'ifindex=1');
    const [entry] = (await whole({ id: devmap })).rows;
    assert.equal(entry?.refers?.kind, 'interface');
    assert.match(entry.refers.name, /\blo\b/);
    const cpumap = await must(created('cpumap', 'cpumap', 4, 8));
    await cli('set', String(cpumap), '0', 'value', 'qsize=192');
    assert.deepEqual(jsonLines(await cli('get', String(cpumap), '0', '--json')), [
      { key: 0, value: { qsize: 192, program: 0 } },
    ]);
  });

  for (const [type, key, value] of [
    ['xskmap', 4, 4],
    ['sockmap', 4, 4],
    ['perf_event_array', 4, 4],
    ['ringbuf', 0, 0],
    ['bloom_filter', 0, 4],
  ] as const)
    test(`${type}: says why its entries cannot be read`, async () => {
      const entries = type === 'ringbuf' ? '4096' : '8';
      const sizes = ['key', String(key), 'value', String(value), 'entries', entries];
      await run('bpftool', ['map', 'create', pin(type), 'type', type, ...sizes, 'name', type.slice(0, 15)]);
      const id = await idOf(type);
      const detail = await maps.detail(id);
      assert.equal(detail.can.read, false);
      assert.ok(detail.note && detail.note.length > 20);
      if (type === 'ringbuf') assert.deepEqual(detail.fill, { waitingBytes: 0, sizeBytes: 4096 });
      const refused = await xdpeek(['map', 'dump', String(id)]);
      assert.equal(refused.status, 1);
      assert.match(refused.stderr, /cannot be read/);
    });
});

describe('typed by BTF', { concurrency: false }, () => {
  before(async () => {
    const object = path.join(folder, 'typed.o');
    const source = path.join(import.meta.dirname, 'lib/typed-map.bpf.c');
    const machine = (await run('uname', ['-m'])).trim();
    await run('clang', [
      '-g',
      '-O2',
      '-target',
      'bpf',
      `-I/usr/include/${machine}-linux-gnu`,
      '-c',
      source,
      '-o',
      object,
    ]);
    await run('bpftool', ['prog', 'load', object, pin('uses_maps'), 'pinmaps', PINS]);
  });

  test('bit-fields, enums, unions and nested records are written by name and read as bpftool reads them', async () => {
    const value = {
      packets: '18446744073709551615',
      flag: 1,
      three: 6,
      minus: -9,
      rest: 77,
      inner: { low: 65535, small: -128, word: 'abc' },
      number: 16909060,
      yes: true,
      deep: '-9223372036854775808',
    };
    await cli('set', pin('typed'), 'id=7', 'color=BLUE', 'value', JSON.stringify(value));
    interface Formatted {
      formatted: { key: { id: number; color: unknown }; value: Record<string, unknown> };
    }
    const { formatted } = await bpftool<Formatted>(
      'map',
      'lookup',
      'pinned',
      pin('typed'),
      'key',
      'hex',
      ...'07000000feffffff'.match(/../g)!,
    ).then(async (one) =>
      'formatted' in one ? one : (await bpftool<Formatted[]>('map', 'dump', 'pinned', pin('typed')))[0]!,
    );
    assert.equal(formatted.key.id, 7);
    assert.deepEqual(
      [formatted.value['flag'], formatted.value['three'], formatted.value['rest']].map(Number),
      [1, 6, 77],
    );
    const [entry] = jsonLines<{ key: unknown; value: Record<string, unknown> }>(
      await cli('dump', pin('typed'), '--json'),
    );
    assert.deepEqual(entry!.key, { id: 7, color: 'BLUE' });
    const { inner, ...rest } = entry!.value;
    assert.deepEqual(inner, { low: 65535, small: -128, word: 'abc' });
    const { packets, minus, deep, yes, number, bytes } = rest;
    assert.deepEqual(
      { packets, minus, deep, yes, number, bytes },
      { packets: value.packets, minus: -9, deep: value.deep, yes: true, number: 16909060, bytes: '04030201' },
    );
  });

  test('members sort and filter; errors name the member', async () => {
    const id = await idOf('typed');
    await cli('set', String(id), 'id=1', 'color=RED', 'value', 'packets=5', 'pair[1].low=9');
    await cli('set', String(id), 'id=2', 'color=GREEN', 'value', 'packets=300', 'minus=-3');
    const ids = async (...args: string[]) =>
      jsonLines<{ key: { id: number } }>(await cli('dump', String(id), '--json', ...args)).map(({ key }) => key.id);
    assert.deepEqual(await ids('--sort', 'value.packets', '--descending'), [7, 2, 1]);
    assert.deepEqual(await ids('--filter', 'packets > 100 && color == GREEN'), [2]);
    assert.deepEqual(await ids('--filter', 'minus < 0', '--sort', 'minus'), [7, 2]);
    assert.deepEqual(await ids('--filter', 'pair[1].low == 9 || inner.word ~ abc', '--sort', 'key.id'), [1, 7]);
    assert.deepEqual(await ids('--filter', 'value.inner.word contains "abc"'), [7]);
    for (const [args, words] of [
      [['dump', String(id), '--filter', 'value.nope == 1'], /value\.nope/],
      [['dump', String(id), '--sort', 'nope'], /no member "nope"/],
      [['set', String(id), 'id=1', 'value', 'inner.low=70000'], /value\.inner\.low: 70000 does not fit/],
      [['set', String(id), 'id=1', 'color=MAUVE', 'value', 'packets=1'], /key\.color: "MAUVE" is neither/],
      [['set', String(id), 'id=1', 'value', 'pockets=1'], /no member "pockets"/],
    ] as const) {
      const { status, stderr } = await xdpeek(['map', ...args]);
      assert.notEqual(status, 0);
      assert.match(stderr, words);
    }
  });

  test('per-CPU values are summed by member, and shown by CPU', async () => {
    const id = await idOf('counted');
    const { valueBytes } = addon.mapRead(id, new Uint8Array(), 1);
    const value = new Uint8Array(valueBytes);
    for (let cpu = 0; cpu < valueBytes / 8; cpu++) value.set([10 + cpu], 8 * cpu);
    addon.mapUpdate(id, u32(0), value, 'any');
    const [entry] = jsonLines<{ value: { low: number }; values: { value: { low: number } }[] }>(
      await cli('dump', String(id), '--json', '--per-cpu', '--limit', '1'),
    );
    const each = Array.from({ length: valueBytes / 8 }, (_, cpu) => 10 + cpu);
    assert.deepEqual(
      entry!.values.map(({ value: { low } }) => low),
      each,
    );
    assert.equal(
      entry!.value.low,
      each.reduce((sum, low) => sum + low, 0),
    );
  });
});

describe('many entries', { concurrency: false }, () => {
  test('a million entries: rows come before all are read, each entry once, sorted and filtered by member', {
    timeout: 120_000,
  }, async () => {
    const { id, objectId } = await workbench.request('mapCreate', {
      type: 'hash',
      name: 'million',
      keyBytes: 4,
      valueBytes: 8,
      maxEntries: 1_000_000,
      flags: 0,
    });
    const [key, value] = [new Uint32Array(1), new Uint32Array(2)];
    const [keyBytes, valueBytes] = [new Uint8Array(key.buffer), new Uint8Array(value.buffer)];
    for (let i = 0; i < 1_000_000; i++) {
      key[0] = i;
      value[0] = (i * 7919) % 1_000_003;
      addon.mapUpdate(id, keyBytes, valueBytes, 'any');
    }
    const first = await maps.rows({ id, start: 0, count: 50 });
    assert.equal(first.rows.length, 50);
    assert.equal(first.complete, false);
    assert.equal((await whole({ id })).shown, 1_000_000);
    const { reading } = await maps.reading(id);
    const seen = new Uint8Array(1_000_000);
    for (let i = 0; i < reading.table.count; i++) seen[new DataView(reading.table.key(i).buffer).getUint32(0, true)]!++;
    assert.ok(seen.every((times) => times === 1));
    // Without BTF values are bytes: in the order of memory.
    const { rows } = await whole({ id, sort: 'value', count: 3 });
    assert.deepEqual(rows.map(({ keyText }) => keyText)[0], '00000000');
    assert.equal((await whole({ id, filter: 'key == 01000000 || key == 02000000' })).shown, 2);
    assert.equal((await maps.rows({ id, start: 999_990, count: 50 })).rows.length, 10);
    await workbench.request('objectClose', { objectId });
  });

  test('entries that are deleted while they are read cost neither an error nor an endless walk', async () => {
    for (const type of ['hash', 'lpm_trie', 'devmap_hash']) {
      const keyBytes = type === 'lpm_trie' ? 8 : 4;
      const { id, objectId } = await workbench.request('mapCreate', {
        type,
        name: 'shrinking',
        keyBytes,
        valueBytes: 4,
        maxEntries: 2000,
        flags: type === 'lpm_trie' ? 1 : 0,
      });
      const keyOf = (i: number) =>
        type === 'lpm_trie' ? new Uint8Array([32, 0, 0, 0, 10, 0, i >> 8, i & 255]) : u32(i);
      for (let i = 0; i < 2000; i++) addon.mapUpdate(id, keyOf(i), u32(1), 'any');
      const seen = new Set<string>();
      let cursor = '';
      let pages = 0;
      do {
        const page = await workbench.request('mapRead', { id, cursor, count: 64 });
        const keys = Buffer.from(page.keys, 'base64');
        for (let i = 0; i < page.count; i++) {
          const key = keys.subarray(i * keyBytes, (i + 1) * keyBytes);
          seen.add(key.toString('hex'));
          // Every second one that was just read goes, among them the one that the walk stands on.
          if (i % 2 === (page.count - 1) % 2) addon.mapDelete(id, new Uint8Array(key));
        }
        ({ cursor } = page);
        assert.ok(++pages < 2000, `${type}: the walk ends`);
      } while (cursor !== '');
      assert.ok(seen.size > 60, type);
      if (type === 'hash') assert.equal(seen.size, 2000);
      const left = await whole({ id });
      const remaining = addon.mapRead(id, new Uint8Array(), 4000).count;
      assert.equal(left.shown, remaining);
      await workbench.request('objectClose', { objectId });
    }
  });

  test('a watched map marks what changed, what is new, and how fast', async () => {
    const { id, objectId } = await workbench.request('mapCreate', {
      type: 'array',
      name: 'watched',
      keyBytes: 4,
      valueBytes: 4,
      maxEntries: 3,
      flags: 0,
    });
    const question = { id, watch: true };
    const base = await whole(question);
    assert.ok(base.rows.every(({ changed, added }) => changed === undefined && added === undefined));
    addon.mapUpdate(id, u32(1), u32(500), 'any');
    let next = base;
    while (next.readMs === base.readMs) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      next = await whole(question);
    }
    assert.deepEqual(
      next.rows.map(({ changed }) => changed),
      [undefined, [1], undefined],
    );
    await workbench.request('objectClose', { objectId });
  });

  test('snapshots tell what changed, came and went', async () => {
    const { id, objectId } = await workbench.request('mapCreate', {
      type: 'hash',
      name: 'compared',
      keyBytes: 4,
      valueBytes: 4,
      maxEntries: 9,
      flags: 0,
    });
    for (const i of [1, 2, 3]) addon.mapUpdate(id, u32(i), u32(i), 'any');
    const earlier = await maps.reading(id);
    addon.mapUpdate(id, u32(2), u32(20), 'any');
    addon.mapDelete(id, u32(3));
    addon.mapUpdate(id, u32(4), u32(4), 'any');
    const { rows, ...counts } = await compareReadings(earlier.shape, earlier.reading, (await maps.reading(id)).reading);
    assert.deepEqual(counts, { same: 1, added: 1, removed: 1, changed: 1, more: 0 });
    assert.deepEqual(
      rows.sort((a, b) => (a.keyText < b.keyText ? -1 : 1)),
      [
        { keyText: '02000000', before: '02000000', after: '14000000' },
        { keyText: '03000000', before: '03000000' },
        { keyText: '04000000', after: '04000000' },
      ],
    );
    await workbench.request('objectClose', { objectId });
  });
});

describe('by hand on the command line', { concurrency: false }, () => {
  test('an LPM trie is filled with prefixes and asked for addresses, both families', async () => {
    await cli(
      'create',
      `${OWN}/v4`,
      '--type',
      'lpm_trie',
      '--key',
      '8',
      '--value',
      '4',
      '--entries',
      '9',
      '--flags',
      '1',
    );
    await cli(
      'create',
      `${OWN}/v6`,
      '--type',
      'lpm_trie',
      '--key',
      '20',
      '--value',
      '4',
      '--entries',
      '9',
      '--flags',
      '1',
    );
    await cli('set', `${OWN}/v4`, '10.0.0.0/8', 'value', '01000000');
    await cli('set', `${OWN}/v4`, '10.1.0.0/16', 'value', '02000000');
    await cli('set', `${OWN}/v6`, 'fd00::/8', 'value', '03000000');
    const value = async (map: string, key: string) =>
      jsonLines<{ value: string }>(await cli('get', `${OWN}/${map}`, key, '--json'))[0]!.value;
    assert.equal(await value('v4', '10.1.2.3/32'), '02000000');
    assert.equal(await value('v4', '10.2.2.3/32'), '01000000');
    assert.equal(await value('v6', 'fd12::1/128'), '03000000');
    assert.match(await cli('dump', `${OWN}/v6`), /^fd00::\/8 /m);
    const { status, stderr } = await xdpeek(['map', 'set', `${OWN}/v4`, 'fd00::/8', 'value', '01000000']);
    assert.equal(status, 1);
    assert.match(stderr, /no prefix of this map/);
  });

  test('pins are made, listed, found by name and removed; a map lives by them', async () => {
    await cli('create', `${OWN}/kept`, '--type', 'array', '--entries', '4');
    const [row] = jsonLines<{ path: string; kind: string; id: number }>(await cli('pins', '--json')).filter(
      ({ path: at }) => at.endsWith(`${OWN}/kept`),
    );
    assert.equal(row?.kind, 'map');
    await cli('pin', String(row.id), `${OWN}/again`);
    await cli('unpin', `${OWN}/kept`);
    assert.equal(await idOfOwn('again'), row.id);
    await cli('unpin', `${OWN}/again`);
    const gone = await xdpeek(['map', 'dump', String(row.id)]);
    assert.equal(gone.status, 1);
    assert.match(gone.stderr, new RegExp(`no map '?${row.id}`));
    assert.equal((await xdpeek(['map', 'unpin', `${OWN}/again`])).status, 1);
    assert.equal((await xdpeek(['map', 'pin', '1', '../evil'])).status, 2);
  });

  test('wrong widths, missing keys, a frozen map: a clear error, nothing changed', async () => {
    const id = String(await must(created('plain', 'hash', 4, 8)));
    await cli('set', id, '01000000', 'value', '0a00000000000000', '--new');
    const frozen = String(await must(created('frozen', 'array', 4, 4)));
    await run('bpftool', ['map', 'freeze', 'id', frozen]);
    for (const [args, status, words] of [
      [['set', id, 'hex', '01', '00', 'value', '0b00000000000000'], 1, /key has 4 bytes, not 2/],
      [['set', id, '01000000', 'value', '0b'], 1, /must have 8 bytes, not 1/],
      [['set', id, '01000000', 'value', '0b00000000000000', '--new'], 1, /already/],
      [['set', id, '02000000', 'value', '0b00000000000000', '--existing'], 1, /no such key/],
      [['set', id, '02000000'], 2, /the word 'value'/],
      [['get', id, '02000000'], 1, /no such key/],
      [['delete', id, '02000000'], 1, /no such key/],
      [['push', id, '0b00000000000000'], 1, /no end to push to/],
      [['pop', id], 1, /queues and stacks/],
      [['set', frozen, '0', 'value', '01000000'], 1, /frozen/],
      [['get', 'no-such-map', '0'], 1, /no map 'no-such-map'/],
    ] as const) {
      const result = await xdpeek(['map', ...args]);
      assert.equal(result.status, status, `map ${args.join(' ')}: ${result.stderr}`);
      assert.match(result.stderr, words);
    }
    assert.deepEqual(await dumped('plain'), [{ key: '01000000', values: ['0a00000000000000'] }]);
  });

  test('list and show are what bpftool shows; watch prints readings; CSV quotes', async () => {
    const id = await must(created('shown', 'hash', 4, 8));
    const listed = jsonLines<{ id: number; type: string; name: string; keyBytes: number; maxEntries: number }>(
      await cli('list', '--json'),
    );
    const judged = await bpftool<{ id: number; type: string; name?: string; bytes_key: number; max_entries: number }[]>(
      'map',
      'show',
    );
    const mine = listed.find((map) => map.id === id)!;
    const theirs = judged.find((map) => map.id === id)!;
    assert.deepEqual(
      [mine.type, mine.name, mine.keyBytes, mine.maxEntries],
      [theirs.type, theirs.name, theirs.bytes_key, theirs.max_entries],
    );
    assert.match(await cli('show', 'shown'), /you can +read, write, add, delete/);
    addon.mapUpdate(id, u32(1), new Uint8Array(8), 'any');
    const watched = jsonLines<{ time: string; key: string }>(await cli('watch', String(id), '--count', '1', '--json'));
    assert.deepEqual(
      watched.map(({ key }) => key),
      ['01000000'],
    );
    assert.equal(await cli('dump', String(id), '--csv'), 'key,value\r\n01000000,0000000000000000\r\n');
  });
});

async function idOfOwn(name: string): Promise<number> {
  return (await bpftool<{ id: number }>('map', 'show', 'pinned', `/sys/fs/bpf/xdpeek/${OWN}/${name}`)).id;
}
