/**
 * What a capture is, for every process: what can be asked for, what state it is in, what it counted.
 * Plain JSON data throughout: these cross the privileged pipe, Electron's ports and the WebSocket.
 * Units are in the names; nanosecond epochs are decimal strings because they exceed 2^53.
 */
import type { ErrorData } from './errors.ts';
import type { TransferStatus } from './export.ts';

/**
 * Where in the kernel a packet is seen. Order is the ABI value in bpf/events.h (XDPEEK_HOOK_*).
 *
 * `observe` looks at the packets of an XDP program that somebody else attached, before and after it (fentry/fexit).
 * `socket` is a packet socket with an eBPF socket filter: both directions, on any interface. `afxdp` takes packets away from
 * the stack into AF_XDP sockets; what its filter refuses goes on.
 */
export const HOOKS = ['xdp', 'tc-ingress', 'tc-egress', 'observe', 'socket', 'afxdp'] as const;
export type Hook = (typeof HOOKS)[number];

/** How an XDP program is attached. `auto` tries native, then generic, and reports which one it got. */
export const XDP_MODES = ['auto', 'native', 'generic', 'offload'] as const;
export type XdpMode = (typeof XDP_MODES)[number];

/** Our place among several TCX programs of one hook. */
export const TCX_ORDERS = ['first', 'last'] as const;
export type TcxOrder = (typeof TCX_ORDERS)[number];

/**
 * Kernel→user transport. `mapped`: each CPU's programs write finished blocks into memory that user space has mapped; the least work a packet. `auto`
 * takes that where the kernel and the buffer's size allow it, then the ring buffer, else perf.
 */
export const BUFFER_KINDS = ['auto', 'mapped', 'ring', 'perf'] as const;
export type BufferKind = (typeof BUFFER_KINDS)[number];

/** XDP actions in kernel order (enum xdp_action), index = value. */
export const XDP_VERDICTS = ['aborted', 'drop', 'pass', 'tx', 'redirect'] as const;
export type Verdict = (typeof XDP_VERDICTS)[number];

/** pcap link types (LINKTYPE_*) that a live interface can have here. */
export const LINKTYPE_ETHERNET = 1;
export const LINKTYPE_RAW = 101;

/** One attachment point. A capture has one to MAX_TARGETS. */
export interface CaptureTarget {
  /** Interface name as the kernel prints it (1–15 bytes). */
  ifname: string;
  /** Name under /run/netns, or "pid:N"; absent = the namespace xdpeek runs in. */
  netns?: string;
  hook: Hook;
  /** Only for hooks xdp and afxdp; default auto. */
  mode?: XdpMode;
  /** Only for the tc hooks, where the kernel has TCX; default: ingress first, egress last. */
  order?: TcxOrder;
  /** Only for hook afxdp: our thread runs the driver instead of sleeping; costs a whole CPU. Default false. */
  busyPoll?: boolean;
  /** Only for hook observe: name or id of one program where a dispatcher runs several; default: all of them. */
  program?: string;
}

export const MAX_TARGETS = 8;
/** pcapng interfaces of one capture: an observed program has two. */
export const MAX_INTERFACES = 32;
export const SNAPLEN_MAX = 262144;
export const SAMPLE_MAX = 1_000_000;
/** Longest capture filter text. */
export const FILTER_TEXT_MAX = 4096;

export interface CaptureOptions {
  targets: CaptureTarget[];
  /** Bytes kept of each packet, 1…SNAPLEN_MAX; default SNAPLEN_MAX (whole packets). */
  snaplen?: number;
  buffer?: BufferKind;
  /** Kernel buffer in bytes (mapped, ring: total; perf: per CPU), rounded up to a power of two; default 64 MiB (mapped: up to 128 beyond 16 CPUs), 8 MiB perf. */
  bufferBytes?: number;
  /** false: no packets leave the kernel, flows and statistics only. Default true. */
  packets?: boolean;
  /** Flow table in the kernel. Default true. */
  flows?: boolean;
  /** Counters by verdict, protocol and size. Default true. */
  stats?: boolean;
  /** Flow table size (LRU: the least recently seen flow gives way). Default 65536. */
  maxFlows?: number;
  /** pcap-filter(7) text; '' or absent = everything. Runs in the kernel, in front of counting and capture. */
  filter?: string;
  /** Of the packets that match, one in so many (of each CPU) is captured; flows and statistics see all. Default 1. */
  sample?: number;
  /** When to stop by itself. The session's business: privileged never sees it. */
  limits?: CaptureLimits;
}

/** Whatever is reached first. */
export interface CaptureLimits {
  packets?: number;
  /** Bytes of packets by wire length. */
  bytes?: number;
  seconds?: number;
}

/**
 * A capture filter, compiled by libpcap for each link type that it is to run on. `code` is classic BPF, four numbers an
 * instruction (code, jt, jf, k: struct sock_filter). Root's door validates it before it becomes eBPF.
 */
export interface CompiledFilter {
  text: string;
  programs: { linkType: number; code: number[] }[];
}
/** As the kernel's BPF_MAXINSNS. */
export const FILTER_MAX_INSTRUCTIONS = 4096;

/** What really happened for one target. */
export interface AttachmentInfo extends CaptureTarget {
  /** Index in CaptureOptions.targets. */
  target: number;
  /** pcapng interface id; an observed program has two attachments, one before and one after it. */
  interfaceId: number;
  ifindex: number;
  linkType: number;
  /** How it holds on: bpf_link or a socket (both die with the process), or a legacy clsact filter (journalled). */
  via: 'xdp-link' | 'tcx-link' | 'clsact' | 'tracing-link' | 'socket';
  /** For xdp and afxdp: the mode the kernel really used. */
  actualMode?: 'native' | 'generic' | 'offload';
  programId: number;
  /** For observe: whose packets, and on which side of it. */
  observed?: { programId: number; name: string; side: 'before' | 'after' };
  /** Why auto did not take the first choice, in words. */
  note?: string;
}

