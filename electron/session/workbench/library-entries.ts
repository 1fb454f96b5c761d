/**
 * The library's programs as data: what each does, what can be set, and where what is set goes: a global variable, or entries of a map. Objects and sources are in
 * dist/bpf/library. Rows are those of the reference that the program answers.
 */
import type { LibraryEntry, LibraryParameter } from '../../shared/workbench-api.ts';

export type Parameter = LibraryParameter & {
  into: { variable: string } | { map: string };
};

export interface LibraryProgram extends LibraryEntry {
  parameters: Parameter[];
  /** Name of its object and source. */
  object: string;
  /** Others of the object that are loaded with it: what it tail-calls. */
  companions?: string[];
  /** For kernels without kprobes: another program of the object, on a tracepoint. */
  onTracepoint?: string;
  /** Where it goes when nothing is said. */
  tracepoint?: string;
  kprobe?: string;
}

const XDP = ['xdp'] as const satisfies LibraryEntry['hooks'];
const VERDICTS = 'What it did is counted by verdict in the map "verdicts", packets and bytes, one value a CPU.';

type Sparse = Pick<LibraryProgram, 'name' | 'title' | 'about' | 'rows'> & Partial<LibraryProgram>;

const entry = (program: Sparse): LibraryProgram => ({
  object: program.name,
  hooks: [...XDP],
  parameters: [],
  loads: true,
  ...program,
});

const simple = (name: string, title: string, about: string): LibraryProgram =>
  entry({ name, title, object: 'xdp_pass', about: [about, VERDICTS], rows: ['B1', 'B3'] });

const outOf: Parameter = {
  name: 'to',
  label: 'Out of',
  help: 'interface that the frames leave by; in the same network namespace',
  kind: 'interface',
  required: true,
  into: { variable: 'to_ifindex' },
};

const VETH =
  'A veth takes redirected frames in native mode only while its other end has an XDP program: attach redirect_receiver there, or use --mode generic.';

const tailRead = (name: string, title: string, loads: boolean, about: string): LibraryProgram =>
  entry({
    name,
    title,
    object: 'tail_read',
    loads,
    rows: ['B17'],
    about: [
      about,
      "One of five ways of reading the last byte of a packet, which all look right. Load it with the verifier's log: what the verifier knows of the register at the refused instruction is the lesson. Those that load abort packets whose last byte is 0xff.",
    ],
  });

const TRAFFIC = [
  'Maps: "protocols" by IP protocol number, "tcp_ports" and "udp_ports" by destination port; packets and bytes, one value a CPU. Later fragments count under their protocol alone.',
  'Everything passes.',
];

