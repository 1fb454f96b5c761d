/** Regular expressions of `matches`: the language against JavaScript's, and time that grows with the text and nothing else. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RegexMatcher } from '../../electron/packets/filter/regex/matcher.ts';
import { RegexError } from '../../electron/packets/filter/regex/syntax.ts';

const PATTERNS = [
  ...[
    '^abc',
    'c$',
    'a+b*',
    '(a|bc)+$',
    '\\bfoo\\b',
    '[a-c]{2,3}x',
    '^$',
    '.',
    '^.{3}$',
    'x*y?e+',
    '[^a-w.]',
    '\\d+\\.\\d+',
  ],
  ...[
    '(?:ab)?c',
    'a.*?c',
    '\\s',
    '\\x41',
    '[\\]\\-a]',
    '^(GET|POST) /',
    'a{0}b',
    '(a*)*b',
    '(a|a)*$',
    '()*x',
    '\\w\\W',
    'a|',
  ],
  ...[
    'a.b',
    '\\Bo',
    '^\\S+$',
    '[-a]',
    '[a-]',
    'a{2',
    'a{,2}',
    '(a{1,2}){2}b',
    'ä',
    '(ä|ö)+',
    '[\\d.]+$',
    '(^a|b$)',
    '\\/1\\.',
    '[\\x30-\\x39]',
  ],
];
const TEXTS = [
  ...[
    '',
    'abc',
    'a',
    'foo bar',
    'xfoo',
    'aabx',
    '3.14',
    'http/1.1',
    'HTTP',
    'a\nb',
    'GET /index',
    'aaaa',
    'b',
    'c',
    '-',
    ']',
    'Ab1',
  ],
  ...['zzz', 'ee', 'x y', 'a{2', 'a{,2}', 'A', 'foo', 'aaab', 'Straße', 'ä', 'öä', '10.0.0.1'],
];

test(`${PATTERNS.length} expressions over ${TEXTS.length} texts find what JavaScript finds`, () => {
  for (const pattern of PATTERNS) {
    const ours = new RegexMatcher(pattern);
    const theirs = new RegExp(pattern, 'i');
    for (const text of TEXTS)
      assert.equal(ours.testText(text), theirs.test(text), `/${pattern}/ in ${JSON.stringify(text)}`);
  }
});

test('what PCRE has beyond', () => {
  const cases: [pattern: string, text: string, found: boolean][] = [
    ['(?-i)get', 'GET', false],
    ['a(?-i)b', 'Ab', true],
    ['a(?-i)b', 'AB', false],
    ['(?-i:a)b', 'aB', true],
    ['(?s)a.b', 'a\nb', true],
    ['(?m)^b$', 'a\nb\nc', true],
    ['b$', 'a\nb\n', true],
    ['b\\z', 'b\n', false],
    ['\\Ab', 'a\nb', false],
    ['[[:alpha:]]+[[:digit:]]', '--x1', true],
    ['[[:^alpha:]]', 'abc', false],
    ['(?<name>a)b', 'ab', true],
    ['(?P<name>a)b', 'ab', true],
    ['a(?# words )b', 'ab', true],
    ['\\x{e4}', 'ä', false],
    ['\\x{20ac}', '€', true],
    ['\\e\\[', '\x1b[', true],
    ['\\0', 'a\0b', true],
  ];
  for (const [pattern, text, found] of cases)
    assert.equal(new RegexMatcher(pattern).testText(text), found, `/${pattern}/ in ${JSON.stringify(text)}`);
  assert.ok(new RegexMatcher('\\xff\\x00').test(Uint8Array.of(1, 0xff, 0, 2)));
});

test('what cannot be used is said', () => {
  for (const pattern of [
    '(',
    'a)',
    '[a',
    'a**',
    '*a',
    '(?=a)',
    '(?<!a)',
    '(a)\\1',
    'a++',
    '(?>a)',
    '\\p{L}',
    'a{5,2}',
    '(?x)a',
    '[z-a]',
    '\\',
    '[[:no:]]',
    '[ä]',
    '(?',
  ])
    assert.throws(() => new RegexMatcher(pattern), RegexError, pattern);
  for (const pattern of [
    '((a{100}){100}){100}',
    'a{99999}',
    '('.repeat(10_000),
    `${'(a|'.repeat(200)}b${')'.repeat(200)}`,
  ])
    assert.throws(() => new RegexMatcher(pattern), /too large|too often|too deeply/, pattern.slice(0, 20));
});

describe('catastrophes take a moment', () => {
  const bytes = new Uint8Array(65_536).fill(0x61);
  bytes[65_535] = 0x21;
  const mixed = Uint8Array.from({ length: 65_536 }, (_, i) => 0x61 + (((i * 2_654_435_761) >>> 13) % 3));
  for (const pattern of [
    '(a+)+$',
    '(a|a)*$',
    '(a|aa)+$',
    '(.*a){20}$',
    '(x+x+)+y',
    '([a-c]+)*d',
    'a.{400}c.{400}b.{400}z',
    '(a?){400}a{400}$',
  ])
    test(pattern, () => {
      const matcher = new RegexMatcher(pattern);
      // CPU time of this thread: what else the machine does is not the matcher's.
      const start = process.threadCpuUsage();
      matcher.test(bytes);
      matcher.test(mixed);
      const { user } = process.threadCpuUsage(start);
      assert.ok(user < 5_000_000, `${user / 1000} ms`);
    });
});
