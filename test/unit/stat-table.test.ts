/** The rows of conversations and endpoints: found by a number, also where somebody chose addresses that share it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Table } from '../../electron/packets/stats/conversations.ts';

test('rows that share a hash are told apart, and found without comparing all', () => {
  const table = new Table<{ name: string }>();
  let compared = 0;
  const find = (name: string) =>
    table.find({
      hash: 7,
      is: (row) => {
        compared++;
        return row.name === name;
      },
      key: () => name,
      make: () => ({ name }),
    });
  const names = Array.from({ length: 10_000 }, (_, i) => `row ${i}`);
  const made = names.map(find);
  assert.deepEqual(table.rows, made);
  assert.deepEqual(names.map(find), made);
  assert.equal(table.rows.length, names.length);
  assert.ok(compared < 10 * 2 * names.length, `${compared} comparisons`);
});