export const LIBRARY: readonly LibraryProgram[] = [
  simple(
    'xdp_pass',
    'Pass everything',
    'The smallest XDP program that does something: everything passes, and is counted.',
  ),
  simple(
    'xdp_drop',
    'Drop everything',
    'Drops every frame in the driver: the stack sees nothing of it. Do not attach it to the interface that you are logged in through.',
  ),
  simple(
    'xdp_abort',
    'Abort everything',
    'Returns XDP_ABORTED: frames are dropped, and each trips the tracepoint xdp:xdp_exception, which the Monitor counts.',
  ),
  entry({
    name: 'xdp_stats',
    title: 'Count by IP protocol',
    rows: ['E1', 'E5'],
    about: [
      'Counts packets and bytes by IP protocol, IPv4 and IPv6, in the per-CPU array "protocols"; what is not IP is under 255. Everything passes. Try it on lo.',
      VERDICTS,
    ],
  }),
  entry({
    name: 'vlan_drop',
    title: 'Drop tagged frames',
    rows: ['B6'],
    about: [
      'Drops frames with a VLAN tag, 802.1Q or 802.1ad, and lets the others pass.',
      'XDP sees tags as they are on the wire. A card that takes them off before (ethtool -k IF: rx-vlan-offload) hides them: turn that off.',
      VERDICTS,
    ],
  }),
  entry({
    name: 'vlan_collect',
    title: 'Collect VLAN ids',
    rows: ['B6'],
    about: [
      'Counts the ids of up to two VLAN tags in the map "vlans", by depth (0 = outer) and id.',
      'A frame whose inner id is the one below is aborted: it is dropped and trips the tracepoint xdp:xdp_exception, which the Monitor counts.',
      VERDICTS,
    ],
    parameters: [
      {
        name: 'inner_id',
        label: 'Inner id',
        help: 'id of the inner tag that is aborted',
        kind: 'number',
        min: 0,
        max: 4095,
        required: false,
        fallback: '42',
        into: { variable: 'inner_id' },
      },
    ],
  }),
  entry({
    name: 'patch_ports',
    title: 'Decrement destination ports',
    rows: ['B7'],
    about: [
      'Decrements the destination port of TCP and UDP over IPv4 and IPv6, and mends the checksum (RFC 1624), without which the receiver would drop the packet.',
      "On a veth the sender's checksum may not be there yet: turn its offload off (ethtool -K IF tx off) to see whole ones.",
      VERDICTS,
    ],
    parameters: [
      {
        name: 'port',
        label: 'Port',
        help: 'only packets to this port; every one when it is not set',
        kind: 'port',
        min: 1,
        max: 65_535,
        required: false,
        into: { variable: 'port' },
      },
      {
        name: 'by',
        label: 'By',
        help: 'how much the port goes down',
        kind: 'number',
        min: 1,
        max: 65_535,
        required: false,
        fallback: '1',
        into: { variable: 'by' },
      },
    ],
  }),
  entry({
    name: 'vlan_swap',
    title: 'Pop or push a VLAN tag',
    rows: ['B8'],
    about: [
      'Takes the outer VLAN tag off a frame that has one, and puts one on a frame that has none.',
      'XDP sees tags as they are on the wire. A card that takes them off before (ethtool -k IF: rx-vlan-offload) hides them: turn that off.',
      VERDICTS,
    ],
    parameters: [
      {
        name: 'vlan_id',
        label: 'VLAN id',
        help: 'id of the tag that is put on',
        kind: 'number',
        min: 1,
        max: 4094,
        required: false,
        fallback: '1',
        into: { variable: 'vlan_id' },
      },
    ],
  }),
  entry({
    name: 'icmp_echo',
    title: 'Answer pings in the driver',
    rows: ['B9'],
    about: [
      'Answers ICMP and ICMPv6 echo requests: MAC and IP addresses swapped, the type turned into a reply, its checksum mended, and the frame sent back (XDP_TX). The stack sees nothing of it.',
      'Whatever the destination address is, it answers. Fragments, requests to groups, and IPv6 with extension headers are left to the stack; so are ARP and neighbour discovery.',
      'A veth takes what is sent back in native mode only while its other end has an XDP program: attach redirect_receiver there, or use --mode generic.',
      VERDICTS,
    ],
  }),
  entry({
    name: 'redirect',
    title: 'Redirect to an interface',
    rows: ['B10'],
    about: ['Sends every frame out of another interface, to a MAC address of your choice.', VETH, VERDICTS],
    parameters: [
      outOf,
      {
        name: 'mac',
        label: 'To MAC address',
        help: 'destination that the frames get; they keep theirs when it is not set',
        kind: 'mac',
        required: false,
        into: { variable: 'to_mac' },
      },
    ],
  }),
  entry({
    name: 'redirect_map',
    title: 'Redirect by source address',
    rows: ['B10'],
    about: [
      'Sends frames of known senders out of another interface: the map "destinations" has, for each source MAC address, the one to send to; the devmap "ports" has the interface. Frames of others pass.',
      'Both maps can be changed while it runs.',
      VETH,
      VERDICTS,
    ],
    parameters: [
      { ...outOf, into: { map: 'ports' } },
      {
        name: 'pairs',
        label: 'Pairs',
        help: 'SOURCE=DESTINATION, MAC addresses, separated by commas',
        kind: 'mac-pairs',
        required: true,
        into: { map: 'destinations' },
      },
    ],
  }),
  entry({
    name: 'redirect_receiver',
    title: 'Receive redirected frames',
    object: 'redirect_map',
    rows: ['B10'],
    about: [
      'Passes everything. For the other end of a veth that frames are redirected out of: in native mode they arrive only while an XDP program is there.',
      VERDICTS,
    ],
  }),
  entry({
    name: 'router',
    title: 'Route in the driver',
    rows: ['B11'],
    about: [
      "Routes by the kernel's own routes and neighbours (bpf_fib_lookup), IPv4 and IPv6: TTL or hop limit goes down by one, MAC addresses are rewritten, and the frame leaves by the interface of the route. Attach it to every interface that packets come in by; forwarding must be on (sysctl net.ipv4.ip_forward, net.ipv6.conf.all.forwarding).",
      'Left to the stack: no route, no neighbour yet, packets longer than the way out takes, a TTL of 1, IPv4 options, VLAN tags, packets for this host. Dropped: routes that say so (blackhole, unreachable, prohibit). Routes out of VLAN devices work in generic mode alone.',
      'The map "lookups" counts what the lookups said, by enum BPF_FIB_LKUP_RET.',
      VETH,
      VERDICTS,
    ],
  }),
  entry({
    name: 'xsk_alternate',
    title: 'Every second packet to AF_XDP',
    rows: ['B16'],
    about: [
      'Counts packets by receive queue in the map "queues" and gives every second one to the AF_XDP socket of that queue in the map "sockets"; the others pass.',
      "'xdpeek prog run-xsk-echo --take every-second' runs it with sockets that answer the pings among those packets. Sockets of other programs put themselves into \"sockets\" at their queue's number (pin the map, or open it by id); without one all packets pass.",
      VERDICTS,
    ],
  }),
  entry({
    name: 'xsk_echo_reply',
    title: 'Pings to AF_XDP',
    rows: ['E14'],
    about: [
      'Gives ICMP and ICMPv6 echo requests to the AF_XDP socket of their queue; everything else passes, and so do requests on a queue without a socket.',
      "'xdpeek prog run-xsk-echo' runs it with sockets that answer.",
    ],
  }),
  tailRead(
    'tail_read_length',
    'Last byte: by the length (refused)',
    false,
    'Refused: the comparison says that so many bytes are there, but the verifier does not tie a variable length to the end of the packet.',
  ),
  tailRead(
    'tail_read_end',
    'Last byte: back from the end (refused)',
    false,
    'Refused: data_end is a place to compare with, not one to read from; counting back from it makes no pointer that may be read through.',
  ),
  tailRead(
    'tail_read_wide',
    'Last byte: too wide a bound (refused)',
    false,
    'Refused: the offset has a bound, but a larger one than the verifier allows to be added to a packet pointer.',
  ),
  tailRead(
    'tail_read_mask',
    'Last byte: masked',
    true,
    'Loads: a mask gives the offset a bound, and the check is made with the very pointer that is then read through.',
  ),
  tailRead(
    'tail_read_loop',
    'Last byte: by a loop',
    true,
    'Loads, and is slow: it tries every length up to 1514 bytes, and each step checks what it reads.',
  ),
  entry({
    name: 'execve_count',
    title: 'Count programs started',
    rows: ['E4'],
    hooks: ['kprobe', 'tracepoint'],
    onTracepoint: 'execve_count_tp',
    tracepoint: 'syscalls:sys_enter_execve',
    kprobe: 'execve',
    about: [
      'Counts calls of execve(2) in the map "calls", one value a CPU: as a kprobe on the function of the system call, or on its tracepoint where the kernel has no kprobes.',
    ],
  }),
  entry({
    name: 'traffic_calls',
    title: 'Traffic, with function calls',
    rows: ['E9'],
    about: [
      "Counts traffic by IP protocol, TCP port and UDP port, IPv4 and IPv6, with real function calls (BPF to BPF): the verifier's log lists the functions, and the Programs view shows who calls whom.",
      ...TRAFFIC,
    ],
  }),
  entry({
    name: 'traffic_tailcall',
    title: 'Traffic, with tail calls',
    rows: ['E10'],
    companions: ['on_ipv4', 'on_ipv6', 'on_tcp', 'on_udp'],
    about: [
      'Counts the same as traffic_calls by tail calls through the program array "stages" (0 IPv4, 1 IPv6, 2 TCP, 3 UDP). It can be changed while it runs: without its program a stage is skipped, and those packets just pass.',
      ...TRAFFIC,
    ],
  }),
  entry({
    name: 'udp_local_only',
    title: 'UDP socket: local senders only',
    rows: ['E12'],
    hooks: ['udp', 'socket'],
    about: [
      'A filter for a UDP socket that listens on every address: only datagrams that were sent to 127.0.0.1 or ::1 come through, the others are dropped before the socket sees them. The map "packets" counts them: 0 refused, 1 let through.',
      "'xdpeek prog attach udp_local_only --udp 3000' opens such a socket and puts it there, to send datagrams to. A program puts it on its own socket by setsockopt(SO_ATTACH_BPF): 'xdpeek prog load udp_local_only --pin NAME' and open the pin, or give it the id.",
    ],
  }),
];

export function libraryProgram(name: string): LibraryProgram | undefined {
  return LIBRARY.find((each) => each.name === name);
}
