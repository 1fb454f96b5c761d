/** The command line's own language: parsing by the tables, help out of the same tables, and the man page that must agree. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fieldsFormat } from '../../electron/cli/fields-format.ts';
import { commandHelp, overview } from '../../electron/cli/options/help.ts';
import { manPage } from '../../electron/cli/options/man-page.ts';
import { nearest } from '../../electron/cli/options/nearest.ts';
import { parseOptions } from '../../electron/cli/options/parse.ts';
import type { CommandSpec, Invocation } from '../../electron/cli/options/spec.ts';
import * as table from '../../electron/cli/table.ts';
import { VERSION } from '../../electron/cli/version.ts';
import { mapSet } from '../../electron/cli/workbench/table-map.ts';

function parse<S extends CommandSpec>(spec: S, ...argv: string[]): Invocation<S> {
  const parsed = parseOptions(spec, argv);
  assert.equal(parsed.kind, 'run');
  return (parsed as { invocation: Invocation<S> }).invocation;
}

const wrong = (spec: CommandSpec, argv: string[], message: RegExp, hint?: RegExp): void =>
  assert.throws(
    () => parseOptions(spec, argv),
    (error: Error & { code: string; hint?: string }) => {
      assert.equal(error.code, 'USAGE', error.message);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /\n/);
      if (hint) assert.match(error.hint ?? '', hint);
      return true;
    },
  );

describe('parsing', () => {
  test('short, long, attached, grouped and equals forms mean the same', () => {
    for (const argv of [
      ['-i', 'eth0', '-c', '5', '-x', '-q'],
      ['-ieth0', '-c5', '-xq'],
      ['--interface=eth0', '--count=5', '--hex', '--quiet'],
      ['--interface', 'eth0', '--count', '5', '-qx'],
      ['-xqc5', '-ieth0'],
    ]) {
      const { options } = parse(table.dump, ...argv);
      assert.deepEqual(options.interface, ['eth0']);
      assert.equal(options.count, 5);
      assert.equal(options.hex && options.quiet, true);
      assert.equal(options.json, false);
    }
  });

  test('defaults, repeated options and operands', () => {
    const { options } = parse(table.dump, '-i', 'a', '-i', 'b', '--hook', 'tc-ingress', '--hook', 'tc-egress');
    assert.deepEqual(options.interface, ['a', 'b']);
    assert.deepEqual(options.hook, ['tc-ingress', 'tc-egress']);
    assert.equal(options.mode, undefined);
    assert.equal(options.snaplen, undefined);
    assert.deepEqual(parse(table.read, '-e', 'ip.src', 'f.pcapng', '-e', 'ip.dst').options.field, ['ip.src', 'ip.dst']);
    assert.deepEqual(parse(table.read, '--', '-odd-name').operands, ['-odd-name']);
    assert.deepEqual(parse(table.read, '-').operands, ['-']);
    assert.equal(parse(table.stats, '-i', 'a', '--interval', '.5').options.interval, 0.5);
  });

  test('what is unknown names the nearest that is known', () => {
    wrong(table.dump, ['-i', 'a', '--duratoin', '1'], /unknown option --duratoin/, /Did you mean --duration\?/);
    wrong(table.dump, ['-i', 'a', '--snap', '1'], /unknown option --snap/, /--snaplen/);
    wrong(table.dump, ['-i', 'a', '-z'], /unknown option -z/, /dump --help/);
    wrong(table.dump, ['-count', '5'], /unknown option -o|cannot be/);
    wrong(table.dump, ['-i', 'a', '-F', 'icmp'], /unknown option -F/);
    wrong(table.dump, ['-i', 'a', `--${'x'.repeat(500)}`], /too long/);
    wrong(table.dump, ['-i', 'a', '--constructor'], /unknown option --constructor/);
    wrong(table.dump, ['-i', 'a', '--__proto__=1'], /unknown option --__proto__/);
  });

  test('what is missing, repeated, empty, too long or out of range is refused', () => {
    wrong(table.dump, [], /-i IF is missing/);
    wrong(table.dump, ['-i'], /-i needs a value: -i IF/);
    wrong(table.dump, ['-i', ''], /-i needs a value: it is empty/);
    wrong(table.dump, ['-i', 'a', '-c', '1', '-c', '2'], /-c is given twice/);
    wrong(table.dump, ['-i', 'a', '-x', '--hex'], /-x is given twice/);
    wrong(table.dump, ['-i', 'a', '--json=yes'], /--json takes no value/);
    wrong(table.dump, ['-i', 'a'.repeat(5000)], /too long/);
    wrong(table.dump, ['-i', 'a', '-w', 'a\0b'], /not text/);
    wrong(table.demo, ['extra'], /nothing known to do with 'extra'/);
    wrong(table.dump, ['-i', 'a', '-B', '1G5'], /-B cannot be/);
    wrong(table.read, [], /FILE is missing/);
    wrong(table.read, [''], /empty argument/);
    for (const count of ['0', '-1', '1.5', '1e3', 'x', '9'.repeat(20), '0x10', ' 1'])
      wrong(table.dump, ['-i', 'a', `--count=${count}`], /-c cannot be .*: it takes a whole number, at least 1/);
    for (const mode of ['skb', 'NATIVE', 'toString'])
      wrong(table.dump, ['-i', 'a', '--mode', mode], /auto, native, generic/);
    for (const interval of ['0', '0.05', '99999', '.', '1s', 'NaN', '1e1'])
      wrong(table.stats, ['-i', 'a', '--interval', interval], /seconds, 0.1 to 3600/);
    wrong(table.dump, ['-i', 'a', '-s', '262145'], /1 to 262144/);
    wrong(table.serve, ['--port', '65536'], /0 to 65535/);
  });

  test('numbers below zero are operands where a command has some', () => {
    const { options, operands } = parse(mapSet, '12', '-1', 'value', '-5', '--new');
    assert.deepEqual(operands, ['12', '-1', 'value', '-5']);
    assert.equal(options.new, true);
    wrong(table.monitor, ['-5'], /unknown option -5/);
  });

  test("a message never carries terminal escapes of the user's own text", () => {
    wrong(table.demo, ['\u001b[31mred'], /\\x1b\[31mred/);
    wrong(table.dump, ['-i', 'a', '--mode', '\u202e\u009b1m'], /\\u\{202e\}\\x9b1m/);
  });

  test('help wins over everything but stands for itself after --', () => {
    assert.equal(parseOptions(table.dump, ['--nonsense', '--help']).kind, 'help');
    assert.equal(parseOptions(table.read, ['-h']).kind, 'help');
    assert.deepEqual(parse(table.read, '--', '-h').operands, ['-h']);
  });
});

describe('help', () => {
  for (const spec of table.COMMANDS)
    test(`${spec.name} --help lists every option with its value and default, required ones apart`, () => {
      const text = commandHelp(spec);
      for (const [name, option] of Object.entries(spec.options)) {
        assert.ok(text.includes(`--${name}`), name);
        if (option.kind === 'value') assert.ok(text.includes(`--${name} ${option.metavar}`), name);
        if (option.kind === 'value' && option.fallback !== undefined && option.defaultText === undefined)
          assert.ok(text.includes(`(default: ${String(option.fallback)})`), name);
      }
      const required = Object.values(spec.options).some((option) => option.kind === 'value' && option.required);
      assert.equal(text.includes('Required options:'), required);
      assert.ok(
        text.split('\n').every((line) => line.length <= 100),
        'fits 100 columns',
      );
      assert.match(text, /^Usage: xdpeek /);
    });

  test('the window takes files, once in its usage, and --demo, which the overview names', () => {
    assert.match(commandHelp(table.open), /^Usage: xdpeek \[--demo\] \[FILE\.\.\.\]\n/);
    assert.match(
      overview(table.COMMANDS, VERSION),
      /^Usage: xdpeek \[--demo\] \[FILE\.\.\.\] .*\n(?:.*\n)* {2}--demo /m,
    );
  });

  test('the overview names every command', () => {
    // Long summaries go on in the next line.
    const text = overview(table.COMMANDS, VERSION).replaceAll(/\s+/g, ' ');
    for (const { name, summary } of table.COMMANDS)
      assert.ok(text.includes(`${name} `) && text.includes(summary), name);
  });

  test('no short letter means two things in one command', () => {
    for (const spec of [...table.COMMANDS, table.open]) {
      const letters = Object.values(spec.options).flatMap(({ short }) => short ?? []);
      assert.deepEqual([...new Set(letters)], letters, spec.name);
      assert.ok(!letters.includes('h'), spec.name);
    }
  });

  test("assets/xdpeek.1 is the tables' text (else: node electron/cli/options/write-man-page.ts)", () => {
    const file = readFileSync(new URL('../../assets/xdpeek.1', import.meta.url), 'utf8');
    assert.equal(file, manPage(table.COMMANDS, VERSION));
  });
});

test('the nearest word is near', () => {
  const words = ['ifaces', 'dump', 'flows', 'stats', 'read', 'serve', 'demo'];
  assert.equal(nearest('dmup', words), 'dump');
  assert.equal(nearest('iface', words), 'ifaces');
  assert.equal(nearest('sevre', words), 'serve');
  assert.equal(nearest('stat', words), 'stats');
  assert.equal(nearest('capture', words), undefined);
  assert.equal(nearest('', words), undefined);
  assert.equal(nearest('x'.repeat(100), words), undefined);
});

test("-E takes tshark's keys and letters, and nothing else", () => {
  const plain = { header: false, separator: '\t', quote: '', occurrence: 'a', aggregator: ',' };
  assert.deepEqual(fieldsFormat([]), plain);
  assert.deepEqual(fieldsFormat(['header=y', 'separator=,', 'quote=d', 'occurrence=f', 'aggregator=/s']), {
    header: true,
    separator: ',',
    quote: '"',
    occurrence: 'f',
    aggregator: ' ',
  });
  assert.throws(() => fieldsFormat(['heder=y']), { code: 'USAGE', hint: /header=/ });
  assert.throws(() => fieldsFormat(['header=yes']), { code: 'USAGE', message: /takes y, n/ });
  assert.throws(() => fieldsFormat(['separator=ab']), { code: 'USAGE' });
  assert.throws(() => fieldsFormat(['quote=constructor']), { code: 'USAGE' });
});
