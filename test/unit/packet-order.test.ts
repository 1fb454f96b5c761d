/** The parts of sorting by themselves: keys and the order of places, what a heading asks for, and the rows that a window keeps of an order. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Dictionary, TooLarge } from '../../electron/packets/order/dictionary.ts';
import { Keys } from '../../electron/packets/order/keys.ts';
import { descending, type SortedRows, sortedPlaces } from '../../electron/packets/order/sorted-rows.ts';
import type { PacketRow } from '../../electron/shared/api.ts';
import { nextSort, sortKey } from '../../renderer/features/packets/list-order.ts';
import { RowCache } from '../../renderer/features/packets/row-cache.ts';

function all<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

describe('keys', () => {
  const sorted = (count: number, fill: (keys: Keys) => void): SortedRows => {
    const keys = new Keys(count);
    fill(keys);
    return all(sortedPlaces(keys));
  };

  test('numbers: negative, fractions, zeros, infinity; none is last, both ways round', () => {
    const values = [3, -1, undefined, 0.5, -0, 0, 1e300, -1e300, Number.POSITIVE_INFINITY, undefined, 2 ** 53, -0.5, 3];
    const found = sorted(values.length, (keys) => {
      for (const [at, value] of values.entries()) if (value !== undefined) keys.setNumber(at, value);
    });
    assert.deepEqual([...found.rows], [7, 1, 11, 4, 5, 3, 0, 12, 10, 6, 8, 2, 9]);
    assert.deepEqual([...all(descending(found))], [8, 6, 10, 0, 12, 3, 4, 5, 11, 1, 7, 2, 9]);
  });

  test('64 bits, signed and not', () => {
    const large = [2n ** 64n - 1n, 0n, 2n ** 53n + 1n, 2n ** 53n, 2n ** 63n];
    const found = sorted(5, (keys) => large.forEach((value, at) => void keys.setLarge(at, value, false)));
    assert.deepEqual([...found.rows], [1, 3, 2, 4, 0]);
    const signed = [2n ** 62n, -1n, 0n, -(2n ** 63n)];
    const other = sorted(4, (keys) => signed.forEach((value, at) => void keys.setLarge(at, value, true)));
    assert.deepEqual([...other.rows], [3, 1, 2, 0]);
  });

  test('a hundred thousand rows with few values: stable, and turned round stable too', () => {
    const value = (at: number) => (at * 7919) % 13;
    const count = 100_000;
    const found = sorted(count, (keys) => {
      for (let at = 0; at < count; at++) keys.set(at, value(at), value(at) % 2);
    });
    const key = (at: number) => (value(at) % 2) * 100 + value(at);
    const wanted = Array.from({ length: count }, (_, at) => at).sort((x, y) => key(x) - key(y) || x - y);
    assert.deepEqual([...found.rows], wanted);
    const down = Array.from({ length: count }, (_, at) => at).sort((x, y) => key(y) - key(x) || x - y);
    assert.deepEqual([...all(descending(found))], down);
  });

  test('texts have ranks in their order, and a limit', () => {
    const words = new Dictionary();
    const texts = ['pear', 'apple', 'Zebra', '', 'pears', 'äpfel', 'apple'];
    const ids = texts.map((text) => words.id(text));
    const ranks = all(words.ranks());
    assert.deepEqual(
      texts.map((_, at) => ranks[ids[at]!]),
      [3, 2, 1, 0, 4, 5, 2],
    );
    const small = new Dictionary(200);
    small.id('one');
    small.id('one');
    small.id('two');
    assert.throws(() => small.id('three, which is too much'), TooLarge);
  });
});

describe('headings', () => {
  test('up, down, the order of the capture; that of numbers is the other way round first', () => {
    const first = nextSort('length', undefined);
    const second = nextSort('length', first);
    assert.deepEqual(
      [first, second, nextSort('length', second)],
      [{ column: 'length', descending: false }, { column: 'length', descending: true }, undefined],
    );
    assert.deepEqual(nextSort('source', second), { column: 'source', descending: false });
    assert.deepEqual(nextSort('number', undefined), { column: 'number', descending: true });
    assert.equal(nextSort('number', first), undefined);
  });

  test('times sort as they are shown', () => {
    assert.deepEqual(
      (['relative', 'delta', 'clock', 'utc', 'epoch'] as const).map((format) => sortKey('time', format)),
      ['relative', 'delta', 'time', 'time', 'time'],
    );
    assert.equal(sortKey('field:tcp.srcport', 'delta'), 'field:tcp.srcport');
  });
});

test('the window keeps rows of one order only: as long as that is, and told when there is another', async () => {
  const asked: [start: number, count: number][] = [];
  let others = 0;
  let version = 7;
  const row = (number: number) => ({ number }) as PacketRow;
  const cache = new RowCache(
    async (start, count) => {
      asked.push([start, count]);
      return {
        generation: 1,
        total: 300,
        version,
        start,
        rows: Array.from({ length: count }, (_, i) => row(300 - start - i)),
      };
    },
    () => {},
    true,
    { version: 7, rows: 300, onOther: () => others++ },
  );
  cache.setFollowing(true, 20);
  cache.setStored(1, 5000);
  assert.equal(cache.total, 300, 'what came since is not in it');
  cache.setVisible(0, 20);
  await pause(1);
  assert.deepEqual([cache.row(0)?.number, cache.row(19)?.number, others], [300, 281, 0]);
  version = 8;
  cache.setVisible(250, 270);
  await pause(1);
  assert.deepEqual([cache.row(260), others > 0], [undefined, true]);
  assert.ok(asked.length > 1);
});
