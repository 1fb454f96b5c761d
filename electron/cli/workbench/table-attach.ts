/** `xdpeek prog load|attach|detach`, as data. */
import { TCX_ORDERS, XDP_MODES } from '../../shared/capture.ts';
import { choice, command, flag, integer, seconds, text } from '../options/spec.ts';

const ID_MAX = 0xffffffff;
const set = text({
  metavar: 'VAR=VALUE',
  many: true,
  help: "give a global variable of the object, or a parameter of the library's program, this value before it is loaded; VAR.MEMBER sets a part of one; JSON for structs and arrays",
});
const type = text({
  metavar: 'PROGRAM=TYPE',
  many: true,
  help: "what kind of program it is, where its section does not say (xdp_drop, tc_prog and the like do): libbpf's names (xdp, sched_cls, socket_filter…)",
});
const mapSize = text({ metavar: 'MAP=N', many: true, help: 'give a map room for N entries' });
const reuse = text({ metavar: 'MAP=ID', many: true, help: 'use an existing map for this one; both must be alike' });
const pinDir = text({
  metavar: 'DIR',
  help: "pin the object's maps in this folder below /sys/fs/bpf/xdpeek, under their names",
});
const reuseMaps = flag({ help: 'with --pin-dir: use maps that are pinned there already, which must be alike' });
const verifierLog = choice({
  choices: ['1', '2'],
  help: 'print what the verifier says of each program: 1 for the ways it took, 2 for all that it knew at each instruction',
});
const objectOptions = {
  type,
  set,
  'map-size': mapSize,
  'reuse-maps': reuseMaps,
  reuse,
  'pin-dir': pinDir,
  'verifier-log': verifierLog,
} as const;
const where = {
  interface: text({ short: 'i', metavar: 'IF', help: 'interface; IF@NS is one of another network namespace' }),
  netns: text({ metavar: 'NS', help: 'network namespace of the interface: a name under /run/netns, or pid:N' }),
} as const;
const mode = choice({ choices: XDP_MODES, defaultText: 'auto', help: 'how an XDP program is attached' });

export const progLoad = command({
  name: 'prog load',
  summary: 'load an object file, instructions or assembly: what the verifier says, and pins',
  description: [
    'Loads the programs of an object file (all of them, or those that are named) into the kernel, and lists them with their maps. What is refused is shown with the source line, the instruction and the reason. Without --pin or --pin-dir nothing stays: it was a trial.',
    'Instead of an object, --asm takes eBPF assembly in the syntax of the verifier and of xdpeek prog disasm, and --insns a JSON file of instructions. Assembly declares maps with lines like ".map flows hash 4 8 1024" (name, type, bytes of a key, bytes of a value, entries), uses them as "r1 = map[flows]", and may say ".type xdp" and ".license GPL". The JSON file has {"type", "license", "maps": [{"name", "type", "key", "value", "entries"}], "instructions": [{"code", "dst", "src", "off", "imm", "map"}]}.',
  ],
  options: {
    ...objectOptions,
    insns: text({ metavar: 'FILE.json', help: "load these instructions instead of an object ('-' = standard input)" }),
    asm: text({ metavar: 'FILE', help: "load this eBPF assembly instead of an object ('-' = standard input)" }),
    pin: text({
      metavar: 'NAME',
      help: 'keep the program, pinned under this name below /sys/fs/bpf/xdpeek; several are pinned as NAME/PROGRAM',
    }),
    json: flag({ help: 'print what was loaded as one JSON object' }),
  },
  operands: [
    {
      metavar: 'FILE',
      help: 'object file, one program of it (FILE:PROGRAM), or the name of a program of the library',
      required: false,
    },
    { metavar: 'PROGRAM', help: 'only these programs of it', required: false, many: true },
  ],
  examples: [
    { line: 'xdpeek prog load filter.o --verifier-log 2', what: 'does it load, and what does the verifier know' },
    { line: 'xdpeek prog load filter.o --set port=80 --pin-dir filter --pin filter_main', what: 'load and keep it' },
    { line: 'xdpeek prog load --asm drop.s --type xdp', what: 'assembly' },
  ],
});

