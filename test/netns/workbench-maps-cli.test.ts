/** `xdpeek map …`: entries typed through what clang wrote, prefixes, pins, and what goes wrong. bpftool is the judge. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { MAIN, xdpeek } from './cli-lib.ts';
import { addon } from './lib/addon.ts';
import {
  bpftool,
  cli,
  created,
  dumped,
  idOf,
  jsonLines,
  makePins,
  must,
  OWN,
  PINS,
  pin,
  removePins,
  u32,
} from './lib/map-judge.ts';
import { attempt, run } from './lib/process.ts';

let folder: string;

before(() => {
  makePins();
  folder = mkdtempSync(path.join(tmpdir(), 'xm-'));
});

after(() => {
  removePins();
  rmSync(folder, { recursive: true });
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
    await cli('set', `${OWN}/v4`, '10.1.2.3', '-7');
    assert.equal(await value('v4', '10.1.2.3'), 'f9ffffff', 'an address is itself alone');
    assert.equal(await value('v6', 'fd12::1'), '03000000');
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

  test('a pin in a bpffs that goes with the command says so, as under ip netns exec; one that stays does not', async () => {
    const make = ['map', 'create', `${OWN}/private`, '--type', 'array', '--entries', '1'];
    const shell = 'mount -t bpf bpf /sys/fs/bpf && exec "$0" "$@"';
    const hidden = await attempt('unshare', ['--mount', 'sh', '-c', shell, process.execPath, MAIN, ...make]);
    assert.equal(hidden.status, 0, hidden.stderr);
    assert.match(hidden.stderr, /mount namespace of its own.*IF@NS/);
    assert.doesNotMatch(await cli('pins'), /private/);
    const kept = await xdpeek(make);
    assert.equal(kept.stderr, '');
    assert.match(await cli('pins'), /private/);
    await cli('unpin', `${OWN}/private`);
  });

  test('a folder of pins is taken away at once; what is of another kind stays', async () => {
    for (const name of ['one', 'two']) await cli('create', `${OWN}x/${name}`, '--type', 'array', '--entries', '1');
    assert.match(await cli('unpin', `${OWN}x`), /^\S+x\/one is unpinned\n\S+x\/two is unpinned\n$/);
    assert.equal((await xdpeek(['map', 'unpin', `${OWN}x`])).status, 1, 'nothing is left in it');
  });

  test('a Bloom filter says what may be in it; maps of maps are made, and take names', async () => {
    await cli('create', `${OWN}/bloom`, '--type', 'bloom_filter', '--key', '0', '--value', '4', '--entries', '100');
    await cli('push', `${OWN}/bloom`, '5');
    assert.match(await cli('get', `${OWN}/bloom`, '5'), /^05000000$/m);
    const { status, stderr } = await xdpeek(['map', 'get', `${OWN}/bloom`, '6']);
    assert.equal(status, 1);
    assert.match(stderr, /this value is not in map \d+/);

    await cli('create', `${OWN}/inside`, '--type', 'hash', '--entries', '9');
    const outer = ['create', `${OWN}/outer`, '--type', 'array_of_maps', '--value', '4', '--entries', '2'];
    assert.match((await xdpeek(['map', ...outer])).stderr, /--inner MAP/);
    await cli(...outer, '--inner', `${OWN}/inside`);
    await cli('set', `${OWN}/outer`, '1', 'value', 'inside');
    const [entry] = jsonLines<{ key: number; value: number }>(await cli('dump', `${OWN}/outer`, '--json'));
    assert.deepEqual(entry, { key: 1, value: await idOfOwn('inside'), map: 'inside' });
    assert.match((await xdpeek(['map', 'set', `${OWN}/outer`, '0', 'nowhere'])).stderr, /there is no map "nowhere"/);
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
