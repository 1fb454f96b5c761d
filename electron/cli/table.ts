/**
 * Every command of `xdpeek`, as data: the one place that names its options. Parsing, help, the man page and the commands'
 * own types come from here. Loaded at every start, so it imports nothing heavy.
 */
import { BUFFER_KINDS, HOOKS, SAMPLE_MAX, SNAPLEN_MAX, TCX_ORDERS, XDP_MODES } from '../shared/capture.ts';
import { choice, command, flag, integer, seconds, size, text } from './options/spec.ts';
import { WORKBENCH_COMMANDS } from './workbench/table.ts';
import { monitor, trace } from './workbench/table-watch.ts';

const MANY = Number.MAX_SAFE_INTEGER;

/** Where to look: shared by all commands that attach. */
const where = {
  interface: text({
    short: 'i',
    metavar: 'IF',
    required: true,
    many: true,
    help: 'interface to watch; IF@NS is one of another network namespace',
  }),
  netns: text({ metavar: 'NS', help: 'network namespace of the interface: a name under /run/netns, or pid:N' }),
  hook: choice({
    choices: [...HOOKS, 'tc', 'xsk'],
    many: true,
    defaultText: 'xdp',
    help: 'where in the kernel packets are seen; tc is both of its directions, observe looks before and after an XDP program that is attached already, afxdp (or xsk) takes matching packets away from the stack',
  }),
  mode: choice({ choices: XDP_MODES, defaultText: 'auto', help: 'how the XDP program is attached' }),
  order: choice({
    choices: TCX_ORDERS,
    defaultText: 'ingress first, egress last',
    help: 'our place among the tc programs of the interface',
  }),
  'busy-poll': flag({ help: 'with --hook afxdp: run the driver instead of sleeping; costs a whole CPU' }),
  program: text({ metavar: 'NAME|ID', help: 'with --hook observe: one of several programs', defaultText: 'all' }),
  filter: text({
    short: 'f',
    metavar: 'EXPR',
    help: 'only packets that match this pcap-filter expression; it runs in the kernel',
  }),
} as const;

/** As tcpdump takes it. */
const filterWords = { metavar: 'EXPR', help: 'the capture filter, as with -f', required: false, many: true } as const;

const json = flag({ help: 'print one JSON object a line' });
const interval = seconds({ metavar: 'S', min: 0.1, max: 3600, fallback: 1, help: 'seconds between two snapshots' });
const ticks = integer({ short: 'c', metavar: 'N', min: 1, max: MANY, help: 'end after N snapshots' });
const displayFilter = text({
  short: 'Y',
  metavar: 'FILTER',
  help: "print only packets that match this display filter, in Wireshark's language",
});
const decodeOption = text({
  short: 'd',
  metavar: 'SELECTOR==KEY,PROTOCOL',
  many: true,
  help: 'decode these keys as this protocol: tcp.port==8888,http; a range is 8000-8010; selectors are those of tshark',
});
const heuristicOption = text({
  metavar: 'NAME',
  many: true,
  help: 'recognise what is not looked for by default, as tshark does: rtp_udp (RTP that no session description announced)',
});
const keyLogOptions = {
  keylog: text({
    metavar: 'FILE',
    many: true,
    help: 'decrypt TLS and QUIC with the secrets in this key log (SSLKEYLOGFILE); those in the capture itself are used anyway',
  }),
  preference: text({ short: 'o', metavar: 'tls.keylog_file:FILE', many: true, help: 'the same, as tshark takes it' }),
} as const;
const hexOption = flag({ short: 'x', help: 'add a hex and ASCII dump of each packet' });

export const ifaces = command({
  name: 'ifaces',
  summary: 'list interfaces: namespace, MTU, driver, what is attached where',
  description: [
    'Lists the network interfaces of this network namespace and of every namespace under /run/netns, with the XDP and tc programs attached to each. Needs no privilege; as a normal user, other namespaces and program names may stay hidden.',
  ],
  options: { json, netns: text({ metavar: 'NS', help: 'only this namespace: a name under /run/netns, or pid:N' }) },
  operands: [],
  examples: [{ line: 'xdpeek ifaces', what: 'what there is to watch' }],
});

