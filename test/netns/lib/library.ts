/**
 * Programs of the library on real interfaces, through the session's own code and the built root process; what they leave in their maps is read by the addon, what
 * happened on the wire by tcpdump and tshark.
 */

import { findLayout } from '../../../electron/session/layout.ts';
import { PrivilegedAccess } from '../../../electron/session/privileged/access.ts';
import { attachLibrary, type LibraryValues } from '../../../electron/session/workbench/library.ts';
import { Workbench } from '../../../electron/session/workbench/workbench.ts';
import type { AttachTarget } from '../../../electron/shared/workbench.ts';
import { addon } from './addon.ts';
import { run } from './process.ts';

export interface Place {
  netns: string;
  ifname: string;
}

export interface Attached {
  programId: number;
  mode: string | undefined;
  /** Map of the object → its id. */
  maps: Record<string, number>;
  /** Program of the object → its id. */
  programs: Record<string, number>;
  /** Packets by verdict since it was attached. */
  verdicts(): Record<string, number>;
  detach(): Promise<void>;
}

export interface Lab {
  workbench: Workbench;
  attach(name: string, at: Place, values?: LibraryValues, mode?: 'native' | 'generic'): Promise<Attached>;
  attachTo(name: string, target: AttachTarget, values?: LibraryValues): Promise<Attached>;
}

const VERDICTS = ['aborted', 'drop', 'pass', 'tx', 'redirect'];

export async function withLibrary<T>(body: (lab: Lab) => Promise<T>): Promise<T> {
  const access = new PrivilegedAccess(findLayout());
  const workbench = new Workbench(access);
  const lab: Lab = {
    workbench,
    attach: (name, { netns, ifname }, values, mode = 'native') =>
      lab.attachTo(name, { kind: 'interface', netns, ifname, hook: 'xdp', mode }, values),
    attachTo: async (name, target, values = {}) => {
      const { outcome, attachment } = await attachLibrary(workbench, name, values, { target });
      if (!outcome.loaded || !attachment) throw new Error(`${name} did not load: ${outcome.error?.message}`);
      const { loaded } = outcome;
      const maps = Object.fromEntries(loaded.maps.map((map) => [map.name, map.id]));
      return {
        programId: attachment.programId,
        mode: attachment.actualMode,
        maps,
        programs: Object.fromEntries(loaded.programs.map((program) => [program.name, program.id])),
        verdicts: () => {
          const counts = countersOf(maps['verdicts']!, u32Key);
          return Object.fromEntries(
            VERDICTS.map((word, i) => [word, counts.get(String(i))?.[0] ?? 0]).filter(([, n]) => n !== 0),
          );
        },
        detach: async () => {
          await workbench.request('detach', { attachmentId: attachment.attachmentId });
          await workbench.objects.close(loaded.objectId);
        },
      };
    },
  };
  try {
    return await body(lab);
  } finally {
    await access.close();
  }
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
export const u8Key = (key: Uint8Array): string => String(key[0]);
export const u16Key = (key: Uint8Array): string => String(viewOf(key).getUint16(0, true));
export const u32Key = (key: Uint8Array): string => String(viewOf(key).getUint32(0, true));
/** Two u32: "depth/id". */
export const pairKey = (key: Uint8Array): string =>
  `${viewOf(key).getUint32(0, true)}/${viewOf(key).getUint32(4, true)}`;

/** Every entry whose value is made of u64 numbers: key → those, summed over the CPUs where the map has one a CPU. */
export function countersOf(id: number, nameOf: (key: Uint8Array) => string): Map<string, number[]> {
  const info = addon.maps().find((map) => map.id === id);
  if (!info) throw new Error(`map ${id} is gone`);
  const { keys, values, count, valueBytes } = addon.mapRead(id, new Uint8Array(), 65_536);
  const width = info.valueBytes / 8;
  const copies = valueBytes / info.valueBytes;
  return new Map(
    Array.from({ length: count }, (_, i) => {
      const view = viewOf(values.subarray(i * valueBytes, (i + 1) * valueBytes));
      const sums = Array.from({ length: width }, (_, word) =>
        Array.from({ length: copies }, (_, cpu) => Number(view.getBigUint64(8 * (cpu * width + word), true))).reduce(
          (sum, each) => sum + each,
        ),
      );
      return [nameOf(keys.subarray(i * info.keyBytes, (i + 1) * info.keyBytes)), sums];
    }),
  );
}

/** Fields of each packet of a pcap file by tshark, with every checksum checked. */
export async function checkedFields(file: string, fields: readonly string[]): Promise<string[][]> {
  const checks = ['ip', 'tcp', 'udp'].flatMap((name) => ['-o', `${name}.check_checksum:TRUE`]);
  const out = await run('tshark', [
    ...['-n', '-r', file, ...checks, '-T', 'fields', '-E', 'occurrence=a'],
    ...fields.flatMap((field) => ['-e', field]),
  ]);
  return out
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t'));
}
