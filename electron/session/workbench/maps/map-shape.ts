/** A map as people see it: the types of key and value, a column for each of their members, and entries decoded from bytes and encoded to bytes. */
import { BTF_KIND } from '../../../packets/btf/btf.ts';
import { cTypeOf } from '../../../packets/btf/c-type.ts';
import { decode, encode, sum, ValueError, valueAt } from '../../../packets/btf/c-value.ts';
import type { EntryPlace, FilterSubject } from '../../../packets/btf/entry-filter.ts';
import { leavesOf, type Member, numberReader } from '../../../packets/btf/members.ts';
import { XdpeekError } from '../../../shared/errors.ts';
import type { MapColumn, MapDetail, MapEntry, MapReference } from '../../../shared/map-api.ts';
import type { MapInfo } from '../../../shared/workbench.ts';
import type { CType, CValue } from '../../../shared/workbench-api.ts';
import type { Workbench } from '../workbench.ts';
import { abilities, isPerCpu, isQueue, isTrie, knownTypes } from './map-kind.ts';
import { isPrefix, prefixKey, prefixText } from './prefix.ts';
import type { Names } from './references.ts';

/** The kernel rounds each CPU's value up to 8 bytes. */
const strideOf = (bytes: number) => Math.ceil(bytes / 8) * 8;

export class MapShape {
  readonly map: MapInfo;
  readonly keyType: CType;
  readonly valueType: CType;
  readonly perCpu: boolean;
  readonly cpus: number;
  readonly stride: number;
  /** One a column, keys first. */
  readonly members: readonly Member[];
  readonly columns: readonly MapColumn[];
  readonly subject: FilterSubject;

  constructor(map: MapInfo, types: { keyType: CType; valueType: CType }, cpus: number) {
    this.map = map;
    this.keyType = types.keyType;
    this.valueType = types.valueType;
    this.perCpu = isPerCpu(map);
    this.cpus = cpus;
    this.stride = this.perCpu ? strideOf(map.valueBytes) : map.valueBytes;
    const keys = map.keyBytes > 0 ? leavesOf('key', this.keyType) : [];
    this.members = [...keys, ...leavesOf('value', this.valueType)];
    this.columns = this.members.map(columnOf);
    this.subject = {
      types: { key: this.keyType, value: this.valueType },
      cpus,
      stride: this.stride,
      text: (place, member) => this.#text(place, member),
    };
  }

  static async of(workbench: Workbench, map: MapInfo): Promise<MapShape> {
    const types = await workbench.types.ofMap(map);
    const known = knownTypes(map, types.keyType, types.valueType);
    if (map.type === 'struct_ops') known.valueType = await structOpsType(workbench, map.valueBytes, known.valueType);
    let cpus = 1;
    if (isPerCpu(map)) {
      const { valueBytes } = await workbench.request('mapRead', { id: map.id, cursor: '', count: 1 });
      cpus = Math.max(1, valueBytes / strideOf(map.valueBytes));
    }
    return new MapShape(map, known, cpus);
  }

  detail(): MapDetail {
    const { map, keyType, valueType, columns, cpus, perCpu } = this;
    return { map, keyType, valueType, columns: [...columns], cpus, perCpu, ...abilities(map) };
  }

  /** Everything but marks and names. */
  entry(key: Uint8Array, value: Uint8Array): MapEntry {
    const keyValue = this.keyOf(key);
    const each = this.values(value);
    const valueValue = this.perCpu ? sum(this.valueType, each) : each[0]!;
    const entry: MapEntry = {
      key,
      value,
      keyText: isTrie(this.map) && key.length > 4 ? prefixText(key) : lineOf(keyValue),
      keyValue,
      valueValue,
      cells: this.cells(keyValue, valueValue),
    };
    if (this.perCpu) entry.cpuCells = each.map((one) => this.cells(keyValue, one));
    return entry;
  }

  keyOf(key: Uint8Array): CValue {
    return key.length > 0 ? decode(this.keyType, key) : '';
  }

  /** One a CPU. */
  values(value: Uint8Array): CValue[] {
    const { valueBytes } = this.map;
    return Array.from({ length: this.cpus }, (_, cpu) =>
      decode(this.valueType, value.subarray(cpu * this.stride, cpu * this.stride + valueBytes)),
    );
  }

  cells(keyValue: CValue, valueValue: CValue): string[] {
    return this.members.map((member) => cellOf(member, keyValue, valueValue));
  }

  encodeKey(value: CValue): Uint8Array {
    const { map } = this;
    // It has no keys, and is asked for values.
    if (map.type === 'bloom_filter') return this.encodeValue(value);
    if (isQueue(map) || map.keyBytes === 0) return new Uint8Array();
    if (isTrie(map) && typeof value === 'string' && isPrefix(value)) return prefixKey(value, map.keyBytes);
    return encoded('key', this.keyType, value);
  }

