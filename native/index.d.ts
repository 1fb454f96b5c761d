/**
 * The addon: a thin C++ layer (node-addon-api, Node-API only) over libbpf, netlink and ethtool. No policy here.
 * Loaded by privileged (everything) and, without privilege, by processes of the user's: to describe object files, to list a filter's code, for the demo's frames.
 * Every throw is an Error with { code: 'EBUSY', errno: 16, tried: 'attach …', hint?: '…' } (electron/shared/errors.ts).
 * Objects own kernel resources: close() is idempotent, any later call throws code 'CLOSED', GC closes too.
 */
import type {
  AttachmentInfo,
  BufferKind,
  Capabilities,
  CaptureCounters,
  CaptureTarget,
  CompiledFilter,
  InterfaceInfo,
  XdpMode,
} from '../electron/shared/capture.ts';
import type {
  AttachRequest,
  AttachTarget,
  LinkInfo,
  LoadedProgram,
  MapInfo,
  MonitorCounts,
  ProgramInfo,
  UpdateMode,
  WorkbenchAttachment,
  XskEchoCounts,
} from '../electron/shared/workbench.ts';

export interface AddonVersion {
  addon: string;
  libbpf: string;
  napi: number;
}
export function version(): AddonVersion;

/** Probes once; never loads anything that stays. Without privilege the program-type probes say false. */
export function probe(): Capabilities;

/**
 * Interfaces by rtnetlink, in this namespace (undefined), in one (`name` under /run/netns or `pid:N`), or in all that
 * /run/netns names plus this one ("*"). Names are checked (no '/', '%', '..', control bytes; ≤ 255). The calling thread's
 * namespace is never changed (a short-lived thread enters it).
 */
export function interfaces(netns?: string): InterfaceInfo[];

/** Whether this process was started by one that had limited itself: it cannot gain privileges. */
export function isLimited(): boolean;
/** Leaves the calling thread, and what it execs, with these capabilities at most, and no way to more. Other threads keep theirs until then. */
export function limitCapabilities(keep: number[]): void;
/** From then on, in all threads: no exec, no ptrace, no modules, mknod, chown, clocks… (EPERM). Cannot be undone. */
export function filterSystemCalls(): void;

/**
 * The only writer of `fd`. A bounded queue in native memory and one writer thread: `write` never blocks and throws
 * code 'ENOBUFS' when control bytes alone exceed the bound; packet frames from a Capture are dropped and counted instead.
 */
export class FrameWriter {
  constructor(options: { fd: number; queueBytes: number });
  /** Queues one frame (header added here, electron/shared/wire.ts). The payload is copied. */
  write(type: number, payload: Uint8Array): void;
  /** The fd failed (EPIPE, ENOSPC…): called once on the JS thread; packet frames are refused from then on. */
  onError(listener: (error: Error) => void): void;
  /** Resolves when everything queued so far is written, or the fd failed. */
  flush(): Promise<void>;
  close(): void;
}

export interface CaptureConfig {
  captureId: number;
  targets: CaptureTarget[];
  snaplen: number;
  buffer: BufferKind;
  /** As CaptureOptions; 0 = the default of the transport that is used. */
  bufferBytes: number;
  packets: boolean;
  flows: boolean;
  stats: boolean;
  maxFlows: number;
  /** 1 in so many is captured. */
  sample: number;
  /** Validated again before translation. Its text goes into the interface blocks. */
  filter?: CompiledFilter;
  /** Folder with the BPF objects (absolute; chosen by privileged's own code, never by a client). */
  bpfDir: string;
  /** Where PACKETS frames go. */
  writer: FrameWriter;
  creditBytes: number;
  /** Written into the pcapng section header. */
  application: string;
  /** Root-owned folder of `cleanStale`; without it, clsact filters are not journalled. */
  journalDir?: string;
  /** Take the way of kernels without TCX (tests of it on newer ones). */
  forceClsact?: boolean;
}

