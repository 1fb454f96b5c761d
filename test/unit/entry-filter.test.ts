/** Filters and order of map entries over bytes, and typed values as JSON: exact at any width. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fromJson, parseExactly, toJson } from '../../electron/packets/btf/c-json.ts';
import { decode, encode } from '../../electron/packets/btf/c-value.ts';
import { compileEntryFilter, type FilterSubject } from '../../electron/packets/btf/entry-filter.ts';
import { leavesOf } from '../../electron/packets/btf/members.ts';
import { sorted } from '../../electron/session/workbench/maps/map-order.ts';
import { prefixKey, prefixText } from '../../electron/session/workbench/maps/prefix.ts';
import type { ErrorData } from '../../electron/shared/errors.ts';
import type { CType } from '../../electron/shared/workbench-api.ts';

const int = (bytes: number, signed = false): CType => ({
  kind: 'int',
  name: `i${bytes}`,
  bytes,
  signed,
  encoding: 'number',
});
const KEY = int(4);
const VALUE: CType = {
  kind: 'struct',
  name: 'struct v',
  bytes: 16,
  members: [
    { name: 'wide', type: int(8), bitOffset: 0 },
    { name: 'low', type: int(2, true), bitOffset: 64 },
    { name: 'three', type: int(4), bitOffset: 96, bitSize: 3 },
    { name: 'minus', type: int(4, true), bitOffset: 99, bitSize: 5 },
  ],
};

function subject(cpus = 1): FilterSubject {
  return {
    types: { key: KEY, value: VALUE },
    cpus,
    stride: 16,
    text: ({ keys }) => decode(KEY, keys) as string,
  };
}

/** Whether the filter lets an entry through. */
function passes(filter: string, values: readonly object[]): boolean {
  const keys = encode(KEY, '42');
  const bytes = new Uint8Array(16 * values.length);
  for (const [cpu, value] of values.entries()) bytes.set(encode(VALUE, fromJson(VALUE, value as never)), 16 * cpu);
  return compileEntryFilter(filter, subject(values.length))({ keys, keyAt: 0, values: bytes, valueAt: 0 });
}

describe('filters of entries', () => {
  test('64 bits, signed numbers and bit-fields are compared exactly', () => {
    const value = { wide: '9007199254740993', low: -5, three: 6, minus: -9 };
    for (const [filter, expected] of [
      ['value.wide == 9007199254740993', true],
      ['value.wide > 9007199254740992', true],
      ['wide >= 9007199254740994', false],
      ['low < -4 && low >= -5', true],
      ['three == 6 and minus == -9', true],
      ['three != 0x6 || !(minus > -10)', false],
      ['key == 42', true],
      ['42', true],
      ['not "43"', true],
    ] as const)
      assert.equal(passes(filter, [value]), expected, filter);
  });

  test('per-CPU values are compared by their sum, carried beyond 32 bits', () => {
    const cpus = [
      { wide: '4294967295', low: -3 },
      { wide: '1', low: 1 },
    ];
    assert.ok(passes('wide == 4294967296 && low == -2', cpus));
  });

  test('what is wrong is said with its place', () => {
    for (const [filter, offset] of [
      ['value.nope == 1', 0],
      ['wide > ', 7],
      ['wide == twelve', 8],
      ['(wide == 1', 10],
      ['wide == 1 key', 10],
    ] as const) {
      assert.throws(
        () => passes(filter, [{}]),
        (error: ErrorData) => error.code === 'FILTER' && error.place?.offset === offset,
        filter,
      );
    }
    assert.throws(() => passes('('.repeat(5000), [{}]), { code: 'FILTER' });
  });
});

test('JSON keeps integers exact, both ways', () => {
  const json = parseExactly('{"wide": 18446744073709551615, "low": -7}');
  const bytes = encode(VALUE, fromJson(VALUE, json));
  assert.deepEqual(toJson(VALUE, decode(VALUE, bytes)), { wide: '18446744073709551615', low: -7, three: 0, minus: 0 });
});

test('columns are the members; a merge sort of many runs is stable', () => {
  assert.deepEqual(
    leavesOf('value', VALUE).map(({ path }) => path),
    ['value.wide', 'value.low', 'value.three', 'value.minus'],
  );
  const steps = sorted(
    Uint32Array.from({ length: 10_007 }, (_, i) => i),
    (a, b) => (a % 10) - (b % 10),
  );
  let step = steps.next();
  while (!step.done) step = steps.next();
  const expected = Array.from({ length: 10_007 }, (_, i) => i).sort((a, b) => (a % 10) - (b % 10) || a - b);
  assert.deepEqual([...step.value], expected);
});

test('prefixes as people write them', () => {
  for (const [text, bytes] of [
    ['10.0.0.0/8', 8],
    ['fd00::/8', 20],
    ['::ffff:10.0.0.1/128', 20],
    ['::/0', 20],
  ] as const)
    assert.equal(prefixText(prefixKey(text, bytes)), text);
  for (const wrong of ['10.0.0.0/33', '10.0.0/8', 'fd00::/8', '/8'])
    assert.throws(() => prefixKey(wrong, 8), { code: 'EINVAL' });
});
