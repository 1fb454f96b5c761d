/** Programs run here and now: on a packet, on a folder of cases, as an echo responder. */

import { XDP_MODES } from '../../shared/capture.ts';
import { XSK_TAKES } from '../../shared/workbench.ts';
import { choice, command, flag, integer, seconds, text } from '../options/spec.ts';

const json = flag({ help: 'print JSON' });
const PROGRAM_HELP = 'id of a loaded program, an object file (FILE or FILE:PROGRAM), or a program of the library';

export const progRun = command({
  name: 'prog run',
  summary: 'run a program on a packet and show what it does to it',
  description: [
    'Runs an XDP, tc or socket filter program in the kernel on the bytes of one packet, on no interface: nothing is sent. Shows the verdict, the time of a run, the fields that changed, the changes of its maps and what it printed with bpf_printk.',
    'With --repeat the first run is the one that is looked at. Each of the timed runs gets the packet as the one before left it, as with other tools; they count in its maps too.',
  ],
  options: {
    data: text({ metavar: 'HEX', help: 'the packet from its Ethernet header on, in hexadecimal' }),
    'hex-file': text({ metavar: 'FILE', help: "the same in a file, or a hex dump ('-' = standard input)" }),
    packet: text({ metavar: 'FILE[:N]', help: 'packet N (the first) of a capture file' }),
    repeat: integer({
      metavar: 'N',
      min: 1,
      max: 10_000_000,
      fallback: 1,
      defaultText: '1',
      help: 'runs to take the time of',
    }),
    set: text({ metavar: 'VAR=VALUE', many: true, help: 'global variable of an object that is loaded for this' }),
    begin: choice({
      choices: ['frame', 'network'],
      fallback: 'frame',
      defaultText: 'frame',
      help: 'where a socket filter sees the packet begin: as on a packet socket, or behind its Ethernet header',
    }),
    save: text({ metavar: 'CASE.json', help: "write a regression case for 'xdpeek prog test'" }),
    hex: flag({ short: 'x', help: 'print the bytes before and after' }),
    json,
  },
  operands: [{ metavar: 'PROGRAM', help: PROGRAM_HELP, required: true }],
  examples: [
    {
      line: 'xdpeek prog run icmp_echo --packet ping.pcapng:1 --repeat 100000',
      what: 'what it makes of an echo request, and ns per run',
    },
    {
      line: 'xdpeek prog run my.bpf.o:drop_all --hex-file frame.txt -x',
      what: 'a program of an object file, on a hex dump',
    },
  ],
});

export const progTest = command({
  name: 'prog test',
  summary: 'run a folder of regression cases',
  description: [
    "Runs every *.json of the folder in the order of names, one line a case. Exit status 1 when one fails. 'xdpeek prog run … --save CASE.json' and the window write such cases.",
    'A case is an object with: "program", as prog run takes it (files relative to the case, no ids); "packet", hexadecimal text or {"file": "a.pcapng", "number": 3}; "verdict", a name (XDP_TX, TC_ACT_OK) or a number. Optional are "out", the packet that is expected, in hexadecimal; "mask", as long as out, where bits that are 0 may be anything; "set", a list of "VAR=VALUE"; "begin", frame or network.',
  ],
  options: { json: flag({ help: 'print one JSON object a case' }) },
  operands: [{ metavar: 'DIR', help: 'the folder', required: true }],
  examples: [{ line: 'xdpeek prog test cases/', what: 'in a build, after the objects were made' }],
});

export const progRunXskEcho = command({
  name: 'prog run-xsk-echo',
  summary: 'answer pings by AF_XDP sockets, one a queue',
  description: [
    'Answers ICMP and ICMPv6 echo requests from user space: the library program xsk_echo_reply hands them to an AF_XDP socket of their queue, where they are turned into replies in place and sent from there. Everything else goes on to the stack. Runs until Ctrl-C or --duration, then detaches.',
  ],
  options: {
    interface: text({
      short: 'i',
      metavar: 'IF',
      required: true,
      help: 'interface; IF@NS is one of another network namespace',
    }),
    netns: text({ metavar: 'NS', help: 'network namespace: a name, or pid:N' }),
    mode: choice({ choices: XDP_MODES, fallback: 'auto', defaultText: 'auto', help: 'how the program is attached' }),
    'zero-copy': choice({
      choices: ['auto', 'yes', 'no'],
      fallback: 'auto',
      defaultText: 'auto',
      help: 'packets in memory shared with the driver',
    }),
    threads: choice({
      choices: ['one', 'each'],
      fallback: 'one',
      defaultText: 'one',
      help: 'one thread for all queues, or one each',
    }),
    take: choice({
      choices: XSK_TAKES,
      fallback: 'pings',
      defaultText: 'pings',
      help: 'what the sockets get: pings, or every second packet (the program xsk_alternate), of which what is no ping is thrown away',
    }),
    interval: seconds({
      metavar: 'S',
      min: 0.1,
      max: 3600,
      fallback: 1,
      defaultText: '1',
      help: 'seconds between two readings',
    }),
    duration: seconds({ metavar: 'S', min: 0.1, max: 31_536_000, help: 'end after so many seconds' }),
    json: flag({ help: 'print one JSON object a reading' }),
  },
  operands: [],
  examples: [
    { line: 'xdpeek prog run-xsk-echo -i veth0 --netns blue --threads each', what: 'a thread for each queue' },
  ],
});