export const dump = command({
  name: 'dump',
  summary: 'capture packets: print them, or write a pcapng file',
  description: [
    'Attaches an eBPF program to the interface, prints one line a packet (number, time since the first, verdict, source, destination, protocol, length, what it says) and detaches at the end, at Ctrl-C and at SIGTERM. Traffic always passes unchanged, but for --hook afxdp, which takes what matches.',
    'With -w the packets go to a pcapng file as they arrive, with their verdict, direction and receive queue, and are not printed. The summary on stderr tells the packets and bytes captured and those lost at each hop.',
  ],
  options: {
    ...where,
    count: integer({ short: 'c', metavar: 'N', min: 1, max: MANY, help: 'stop after N packets' }),
    duration: seconds({ metavar: 'S', min: 0.001, max: 31_536_000, help: 'stop after S seconds' }),
    snaplen: integer({
      short: 's',
      metavar: 'BYTES',
      min: 1,
      max: SNAPLEN_MAX,
      help: 'keep at most this much of each packet',
      defaultText: 'whole packets',
    }),
    bytes: size({
      metavar: 'SIZE',
      min: 1,
      max: MANY,
      help: 'stop with the packet that reaches SIZE bytes of packets',
    }),
    sample: integer({
      metavar: 'N',
      min: 1,
      max: SAMPLE_MAX,
      help: 'keep one packet in N of each CPU',
      defaultText: 'all',
    }),
    write: text({ short: 'w', metavar: 'FILE', help: "write pcapng to FILE (mode 0600), '-' for standard output" }),
    'file-size': size({ metavar: 'SIZE', min: 4096, max: MANY, help: 'with -w: begin a new file at SIZE bytes' }),
    'file-time': seconds({
      metavar: 'S',
      min: 0.1,
      max: 31_536_000,
      help: 'with -w: begin a new file every S seconds',
    }),
    'file-packets': integer({ metavar: 'N', min: 1, max: MANY, help: 'with -w: begin a new file after N packets' }),
    files: integer({
      metavar: 'N',
      min: 1,
      max: 100_000,
      help: 'with those: keep the newest N files',
      defaultText: 'all',
    }),
    'no-packets': flag({ help: 'count only: no packet leaves the kernel' }),
    'display-filter': displayFilter,
    'decode-as': decodeOption,
    'enable-heuristic': heuristicOption,
    ...keyLogOptions,
    hex: hexOption,
    json,
    buffer: choice({ choices: BUFFER_KINDS, fallback: 'auto', help: 'how packets leave the kernel' }),
    'buffer-size': size({
      short: 'B',
      metavar: 'SIZE',
      min: 4096,
      max: 1 << 30,
      help: 'kernel buffer: of each CPU for perf, else in all',
      defaultText: '64M, more beyond 16 CPUs; perf 8M',
    }),
    quiet: flag({ short: 'q', help: 'no counter and no summary' }),
  },
  operands: [filterWords],
  examples: [
    { line: 'xdpeek dump -i eth0', what: 'print what arrives at eth0' },
    { line: 'xdpeek dump -i eth0 -c 1000 -w eth0.pcapng', what: 'a file of 1000 packets for later' },
    { line: 'xdpeek dump -i eth0 tcp port 443 and host 10.0.0.7', what: 'filtered in the kernel' },
    { line: 'xdpeek dump -i tun0 --hook tc', what: 'both directions of a tunnel' },
    {
      line: 'xdpeek dump -i eth0 --hook observe',
      what: 'each packet before and after the XDP program of eth0, and its verdict',
    },
    { line: 'xdpeek dump -i eth0 -i veth0@blue -w both.pcapng', what: 'two interfaces, one of them in namespace blue' },
    { line: 'xdpeek dump -i eth0 -w ring.pcapng --file-size 100M --files 10', what: 'the last gigabyte, always' },
    { line: 'xdpeek dump -i eth0 -w - | tshark -r -', what: 'feed another program' },
  ],
});

export const flows = command({
  name: 'flows',
  summary: 'count flows in the kernel, print the table at every tick',
  description: [
    'Counts packets and bytes by addresses, ports and protocol in the kernel; no packet leaves it, so a busy link can be watched for nearly nothing. IPv4 and IPv6.',
  ],
  options: {
    ...where,
    interval,
    by: choice({ choices: ['flow', 'source'], fallback: 'flow', help: 'one line a flow, or one a source address' }),
    top: integer({ metavar: 'N', min: 1, max: 65_536, fallback: 20, help: 'lines a snapshot, the fastest first' }),
    count: ticks,
    json,
  },
  operands: [filterWords],
  examples: [
    { line: 'xdpeek flows -i tun0 --hook tc-egress', what: 'who sends into the tunnel' },
    { line: 'xdpeek flows -i eth0 --by source --interval 5', what: 'the busiest sources, every five seconds' },
  ],
});

