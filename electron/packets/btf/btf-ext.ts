/**
 * .BTF.ext of an object file (Documentation/bpf/btf.rst): the source line of each function's first instruction. Strings and functions are those of the
 * object's BTF.
 */
import type { SourceLine } from '../../shared/workbench-api.ts';
import { BTF_KIND, type Btf } from './btf.ts';

const MAGIC = 0xeb9f;
const HEADER_BYTES = 24;
const FUNCTION_BYTES = 8;
const LINE_BYTES = 16;

interface Record {
  section: string;
  at: number;
}

/** By the function's name. Empty where the bytes make no sense. */
export function functionSources(ext: Uint8Array, btf: Btf): Map<string, SourceLine> {
  const sources = new Map<string, SourceLine>();
  if (ext.length < HEADER_BYTES) return sources;
  const view = new DataView(ext.buffer, ext.byteOffset, ext.byteLength);
  if (view.getUint16(0, true) !== MAGIC) return sources;
  const u32 = (at: number) => (at + 4 <= ext.length ? view.getUint32(at, true) : 0);
  const header = u32(4);

  const lines = records(header + u32(16), u32(20), LINE_BYTES, (at) => ({
    file: btf.string(u32(at + 4)),
    text: btf.string(u32(at + 8)).trim(),
    line: u32(at + 12) >>> 10,
    column: u32(at + 12) & 0x3ff,
  }));
  const bySection = Map.groupBy(lines, ({ section }) => section);
  for (const { section, at, type } of records(header + u32(8), u32(12), FUNCTION_BYTES, (from) => ({
    type: btf.type(u32(from + 4)),
  }))) {
    const first = bySection.get(section)?.find((line) => line.at >= at);
    if (type.kind !== BTF_KIND.function || !first) continue;
    const { file, line, column, text } = first;
    sources.set(type.name, { file, line, column, text });
  }
  return sources;

  /** Records of one kind: their size, then for each section its name, how many, and they themselves. */
  function records<T>(start: number, length: number, least: number, read: (at: number) => T): (Record & T)[] {
    const found: (Record & T)[] = [];
    const size = u32(start);
    const end = Math.min(start + length, ext.length);
    if (size < least) return found;
    for (let at = start + 4; at + 8 <= end; ) {
      const section = btf.string(u32(at));
      const count = u32(at + 4);
      at += 8;
      for (let i = 0; i < count && at + size <= end; i++, at += size) found.push({ section, at: u32(at), ...read(at) });
      if (count === 0) break;
    }
    return found;
  }
}