/** One hop of the loss ledger for one pcapng interface. */
export interface InterfaceCounters {
  interfaceId: number;
  matchedPackets: number;
  matchedBytes: number;
  filteredPackets: number;
  skippedPackets: number;
  lostKernel: number;
}

/** What each CPU handed over and lost. */
export interface CpuCounters {
  cpu: number;
  matchedPackets: number;
  lostKernel: number;
}

/**
 * Monotonic totals since the capture started. Sent = filtered + matched, and matched = captured + skipped + lost*, exactly
 * once the capture has stopped.
 */
export interface CaptureCounters {
  /** Packets and bytes (wire length) that reached our program. */
  matchedPackets: number;
  matchedBytes: number;
  /** Packets handed over to user space by the drain thread (before the pipe). */
  capturedPackets: number;
  capturedBytes: number;
  /** The kernel buffer was full: counted in the program from the helper's return value. */
  lostKernel: number;
  /** The pipe's queue in privileged was full (slow session). */
  lostPipe: number;
  /** The session's store or disk could not take it. Filled in by the session. */
  lostStore: number;
  /** Refused by the capture filter: never wanted, so no loss. */
  filteredPackets: number;
  /** Left out by 1-in-N sampling. */
  skippedPackets: number;
  /** The interface's own drops since the start (rx_dropped + rx_missed of its statistics): before our program, beside the sum. */
  lostInterface: number;
  /** By pcapng interface, in order of their ids. */
  interfaces?: InterfaceCounters[];
  /** CPUs that saw a packet. */
  cpus?: CpuCounters[];
}

export const ZERO_COUNTERS: CaptureCounters = {
  matchedPackets: 0,
  matchedBytes: 0,
  capturedPackets: 0,
  capturedBytes: 0,
  lostKernel: 0,
  lostPipe: 0,
  lostStore: 0,
  filteredPackets: 0,
  skippedPackets: 0,
  lostInterface: 0,
};

export type CaptureState = 'idle' | 'starting' | 'running' | 'stopping' | 'stopped' | 'failed';

/** What the kernel on this machine can do; probed once by the addon. */
export interface Capabilities {
  kernel: string;
  /** /sys/kernel/btf/vmlinux is there. */
  btf: boolean;
  ringBuffer: boolean;
  xdpLink: boolean;
  tcx: boolean;
  /** bpf_ktime_get_tai_ns (6.1). */
  taiClock: boolean;
  xdpMultiBuffer: boolean;
  /** fentry/fexit programs can be attached to other eBPF programs (hook observe). */
  fentry: boolean;
  /** AF_XDP sockets. */
  afXdp: boolean;
  cpusPossible: number;
  cpusOnline: number;
  /** Has CAP_BPF + CAP_NET_ADMIN + CAP_PERFMON, or CAP_SYS_ADMIN. */
  privileged: boolean;
}

/** A program attached to an interface, ours or not. */
export interface AttachedProgram {
  hook: Hook | 'netkit' | 'other';
  mode?: 'native' | 'generic' | 'offload';
  programId: number;
  name: string;
  /** Attached by this very process. */
  ours: boolean;
}

export interface InterfaceInfo {
  ifindex: number;
  ifname: string;
  /** As in CaptureTarget.netns. */
  netns?: string;
  mac?: string;
  mtu: number;
  up: boolean;
  /** Carrier / operational state (IF_OPER_UP or unknown). */
  running: boolean;
  loopback: boolean;
  linkType: number;
  /** IFLA_INFO_KIND: veth, tun, bridge…; absent for hardware. */
  kind?: string;
  /** ethtool driver name. */
  driver?: string;
  speedMbps?: number;
  rxQueues: number;
  addresses: string[];
  /** Whether native XDP can be expected (driver features over netlink where there, else a list of known drivers). */
  xdpNative: 'yes' | 'no' | 'unknown';
  attached: AttachedProgram[];
  rxPackets: number;
  rxBytes: number;
  rxDropped: number;
  txPackets: number;
  txBytes: number;
  txDropped: number;
}

export interface CaptureStatus {
  state: CaptureState;
  /** Grows by one with each capture or opened file; lets a client discard what belongs to an older one. */
  generation: number;
  source: 'none' | 'live' | 'file';
  options?: CaptureOptions;
  attachments: AttachmentInfo[];
  counters: CaptureCounters;
  /** Packets in the store = rows that can be asked for. */
  stored: number;
  /** What the user should know and what does not end the capture: the interface went down, was renamed… Newest last. */
  notices: string[];
  /** Wall clock of start, ns since the epoch, decimal; and of stop. */
  startedNs?: string;
  stoppedNs?: string;
  /** Why state is failed. */
  error?: ErrorData;
  /** Capture file that is being written or was opened: name only, never a path. */
  fileName?: string;
  /** The TLS key log that was opened last, and how many secrets are known from all of them. */
  keyLog?: { name: string; secrets: number };
  fileBytes: number;
  /** Packets that are marked. */
  marked?: number;
  /** Grows with every mark, reference and comment: rows may say something else now. */
  annotations?: number;
  /** Of a file that is being opened: bytes of it (of all, of several) that were read. */
  reading?: { done: number; total: number };
  /** A file that is being written. */
  transfer?: TransferStatus;
  /** Of an opened file, by their ids (the first 256), and which file each is of when several were merged. */
  interfaces?: { name: string; file?: string }[];
  /** Kernel rates over the last tick, per second. */
  pps: number;
  bitsPerSecond: number;
  flowCount: number;
}
