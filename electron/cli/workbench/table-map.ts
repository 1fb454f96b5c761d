/** `xdpeek map …`. */
import { command, flag, integer, seconds, text } from '../options/spec.ts';

const json = flag({ help: 'print one JSON object a line' });
const map = {
  metavar: 'MAP',
  help: "the kernel's id, a name that one map alone has, or where it is pinned",
  required: true,
} as const;
const key = {
  metavar: 'KEY',
  help: 'the key: a number, member=value words, JSON, an address or a prefix (10.0.0.0/8), or hex and its bytes',
  required: true,
  many: true,
} as const;
const filter = text({
  metavar: 'FILTER',
  help: "only entries that match: 'value.packets > 100 && key.port == 443', or a word that is in them",
});
const sort = text({ metavar: 'MEMBER', help: 'in order of this member: value.packets, key' });
const descending = flag({ help: 'the largest first' });

export const mapList = command({
  name: 'map list',
  summary: 'list the maps of this machine',
  description: [
    'Every map: its type, sizes, the types of its keys and values, its programs, who keeps it, where it is pinned.',
  ],
  options: { json },
  operands: [],
  examples: [],
});

export const mapShow = command({
  name: 'map show',
  summary: 'show one map: its types, members, and what can be done with it',
  description: ['The members are what --filter and --sort take. Ring buffers show how full they are.'],
  options: { json },
  operands: [map],
  examples: [{ line: 'xdpeek map show flows', what: 'the map of this name' }],
});

export const mapDump = command({
  name: 'map dump',
  summary: 'print the entries of a map',
  description: [
    'Typed by the type information (BTF) that the map brings, hexadecimal where there is none. Values of per-CPU maps are added up; --per-cpu shows each. Program arrays, maps of maps and devmaps name what they hold.',
  ],
  options: {
    json,
    csv: flag({ help: 'print comma-separated values, a column a member' }),
    'per-cpu': flag({ help: "show each CPU's value beside the sum" }),
    filter,
    sort,
    descending,
    limit: integer({ metavar: 'N', min: 1, max: 1_000_000_000, help: 'print at most so many' }),
  },
  operands: [map],
  examples: [
    { line: 'xdpeek map dump 12 --sort value.packets --descending --limit 10', what: 'the ten with most packets' },
    { line: "xdpeek map dump flows --filter 'value.bytes > 1000000' --json", what: 'one JSON object an entry' },
  ],
});

export const mapGet = command({
  name: 'map get',
  summary: 'look up one key; queues and stacks show their next entry',
  description: ['Status 1 when there is no such key. A Bloom filter is asked whether a value is in it (or may be).'],
  options: { json },
  operands: [map, { ...key, required: false }],
  examples: [
    { line: 'xdpeek map get 12 10.0.0.0/8', what: 'of an LPM trie' },
    { line: 'xdpeek map get 12 hex 0a 00 00 01', what: 'bytes as they lie in memory' },
  ],
});

export const mapSet = command({
  name: 'map set',
  summary: 'write one entry of a map',
  description: [
    "The key's words, then 'value', then the value's. Between one word and one word, 'value' may be left out. Members that are left out are zero; global variables (.bss, .data) stay as they are. Per-CPU maps get the value on every CPU. Values of program arrays, maps of maps and devmaps are ids, or names that only one has.",
  ],
  options: {
    new: flag({ help: 'only if there is no such key' }),
    existing: flag({ help: 'only if there is one' }),
    netns: text({ metavar: 'NS', help: 'namespace of the interfaces that a devmap names' }),
  },
  operands: [map, { ...key, metavar: 'WORDS', help: "KEY 'value' VALUE" }],
  examples: [
    { line: 'xdpeek map set 12 7 value packets=5 bytes=600', what: 'members by name' },
    { line: `xdpeek map set 12 '{"port": 443}' value '{"packets": 5}'`, what: 'as JSON' },
    { line: 'xdpeek map set 12 hex 07 00 00 00 value hex 2a 00 00 00', what: 'as bytes' },
    { line: 'xdpeek map set jump 0 value 41', what: 'program 41 into slot 0 of a program array' },
    { line: 'xdpeek map set ports 0 value eth1', what: 'an interface into a devmap' },
  ],
});

export const mapDelete = command({
  name: 'map delete',
  summary: 'delete one entry of a map',
  description: ['Status 1 when there is no such key.'],
  options: {},
  operands: [map, key],
  examples: [{ line: 'xdpeek map delete 12 7', what: 'the entry with key 7' }],
});

