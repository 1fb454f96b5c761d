/** `xdpeek prog library`, as data. */
import { command, flag } from '../options/spec.ts';

export const progLibrary = command({
  name: 'prog library',
  summary: 'the programs that come with xdpeek: what each does, its parameters, its source',
  description: [
    "Small programs to load, attach and read: counting, VLAN tags, rewriting, answering, redirecting, routing, AF_XDP, tracing, and what the verifier refuses. Without a name, the list; with one, what the program does and its parameters, which 'xdpeek prog attach NAME --set PARAMETER=VALUE' takes.",
  ],
  options: {
    source: flag({ help: 'print the C source of the program' }),
    json: flag({ help: 'print one JSON object a line' }),
  },
  operands: [{ metavar: 'NAME', help: 'a program of the library', required: false }],
  examples: [
    { line: 'xdpeek prog library redirect_map', what: 'what it does, and what it needs' },
    { line: 'xdpeek prog library icmp_echo --source > icmp_echo.bpf.c', what: 'to begin one of your own' },
  ],
});
