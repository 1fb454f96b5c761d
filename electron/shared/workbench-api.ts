/**
 * What the window and the command line ask of the session about programs, maps and links. Text is ready to show; bytes are Uint8Array. Long lists
 * come in windows. Everything typed comes from BTF, and is hexadecimal where there is none.
 */
import type { AttachedProgram } from './capture.ts';
import type { ErrorData } from './errors.ts';
import type { MapApiMethods } from './map-api.ts';
import type { MonitorApiMethods, TraceApiMethods } from './monitor-api.ts';
import type {
  AttachTarget,
  LinkInfo,
  LoadedObject,
  MapInfo,
  ProgramInfo,
  WorkbenchAttachment,
  WorkbenchMethods,
  XskEchoCounts,
} from './workbench.ts';

export type { MapApiMethods } from './map-api.ts';

/** A C type, as deep as its values go. */
export type CType =
  | { kind: 'int'; name: string; bytes: number; signed: boolean; encoding: 'number' | 'char' | 'bool' }
  | { kind: 'float'; name: string; bytes: number }
  | { kind: 'enum'; name: string; bytes: number; signed: boolean; values: { name: string; value: string }[] }
  | { kind: 'pointer'; name: string; bytes: 8 }
  | { kind: 'array'; name: string; bytes: number; of: CType; count: number }
  | { kind: 'struct' | 'union'; name: string; bytes: number; members: CMember[] }
  /** No BTF, or a type that has no values (functions, forward declarations). */
  | { kind: 'bytes'; name: string; bytes: number };
export interface CMember {
  name: string;
  type: CType;
  bitOffset: number;
  /** Of a bit-field; absent = the whole type. */
  bitSize?: number;
}

/** A decoded value: text of scalars (64-bit integers exactly), lists and records of them. */
export type CValue = string | CValue[] | { [member: string]: CValue };

export interface ProgramRow extends ProgramInfo {
  /** Over the last second, while statistics are on. */
  runsPerSecond?: number;
  nsPerRun?: number;
  cpuShare?: number;
  attached: string[];
}

export interface SourceLine {
  file: string;
  line: number;
  column: number;
  text: string;
}

export interface ListingLine {
  /** Slot of the instruction (xlated) or offset (jited). */
  at: number;
  text: string;
  /** Name of the function that begins here. */
  function?: string;
  /** First instruction of a source line. */
  source?: SourceLine;
  /** Slot or offset that it jumps to, in this listing. */
  target?: number;
  /** Map, program or helper that it names. */
  reference?: { kind: 'map' | 'function' | 'helper'; name: string; id?: number };
}

/** `to` '' = a program array that holds nothing now. */
export interface ProgramCall {
  from: string;
  to: string;
  kind: 'call' | 'tail-call' | 'map-program';
  /** Slot of the instruction that does it, or names the map. */
  at?: number;
  /** Of all but plain calls: the map that holds the program, its key there, and its id. */
  map?: { id: number; name: string };
  key?: number;
  programId?: number;
}

export interface ProgramDetail {
  program: ProgramRow;
  xlated: ListingLine[];
  jited: ListingLine[];
  /** Why one of them is empty. */
  note?: string;
  functions: { name: string; at: number; instructions: number }[];
  /** Function calls, tail calls (program arrays with what they hold) and programs of devmaps and cpumaps. */
  calls: ProgramCall[];
  links: LinkInfo[];
  maps: MapInfo[];
}

/** What stands in an object file, before it is loaded. */
export interface ObjectDescription {
  token: number;
  name: string;
  license: string;
  programs: {
    name: string;
    section: string;
    type: string;
    attach: string;
    instructions: number;
    /** Its section begins with "?": it is loaded only when it is chosen. */
    optional?: boolean;
    /** The type is what its section's name suggests (xdp_drop): libbpf does not know that name. */
    guessed?: boolean;
    source?: SourceLine;
  }[];
  maps: {
    name: string;
    type: string;
    keyBytes: number;
    valueBytes: number;
    maxEntries: number;
    keyType: CType;
    valueType: CType;
  }[];
  /** Global variables that can be set before loading. */
  variables: { name: string; section: string; offset: number; type: CType; value: CValue; constant: boolean }[];
  hasBtf: boolean;
}

