/** `xdpeek monitor` and `xdpeek trace`: what goes on in the kernel. As table.ts, loaded at every start. */
import { command, flag, integer, seconds, text } from '../options/spec.ts';

const json = flag({ help: 'print one JSON object a line' });
const MANY = Number.MAX_SAFE_INTEGER;

export const monitor = command({
  name: 'monitor',
  summary: "watch XDP's tracepoints and the stack's drops: what is redirected, refused, dropped",
  description: [
    'Counts in the kernel, for the whole machine: redirects and their errors by name, XDP exceptions by action, cpumap queues and threads, devmap transmissions, each with drops and the average of a batch; packets that the stack drops, by reason and place; programs that are started. Changes no traffic.',
    'Rates are over the measured period between two readings. At Ctrl-C and at SIGTERM the totals are printed on stderr.',
  ],
  options: {
    interval: seconds({ metavar: 'S', min: 0.1, max: 3600, fallback: 1, help: 'seconds between two snapshots' }),
    count: integer({ short: 'c', metavar: 'N', min: 1, max: MANY, help: 'end after N snapshots' }),
    json,
    'per-cpu': flag({ help: 'one line for each CPU too' }),
    'errors-only': flag({ help: 'only what went wrong: errors, exceptions, drops' }),
  },
  operands: [],
  examples: [
    { line: 'xdpeek monitor --errors-only', what: 'why do packets not arrive?' },
    { line: 'xdpeek monitor --per-cpu --interval 5', what: 'is the redirect load spread over the CPUs?' },
  ],
});

export const trace = command({
  name: 'trace',
  summary: "follow the kernel's trace log: bpf_printk lines, with addresses decoded",
  description: [
    "Prints the lines of the kernel's trace pipe as they come: those of bpf_printk, and of whatever else traces on this machine. Ethernet addresses, protocols and IPv4 addresses that programs print as integers (src: N dst: N proto: N) are made readable. Reading takes the lines away from other readers of the pipe.",
  ],
  options: {
    search: text({ metavar: 'TEXT', help: 'only lines with this in their message, task or function, in any case' }),
    raw: flag({ help: 'print the lines as the kernel gives them' }),
    json,
    duration: seconds({ metavar: 'S', min: 0.001, max: 31_536_000, help: 'stop after S seconds' }),
    count: integer({ short: 'c', metavar: 'N', min: 1, max: MANY, help: 'stop after printing N lines' }),
  },
  operands: [],
  examples: [
    { line: 'xdpeek trace', what: 'what do the programs say?' },
    { line: 'xdpeek trace --search proto --duration 10', what: 'ten seconds of lines that name a protocol' },
  ],
});