export class Capture {
  /** Loads and attaches; on any failure everything done so far is undone and the error says what was tried. */
  constructor(config: CaptureConfig);
  readonly attachments: AttachmentInfo[];
  /** Epoch ns, decimal. */
  readonly startedNs: string;
  /** The transport `auto` chose. */
  readonly bufferUsed: 'perf' | 'ring' | 'mapped';
  counters(): CaptureCounters;
  grantCredit(bytes: number): void;
  /** Swaps the filter between two packets; on failure the old one stays. */
  setFilter(filter: CompiledFilter | undefined): void;
  /** The whole flow table as xdpeek_flow_record (batch reads, per-CPU values summed); at most maxFlows records. */
  readFlows(): Uint8Array;
  /** cpusPossible × xdpeek_stats. */
  readStats(): Uint8Array;
  /** bpf clock now in ns since the epoch, decimal: the time base of both snapshots. */
  clockNs(): string;
  /** Something worth telling that does not end the capture (interface down, renamed, moved, MTU changed). JS thread. */
  onNotice(listener: (text: string) => void): void;
  /** Called once on the JS thread if an attachment vanishes or the interface goes away. */
  onFailure(listener: (error: Error) => void): void;
  /** Detaches, drains what the kernel buffer still holds, writes pcapng interface statistics, joins the thread. Idempotent. */
  stop(): CaptureCounters;
  close(): void;
}

/**
 * Removes legacy clsact filters that a dead xdpeek left behind, as journalled in `journalDir` (root-owned). Only ones
 * whose program id and tag still match. Returns what was removed, one line each.
 */
export function cleanStale(journalDir: string): string[];

/**
 * Sends raw frames out of an interface through AF_PACKET (demo traffic and tests; needs CAP_NET_RAW in that namespace).
 * Returns how many were sent. `intervalUs` paces them; blocks a worker, not the event loop.
 */
export function sendFrames(options: {
  ifname: string;
  netns?: string;
  frames: Uint8Array[];
  intervalUs?: number;
  repeat?: number;
}): Promise<number>;

/** How a filter's program reaches packet bytes: XDP, tc (VLAN tags in metadata), packet socket, fentry. */
export type FilterContext = 'xdp' | 'tc' | 'socket' | 'tracing';

/**
 * Validates classic BPF (CompiledFilter.programs[].code) and translates it. Returns struct bpf_insn × n, as it would be loaded. Needs
 * no privilege. Throws code FILTER for what the validator refuses.
 */
export function translateFilter(code: number[], context: FilterContext): Uint8Array;

/**
 * Loads the filter as a program of its own ('xdp' or 'tc') and runs it in the kernel on each packet (BPF_PROG_TEST_RUN).
 * One byte a packet: 1 match, 0 no match, 255 the kernel cannot run such a packet (under 14 bytes, or too long). Needs privilege.
 */
export function runFilter(code: number[], context: 'xdp' | 'tc', packets: Uint8Array[]): Uint8Array;

// ── Workbench: what is in the kernel (native/src/kernel_*, user_object*, program_*). Needs CAP_BPF and CAP_SYS_ADMIN; EPERM otherwise. ──

/** By the kernel's ids; what goes away while we look is left out. `ours` = loaded by this process. */
export function programs(): ProgramInfo[];
export function links(): LinkInfo[];
export function maps(): MapInfo[];
/** All of bpffs below /sys/fs/bpf, at most 10,000 entries, links not followed. */
export function pins(): { path: string; kind: 'program' | 'map' | 'link'; id: number }[];
/** Raw records of bpf_prog_info. Throws ENOENT for an id that is gone. */
export function programCode(id: number): {
  xlated: Uint8Array;
  jited: Uint8Array;
  lineInfo: Uint8Array;
  funcInfo: Uint8Array;
  jitedKsyms: string[];
  jitedLengths: number[];
  jitedLineInfo: string[];
  btfId: number;
  /** Kernel functions that it calls, by the number in the instruction; empty where the kernel hides its addresses. */
  symbols: { immediate: number; name: string }[];
};
export function btf(id: number): { data: Uint8Array; base: string; name: string };
/** Run counts of all programs are kept until it is closed (BPF_ENABLE_STATS). */
export class RunStatistics {
  constructor();
  close(): void;
}

/**
 * Entries behind `cursor` (empty = from the beginning): by BPF_MAP_LOOKUP_BATCH where map and kernel have it, else by get_next_key, which goes on
 * from the beginning when its key was deleted, at most max_entries keys in all. The cursor is opaque: batch token or key. Values of
 * per-CPU maps are roundup(value_size, 8) × possible CPUs.
 */
export function mapRead(
  id: number,
  cursor: Uint8Array,
  count: number,
): { keys: Uint8Array; values: Uint8Array; count: number; valueBytes: number; cursor: Uint8Array };
/** null = no such key. An empty key peeks at queues and stacks. Throws EINVAL, saying the right length, for keys and values of another one. */
export function mapLookup(id: number, key: Uint8Array): Uint8Array | null;
/**
 * Per-CPU maps take one value (for every CPU) or all of them. Where the kernel takes an fd (program arrays, maps of maps) the value is an id.
 * Queues and stacks: empty key = push. `netns`: where the interfaces that a devmap's value names are.
 */
