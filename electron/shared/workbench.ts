/**
 * The workbench: programs, maps and links of this machine's kernel, objects that people bring, and what can be asked of the root process in
 * role `workbench`. Plain JSON data; bytes are base64 where they cross the privileged pipe. Ids are the kernel's. Times are ns since the epoch, decimal.
 */
import type { Hook, TcxOrder, XdpMode } from './capture.ts';

export type Base64 = string;

/** Process that holds a program, map or link open. */
export interface Holder {
  pid: number;
  comm: string;
}

export interface ProgramInfo {
  id: number;
  /** libbpf's name of the type: xdp, sched_cls, kprobe, tracing, socket_filter… */
  type: string;
  /** The whole name from BTF where there is one; the kernel keeps 15 characters. */
  name: string;
  tag: string;
  /** User who loaded it. */
  uid: number;
  loadedNs: string;
  gpl: boolean;
  mapIds: number[];
  btfId: number;
  instructions: number;
  xlatedBytes: number;
  jitedBytes: number;
  memoryBytes: number;
  /** Instructions that the verifier went through. */
  verified: number;
  /** Since it was loaded, while statistics were on. */
  runCount: number;
  runTimeNs: number;
  holders: Holder[];
  /** Paths in bpffs. */
  pinned: string[];
  /** Loaded by this xdpeek. */
  ours: boolean;
}

export interface LinkInfo {
  id: number;
  /** xdp, tcx, tracing, perf_event, raw_tracepoint, cgroup, netfilter, netkit, kprobe_multi… */
  type: string;
  programId: number;
  /** Where it holds on, in words: "xdp on veth0 (netns blue)", "tracepoint xdp:xdp_exception". */
  target: string;
  ifindex?: number;
  ifname?: string;
  netns?: string;
  attachType?: string;
  holders: Holder[];
  pinned: string[];
  ours: boolean;
}

export interface MapInfo {
  id: number;
  /** libbpf's name: hash, percpu_array, lpm_trie, queue, prog_array, devmap, xskmap, hash_of_maps, ringbuf… */
  type: string;
  name: string;
  keyBytes: number;
  valueBytes: number;
  maxEntries: number;
  flags: number;
  memoryBytes: number;
  frozen: boolean;
  btfId: number;
  btfKeyTypeId: number;
  btfValueTypeId: number;
  programIds: number[];
  holders: Holder[];
  pinned: string[];
  ours: boolean;
}

/** Raw records of the kernel's program info; the session makes text of them. Absent where the kernel shows none. */
export interface ProgramCode {
  /** struct bpf_insn × n after the verifier's rewriting. */
  xlated: Base64;
  jited: Base64;
  /** struct bpf_line_info × n, struct bpf_func_info × n. */
  lineInfo: Base64;
  funcInfo: Base64;
  /** u64 × n; u32 × n: where each function's machine code is, and how long. */
  jitedKsyms: string[];
  jitedLengths: number[];
  /** u64 × n: address of each source line's machine code. */
  jitedLineInfo: string[];
  btfId: number;
  /** Kernel functions that it calls, by the number in the instruction; empty where the kernel hides its addresses. */
  symbols: { immediate: number; name: string }[];
}

/** What a program can be attached to. */
export type AttachTarget =
  | {
      kind: 'interface';
      ifname: string;
      netns?: string;
      hook: Extract<Hook, 'xdp' | 'tc-ingress' | 'tc-egress'>;
      mode?: XdpMode;
      order?: TcxOrder;
    }
  /** "xdp:xdp_exception", "syscalls:sys_enter_execve". */
  | { kind: 'tracepoint'; name: string; raw?: boolean }
  | { kind: 'kprobe'; function: string; atReturn?: boolean }
  /** On a packet socket bound to the interface; what it lets through is counted, and dropped. */
  | { kind: 'socket'; ifname: string; netns?: string }
  /** On a UDP socket of xdpeek's that listens on every address; what comes through is thrown away. */
  | { kind: 'udp'; port: number; netns?: string }
  /** fentry/fexit and others whose target is in the object itself. */
  | { kind: 'object' };

export interface AttachRequest {
  programId: number;
  target: AttachTarget;
  /** Replace what is attached there now; only if it is still this program. 0 = whatever it is (--force). */
  replace?: { expectedId: number };
  /** Stays attached when xdpeek ends: the link is pinned under this name in xdpeek's own folder of bpffs. */
  pin?: string;
}

