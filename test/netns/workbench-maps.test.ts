/** Maps in the session, on maps of every type that this kernel lets bpftool create. bpftool is the judge of what is in them. */
import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { findLayout } from '../../electron/session/layout.ts';
import { PrivilegedAccess } from '../../electron/session/privileged/access.ts';
import { Maps } from '../../electron/session/workbench/maps/maps.ts';
import { compareReadings } from '../../electron/session/workbench/maps/snapshots.ts';
import { Workbench } from '../../electron/session/workbench/workbench.ts';
import type { MapRowsQuestion, MapWindow } from '../../electron/shared/map-api.ts';
import { xdpeek } from './cli-lib.ts';
import { addon } from './lib/addon.ts';
import { cli, created, dumped, idOf, jsonLines, makePins, must, pin, removePins, u32 } from './lib/map-judge.ts';
import { run } from './lib/process.ts';

let access: PrivilegedAccess;
let workbench: Workbench;
let maps: Maps;

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** Asks until all is read, as the window does. */
async function whole(question: Omit<MapRowsQuestion, 'start' | 'count'> & { count?: number }): Promise<MapWindow> {
  for (;;) {
    const window = await maps.rows({ start: 0, count: 100, ...question });
    if (window.complete) return window;
  }
}

before(() => {
  makePins();
  access = new PrivilegedAccess(findLayout());
  workbench = new Workbench(access);
  maps = new Maps(workbench);
});

after(async () => {
  await access.close();
  removePins();
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

describe('many entries', { concurrency: false }, () => {
  test('values that no answer can hold are refused in words, and the root process goes on', async () => {
    const id = await must(created('vast', 'array', 4, 20 << 20));
    const { pid } = await access.workbench();
    for (const read of [
      () => workbench.request('mapRead', { id, cursor: '', count: 65_536 }),
      () => workbench.request('mapLookup', { id, key: 'AAAAAA==' }),
    ])
      await assert.rejects(read, { code: 'E2BIG', message: /one entry has 20 MiB; those of at most 8 MiB are shown/ });
    const large = await must(created('large', 'array', 4, 1 << 20));
    const { count, valueBytes, cursor } = await workbench.request('mapRead', { id: large, cursor: '', count: 65_536 });
    assert.ok(count > 0 && count * valueBytes <= 8 << 20, `${count} of ${valueBytes} bytes`);
    assert.notEqual(cursor, '');
    assert.equal((await access.workbench()).pid, pid);
  });

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
