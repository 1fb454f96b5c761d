/**
 * One packet through one program (BPF_PROG_TEST_RUN). The first run is looked at: verdict, bytes, what it did to its maps, what it printed.
 * Then it is run as often as was asked for, for the time a run takes; the kernel gives each of those the packet as the one before left it.
 */
import { packetChanges } from '../../packets/bpf/packet-changes.ts';
import { RUNNABLE_TYPES, verdictOf } from '../../packets/bpf/verdicts.ts';
import { changedBytes } from '../../packets/pcap/observed.ts';
import { XdpeekError } from '../../shared/errors.ts';
import type { MapInfo, ProgramInfo, RunOutcome } from '../../shared/workbench.ts';
import type { RunResult } from '../../shared/workbench-api.ts';
import { MapsBefore } from './run-maps.ts';
import { Printed } from './run-printed.ts';
import type { Workbench } from './workbench.ts';

const ETHERNET_BYTES = 14;
export const PACKET_MAX_BYTES = 64 << 10;

export interface RunOptions {
  repeat: number;
  begin?: 'frame' | 'network';
}

/** What is known of a program before packets are run: asked for once for all of them. */
export interface Runner {
  program: ProgramInfo;
  maps: MapInfo[];
  notes: string[];
}

export async function runnerOf(workbench: Workbench, programId: number): Promise<Runner> {
  const program = (await workbench.request('programs', {})).find(({ id }) => id === programId);
  if (!program)
    throw new XdpeekError({
      code: 'ENOENT',
      message: `there is no program ${programId}`,
      hint: 'Programs go when nobody holds them any more: list them again.',
    });
  if (!RUNNABLE_TYPES.includes(program.type))
    throw new XdpeekError({
      code: 'EOPNOTSUPP',
      message: `${program.name || `program ${programId}`} is of type ${program.type}: such programs are not run on packets`,
      hint: 'XDP, tc and socket filter programs are.',
    });
  const ids = new Set(program.mapIds);
  const maps = (await workbench.request('maps', {})).filter(({ id }) => ids.has(id));
  const notes: string[] = [];
  const links = (await workbench.request('links', {})).filter((link) => link.programId === programId);
  if (links.length > 0)
    notes.push(`the program is attached too (${links[0]!.target}): its maps may show what other packets did`);
  const arrays = maps.filter(({ type }) => type === 'prog_array');
  if (arrays.length > 0)
    notes.push(
      `tail calls through ${arrays.map(({ name, id }) => name || id).join(', ')} were followed: verdict and bytes are those of the last program`,
    );
  return { program, maps, notes };
}

export async function runPacket(
  workbench: Workbench,
  { program, maps, notes: known }: Runner,
  bytes: Uint8Array,
  { repeat, begin = 'frame' }: RunOptions,
): Promise<RunResult> {
  const { id, type } = program;
  checkLength(bytes);
  const filter = type === 'socket_filter';
  const data = Buffer.from(filter && begin === 'frame' ? behindHeader(bytes) : bytes).toString('base64');
  const before = new MapsBefore(workbench);
  await before.take(maps);
  const notes = [...known];
  const printed = await Printed.follow(workbench).catch((error: Error) => {
    notes.push(`printed lines cannot be read: ${error.message}`);
    return undefined;
  });
  let first: RunOutcome;
  let lines: string[] = [];
  try {
    first = await workbench.request('programRun', { id, data, repeat: 1 });
    if (printed) lines = await printed.of(first.thread);
  } finally {
    await printed?.end();
  }
  const mapChanges = await before.changes();
  const timed = repeat > 1 ? await workbench.request('programRun', { id, data, repeat }) : first;
  // The kernel puts zeros where the header of a socket filter's packet was; the program cannot change it.
  const after = filter ? bytes : new Uint8Array(Buffer.from(first.data, 'base64'));
  const seen = filter && begin === 'network' ? bytes.length - ETHERNET_BYTES : bytes.length;
  const { name, fate } = verdictOf(type, first.verdict, seen);
  if (fate === 'redirect') notes.push('a test run sends nothing: where the packet is redirected to was not looked at');
  return {
    programType: type,
    verdict: first.verdict,
    verdictName: name,
    fate,
    nsPerRun: timed.durationNs,
    repeat,
    before: bytes,
    after,
    changed: changedBytes(bytes, after),
    changes: packetChanges(bytes, after),
    maps: mapChanges,
    printed: lines,
    notes: [...notes, ...before.notes],
  };
}

/** The kernel takes a header off the front of what it is given: a copy of it goes there, and the filter sees the whole frame as on a packet socket. */
function behindHeader(bytes: Uint8Array): Uint8Array {
  const all = new Uint8Array(bytes.length + ETHERNET_BYTES);
  all.set(bytes.subarray(0, ETHERNET_BYTES));
  all.set(bytes, ETHERNET_BYTES);
  return all;
}

function checkLength({ length }: Uint8Array): void {
  if (length < ETHERNET_BYTES)
    throw new XdpeekError({
      code: 'EINVAL',
      message: `the packet has ${length} ${length === 1 ? 'byte' : 'bytes'}: the kernel runs none under ${ETHERNET_BYTES}`,
      hint: 'Give it at least its Ethernet header: destination, source and type.',
    });
  if (length > PACKET_MAX_BYTES)
    throw new XdpeekError({
      code: 'E2BIG',
      message: `the packet has ${length} bytes; at most ${PACKET_MAX_BYTES} can be run`,
    });
}