export function mapUpdate(id: number, key: Uint8Array, value: Uint8Array, mode: UpdateMode, netns?: string): void;
export function mapDelete(id: number, key: Uint8Array): void;
export function mapPop(id: number): Uint8Array | null;
export function bufferFill(id: number): { waitingBytes: number; sizeBytes: number };

/** Under /sys/fs/bpf/xdpeek (0700, made when needed); names are checked by root's door. EEXIST when taken. */
export function pin(kind: 'program' | 'map' | 'link', id: number, name: string): string;
export function unpin(name: string): void;

/** An object file loaded from bytes, or instructions. Its programs and maps live until it is closed, or longer by attachments and pins. */
export class WorkbenchObject {
  /**
   * Opens with libbpf and loads. Refused by the verifier: code VERIFIER with `log`; not an ELF, truncated, other architecture or byte order, without
   * BTF where it is needed, unknown program or map, wrong variable, map to reuse that differs: codes and words of their own.
   */
  constructor(
    options:
      | {
          bytes: Uint8Array;
          name: string;
          programs: string[];
          types: { program: string; type: string }[];
          variables: { section: string; offset: number; data: Uint8Array }[];
          mapSizes: { map: string; maxEntries: number }[];
          reuse: { map: string; id: number }[];
          pinDir?: string;
          logLevel: number;
        }
      | {
          code: Uint8Array;
          name: string;
          type: string;
          attachType?: string;
          license: string;
          maps: { slot: number; id: number }[];
          logLevel: number;
        }
      | {
          type: string;
          name: string;
          keyBytes: number;
          valueBytes: number;
          maxEntries: number;
          flags: number;
          inner?: number;
        },
  );
  readonly programs: LoadedProgram[];
  readonly maps: { name: string; id: number }[];
  readonly log: string;
  close(): void;
}

/** What stands in an object file; nothing is loaded, no privilege is needed: called in the session. */
export function describeObject(bytes: Uint8Array): {
  programs: {
    name: string;
    section: string;
    type: string;
    attach: string;
    instructions: number;
    code: Uint8Array;
  }[];
  maps: {
    name: string;
    type: string;
    keyBytes: number;
    valueBytes: number;
    maxEntries: number;
    keyTypeId: number;
    valueTypeId: number;
  }[];
  /** Sections of global variables (".rodata", ".data", ".bss"): their initial bytes. */
  sections: { name: string; data: Uint8Array; constant: boolean }[];
  btf: Uint8Array;
};

/** A program on its hook. Destroyed or closed = detached, unless pinned. */
export class ProgramAttachment {
  /** `objects`: where a program with its target in the object itself is looked for. Throws as Capture does, with hints in words. */
  constructor(request: AttachRequest, objects: WorkbenchObject[]);
  readonly info: Omit<WorkbenchAttachment, 'attachmentId'>;
  /** Empty while it holds; else why it does not any more. */
  lostBecause(): string;
  close(): void;
}
/** Anybody's, only while the program there is `expectedId` (ESTALE otherwise, saying which one is). */
export function detachFrom(target: AttachTarget, expectedId: number): void;
export function linkDetach(linkId: number, expectedProgramId: number): void;

/** BPF_PROG_TEST_RUN on a thread of its own. */
export function programRun(options: {
  id: number;
  data: Uint8Array;
  repeat: number;
  ifindex?: number;
  queue?: number;
}): Promise<{ verdict: number; durationNs: number; data: Uint8Array; thread: number }>;

/** Follows the kernel's trace pipe on a thread of its own. */
export class TracePipe {
  constructor(listener: (lines: string[], lost: number) => void);
  close(): void;
}

/** bpf/monitor.bpf.o on the XDP tracepoints, skb:kfree_skb and the execve tracepoint. What the kernel lacks is in `missing`, not an error. */
export class Monitor {
  constructor(options: { bpfDir: string });
  readonly missing: string[];
  read(): MonitorCounts;
  close(): void;
}

/** ICMP and ICMPv6 echo responder on AF_XDP sockets, one a queue; frames are answered in place (leased from the UMEM, no copy). */
export class XskEcho {
  constructor(options: {
    ifname: string;
    netns?: string;
    mode: XdpMode;
    zeroCopy: 'auto' | 'yes' | 'no';
    threads: 'one' | 'each';
    /** What is handed to the sockets: xsk_echo_reply's pings, or xsk_alternate's every second packet. */
    takes?: 'pings' | 'every-second';
    bpfDir: string;
  });
  counts(): XskEchoCounts;
  close(): void;
}
