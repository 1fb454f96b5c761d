/**
 * A whole program as text: eBPF assembly and, on lines of their own, what a loader must know besides. Directives begin with a dot:
 *   .map NAME TYPE KEY VALUE ENTRIES [FLAGS]   a map to be made; KEY and VALUE in bytes, TYPE in libbpf's words
 *   .type TYPE                                 kind of program: xdp, sched_cls, socket_filter…
 *   .license TEXT                              GPL where a helper asks for it
 */
import { type Assembly, assemble } from './assemble.ts';

export interface MapDeclaration {
  name: string;
  type: string;
  keyBytes: number;
  valueBytes: number;
  maxEntries: number;
  flags: number;
}

export interface AssemblyFile extends Assembly {
  declared: MapDeclaration[];
  type?: string;
  license?: string;
}

const MAP = /^\.map\s+([A-Za-z_]\w{0,62})\s+([a-z_]\w*)\s+(\d+)\s+(\d+)\s+(\d+)(?:\s+(0[xX][0-9a-fA-F]+|\d+))?$/;
const WORD = /^\.(type|license)\s+"?([^"]+?)"?$/;

export function readAssembly(text: string): AssemblyFile {
  const declared: MapDeclaration[] = [];
  const said: { type?: string; license?: string } = {};
  const wrong: Assembly['errors'] = [];
  const lines = text.split(/\r?\n/).map((line, i) => {
    const directive = /^\s*(\.[a-z]+(?:\s.*)?)$/.exec(line.replace(/(\/\/|;|\s#).*$/, ''))?.[1]?.trim();
    if (directive === undefined) return line;
    const refuse = (what: string) => wrong.push({ line: i + 1, column: line.indexOf('.') + 1, text: what });
    const map = MAP.exec(directive);
    const word = WORD.exec(directive);
    if (map) {
      const [, name, type, key, value, entries, flags = '0'] = map;
      if (declared.some((each) => each.name === name)) refuse(`the map ${name} is declared twice`);
      declared.push({
        name: name!,
        type: type!,
        keyBytes: Number(key),
        valueBytes: Number(value),
        maxEntries: Number(entries),
        flags: Number(flags),
      });
    } else if (word) said[word[1] as 'type' | 'license'] = word[2]!;
    else if (directive.startsWith('.map'))
      refuse('a map is declared as .map NAME TYPE KEY VALUE ENTRIES [FLAGS], with sizes in bytes');
    else refuse(`there is no directive ${directive.split(/\s/)[0]}: they are .map, .type and .license`);
    return '';
  });
  const assembly = assemble(lines.join('\n'));
  const errors = [...wrong, ...assembly.errors].sort((a, b) => a.line - b.line || a.column - b.column);
  return { ...assembly, errors, declared, ...said };
}