export interface WorkbenchAttachment {
  attachmentId: number;
  programId: number;
  target: AttachTarget;
  linkId: number;
  via: string;
  actualMode?: 'native' | 'generic' | 'offload';
  note?: string;
  /** What it took the place of. */
  replacedId?: number;
  pin?: string;
}

export interface LoadedProgram {
  name: string;
  section: string;
  type: string;
  id: number;
}

export interface LoadedObject {
  objectId: number;
  programs: LoadedProgram[];
  maps: { name: string; id: number }[];
  /** What the verifier said of each program (as much as was asked for). */
  log: string;
}

/** Most bytes of an object file or a program's code. */
export const OBJECT_MAX_BYTES = 16 << 20;
/** Raw bytes of one upload request; base64 and its envelope stay below MAX_REQUEST_BYTES. */
export const UPLOAD_PIECE_BYTES = 128 << 10;
/** What the AF_XDP responder's program hands to its sockets: pings (xsk_echo_reply), or every second packet (xsk_alternate), of which pings are answered. */
export const XSK_TAKES = ['pings', 'every-second'] as const;
export const MAP_READ_MAX = 65_536;
/** xdpeek's own folder of bpffs. */
export const PIN_FOLDER = '/sys/fs/bpf/xdpeek';
/** Names under xdpeek's own folder of bpffs: one component, or a folder and one. */
export const PIN_NAME = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,62}(\/[A-Za-z0-9_][A-Za-z0-9_-]{0,62})?$/;

/** Kinds of map update: as BPF_ANY, BPF_NOEXIST, BPF_EXIST. */
export type UpdateMode = 'any' | 'new' | 'existing';

export interface RunOutcome {
  /** What the program returned. */
  verdict: number;
  /** Average of one run. */
  durationNs: number;
  /** The packet as it left the program. */
  data: Base64;
  /** Thread that ran it, as the trace pipe names it. */
  thread: number;
}

/** Per CPU, monotonic since the monitor began (bpf/events.h xdpeek_monitor_*). Index = CPU. */
export interface MonitorCounts {
  clockNs: string;
  /** errno → count; 0 = redirected. */
  redirect: { cpu: number; error: number; count: number }[];
  exceptions: { cpu: number; action: number; count: number }[];
  cpumapEnqueue: { cpu: number; toCpu: number; processed: number; drops: number; batches: number }[];
  cpumapKthread: { cpu: number; processed: number; drops: number; scheduled: number; batches: number }[];
  /** `lastError`: errno of the last batch that the driver refused; 0 = none was. */
  devmap: {
    cpu: number;
    from: number;
    to: number;
    sent: number;
    drops: number;
    batches: number;
    errors: number;
    lastError: number;
  }[];
  /** skb:kfree_skb: reason number, where in the kernel (address and symbol), protocol. */
  drops: { reason: number; reasonName: string; place: string; protocol: number; count: number }[];
  execs: number;
  /** What could not be attached here, in words. */
  missing: string[];
}

export interface XskEchoCounts {
  queues: {
    queue: number;
    mode: 'copy' | 'zero-copy';
    received: number;
    answered: number;
    /** Not to be answered: its memory went back. */
    ignored: number;
    /** Could not be sent: the ring was full. */
    txFull: number;
    /** Of the socket's own statistics: no memory for a packet, no room in its ring. */
    fillEmpty: number;
    rxDropped: number;
  }[];
}

/** Root's vocabulary in role `workbench`, beside hello, capabilities, interfaces and shutdown. */
export interface WorkbenchMethods {
  programs: [params: Record<string, never>, result: ProgramInfo[]];
  links: [params: Record<string, never>, result: LinkInfo[]];
  maps: [params: Record<string, never>, result: MapInfo[]];
  /** Everything in bpffs: path, kind and id. */
  pins: [params: Record<string, never>, result: { path: string; kind: 'program' | 'map' | 'link'; id: number }[]];
  programCode: [params: { id: number }, result: ProgramCode];
  /** Raw BTF of the kernel's id; `base` = the BTF that it builds on ("vmlinux") or ''. */
  btf: [params: { id: number }, result: { data: Base64; base: string; name: string }];
  /** Run counts and times of all programs are kept while this process has them on. */
  statistics: [params: { on: boolean }, result: null];