export interface LoadRequest {
  token: number;
  /** Empty = all. */
  programs: string[];
  types: { program: string; type: string }[];
  variables: { name: string; value: CValue }[];
  mapSizes: { map: string; maxEntries: number }[];
  reuse: { map: string; id: number }[];
  pinDir?: string;
  logLevel: 0 | 1 | 2;
}

/** The verifier's log, read: one entry an instruction it went through. */
export interface VerifierLog {
  program: string;
  accepted: boolean;
  /** In order of the log; `states` are what it knew of the registers there, folded. */
  steps: { at: number; text: string; source?: SourceLine; states: string[] }[];
  /** The instruction that was refused. */
  refusedAt?: number;
  reason?: string;
  /** What people who met this message did about it. */
  hint?: string;
  summary: string[];
  raw: string;
}

export interface LoadOutcome {
  loaded?: LoadedObject;
  error?: ErrorData;
  logs: VerifierLog[];
}

export interface RunRequest {
  programId: number;
  /** Packets of the capture by number, or bytes. */
  packets?: number[];
  bytes?: Uint8Array;
  /** Of the runs that are timed. Verdict, bytes, map changes and printed lines are always those of one run, the first. */
  repeat: number;
  /** Socket filters: where their packet begins. On a packet socket with the frame, on a UDP or TCP socket behind its Ethernet header. */
  begin?: 'frame' | 'network';
}

export interface RunChange {
  /** Field name ("ip.src") and its name in words. */
  field: string;
  label: string;
  /** Undefined: it is not there. */
  before?: string;
  after?: string;
  /** Offset and length in the bytes before and after. */
  beforeAt?: readonly [number, number];
  afterAt?: readonly [number, number];
}

export interface RunMapChange {
  map: string;
  mapId: number;
  key: string;
  /** Path of what changed within the value; '' = all of it. */
  member: string;
  /** Undefined: there was (is) no such entry. */
  before?: string;
  after?: string;
}

export interface RunResult {
  /** Of the packet, when it is the capture's. */
  number?: number;
  programType: string;
  verdict: number;
  /** "XDP_TX", "TC_ACT_OK", "74 bytes let through", or the number. */
  verdictName: string;
  /** What becomes of the packet: colours and shapes follow it. */
  fate: 'pass' | 'drop' | 'tx' | 'redirect' | 'aborted' | 'other';
  /** Average of the timed runs. */
  nsPerRun: number;
  repeat: number;
  before: Uint8Array;
  after: Uint8Array;
  /** Runs of bytes of `after` that differ: offset and length. */
  changed: (readonly [number, number])[];
  changes: RunChange[];
  maps: RunMapChange[];
  /** bpf_printk lines of the first run. */
  printed: string[];
  /** What is to be known of this result: maps that were not compared, redirects that nobody followed… */
  notes: string[];
  error?: ErrorData;
}

export interface LibraryParameter {
  name: string;
  label: string;
  help: string;
  kind: 'number' | 'interface' | 'mac' | 'ipv4' | 'ipv6' | 'address' | 'mac-pairs' | 'port';
  required: boolean;
  fallback?: string;
  /** Of numbers. */
  min?: number;
  max?: number;
}

export interface LibraryEntry {
  name: string;
  title: string;
  /** Paragraphs. */
  about: string[];
  /** REFERENCE rows. */
  rows: string[];
  hooks: ('xdp' | 'tc-ingress' | 'tc-egress' | 'socket' | 'udp' | 'kprobe' | 'tracepoint')[];
  parameters: LibraryParameter[];
  /** Where it goes when nothing is said, of hooks that have names. */
  tracepoint?: string;
  kprobe?: string;
  /** false: made to be refused by the verifier. */
  loads: boolean;
}

export interface CompileResult {
  token?: number;
  errors: { line: number; column: number; severity: 'error' | 'warning' | 'note'; text: string }[];
  /** clang is not there. */
  missing?: boolean;
}

/** One hook of an interface: its programs in the order in which they run. */
export interface AttachChain {
  hook: AttachedProgram['hook'];
  programs: {
    id: number;
    name: string;
    mode?: 'native' | 'generic' | 'offload';
    /** TCX programs run before those of clsact. netlink: XDP without a link. */
    via: 'link' | 'netlink' | 'tcx' | 'clsact';
    linkId?: number;
    ours: boolean;
  }[];
}
/** An interface that has programs. */
export interface AttachPlace {
  ifname: string;
  netns?: string;
  chains: AttachChain[];
}

