/** What a program's maps hold, before and after a run of it: typed through BTF, compared entry by entry and member by member. */
import { decode } from '../../packets/btf/c-value.ts';
import type { MapInfo } from '../../shared/workbench.ts';
import type { CType, CValue, RunMapChange } from '../../shared/workbench-api.ts';
import type { Workbench } from './workbench.ts';

/** Entries of one map that are compared; more would cost longer than the run is worth. */
export const ENTRIES_COMPARED = 4096;
const BYTES_COMPARED = 4 << 20;
/** Changes told of one map. */
const MOST_CHANGES = 200;
/** Read entry by entry, as the kernel gives them. Their values are data; those of other kinds are programs, maps, interfaces or sockets. */
const WITH_ENTRIES = /^(lru_)?(percpu_)?(hash|array)$|^lru_(percpu_)?hash$|^lpm_trie$/;
const BUFFERS = new Set(['ringbuf', 'user_ringbuf']);
/** What a run leaves as it is: only user space writes them. */
const SETTLED = new Set([
  'prog_array',
  'devmap',
  'devmap_hash',
  'cpumap',
  'xskmap',
  'array_of_maps',
  'hash_of_maps',
  'perf_event_array',
  'cgroup_array',
  'reuseport_sockarray',
  'struct_ops',
]);

interface Held {
  map: MapInfo;
  /** Key → value, base64 of their bytes. */
  entries?: Map<string, string>;
  waitingBytes?: number;
}

export class MapsBefore {
  readonly notes: string[] = [];
  readonly #workbench: Workbench;
  #held: Held[] = [];

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  async take(maps: readonly MapInfo[]): Promise<void> {
    for (const map of maps) {
      if (SETTLED.has(map.type)) continue;
      const held = await this.#read(map);
      if (typeof held === 'string') this.notes.push(`map ${map.name || map.id} was not compared: ${held}`);
      else this.#held.push(held);
    }
  }

  async changes(): Promise<RunMapChange[]> {
    const all: RunMapChange[] = [];
    for (const before of this.#held) {
      const after = await this.#read(before.map);
      if (typeof after === 'string')
        this.notes.push(`map ${before.map.name || before.map.id} was not compared: ${after}`);
      else all.push(...(await this.#compare(before, after)));
    }
    return all;
  }

  /** Or why not. */
  async #read(map: MapInfo): Promise<Held | string> {
    const { id, type } = map;
    try {
      if (BUFFERS.has(type)) return { map, ...(await this.#workbench.request('bufferFill', { id })) };
      if (!WITH_ENTRIES.test(type)) return `maps of type ${type} cannot be read without changing them`;
      const fixed = /array$/.test(type);
      if (fixed && map.maxEntries > ENTRIES_COMPARED)
        return `it has ${map.maxEntries} entries, more than ${ENTRIES_COMPARED}`;
      return await this.#entries(map);
    } catch (error) {
      return (error as Error).message;
    }
  }

  async #entries(map: MapInfo): Promise<Held | string> {
    const entries = new Map<string, string>();
    const count = Math.max(1, Math.min(1024, Math.floor((512 << 10) / Math.max(1, map.keyBytes + map.valueBytes * 8))));
    for (let cursor = '', bytes = 0; ; ) {
      const piece = await this.#workbench.request('mapRead', { id: map.id, cursor, count });
      const keys = Buffer.from(piece.keys, 'base64');
      const values = Buffer.from(piece.values, 'base64');
      for (let i = 0; i < piece.count; i++)
        entries.set(slice(keys, i, map.keyBytes), slice(values, i, piece.valueBytes));
      bytes += keys.length + values.length;
      if (entries.size > ENTRIES_COMPARED) return `it has more than ${ENTRIES_COMPARED} entries`;
      if (bytes > BYTES_COMPARED) return `it holds more than ${BYTES_COMPARED >> 20} MiB`;
      if (piece.cursor === '') return { map, entries };
      cursor = piece.cursor;
    }
  }

  async #compare(before: Held, after: Held): Promise<RunMapChange[]> {
    const { map } = before;
    const place = { map: map.name || `map ${map.id}`, mapId: map.id };
    if (before.waitingBytes !== undefined) {
      if (before.waitingBytes === after.waitingBytes) return [];
      const waiting = (bytes = 0) => `${bytes} bytes wait`;
      return [
        { ...place, key: '', member: '', before: waiting(before.waitingBytes), after: waiting(after.waitingBytes) },
      ];
    }
    const types = await this.#workbench.types.ofMap(map);
    const changes: RunMapChange[] = [];
    for (const key of new Set([...before.entries!.keys(), ...after.entries!.keys()])) {
      const [was, now] = [before.entries!.get(key), after.entries!.get(key)];
      if (was === now) continue;
      const keyText = valueText(decode(types.keyType, bytesOf(key)));
      for (const change of leaves(types.valueType, map, was, now)) changes.push({ ...place, key: keyText, ...change });
      if (changes.length <= MOST_CHANGES) continue;
      this.notes.push(`map ${place.map} changed in more than ${MOST_CHANGES} places; the first are shown`);
      return changes.slice(0, MOST_CHANGES);
    }
    return changes;
  }
}

const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));
const slice = (all: Buffer, index: number, length: number) =>
  all.subarray(index * length, (index + 1) * length).toString('base64');

type Leaf = Pick<RunMapChange, 'member' | 'before' | 'after'>;

/** Of a value, or of each CPU's where it changed. */
function leaves(type: CType, map: MapInfo, was: string | undefined, now: string | undefined): Leaf[] {
  const perCpu = map.type.includes('percpu');
  const [before, after] = [was, now].map((value) => (value === undefined ? [] : parts(type, map, bytesOf(value))));
  const found: Leaf[] = [];
  for (let cpu = 0; cpu < Math.max(before!.length, after!.length); cpu++)
    compare(perCpu ? `CPU ${cpu}` : '', before![cpu], after![cpu], found);
  return found;
}

function parts(type: CType, map: MapInfo, bytes: Uint8Array): CValue[] {
  if (!map.type.includes('percpu')) return [decode(type, bytes)];
  const step = (map.valueBytes + 7) & ~7;
  return Array.from({ length: bytes.length / step }, (_, cpu) =>
    decode(type, bytes.subarray(cpu * step, cpu * step + map.valueBytes)),
  );
}

function compare(path: string, was: CValue | undefined, now: CValue | undefined, found: Leaf[]): void {
  if (typeof was === 'object' && typeof now === 'object') {
    const names = new Set([...Object.keys(was), ...Object.keys(now)]);
    const at = (value: CValue, name: string) => (value as { [member: string]: CValue })[name];
    for (const name of names) compare(joined(path, name, Array.isArray(was)), at(was, name), at(now, name), found);
    return;
  }
  if (was === now) return;
  const leaf: Leaf = { member: path };
  if (was !== undefined) leaf.before = valueText(was);
  if (now !== undefined) leaf.after = valueText(now);
  found.push(leaf);
}

function joined(path: string, name: string, index: boolean): string {
  if (index) return `${path}[${name}]`;
  return path === '' ? name : `${path}${path.startsWith('CPU') && !path.includes('.') ? ': ' : '.'}${name}`;
}

/** As C would write it down: {source: 1, ports: [1, 2]}. */
export function valueText(value: CValue): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([name, member]) => `${name}: ${valueText(member)}`)
    .join(', ')}}`;
}