export const mapPush = command({
  name: 'map push',
  summary: 'push a value onto a queue, a stack or a Bloom filter',
  description: [],
  options: {},
  operands: [map, { ...key, metavar: 'VALUE', help: 'the value, written as keys are' }],
  examples: [],
});

export const mapPop = command({
  name: 'map pop',
  summary: 'take the next entry out of a queue or a stack',
  description: ['Status 1 when it is empty.'],
  options: { json },
  operands: [map],
  examples: [],
});

export const mapPin = command({
  name: 'map pin',
  summary: "pin a map under a name in xdpeek's folder of bpffs, so that it stays",
  description: ['The name is one word, or a folder and a word: counters, demo/counters.'],
  options: {},
  operands: [map, { metavar: 'NAME', help: 'name of the pin', required: true }],
  examples: [{ line: 'xdpeek map pin 12 demo/counters', what: 'load with --pin-dir demo uses it again' }],
});

export const mapUnpin = command({
  name: 'map unpin',
  summary: "remove a pin from xdpeek's folder of bpffs",
  description: [
    'The map goes when nothing else holds it. A folder (of --pin-dir) stands for all maps that are pinned in it.',
  ],
  options: {},
  operands: [{ metavar: 'NAME', help: 'name of the pin, or of its folder', required: true }],
  examples: [],
});

export const mapPins = command({
  name: 'map pins',
  summary: 'list everything that is pinned in bpffs',
  description: ['Programs, maps and links, whoever pinned them.'],
  options: { json },
  operands: [],
  examples: [],
});

export const mapWatch = command({
  name: 'map watch',
  summary: 'print the entries of a map again and again, with what changed and how fast',
  description: [
    'Reads once a second. Numbers that changed show their rate per second. Ends with Ctrl-C, after -c readings, or after --duration.',
  ],
  options: {
    json,
    filter,
    sort,
    descending,
    limit: integer({
      metavar: 'N',
      min: 1,
      max: 1000,
      fallback: 40,
      defaultText: '40',
      help: 'at most so many entries',
    }),
    count: integer({ short: 'c', metavar: 'N', min: 1, max: 1_000_000_000, help: 'end after N readings' }),
    duration: seconds({ metavar: 'S', min: 0.1, max: 31_536_000, help: 'end after S seconds' }),
  },
  operands: [map],
  examples: [{ line: 'xdpeek map watch flows --sort value.packets --descending --limit 10', what: 'the busiest ten' }],
});

export const mapCreate = command({
  name: 'map create',
  summary: 'create a map and pin it under its name',
  description: ['It stays until it is unpinned. Types are called as in libbpf: hash, percpu_array, lpm_trie, queue…'],
  options: {
    type: text({ metavar: 'TYPE', required: true, help: 'type of the map' }),
    key: integer({ metavar: 'BYTES', min: 0, max: 512, fallback: 4, defaultText: '4', help: 'size of a key' }),
    value: integer({ metavar: 'BYTES', min: 0, max: 131_072, fallback: 8, defaultText: '8', help: 'size of a value' }),
    entries: integer({ metavar: 'N', min: 1, max: 0xffffffff, required: true, help: 'most entries' }),
    flags: integer({
      metavar: 'N',
      min: 0,
      max: 0xffffffff,
      fallback: 0,
      defaultText: '0',
      help: 'BPF_F_…, as a number',
    }),
    inner: text({ metavar: 'MAP', help: 'for maps of maps: a map that those in it will be like' }),
  },
  operands: [{ metavar: 'NAME', help: 'name of the map and of its pin', required: true }],
  examples: [
    {
      line: 'xdpeek map create allowed --type lpm_trie --key 8 --value 4 --entries 100 --flags 1',
      what: 'an LPM trie of IPv4 prefixes',
    },
    {
      line: 'xdpeek map create work --type queue --key 0 --value 16 --entries 100',
      what: 'a queue, which has no keys; stacks and Bloom filters neither',
    },
    {
      line: 'xdpeek map create tables --type hash_of_maps --value 4 --entries 16 --inner allowed',
      what: 'a map of such maps',
    },
  ],
});

export const MAP_COMMANDS = [
  mapList,
  mapShow,
  mapDump,
  mapGet,
  mapSet,
  mapDelete,
  mapPush,
  mapPop,
  mapPin,
  mapUnpin,
  mapPins,
  mapWatch,
  mapCreate,
] as const;