export const stats = command({
  name: 'stats',
  summary: 'count packets by verdict: packets, pps, Mbit/s over the exact period',
  description: [
    'Counts packets and bytes by verdict in per-CPU counters in the kernel. Rates are over the measured period between two readings, by the kernel clock.',
  ],
  options: {
    ...where,
    interval,
    'per-cpu': flag({ help: 'one line for each CPU too' }),
    count: ticks,
    json,
  },
  operands: [filterWords],
  examples: [{ line: 'xdpeek stats -i eth0 --per-cpu', what: 'is the load spread over the CPUs?' }],
});

export const read = command({
  name: 'read',
  summary: 'print a capture file (pcapng or pcap), whole or by fields',
  description: [
    "Reads a pcapng or pcap file ('-' for standard input), also compressed by gzip, zstd or LZ4, and prints its packets. Field names are Wireshark's; -T fields prints tab-separated values in the order of -e, repeated values joined by commas. The file may be of any size: it is read in pieces.",
    "Statistics (-z) have tshark's names (srt alone is xdpeek's: the response times of every protocol that has some), and see the packets that -Y lets through; with -T json they are one JSON object a line.",
  ],
  options: {
    type: choice({ choices: ['text', 'fields', 'json'], short: 'T', fallback: 'text', help: 'what to print' }),
    field: text({ short: 'e', metavar: 'FIELD', many: true, help: 'a field to print with -T fields or json' }),
    format: text({
      short: 'E',
      metavar: 'KEY=VALUE',
      many: true,
      help: 'how -T fields prints: header=y|n, separator=CHAR, /t or /s, quote=d|s|n, occurrence=f|l|a, aggregator=CHAR or /s',
    }),
    'display-filter': displayFilter,
    'decode-as': decodeOption,
    'enable-heuristic': heuristicOption,
    ...keyLogOptions,
    count: integer({ short: 'c', metavar: 'N', min: 1, max: MANY, help: 'stop after reading N packets' }),
    verbose: flag({ short: 'V', help: 'the whole detail tree of each packet' }),
    hex: hexOption,
    statistic: text({
      short: 'z',
      metavar: 'STAT',
      many: true,
      help: 'print a statistic at the end: io,phs (protocol hierarchy), io,stat,SECONDS[,FILTER]…, conv,LAYER, endpoints,LAYER, plen,tree, expert, srt, follow,tcp|udp|tls|http|http2,ascii|utf-8|hex|raw,STREAM (http2: and ,STREAM of the connection); each takes a display filter after a comma',
    }),
    quiet: flag({ short: 'q', help: 'do not print the packets' }),
  },
  operands: [
    {
      metavar: 'FILE',
      help: "a capture file, '-' for standard input; several are merged by time",
      required: true,
      many: true,
    },
  ],
  examples: [
    { line: 'xdpeek read eth0.pcapng', what: 'one line a packet' },
    { line: "xdpeek read eth0.pcapng -Y 'tcp.analysis.retransmission'", what: 'what was sent twice' },
    { line: 'xdpeek read eth0.pcapng -T fields -e frame.number -e ip.src -e tcp.flags', what: 'a table for a script' },
    { line: 'xdpeek read eth0.pcapng -c 1 -V -x', what: 'everything about the first packet' },
    { line: 'xdpeek read eth0.pcapng -q -z conv,tcp -z io,phs', what: 'who talks, and about what' },
  ],
});

export const filter = command({
  name: 'filter',
  summary: 'check a capture filter, list its code, count its matches in a file',
  description: [
    'Compiles a pcap-filter expression with libpcap and translates it to eBPF, as a capture does. With --count the kernel runs that program on every packet of a file (needs root); nothing is attached.',
  ],
  options: {
    linktype: integer({
      metavar: 'N',
      min: 0,
      max: 65_535,
      defaultText: '1, Ethernet',
      help: 'link type to compile for, a pcap LINKTYPE number (101: raw IP)',
    }),
    list: flag({ short: 'd', help: 'list the classic BPF as tcpdump -d does, then the eBPF' }),
    count: text({ metavar: 'FILE', help: "how many packets of FILE match ('-' for standard input)" }),
  },
  operands: [{ metavar: 'EXPR', help: 'the filter, see pcap-filter(7)', required: true, many: true }],
  examples: [
    { line: 'xdpeek filter -d tcp port 443', what: 'what the kernel will run' },
    { line: "xdpeek filter 'tcp[tcpflags] & tcp-syn != 0' --count eth0.pcapng", what: 'how many packets would match' },
  ],
});

