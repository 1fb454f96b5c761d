/** Global variables of an object file: where each is, its type and what it begins with. */
import type { ObjectDescription } from '../../shared/workbench-api.ts';
import { BTF_KIND, type Btf } from './btf.ts';
import { cTypeOf } from './c-type.ts';
import { decode } from './c-value.ts';

export interface DataSection {
  /** ".rodata", ".data", ".bss", or one of these with a suffix. */
  name: string;
  data: Uint8Array;
  constant: boolean;
}

const MAX_VARIABLES = 2000;
/** What bpf_printk keeps its formats in, and strings of the compiler's own. */
const NOT_OURS = /(^|\.)_{2,}fmt(\.\d+)?$|^\.L/;

export function globalVariables(btf: Btf, sections: readonly DataSection[]): ObjectDescription['variables'] {
  const found: ObjectDescription['variables'] = [];
  for (const { name: section, data, constant } of sections) {
    const type = btf.find(BTF_KIND.section, section);
    for (const { typeId, offset, size } of type?.variables ?? []) {
      const { name, of } = btf.type(typeId);
      if (found.length >= MAX_VARIABLES || name === '' || NOT_OURS.test(name)) continue;
      const type = cTypeOf(btf, of, size);
      if (type.bytes === 0 || offset + type.bytes > data.length) continue;
      const value = decode(type, data.subarray(offset, offset + type.bytes));
      found.push({ name, section, offset, type, value, constant });
    }
  }
  return found;
}
