/** Commands of two words, `xdpeek GROUP NAME`: the workbench. As table.ts, it is loaded at every start and imports nothing heavy. */
import { command, flag, integer } from '../options/spec.ts';
import { ATTACH_COMMANDS } from './table-attach.ts';
import { progLibrary } from './table-library.ts';
import { MAP_COMMANDS } from './table-map.ts';
import { PROGRAM_COMMANDS } from './table-programs.ts';
import { progRun, progRunXskEcho, progTest } from './table-run.ts';

export * from './table-attach.ts';
export * from './table-library.ts';
export * from './table-map.ts';
export * from './table-programs.ts';
export * from './table-run.ts';

/** The first words. */
export const GROUPS = {
  link: 'what is attached to interfaces and hooks, by bpf_link',
  map: 'maps of the kernel: their entries read, watched and changed',
  prog: 'programs of the kernel, of object files and of the library',
} as const;
export type Group = keyof typeof GROUPS;

const json = flag({ help: 'print one JSON object a line' });
const id = { metavar: 'ID', help: "the kernel's id", required: true } as const;

export const linkList = command({
  name: 'link list',
  summary: 'list the links of this machine: what is attached where',
  description: ['Every bpf_link: its type, program, what it holds on to, who keeps it and where it is pinned.'],
  options: { json },
  operands: [],
  examples: [],
});

export const linkDetach = command({
  name: 'link detach',
  summary: 'detach a link, whoever made it',
  description: [
    "Detaches only while the link still has the program that you expect, so that a replaced one is not hit by mistake. 'xdpeek link list' shows both ids.",
  ],
  options: {
    expect: integer({
      metavar: 'PROGRAM',
      min: 1,
      max: 0xffffffff,
      required: true,
      help: 'id of the program that it must have',
    }),
  },
  operands: [id],
  examples: [{ line: 'xdpeek link detach 12 --expect 41', what: 'take program 41 off' }],
});

export const WORKBENCH_COMMANDS = [
  linkList,
  linkDetach,
  ...PROGRAM_COMMANDS,
  progLibrary,
  ...ATTACH_COMMANDS,
  progRun,
  progTest,
  progRunXskEcho,
  ...MAP_COMMANDS,
] as const;
