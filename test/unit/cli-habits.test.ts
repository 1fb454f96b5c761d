/** What users of tcpdump, tshark, xdpdump and bpftool type first: each gets the name of it here, and names that exist. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { captureTargets } from '../../electron/cli/capture/targets.ts';
import { ALL_HABITS, habitCommand, habitOption } from '../../electron/cli/options/habits.ts';
import { parseOptions } from '../../electron/cli/options/parse.ts';
import type { CommandSpec } from '../../electron/cli/options/spec.ts';
import * as table from '../../electron/cli/table.ts';
import { chooseMap } from '../../electron/cli/workbench/choose-map.ts';
import { chooseProgram } from '../../electron/cli/workbench/choose-program.ts';
import { privatePinsNote } from '../../electron/cli/workbench/private-pins.ts';
import { mapDump } from '../../electron/cli/workbench/table-map.ts';
import { progList, progShow } from '../../electron/cli/workbench/table-programs.ts';
import { DisplayFilter } from '../../electron/packets/filter/index.ts';
import type { MapInfo } from '../../electron/shared/workbench.ts';

const hintOf = (spec: CommandSpec, ...argv: string[]): string => {
  try {
    parseOptions(spec, argv);
  } catch (error) {
    return (error as { hint?: string }).hint ?? '';
  }
  return assert.fail(`${argv.join(' ')} is taken`);
};

describe('habits', () => {
  test('options of other tools name what does it here', () => {
    assert.match(hintOf(table.dump, '-nn', '-i', 'eth0'), /never|numbers/);
    assert.match(hintOf(table.dump, '-ni', 'eth0'), /numbers/);
    assert.match(hintOf(table.dump, '-D'), /xdpeek ifaces/);
    assert.match(hintOf(table.dump, '-i', 'a', '--rx-capture', 'entry,exit'), /--hook observe/);
    assert.match(hintOf(table.dump, '-i', 'a', '--use-pcap'), /xdpeek convert/);
    assert.match(hintOf(table.read, '-r', 'f.pcapng'), /by itself/);
    assert.match(hintOf(progList, '--pretty'), /--json/);
    assert.match(hintOf(progShow, 'id', '41'), /Leave 'id' out/);
    assert.match(hintOf(mapDump, 'pinned', '/sys/fs/bpf/flows'), /Leave 'pinned' out/);
    assert.match(hintOf(progShow), /'xdpeek prog list'/);
    assert.match(hintOf(mapDump), /'xdpeek map list'/);
    assert.match(hintOf(table.open, '-z'), /^See 'xdpeek --help'\.$/);
  });

  test('a typing error of ours is still told as one, and nothing of Object is a habit', () => {
    assert.match(hintOf(table.dump, '-i', 'a', '--duratoin', '5'), /--duration/);
    assert.equal(habitOption('dump', 'constructor'), undefined);
    assert.equal(habitCommand('toString'), undefined);
  });

  test('-i any says that interfaces are named', () => {
    const where = { interface: ['any'], netns: undefined, hook: [], mode: undefined };
    assert.throws(() => captureTargets(where), { message: /no interface 'any'/, hint: /-i for each/ });
  });

  const names = new Set<string>(table.COMMANDS.map(({ name }) => name));
  const everywhere = table.COMMANDS.flatMap(({ options }) => Object.keys(options));
  /** Commands in quotes exist; options behind one are that command's, others those of `own`. */
  const check = (hint: string, own: readonly string[], letters?: readonly string[]): void => {
    for (const [, words] of hint.matchAll(/'xdpeek ([^']*)'/g)) {
      if (words === '--version') continue;
      const [first = '', second = ''] = words!.split(' ');
      assert.ok(names.has(first) || names.has(`${first} ${second}`), hint);
    }
    const unquoted = hint.replace(/'[^']*'/g, '');
    for (const [, option] of unquoted.matchAll(/(?<![\w-])--([a-z-]+)/g))
      assert.ok(own.includes(option!), `${hint}: --${option}`);
    for (const [, letter] of unquoted.matchAll(/(?<![\w-])-([a-zA-Z])\b/g))
      assert.ok(letters?.includes(letter!) ?? true, `${hint}: -${letter}`);
  };

  test('every hint names commands and options that exist, for options that do not', () => {
    const lists = { ...ALL_HABITS.options, 'prog list': ALL_HABITS.kernelObjects };
    for (const [name, habits] of Object.entries(lists)) {
      const spec: CommandSpec = table.COMMANDS.find((one) => one.name === name) ?? table.open;
      for (const [option, hint] of Object.entries(habits)) {
        assert.ok(!Object.hasOwn(spec.options, option), `${name} --${option} exists`);
        assert.ok(!Object.values(spec.options).some(({ short }) => short === option), `${name} -${option} exists`);
        const letters = Object.values(spec.options).flatMap(({ short }) => short ?? []);
        // The window's hints speak of commands.
        check(hint, spec.name.startsWith('[') ? everywhere : Object.keys(spec.options), [...letters, option]);
      }
    }
    for (const [words, hint] of Object.entries(ALL_HABITS.commands)) {
      assert.ok(!names.has(words), words);
      check(hint, everywhere);
    }
  });
});

