/** The table of reference rows is whole: every id is there, and every test that it names is in its file. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { ROWS } from '../reference/rows.ts';

const folder = path.resolve(import.meta.dirname, '..');
const ids = (letter: string, count: number) => Array.from({ length: count }, (_, i) => `${letter}${i + 1}`);
const ALL = [...ids('A', 7), ...ids('B', 18), ...ids('C', 2), ...ids('D', 5), ...ids('E', 16)];

/** Names of tests as they stand in a source: of template literals, each ${…} stands for anything. */
function testNames(source: string): RegExp[] {
  return [...source.matchAll(/\btest\(\s*(['"`])/g)].flatMap((match) => {
    const quote = match[1]!;
    let at = match.index + match[0].length;
    let pattern = '';
    while (source[at] !== quote) {
      if (source[at] === '\\') {
        pattern += escaped(source[at + 1]!);
        at += 2;
      } else if (quote === '`' && source.startsWith('${', at)) {
        at = behindBrace(source, at + 2);
        pattern += '.*';
      } else pattern += escaped(source[at++]!);
    }
    // A name that is nothing but a variable says nothing.
    return pattern === '.*' ? [] : [new RegExp(`^${pattern}$`)];
  });
}

const escaped = (character: string) => character.replace(/[.*+?^${}()|[\]\\]/, '\\$&');

function behindBrace(source: string, from: number): number {
  let depth = 1;
  let at = from;
  for (; depth > 0; at++) depth += source[at] === '{' ? 1 : source[at] === '}' ? -1 : 0;
  return at;
}

test('every row has a place in the table, and nothing else has', () => {
  assert.deepEqual(Object.keys(ROWS), ALL);
  for (const [id, { command, test: tests }] of Object.entries(ROWS)) {
    assert.ok(command.length > 3, id);
    assert.ok(tests.length > 0, id);
  }
});

test('every test that a row names is there', () => {
  const missing: string[] = [];
  for (const [id, { test: tests }] of Object.entries(ROWS))
    for (const each of typeof tests === 'string' ? [tests] : tests) {
      const [file = '', name = '', ...more] = each.split(' › ');
      assert.deepEqual(more, [], each);
      const source = path.join(folder, file);
      if (!existsSync(source)) missing.push(`${id}: there is no file test/${file}`);
      else if (!testNames(readFileSync(source, 'utf8')).some((pattern) => pattern.test(name)))
        missing.push(`${id}: test/${file} has no test "${name}"`);
    }
  assert.deepEqual(missing, []);
});

test('names are read as they stand: quotes, escapes, template literals with anything inside', () => {
  const source = [
    "test('it\\'s one', () => {});",
    ['test(`two of ', '{list.map((x) => `', '{x}`).length} and ', '{mode}`, {}, () => {});'].join('$'),
    '  test(\n    "three",\n    () => {},\n  );',
  ].join('\n');
  const names = testNames(source);
  assert.ok(names[0]!.test("it's one") && !names[0]!.test('it was one'));
  assert.ok(names[1]!.test('two of 7 and native') && !names[1]!.test('two of 7'));
  assert.ok(names[2]!.test('three') && !names[2]!.test('threefold'));
});