export const progAttach = command({
  name: 'prog attach',
  summary: 'attach a program, show its verdicts while it runs, and detach it at the end',
  description: [
    "Attaches a program of the library (its name; --set gives its parameters, 'xdpeek prog library NAME' explains them), of an object file (FILE, or FILE:PROGRAM where it has several; ./NAME for a file that is called like one of the library), or one that is loaded already (its id), and shows each second what it did: from its map 'verdicts' where it has one, as the library's programs do, else how often it ran. Ends with Ctrl-C or --duration, and detaches. With --pin it stays attached and the command returns.",
    'Where it goes follows from its type: XDP programs to the XDP hook of the interface, tc programs to tc-ingress, socket filters to a packet socket, or to a UDP socket that listens (--udp); tracepoints and kernel functions are named with --tracepoint, --raw-tracepoint, --kprobe and --kretprobe; programs whose section names their target need nothing.',
    'What is attached there already is never replaced by accident: --expect ID replaces exactly that program, --force whichever it is.',
  ],
  options: {
    ...where,
    hook: choice({
      choices: ['xdp', 'tc-ingress', 'tc-egress', 'socket'],
      defaultText: "by the program's type",
      help: 'where at the interface',
    }),
    mode,
    order: choice({
      choices: TCX_ORDERS,
      defaultText: 'last',
      help: 'our place among the tc programs of the interface',
    }),
    force: flag({ help: 'replace whatever XDP program is attached there' }),
    expect: integer({ metavar: 'ID', min: 1, max: ID_MAX, help: 'replace the program with this id, and no other' }),
    pin: text({
      metavar: 'NAME',
      help: 'leave it attached, pinned under this name below /sys/fs/bpf/xdpeek, and return',
    }),
    tracepoint: text({ metavar: 'GROUP:NAME', help: 'attach it to this tracepoint' }),
    'raw-tracepoint': flag({ help: 'with --tracepoint: as a raw tracepoint' }),
    kprobe: text({ metavar: 'FUNCTION', help: 'attach it where this kernel function begins' }),
    kretprobe: text({ metavar: 'FUNCTION', help: 'attach it where this kernel function returns' }),
    udp: integer({
      metavar: 'PORT',
      min: 1,
      max: 65_535,
      help: 'attach it to a UDP socket that listens on this port (in --netns NS), to try a socket filter on',
    }),
    ...objectOptions,
    interval: seconds({ metavar: 'S', min: 0.1, max: 3600, fallback: 1, help: 'seconds between two lines' }),
    duration: seconds({ metavar: 'S', min: 0.1, max: 1e8, help: 'end after so many seconds' }),
    json: flag({ help: 'print one JSON object a line' }),
  },
  operands: [{ metavar: 'PROGRAM', help: 'NAME of the library, FILE, FILE:PROGRAM, or ID', required: true }],
  examples: [
    { line: 'xdpeek prog attach vlan_swap -i eth0 --set vlan_id=7', what: 'a program of the library' },
    { line: 'xdpeek prog attach filter.o:filter_main -i eth0', what: 'try it, until Ctrl-C' },
    {
      line: 'xdpeek prog attach filter.o -i eth0 --expect 41 --pin filter',
      what: 'take the place of program 41, to stay',
    },
    { line: 'xdpeek prog attach trace.o --tracepoint xdp:xdp_exception', what: 'at a tracepoint' },
  ],
});

export const progDetach = command({
  name: 'prog detach',
  summary: 'take a program off an interface, or a link off its hook, if it is the one that you mean',
  description: [
    'Detaches the program at the interface and hook only while it is the one with the expected id, whoever attached it and however: nothing that took its place meanwhile is hit. Or detaches a link, by its id or by the name that it is pinned under. A pin of xdpeek that has nothing to hold any more is removed as well.',
  ],
  options: {
    ...where,
    hook: choice({ choices: ['xdp', 'tc-ingress', 'tc-egress'], defaultText: 'xdp', help: 'where at the interface' }),
    mode,
    expect: integer({ metavar: 'ID', min: 1, max: ID_MAX, help: 'id of the program that must be there' }),
    link: integer({ metavar: 'ID', min: 1, max: ID_MAX, help: 'detach this link' }),
    pin: text({ metavar: 'NAME', help: 'detach the link that is pinned under this name' }),
  },
  operands: [],
  examples: [
    { line: 'xdpeek prog detach -i eth0 --expect 41', what: 'only if program 41 is still there' },
    { line: 'xdpeek prog detach --pin filter', what: 'what prog attach --pin filter left' },
  ],
});

export const ATTACH_COMMANDS = [progLoad, progAttach, progDetach] as const;