describe('names of programs and maps', () => {
  const program = (id: number, name: string, ...pinned: string[]) => ({ id, name, pinned });
  const programs = [
    program(1, 'drop_every_third_ping'),
    program(2, 'pass', '/sys/fs/bpf/xdpeek/guard'),
    program(3, 'count_packets_in'),
    program(4, 'count_packets_into'),
    program(5, 'drop_every_thir', '/sys/fs/bpf/other'),
  ];
  const map = (id: number, name: string): MapInfo => ({ id, name, pinned: [] }) as unknown as MapInfo;

  test('whole, cut as the kernel cuts, by the pin; the whole name goes before the cut one', () => {
    assert.equal(chooseProgram(programs, 'drop_every_third_ping').id, 1);
    assert.equal(chooseProgram(programs, 'drop_every_thir').id, 5);
    assert.equal(chooseProgram(programs.slice(0, 2), 'drop_every_thir').id, 1);
    assert.equal(chooseProgram(programs, '/sys/fs/bpf/xdpeek/guard').id, 2);
    assert.equal(chooseProgram(programs, 'guard').id, 2);
    assert.equal(chooseProgram(programs, '3').id, 3);
    const maps = [map(7, 'conversation_ta'), map(8, 'flows')];
    assert.equal(chooseMap(maps, 'conversation_table').id, 7);
    assert.equal(chooseMap(maps, 'flows').id, 8);
    assert.throws(() => chooseMap(maps, 'conversation_t'), /no map/);
    assert.throws(() => chooseMap(maps, 'flows_by_port_and_host'), /no map/);
  });

  test('a cut name that several have is asked back', () => {
    assert.throws(() => chooseProgram(programs, 'count_packets_i'), /2 programs are called/);
    assert.throws(() => chooseProgram(programs, 'drop_every_th'), /no program/);
  });
});

describe('a capture filter where a display filter belongs', () => {
  const said = [
    ['tcp port 80', 'tcp.port == 80'],
    ['port 53', 'tcp.port == 53 || udp.port == 53'],
    ['udp dst port 53', 'udp.dstport == 53'],
    ['host 10.0.0.1', 'ip.addr == 10.0.0.1'],
    ['not host 10.0.0.1 and tcp', 'ip.addr == 10.0.0.1'],
    ['src host fe80::1', 'ipv6.src == fe80::1'],
    ['net 10.0.0.0/8', 'ip.addr == 10.0.0.0/8'],
    ['ether host 02:00:00:00:00:01', 'eth.addr == 02:00:00:00:00:01'],
    ['dst 10.0.0.7', 'ip.dst == 10.0.0.7'],
  ] as const;
  for (const [text, here] of said)
    test(`${text}: ${here}`, () => {
      assert.throws(() => new DisplayFilter(text), {
        message: new RegExp(`here it is ${here.replace(/[.|/]/g, '\\$&')}$`),
      });
      assert.doesNotThrow(() => new DisplayFilter(here));
    });

  test('what is no capture filter keeps its message', () => {
    for (const text of ['tcp.port = 80 &', 'http.host ==', 'ports 80', 'ip.src 10.0.0.1'])
      assert.throws(
        () => new DisplayFilter(text),
        (error: Error) => !/capture filter/.test(error.message),
      );
  });
});

test('a pin in a bpffs of its own is told; where that cannot be seen nothing is', () => {
  /** The one that started us may be looked at, what started that may not. */
  const of = (here: number | undefined, theirs: number | undefined) =>
    privatePinsNote(
      (path) => (path === '/sys/fs/bpf' ? here : path === '/proc/7/root/sys/fs/bpf' ? theirs : undefined),
      (pid) => ({ [process.pid]: 7, 7: 1 })[pid] ?? 0,
    );
  assert.match(of(41, 30), /^xdpeek: .*ip netns exec.*IF@NS\.\n$/);
  assert.equal(of(30, 30), '');
  assert.equal(of(30, undefined), '');
  assert.equal(of(undefined, 30), '');
});