export const convert = command({
  name: 'convert',
  summary: 'write a capture file anew: other format, fewer packets',
  description: [
    "Reads a capture ('-' for standard input), or several that are merged by time with the interfaces of each kept apart, and writes it to another file ('-' for standard output), which appears whole or not at all. The name says how: .pcap is pcap with nanoseconds, anything else pcapng; .gz and .zst are compressed. From pcapng to pcapng every block stays as it was, comments, secrets and unknown blocks too; only packets that are not wanted are left out, and with them the custom blocks and options that are marked as not to be copied.",
  ],
  options: {
    'display-filter': text({ ...displayFilter, help: displayFilter.help.replace('print', 'write') }),
    'decode-as': decodeOption,
    'enable-heuristic': heuristicOption,
    ...keyLogOptions,
    count: integer({ short: 'c', metavar: 'N', min: 1, max: MANY, help: 'stop after reading N packets' }),
    format: choice({
      choices: ['pcapng', 'pcap', 'pcap-ns'],
      defaultText: 'by the name',
      help: 'pcap has microseconds, pcap-ns nanoseconds',
    }),
  },
  operands: [
    { metavar: 'IN', help: "a capture file, '-' for standard input", required: true },
    {
      metavar: '[IN...] OUT',
      help: "more files to merge by time; the new file, '-' for standard output",
      required: true,
      many: true,
    },
  ],
  examples: [
    { line: 'xdpeek convert all.pcapng dns.pcapng -Y dns', what: 'only what matches' },
    { line: 'xdpeek convert a.pcapng b.pcap both.pcapng', what: 'two captures as one, by time' },
    { line: 'xdpeek convert eth0.pcapng eth0.pcap.gz', what: 'for a tool that knows nothing else' },
  ],
});

export const serve = command({
  name: 'serve',
  summary: 'serve the window to a browser on this machine',
  description: [
    'Serves the same window as the app at a loopback address and prints a link that works once. To inspect another machine, run it there and forward the port: ssh -L PORT:127.0.0.1:PORT host.',
  ],
  options: {
    port: integer({ metavar: 'N', min: 0, max: 65_535, fallback: 0, defaultText: 'any free one', help: 'port' }),
    demo: flag({ help: 'on a network of its own making, with traffic (needs root)' }),
    viewer: flag({ help: 'print a second link, for somebody who sees the capture and can change nothing' }),
  },
  operands: [
    { metavar: 'FILE', help: 'a capture file to open; several are merged by time', required: false, many: true },
  ],
  examples: [{ line: 'xdpeek serve --port 7478', what: 'then open the printed link' }],
});

export const demo = command({
  name: 'demo',
  summary: 'make a small network with traffic to try everything on',
  description: [
    'Makes two network namespaces joined by a veth pair, with gentle, realistic traffic (ARP, ICMP, DNS, TCP, IPv6, VLAN), until Ctrl-C. Everything is removed at the end. Needs root.',
  ],
  options: {},
  operands: [],
  examples: [{ line: 'xdpeek demo', what: 'prints the commands to try in another terminal' }],
});

/** `xdpeek`, `xdpeek FILE`, `xdpeek --demo`: no command. */
export const open = command({
  name: '[FILE...]',
  summary: 'open the window',
  description: [
    'Opens the window, on a capture file if one is named (several are merged by time); without a display it is served to a browser.',
  ],
  options: { demo: flag({ help: 'on a network of its own making, with traffic (needs root)' }) },
  operands: [{ metavar: 'FILE', help: 'a capture file to open', required: false, many: true }],
  examples: [],
});

export { monitor, trace };

export const COMMANDS = [
  ifaces,
  dump,
  flows,
  stats,
  read,
  convert,
  filter,
  serve,
  demo,
  monitor,
  trace,
  ...WORKBENCH_COMMANDS,
] as const;
