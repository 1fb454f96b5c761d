/**
 * What a capture is, for every process: what can be asked for, what state it is in, what it counted.
 * Plain JSON data throughout: these cross the privileged pipe, Electron's ports and the WebSocket.
 * Units are in the names; nanosecond epochs are decimal strings because they exceed 2^53.
 */
import type { ErrorData } from './errors.ts';

/** Where in the kernel a packet is seen. Order is the ABI value in bpf/events.h (XDPEEK_HOOK_*). */
export const HOOKS = ['xdp', 'tc-ingress', 'tc-egress'] as const;
export type Hook = (typeof HOOKS)[number];

/** How an XDP program is attached. `auto` tries native, then generic, and reports which one it got. */
export const XDP_MODES = ['auto', 'native', 'generic'] as const;
export type XdpMode = (typeof XDP_MODES)[number];

/** Kernel→user transport. `auto` takes the ring buffer where the kernel has it (faster), else perf. */
export const BUFFER_KINDS = ['auto', 'perf', 'ring'] as const;
export type BufferKind = (typeof BUFFER_KINDS)[number];

/** XDP actions in kernel order (enum xdp_action), index = value. */
export const XDP_VERDICTS = ['aborted', 'drop', 'pass', 'tx', 'redirect'] as const;
export type Verdict = (typeof XDP_VERDICTS)[number];

/** pcap link types (LINKTYPE_*) that a live interface can have here. */
export const LINKTYPE_ETHERNET = 1;
export const LINKTYPE_RAW = 101;

/** One attachment point. A capture has one to eight; index in the list = pcapng interface id. */
export interface CaptureTarget {
  /** Interface name as the kernel prints it (1–15 bytes). */
  ifname: string;
  /** Name under /run/netns, or "pid:N"; absent = the namespace xdpeek runs in. */
  netns?: string;
  hook: Hook;
  /** Only for hook xdp; default auto. */
  mode?: XdpMode;
}

export const SNAPLEN_MAX = 262144;

export interface CaptureOptions {
  targets: CaptureTarget[];
  /** Bytes kept of each packet, 1…SNAPLEN_MAX; default SNAPLEN_MAX (whole packets). */
  snaplen?: number;
  buffer?: BufferKind;
  /** Kernel buffer in bytes (ring: total; perf: per CPU), rounded up to a power of two; default 64 MiB ring, 8 MiB perf. */
  bufferBytes?: number;
  /** false: no packets leave the kernel, flows and statistics only. Default true. */
  packets?: boolean;
  /** Flow table in the kernel. Default true. */
  flows?: boolean;
  /** Counters by verdict, protocol and size. Default true. */
  stats?: boolean;
  /** Flow table size (LRU: the least recently seen flow gives way). Default 65536. */
  maxFlows?: number;
}

/** What really happened for one target. */
export interface AttachmentInfo extends CaptureTarget {
  /** Index in CaptureOptions.targets = pcapng interface id. */
  target: number;
  ifindex: number;
  linkType: number;
  /** How it holds on: bpf_link (dies with the process), or a legacy clsact filter (journalled). */
  via: 'xdp-link' | 'tcx-link' | 'clsact';
  /** For xdp: the mode the kernel really used. */
  actualMode?: 'native' | 'generic';
  programId: number;
  /** Why auto did not take the first choice, in words. */
  note?: string;
}

/** Monotonic totals since the capture started. Sent = matched; captured + lost* = matched, exactly. */
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
}

export const ZERO_COUNTERS: CaptureCounters = {
  matchedPackets: 0,
  matchedBytes: 0,
  capturedPackets: 0,
  capturedBytes: 0,
  lostKernel: 0,
  lostPipe: 0,
  lostStore: 0,
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
  /** Wall clock of start, ns since the epoch, decimal; and of stop. */
  startedNs?: string;
  stoppedNs?: string;
  /** Why state is failed. */
  error?: ErrorData;
  /** Capture file that is being written or was opened: name only, never a path. */
  fileName?: string;
  fileBytes: number;
  /** Kernel rates over the last tick, per second. */
  pps: number;
  bitsPerSecond: number;
  flowCount: number;
}
