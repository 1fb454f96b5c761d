/** What each type of map is for people: what can be done with its entries, and the types of those whose values the kernel itself gives a meaning. */
import { bytesType } from '../../../packets/btf/c-type.ts';
import type { MapDetail } from '../../../shared/map-api.ts';
import type { MapInfo } from '../../../shared/workbench.ts';
import type { CType } from '../../../shared/workbench-api.ts';

const u32 = (name = '__u32'): CType => ({ kind: 'int', name, bytes: 4, signed: false, encoding: 'number' });
const record = (name: string, members: [name: string, type: CType][]): CType => {
  let at = 0;
  const placed = members.map(([member, type]) => {
    const bitOffset = at * 8;
    at += type.bytes;
    return { name: member, type, bitOffset };
  });
  return { kind: 'struct', name, bytes: at, members: placed };
};

/** Unreadable for user space, and why. */
const UNREADABLE: Record<string, string> = {
  perf_event_array: 'Only the process that reads its buffers knows what is in them.',
  xskmap: 'The kernel does not show which sockets are in it; entries can be deleted.',
  sockmap: 'The kernel shows sockets only by their cookies, and only in maps made for it.',
  sockhash: 'The kernel shows sockets only by their cookies, and only in maps made for it.',
  reuseport_sockarray: 'The kernel shows sockets only by their cookies, and only in maps made for it.',
  cgroup_array: 'The kernel does not show which control groups are in it.',
  sk_storage: 'Its values are kept with each socket; only who has the socket can read them.',
  inode_storage: 'Its values are kept with each file; only who has the file open can read them.',
  task_storage: 'Its values are kept with each task.',
  cgrp_storage: 'Its values are kept with each control group.',
  ringbuf: 'A ring buffer has no entries: its reader takes what is in it.',
  user_ringbuf: 'A ring buffer has no entries: its program takes what is in it.',
  bloom_filter: 'A Bloom filter can be asked whether a value is in it, but not what is.',
  arena: 'An arena is memory that programs and a process share; it has no entries.',
};

/** As many entries as they were made with, always. */
const FIXED = ['array', 'percpu_array'];
const NO_WRITE: Record<string, string> = {
  struct_ops: 'It holds functions that the kernel calls; it is shown, and changed only by who registers it.',
  stack_trace: 'Programs fill it.',
  perf_event_array: '',
  xskmap: '',
  sockmap: '',
  sockhash: '',
  reuseport_sockarray: '',
  cgroup_array: '',
  sk_storage: '',
  inode_storage: '',
  task_storage: '',
  cgrp_storage: '',
  ringbuf: '',
  user_ringbuf: '',
  arena: '',
};
const NO_DELETE = [...FIXED, 'struct_ops', 'bloom_filter', 'ringbuf', 'user_ringbuf', 'arena', 'queue', 'stack'];

export const isQueue = ({ type }: Pick<MapInfo, 'type'>): boolean => type === 'queue' || type === 'stack';
export const isTrie = ({ type }: Pick<MapInfo, 'type'>): boolean => type === 'lpm_trie';
export const isPerCpu = ({ type }: Pick<MapInfo, 'type'>): boolean =>
  ['percpu_hash', 'percpu_array', 'lru_percpu_hash', 'percpu_cgroup_storage'].includes(type);

export function abilities(map: MapInfo): Pick<MapDetail, 'can' | 'note'> {
  const { type, frozen } = map;
  const why = [UNREADABLE[type], NO_WRITE[type]];
  if (frozen) why.push('The map is frozen: nobody may change it any more.');
  const write = !frozen && !(type in NO_WRITE);
  const pushes = isQueue(map) || type === 'bloom_filter';
  const can = {
    read: !(type in UNREADABLE),
    write: write && !pushes,
    add: write && !pushes && !FIXED.includes(type),
    delete: !frozen && !NO_DELETE.includes(type),
    push: write && pushes,
  };
  const note = why.filter(Boolean).join(' ');
  return { can, ...(note && { note }) };
}

/** Types that the kernel gives, where the map has no BTF of its own. */
export function knownTypes(map: MapInfo, keyType: CType, valueType: CType): { keyType: CType; valueType: CType } {
  const key = keyType.kind === 'bytes' ? keyFor(map, keyType) : keyType;
  return { keyType: key, valueType: valueType.kind === 'bytes' ? valueFor(map, valueType) : valueType };
}

function keyFor({ type, keyBytes }: MapInfo, otherwise: CType): CType {
  if (type === 'lpm_trie' && keyBytes > 4)
    return record('struct bpf_lpm_trie_key', [
      ['prefixlen', u32()],
      ['data', bytesType(keyBytes - 4)],
    ]);
  const indexed = [...FIXED, 'prog_array', 'array_of_maps', 'devmap', 'devmap_hash', 'cpumap', 'xskmap'];
  return keyBytes === 4 && indexed.includes(type) ? u32() : otherwise;
}

function valueFor({ type, valueBytes }: MapInfo, otherwise: CType): CType {
  if (valueBytes === 4) {
    if (type === 'prog_array') return u32('program id');
    if (type === 'array_of_maps' || type === 'hash_of_maps') return u32('map id');
    if (type === 'devmap' || type === 'devmap_hash') return u32('ifindex');
    if (type === 'cpumap') return u32('qsize');
  }
  if (valueBytes === 8) {
    if (type === 'devmap' || type === 'devmap_hash')
      return record('struct bpf_devmap_val', [
        ['ifindex', u32()],
        ['program', u32()],
      ]);
    if (type === 'cpumap')
      return record('struct bpf_cpumap_val', [
        ['qsize', u32()],
        ['program', u32()],
      ]);
  }
  return otherwise;
}
