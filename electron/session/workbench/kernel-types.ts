/** Type information of the kernel's programs and maps, by BTF id: fetched once, kept while it is used. Ids are never used twice. */
import { readFile } from 'node:fs/promises';
import { Btf, BtfError } from '../../packets/btf/btf.ts';
import { bytesType, cTypeOf } from '../../packets/btf/c-type.ts';
import type { MapInfo } from '../../shared/workbench.ts';
import type { CType } from '../../shared/workbench-api.ts';
import type { Workbench } from './workbench.ts';

const KEPT = 64;
const VMLINUX = '/sys/kernel/btf/vmlinux';

export class KernelTypes {
  readonly #workbench: Workbench;
  readonly #kept = new Map<number, Promise<Btf | undefined>>();
  #kernel: Promise<Btf | undefined> | undefined;

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  /** Undefined for id 0, and for what cannot be understood. */
  byId(id: number): Promise<Btf | undefined> {
    if (id === 0) return Promise.resolve(undefined);
    let found = this.#kept.get(id);
    if (!found) {
      if (this.#kept.size >= KEPT) this.#kept.delete(this.#kept.keys().next().value!);
      found = this.#fetch(id);
      this.#kept.set(id, found);
      // A failure is not kept: rights may come later.
      found.catch(() => this.#kept.delete(id));
    }
    return found;
  }

  /** Key and value of a map: hexadecimal where it has no BTF. */
  async ofMap(map: Pick<MapInfo, 'btfId' | 'btfKeyTypeId' | 'btfValueTypeId' | 'keyBytes' | 'valueBytes'>): Promise<{
    keyType: CType;
    valueType: CType;
  }> {
    const btf = await this.byId(map.btfId);
    const type = (id: number, bytes: number) => {
      const found = btf && id > 0 ? cTypeOf(btf, id, bytes) : bytesType(bytes);
      return found.bytes === bytes ? found : bytesType(bytes, found.name);
    };
    return { keyType: type(map.btfKeyTypeId, map.keyBytes), valueType: type(map.btfValueTypeId, map.valueBytes) };
  }

  /** The kernel's own types; undefined where it shows none. */
  kernel(): Promise<Btf | undefined> {
    this.#kernel ??= readFile(VMLINUX).then(
      (bytes) => parsed(new Uint8Array(bytes)),
      () => undefined,
    );
    return this.#kernel;
  }

  async #fetch(id: number): Promise<Btf | undefined> {
    const { data, base } = await this.#workbench.request('btf', { id });
    return parsed(new Uint8Array(Buffer.from(data, 'base64')), base === '' ? undefined : await this.kernel());
  }
}

function parsed(bytes: Uint8Array, base?: Btf): Btf | undefined {
  try {
    return new Btf(bytes, base);
  } catch (error) {
    if (error instanceof BtfError) return undefined;
    throw error;
  }
}
