/**
 * Every row of the reference (what the documents that this product was asked to implement describe), with the command that does it and the test that shows it, as
 * 'file › test name' below test/. test/unit/reference-rows.test.ts holds this against the files.
 */
export interface Row {
  command: string;
  test: string | readonly string[];
}

const pings =
  'netns/library-rewrite.test.ts › icmp_echo in native mode answers ping and ping -6 while the stack is told to answer nothing';

export const ROWS: Readonly<Record<string, Row>> = {
  // Dump packets through perf events.
  A1: {
    command: 'dump -i IF --buffer perf',
    test: [
      'netns/hooks.test.ts › both directions, byte for byte, with flows and statistics, over the perf buffer',
      'netns/capture.test.ts › xdp native over the perf buffer',
    ],
  },
  A2: {
    command: "dump -i IF 'icmp or tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn'",
    test: [
      'netns/cli-dump.test.ts › ICMP shows type, code, id and sequence; a SYN its flags; read and tshark agree on every field',
      'e2e/specs/filter.spec.ts › a preset is two clicks, and what was used before is there again',
    ],
  },
  A3: {
    command: 'dump -i IF -x',
    test: [
      'netns/cli-dump.test.ts › prints one line a packet with its verdict, hex when asked, JSON when asked',
      'e2e/specs/packet-detail.spec.ts › an ICMP packet shows type, code, identifier and sequence, and no ports',
    ],
  },
  A4: {
    command: 'dump -i IF --mode generic',
    test: [
      'netns/cli-dump.test.ts › SIGINT ends with a summary and detaches',
      'netns/cli-dump.test.ts › generic: 20 frames of ping and TCP are the 20 that tcpdump took',
      'netns/hooks.test.ts › offload on a card that cannot: refused with the reason, nothing attached',
    ],
  },
  A5: {
    command: 'dump -i IF (its summary)',
    test: [
      'netns/cli-dump.test.ts › SIGTERM ends with a summary and detaches',
      'netns/capture.test.ts › perf: a buffer far too small loses, and sent = captured + lost',
    ],
  },
  A6: { command: 'dump -i IF --netns NS', test: 'netns/cli-dump.test.ts › --netns reaches another namespace' },
  A7: {
    command: 'dump -i IF --buffer perf',
    test: [
      'netns/cli-dump.test.ts › 9 bytes of UDP have no padding behind them, 1514 bytes arrive whole, a snaplen cuts',
      'netns/faults.test.ts › a CPU without a ring: what it sees is counted as lost there, what others see is captured',
    ],
  },

  // Load, count, pin, parse, rewrite, redirect, trace.
  B1: {
    command: 'prog load FILE; prog attach FILE:PROGRAM -i IF --mode M',
    test: [
      'netns/reference.test.ts › a program is chosen by name or section, attached by mode and taken off; what stands in its way is said with the way out',
      "e2e/specs/workbench.spec.ts › a stranger's object opens, loads, attaches, counts and is detached",
    ],
  },
  B2: {
    command: 'prog attach FILE -i IF --expect ID|--force; prog detach -i IF --expect ID',
    test: [
      'netns/workbench-objects.test.ts › a place that is taken is refused with the way out; only the expected program is replaced, also across modes',
      'netns/workbench-objects.test.ts › a pin survives its process; it is detached only as the expected program, and its pin goes with it',
    ],
  },
  B3: {
    command: 'stats -i IF --per-cpu',
    test: [
      'netns/cli-flows.test.ts › packets by verdict, in all and per CPU, over the exact period',
      'netns/library-verdicts.test.ts › xdp_pass, xdp_drop and xdp_abort in native mode: the stack gets all or nothing, every frame is counted',
    ],
  },
  B4: {
    command: 'prog load FILE --pin-dir DIR --reuse-maps; map pin; map unpin',
    test: [
      'netns/reference.test.ts › maps are pinned in a folder, found again on reload with their counts, and refused when they differ',
      'netns/workbench-objects.test.ts › maps pinned in a folder are used again only when that is said; a different one is refused and nothing changes',
    ],
  },
  B5: {
    command: 'map dump MAP --per-cpu',
    test: [
      'netns/reference.test.ts › plain and per-CPU arrays and hashes are read, summed and by CPU',
      'netns/workbench-maps.test.ts › percpu_hash: the same entries as bpftool, in the session and on the command line',
    ],
  },
  B6: {
    command: 'prog attach vlan_drop -i IF; prog attach vlan_collect -i IF',
    test: [
      'netns/library-verdicts.test.ts › vlan_drop drops tagged frames of both tag types and families, and nothing else',
      'netns/library-verdicts.test.ts › vlan_collect counts ids by depth and aborts inner id 42, which the tracepoint of exceptions tells the monitor',
    ],
  },
  B7: {
    command: 'prog attach patch_ports -i IF --set port=N',
    test: 'netns/library-rewrite.test.ts › patch_ports decrements destination ports and keeps every checksum right: TCP and UDP, both families, tagged, odd lengths',
  },
  B8: {
    command: 'prog attach vlan_swap -i IF --set vlan_id=N',
    test: 'netns/library-rewrite.test.ts › vlan_swap in native mode takes the outer tag off, and puts the chosen one on where there is none',
  },
  B9: {
    command: 'prog attach icmp_echo -i IF',
    test: [
      pings,
      'netns/library-rewrite.test.ts › icmp_echo swaps addresses, keeps tags and payload, mends the checksum, and leaves groups and fragments to the stack',
    ],
  },
  B10: {
    command: 'prog attach redirect -i IF --set to=IF2; prog attach redirect_map -i IF --set to=IF2 --set pairs=SRC=DST',
    test: [
      'netns/library-forward.test.ts › redirect in native mode sends every frame out of the other interface, to the MAC address that is set',
      'netns/library-forward.test.ts › redirect_map forwards known senders through the devmap, passes others, and follows its maps while it runs',
      'netns/library-cli.test.ts › prog attach redirect_map fills both maps from its words, in the namespace of its interface',
    ],
  },
  B11: {
    command: 'prog attach router -i IF',
    test: [
      'netns/library-forward.test.ts › router forwards both families in the driver: TTL and hop limit one less, checksums right, MAC addresses of the next hop',
      'netns/library-forward.test.ts › router leaves the end of a TTL, unknown destinations and IPv4 options to the stack, which answers; blackholes are dropped',
    ],
  },
  B12: {
    command: 'monitor',
    test: [
      'netns/monitor.test.ts › native: redirects that fail are counted by error, with what it means',
      "netns/monitor.test.ts › generic: a cpumap's queue and its thread; a full queue drops the rest",
      'netns/monitor.test.ts › a devmap sends what the peer takes; a peer that is down drops it with the driver’s error',
      'netns/monitor.test.ts › monitor prints what happened, per CPU, and sums up at SIGINT',
    ],
  },
  B13: {
    command: 'dump -i IF -s N -w FILE',
    test: [
      'netns/cli-volume.test.ts › -s cuts what is kept, not what is counted',
      'netns/cli-dump.test.ts › 9 bytes of UDP have no padding behind them, 1514 bytes arrive whole, a snaplen cuts',
    ],
  },
  B14: {
    command: 'trace',
    test: 'netns/monitor.test.ts › trace prints bpf_printk lines with addresses and protocols decoded; raw and JSON have them as they were',
  },
  B15: {
    command: 'dump -i IF --hook afxdp',
    test: [
      'netns/afxdp.test.ts › native: each frame once, byte for byte, whole up to 9,000 bytes; none for the stack',
      'netns/afxdp.test.ts › overload: sent = captured + counted losses, exactly',
      'netns/xsk-echo.test.ts › data of nothing but zeros: a checksum that holds',
    ],
  },
  B16: {
    command: 'prog attach xsk_alternate -i IF',
    test: "netns/library-sockets.test.ts › xsk_alternate in native mode gives every second packet to the queue's socket and passes the others; all are counted",
  },
  B17: {
    command: 'prog load tail_read_length (…_end, …_wide, …_mask, …_loop)',
    test: [
      'netns/library-verifier.test.ts › tail_read_length is refused, with the reason at its line, and nothing stays',
      'netns/library-verifier.test.ts › tail_read_mask loads and aborts packets whose last byte is 0xff, of odd and even length',
      'netns/library-cli.test.ts › prog load of a refused reader shows the instruction, the line and the reason',
      'e2e/specs/workbench.spec.ts › a program made to be refused is a lesson',
    ],
  },
  B18: {
    command: 'COMMAND --help',
    test: [
      'netns/library-cli.test.ts › prog attach --help tells required and optional flags',
      'netns/library-cli.test.ts › names and parameters that are wrong end with status 2 and words that help, before anything is loaded',
      'netns/cli-errors.test.ts › wrong commands and options: status 2, nothing on standard output',
    ],
  },

  // Packets by source address.
  C1: {
    command: 'flows -i IF --by source',
    test: 'netns/cli-flows.test.ts › --by source adds up the flows of an address; -c ends it; text is a table',
  },
  C2: {
    command: 'dump -i IF',
    test: [
      'netns/cli-errors.test.ts › an unknown interface and an unknown namespace are named',
      'netns/cli-errors.test.ts › a driver without native XDP says so and what works',
    ],
  },

  // Flows on a tunnel interface.
  D1: {
    command: 'dump -i IF --hook tc-egress --order first',
    test: [
      'netns/hooks.test.ts › tc-egress: first and last are where they say',
      'netns/capture.test.ts › tc-egress auto over the perf buffer, clsact',
    ],
  },
  D2: {
    command: 'dump -i TUN --hook tc-egress',
    test: [
      'netns/capture.test.ts › a tunnel has no Ethernet header: raw IP, both directions at once',
      'netns/cli-dump.test.ts › a tunnel: raw IP, both directions',
    ],
  },
  D3: {
    command: 'flows -i TUN',
    test: [
      'netns/cli-flows.test.ts › a tunnel counts both ways at tc',
      'netns/cli-flows.test.ts › packets and bytes of each flow, IPv4 and IPv6, are what was sent',
      'netns/capture.test.ts › a full flow table lets the oldest go and keeps counting',
    ],
  },
  D4: {
    command: 'trace',
    test: 'netns/monitor.test.ts › the trace log of a session is searched, paused at a line, and counts what came since',
  },
  D5: {
    command: 'dump -i IF --hook tc',
    test: [
      'netns/faults.test.ts › programs of others, before and after ours, are there when all of ours are gone',
      'netns/capture.test.ts › a clsact filter that a killed process left is removed at the next start, and only that',
    ],
  },

  // Examples of a library for Go.
  E1: {
    command: 'stats -i lo; prog attach xdp_stats -i lo',
    test: 'netns/library-verdicts.test.ts › xdp_stats on loopback counts both families by protocol, per CPU',
  },
  E2: {
    command: 'prog load --insns FILE.json',
    test: [
      'netns/reference.test.ts › a program made of instructions counts packets of an interface, without any toolchain',
      'netns/workbench-objects.test.ts › assembly and instruction lists load with the maps that they declare; mistakes are told by place',
    ],
  },
  E3: {
    command: 'prog load --asm FILE; prog disasm ID',
    test: [
      'netns/reference.test.ts › assembly is loaded, attached and judged; what the kernel holds reads the same',
      'netns/workbench-objects.test.ts › a program of the kernel as text is taken back by the assembler and loads again',
      'unit/assembly.test.ts › every compiled program: code → text → the same code',
    ],
  },
  E4: {
    command: 'prog attach execve_count; monitor',
    test: [
      'netns/monitor.test.ts › drops by reason and place: nobody at the port, a wrong checksum; programs that start',
      'netns/library-sockets.test.ts › execve_count on the tracepoint of the system call counts every program that is started',
      'vm/guest/workbench.test.ts › prog attach --kprobe counts the programs that start, and lets go of the function at the end',
    ],
  },
  E5: {
    command: 'stats -i IF --per-cpu; map dump MAP --per-cpu',
    test: [
      'netns/reference.test.ts › plain and per-CPU arrays and hashes are read, summed and by CPU',
      'netns/workbench-maps-cli.test.ts › per-CPU values are summed by member, and shown by CPU',
    ],
  },
  E6: {
    command: 'map dump MAP',
    test: [
      'netns/workbench-maps.test.ts › a million entries: rows come before all are read, each entry once, sorted and filtered by member',
      'netns/workbench-maps.test.ts › lpm_trie: the same entries as bpftool, in the session and on the command line',
    ],
  },
  E7: {
    command: 'map dump MAP',
    test: 'netns/workbench-maps.test.ts › entries that are deleted while they are read cost neither an error nor an endless walk',
  },
  E8: {
    command: 'map pin MAP NAME; map unpin NAME; map pins',
    test: 'netns/workbench-maps-cli.test.ts › pins are made, listed, found by name and removed; a map lives by them',
  },
  E9: {
    command: 'prog attach traffic_calls -i IF; prog load traffic_calls --verifier-log 1',
    test: [
      'netns/library-traffic.test.ts › traffic_calls counts what was sent, by protocol and port, both families, packets and bytes',
      'netns/library-traffic.test.ts › traffic_calls is made of real functions',
    ],
  },
  E10: {
    command: 'prog attach traffic_tailcall -i IF; map set stages 2 value ID; map delete stages 2',
    test: [
      'netns/library-traffic.test.ts › traffic_tailcall counts what was sent, by protocol and port, both families, packets and bytes',
      'netns/library-traffic.test.ts › a stage of traffic_tailcall is taken out and put back while packets go through',
    ],
  },
  E11: {
    command: 'dump -i IF --hook socket -f icmp -w FILE',
    test: [
      'netns/reference.test.ts › a raw socket with an eBPF filter writes the ICMP packets of both directions, and no others, into a file',
      'netns/hooks.test.ts › both directions, byte for byte, with flows and statistics, over the ring buffer',
      'netns/filter.test.ts › socket: only what matches is counted and captured; the rest is counted as filtered and passes',
    ],
  },
  E12: {
    command: 'prog load udp_local_only --pin NAME',
    test: 'netns/library-sockets.test.ts › udp_local_only lets through what was sent to 127.0.0.1 and ::1, and counts what it refused',
  },
  E13: {
    command: 'prog run PROGRAM --packet FILE',
    test: [
      'netns/prog-run.test.ts › icmp_echo on an echo request (IPv4): TX, addresses swapped, type and checksum changed and named',
      'netns/prog-run.test.ts › programs that are loaded already run by id; ns are those that bpftool finds on the same bytes',
      'netns/prog-run.test.ts › saved cases pass; what does not hold is named, with exit status 1',
      'e2e/specs/run-packet.spec.ts › a selection is run packet by packet',
    ],
  },
  E14: {
    command: 'prog run-xsk-echo -i IF',
    test: [
      'netns/xsk-echo.test.ts › native: pings of both families are answered while the stack would not; Ctrl-C detaches',
      'netns/xsk-echo.test.ts › each request is answered as a stack would, byte for byte: sizes, tags, both families; all else goes to the stack',
    ],
  },
  E15: {
    command: 'dump -i IF --hook afxdp; prog run-xsk-echo -i IF --threads each',
    test: [
      'netns/afxdp.test.ts › four queues: a socket for each; every packet comes with the number of its queue',
      'netns/xsk-echo.test.ts › four queues, a thread each: 100,000 requests, every one accounted for',
    ],
  },
  E16: {
    command: 'map create NAME --type lpm_trie; map set; map get; map dump',
    test: [
      'netns/workbench-maps-cli.test.ts › an LPM trie is filled with prefixes and asked for addresses, both families',
      'netns/workbench-maps.test.ts › maps of maps and program arrays name what they hold, and take ids',
      'netns/xsk-echo.test.ts › each request is answered as a stack would, byte for byte: sizes, tags, both families; all else goes to the stack',
    ],
  },
};