  /**
   * Of one CPU: root gives it to all.
   * @param before what is there, of which the members stay that `value` does not name
   */
  encodeValue(value: CValue, before?: Uint8Array): Uint8Array {
    return encoded('value', this.valueType, value, before);
  }

  /** The one value of .bss, .data or .rodata: global variables, which are set one by one. */
  get isSection(): boolean {
    return this.valueType.kind === 'struct' && this.valueType.name.startsWith('.');
  }

  /** The number in a value that is the name of something else. */
  reference(value: Uint8Array): Pick<MapReference, 'kind' | 'id'> | undefined {
    const kind = REFERENCES[this.map.type];
    if (!kind || value.length < 4) return undefined;
    const id = new DataView(value.buffer, value.byteOffset).getUint32(0, true);
    return id > 0 ? { kind, id } : undefined;
  }

  /** With the name of what it refers to. */
  named(entry: MapEntry, names: Names | undefined): MapEntry {
    const refers = this.reference(entry.value);
    if (refers) entry.refers = { ...refers, name: names?.get(refers.id) ?? '' };
    return entry;
  }

  get refersTo(): MapReference['kind'] | undefined {
    return REFERENCES[this.map.type];
  }

  #text({ keys, keyAt, values, valueAt: at }: EntryPlace, member?: Member): string {
    const key = keys.subarray(keyAt, keyAt + this.map.keyBytes);
    const value = values.subarray(at, at + this.stride * this.cpus);
    if (member?.root === 'key') {
      if (member.path === 'key' && isTrie(this.map)) return prefixText(key);
      return cellOf(member, this.keyOf(key), '');
    }
    const each = this.values(value);
    const valueValue = this.perCpu ? sum(this.valueType, each) : each[0]!;
    if (member) return cellOf(member, '', valueValue);
    const keyValue = this.keyOf(key);
    return [isTrie(this.map) ? prefixText(key) : '', ...this.cells(keyValue, valueValue)].join('\n');
  }
}

const REFERENCES: Record<string, MapReference['kind']> = {
  prog_array: 'program',
  array_of_maps: 'map',
  hash_of_maps: 'map',
  devmap: 'interface',
  devmap_hash: 'interface',
};

function columnOf(member: Member): MapColumn {
  const { path, type, root } = member;
  return {
    path,
    label: path === root ? root : path.slice(root.length + (path[root.length] === '.' ? 1 : 0)),
    typeName: type.name || type.kind,
    bytes: Math.ceil(member.bits / 8),
    numeric: type.kind !== 'enum' && type.kind !== 'pointer' && numberReader(member) !== undefined,
  };
}

function cellOf({ root, path }: Member, keyValue: CValue, valueValue: CValue): string {
  const of = root === 'key' ? keyValue : valueValue;
  return lineOf(path === root ? of : (valueAt(of, path.slice(root.length)) ?? ''));
}

/** A value in one line. */
export function lineOf(value: CValue): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(lineOf).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([name, each]) => `${name}: ${lineOf(each)}`)
    .join(', ')}}`;
}

/** Bytes as they lie in memory, for any type. */
const RAW = /^hex((\s+[0-9a-fA-F]{1,2})+)$/;

function encoded(what: 'key' | 'value', type: CType, value: CValue, before?: Uint8Array): Uint8Array {
  const raw = typeof value === 'string' ? RAW.exec(value.trim())?.[1] : undefined;
  if (raw !== undefined) {
    const bytes = raw.trim().split(/\s+/);
    if (bytes.length === type.bytes) return Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 16));
    throw new XdpeekError({
      code: 'EINVAL',
      message: `the ${what} has ${type.bytes} bytes, not ${bytes.length}`,
      hint: `Give all ${type.bytes} of them, lowest address first.`,
    });
  }
  try {
    return encode(type, value, what, before);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    const hint = `The ${what} is ${type.name || 'made'} of ${type.bytes} bytes.`;
    throw new XdpeekError({ code: 'EINVAL', message: error.message, hint });
  }
}

/** The kernel names the type in its own BTF: bpf_struct_ops_<name>. Known by its size where only one has it. */
async function structOpsType(workbench: Workbench, bytes: number, otherwise: CType): Promise<CType> {
  const kernel = await workbench.types.kernel();
  if (!kernel) return otherwise;
  const found = [...kernel.ofKind(BTF_KIND.struct)].filter(
    ({ name, size }) => size === bytes && name.startsWith('bpf_struct_ops_'),
  );
  return found.length === 1 ? cTypeOf(kernel, found[0]!.id) : otherwise;
}