  /**
   * Up to `count` entries behind `cursor` ('' = from the beginning). Values of per-CPU maps: one of 8-byte multiple length a possible CPU.
   * An empty cursor in the answer is the end. Concurrent deletes cost neither an error nor an endless loop.
   */
  mapRead: [
    params: { id: number; cursor: Base64; count: number },
    result: { keys: Base64; values: Base64; count: number; valueBytes: number; cursor: Base64 },
  ];
  /** null = there is no such key. Queues and stacks: key '' peeks. */
  mapLookup: [params: { id: number; key: Base64 }, result: { value: Base64 | null }];
  /** `netns`: where the interfaces that a devmap's value names are. */
  mapUpdate: [params: { id: number; key: Base64; value: Base64; mode: UpdateMode; netns?: string }, result: null];
  /** prog_array, devmap, hash_of_maps…: values that are fds in the kernel's API are ids here (u32). */
  mapDelete: [params: { id: number; key: Base64 }, result: null];
  mapPop: [params: { id: number }, result: { value: Base64 | null }];
  /** Ring and perf buffers: bytes that wait, size, and positions. */
  bufferFill: [params: { id: number }, result: { waitingBytes: number; sizeBytes: number }];

  pin: [params: { kind: 'program' | 'map' | 'link'; id: number; name: string }, result: { path: string }];
  unpin: [params: { name: string }, result: null];

  /** Pieces in order of `offset`; `size` the same in each. */
  upload: [params: { token: number; offset: number; size: number; data: Base64 }, result: null];
  objectLoad: [
    params: {
      token: number;
      name: string;
      /** Empty = all. Others of the object are left out. */
      programs: string[];
      /** Program → type ("xdp", "sched_cls"…) where its section does not say. */
      types: { program: string; type: string }[];
      /** Global variables (.rodata, .data, .bss) → their bytes. */
      variables: { section: string; offset: number; data: Base64 }[];
      mapSizes: { map: string; maxEntries: number }[];
      /** The map of this name is an existing one. Type, key, value and max_entries must be equal. */
      reuse: { map: string; id: number }[];
      /** Maps are pinned under this folder of xdpeek's own in bpffs; those that are pinned there already are used again. */
      pinDir?: string;
      logLevel: 0 | 1 | 2;
    },
    result: LoadedObject,
  ];
  /** Instructions without an object. `maps`: their ids by the number that stands in the fd slots. */
  codeLoad: [
    params: {
      token: number;
      name: string;
      type: string;
      attachType?: string;
      license: string;
      maps: { slot: number; id: number }[];
      logLevel: 0 | 1 | 2;
    },
    result: LoadedObject,
  ];
  mapCreate: [
    params: {
      type: string;
      name: string;
      keyBytes: number;
      valueBytes: number;
      maxEntries: number;
      flags: number;
      /** Id of the map that those in a map of maps are like. */
      inner?: number;
    },
    result: { objectId: number; id: number },
  ];
  objectClose: [params: { objectId: number }, result: null];
  attach: [params: AttachRequest, result: WorkbenchAttachment];
  attachments: [params: Record<string, never>, result: WorkbenchAttachment[]];
  /** One of ours. */
  detach: [params: { attachmentId: number }, result: null];
  /** Anybody's, only while the program there is `expectedId`. */
  detachFrom: [params: { target: AttachTarget; expectedId: number }, result: null];
  linkDetach: [params: { linkId: number; expectedProgramId: number }, result: null];

  /** BPF_PROG_TEST_RUN. `ifindex`/`queue`: of the XDP context, where the kernel takes it. */
  programRun: [
    params: { id: number; data: Base64; repeat: number; ifindex?: number; queue?: number },
    result: RunOutcome,
  ];

  /** Events `trace` carry lines of the kernel's trace pipe from then on. */
  traceStart: [params: Record<string, never>, result: null];
  traceStop: [params: Record<string, never>, result: null];
  monitorStart: [params: Record<string, never>, result: { missing: string[] }];
  monitorRead: [params: Record<string, never>, result: MonitorCounts];
  monitorStop: [params: Record<string, never>, result: null];
  /** Answers ICMP and ICMPv6 echo requests by AF_XDP sockets, one a queue. */
  xskEchoStart: [
    params: {
      ifname: string;
      netns?: string;
      mode: XdpMode;
      zeroCopy: 'auto' | 'yes' | 'no';
      threads: 'one' | 'each';
      takes?: (typeof XSK_TAKES)[number];
    },
    result: null,
  ];
  xskEchoRead: [params: Record<string, never>, result: XskEchoCounts];
  xskEchoStop: [params: Record<string, never>, result: XskEchoCounts];
}

export type WorkbenchEvent =
  | { event: 'trace'; lines: string[]; lost: number }
  /** An attachment of ours is gone: replaced, its interface deleted. */
  | { event: 'attachmentLost'; attachmentId: number; reason: string };
