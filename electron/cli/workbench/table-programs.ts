/** `xdpeek prog`: programs that are in the kernel already, read. */
import { command, flag, integer, seconds, text } from '../options/spec.ts';

const json = flag({ help: 'print one JSON object a line' });
const program = {
  metavar: 'ID|NAME',
  help: "the kernel's id, or a name that one program alone has",
  required: true,
} as const;

export const progList = command({
  name: 'prog list',
  summary: 'list the programs of this machine',
  description: [
    "Every program in the kernel: type, name, tag, who loaded it and when, where it is attached, its maps, instructions and memory. Runs and their time are those that the kernel counted while statistics were on; 'xdpeek prog stats' counts now.",
  ],
  options: { json },
  operands: [],
  examples: [{ line: 'xdpeek prog list --json', what: 'for a script' }],
});

export const progShow = command({
  name: 'prog show',
  summary: 'everything about one program',
  description: [
    'Its figures, where it is attached, its links, maps, functions and calls (tail calls with what the program array holds now), the processes that hold it and where it is pinned.',
  ],
  options: { json },
  operands: [program],
  examples: [{ line: 'xdpeek prog show xdp_pass', what: 'by name' }],
});

export const progDisasm = command({
  name: 'prog disasm',
  summary: 'list the code of a program as the kernel runs it',
  description: [
    "One line an instruction, in the words of the kernel's verifier log and of bpftool: the code after the verifier's rewriting, functions by name, maps and helpers named behind it. --source puts the lines of C in front that the instructions come from; the program must have been built with -g.",
    '--jited lists the machine code: instructions in Intel syntax on x86-64, bytes on other machines, with the same lines of source.',
    '--editable prints it as prog load --asm takes it: jumps go to labels, helpers have their names. What the verifier has rewritten (lookups in arrays and hash tables that it put in place of calls, fields of the context) stays rewritten, and is not always taken back.',
  ],
  options: {
    editable: flag({ help: "as assembly for 'xdpeek prog load --asm'" }),
    jited: flag({ help: 'the machine code' }),
    source: flag({ help: 'source lines too, where the program has them' }),
    json,
  },
  operands: [program],
  examples: [
    { line: 'xdpeek prog disasm 41 --source', what: 'what became of the C' },
    { line: 'xdpeek prog disasm 41 --editable > drop.s', what: 'to change it and load it again' },
  ],
});

export const progStats = command({
  name: 'prog stats',
  summary: 'runs a second, ns a run and CPU of each program',
  description: [
    'Has the kernel count runs and their time (which costs every run a few nanoseconds), prints the rates of the exact period between two readings, and switches the counting off at the end. Programs that did not run are left out unless --all is given.',
  ],
  options: {
    interval: seconds({ metavar: 'S', min: 0.1, max: 3600, fallback: 1, help: 'seconds between two readings' }),
    count: integer({ short: 'c', metavar: 'N', min: 1, max: Number.MAX_SAFE_INTEGER, help: 'end after N periods' }),
    program: text({ metavar: 'ID|NAME', many: true, help: 'only this program' }),
    all: flag({ help: 'those that did not run too' }),
    json,
  },
  operands: [],
  examples: [{ line: 'xdpeek prog stats --interval 5', what: 'what eBPF costs this machine' }],
});

export const progPin = command({
  name: 'prog pin',
  summary: 'keep a program in the kernel under a name',
  description: [
    "Pins the program in xdpeek's own folder of bpffs (/sys/fs/bpf/xdpeek), so that it stays when nothing else holds it, until 'xdpeek prog unpin NAME'.",
  ],
  options: {},
  operands: [program, { metavar: 'NAME', help: 'letters, digits, - and _; or FOLDER/NAME', required: true }],
  examples: [{ line: 'xdpeek prog pin 41 mine', what: '/sys/fs/bpf/xdpeek/mine' }],
});

export const progUnpin = command({
  name: 'prog unpin',
  summary: 'take a pin away',
  description: [
    "Removes a name from xdpeek's own folder of bpffs. What nothing else holds goes with it. Pins that others made are left alone. A folder (--pin of several programs) stands for all programs in it.",
  ],
  options: {},
  operands: [{ metavar: 'NAME', help: 'as it was pinned', required: true }],
  examples: [],
});

export const PROGRAM_COMMANDS = [progList, progShow, progDisasm, progStats, progPin, progUnpin] as const;