export interface ProgramList {
  programs: ProgramRow[];
  statistics: boolean;
  places: AttachPlace[];
}

/** Programs of this machine. */
export interface ProgramApiMethods {
  'programs.list': [params: Record<string, never>, result: ProgramList];
  'programs.statistics': [params: { on: boolean }, result: Record<string, never>];
  'programs.detail': [params: { id: number }, result: ProgramDetail];
}

/** What is attached and what is pinned. */
export interface LinkApiMethods {
  'links.list': [params: Record<string, never>, result: LinkInfo[]];
  'links.detach': [params: { linkId: number; expectedProgramId: number }, result: Record<string, never>];
  'attachments.list': [params: Record<string, never>, result: WorkbenchAttachment[]];
  'attachments.attach': [
    params: { programId: number; target: AttachTarget; replace?: { expectedId: number }; pin?: string },
    result: WorkbenchAttachment,
  ];
  'attachments.detach': [params: { attachmentId: number }, result: Record<string, never>];
  'attachments.detachFrom': [params: { target: AttachTarget; expectedId: number }, result: Record<string, never>];
  'pins.list': [
    params: Record<string, never>,
    result: { path: string; kind: 'program' | 'map' | 'link'; id: number }[],
  ];
  'pins.pin': [params: { kind: 'program' | 'map' | 'link'; id: number; name: string }, result: { path: string }];
  'pins.unpin': [params: { name: string }, result: Record<string, never>];
}

/** Object files that people open. */
export interface ObjectApiMethods {
  /** Bytes of an object file, as opened by the host or dropped. */
  'objects.open': [params: { name: string; bytes: Uint8Array }, result: ObjectDescription];
  'objects.load': [params: LoadRequest, result: LoadOutcome];
  'objects.close': [params: { objectId: number }, result: Record<string, never>];
  'objects.list': [params: Record<string, never>, result: { objectId: number; name: string; loaded: LoadedObject }[]];
}

/** Programs written here. */
export interface CodeApiMethods {
  'code.assemble': [params: { text: string }, result: { instructions: number; errors: CompileResult['errors'] }];
  'code.loadAssembly': [
    params: { text: string; name: string; type: string; license: string; logLevel: 0 | 1 | 2 },
    result: LoadOutcome,
  ];
  'code.compile': [params: { text: string; name: string }, result: CompileResult];
  'code.disassemble': [params: { id: number }, result: { text: string }];
}

/** The library that comes with xdpeek (bpf/library). */
export interface LibraryApiMethods {
  'library.list': [params: Record<string, never>, result: LibraryEntry[]];
  'library.source': [params: { name: string }, result: { text: string }];
  /** Opens the library's object with its parameters filled in; then `objects.load`. */
  'library.open': [params: { name: string; values: Record<string, string> }, result: ObjectDescription];
  'library.attach': [
    params: {
      name: string;
      values: Record<string, string>;
      target: AttachTarget;
      replace?: { expectedId: number };
      pin?: string;
    },
    result: { outcome: LoadOutcome; attachment?: WorkbenchAttachment },
  ];
}

export interface RunApiMethods {
  'run.packets': [params: RunRequest, result: RunResult[]];
}

/** As root's xskEchoStart takes it. */
export type XskEchoWish = WorkbenchMethods['xskEchoStart'][0];

export interface XskApiMethods {
  'xsk.echo.start': [params: XskEchoWish, result: Record<string, never>];
  /** null = none runs. */
  'xsk.echo.get': [params: Record<string, never>, result: { wish: XskEchoWish; counts: XskEchoCounts } | null];
  'xsk.echo.stop': [params: Record<string, never>, result: XskEchoCounts];
}

/** Groups that the session answers. */
export interface WorkbenchApiMethods
  extends LinkApiMethods,
    CodeApiMethods,
    LibraryApiMethods,
    MapApiMethods,
    MonitorApiMethods,
    TraceApiMethods,
    ObjectApiMethods,
    RunApiMethods,
    XskApiMethods,
    ProgramApiMethods {}
