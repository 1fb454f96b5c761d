/** Programs that are written here: assembly and instruction lists with the maps that they name, loaded; and programs of the kernel as text. */
import type { AssemblyError } from '../../packets/bpf/assemble.ts';
import { MAP_NAMES_FROM } from '../../packets/bpf/assemble.ts';
import { type MapDeclaration, readAssembly } from '../../packets/bpf/assembly-file.ts';
import { INSTRUCTION_BYTES, OPCODE, PSEUDO } from '../../packets/bpf/ebpf-words.ts';
import { editableText } from '../../packets/bpf/editable.ts';
import { XdpeekError } from '../../shared/errors.ts';
import type { LoadedObject } from '../../shared/workbench.ts';
import type { LoadOutcome, VerifierLog } from '../../shared/workbench-api.ts';
import { refuseTooLarge } from './map-memory.ts';
import { withCallDistances } from './programs-code.ts';
import { upload } from './upload.ts';
import type { Workbench } from './workbench.ts';

export interface CodeToLoad {
  code: Uint8Array;
  /** Names of maps: MAP_NAMES_FROM + index in the code. */
  maps: readonly string[];
  declared: readonly MapDeclaration[];
}

export interface CodeChoices {
  name: string;
  type: string;
  license: string;
  logLevel: 0 | 1 | 2;
}

const NAME_BYTES = 15;

export class Code {
  readonly #workbench: Workbench;

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
  }

  /** What `.type` and `.license` of the text say goes before the choices. */
  async loadAssembly({ text, ...choices }: CodeChoices & { text: string }): Promise<LoadOutcome> {
    const { errors, type = choices.type, license = choices.license, ...file } = readAssembly(text);
    if (errors.length > 0) throw assemblyError(errors);
    const outcome = await this.load(file, { ...choices, type, license });
    return { ...outcome, logs: outcome.logs.map((log) => withLines(log, text, file.lines)) };
  }

  load(file: CodeToLoad, { name, ...choices }: CodeChoices): Promise<LoadOutcome> {
    return this.#workbench.objects.loadWith(name, async (): Promise<LoadedObject> => {
      const { maps, made } = await this.#mapsOf(file);
      try {
        const loaded = await this.#workbench.request('codeLoad', {
          ...choices,
          token: await upload(this.#workbench, file.code),
          name: name.replace(/[^A-Za-z0-9_.]/g, '_').slice(0, NAME_BYTES) || 'program',
          maps,
        });
        return { ...loaded, maps: named(file, maps) };
      } finally {
        // The program holds its maps from here on.
        for (const objectId of made) await this.#workbench.request('objectClose', { objectId });
      }
    });
  }

  async text(id: number): Promise<string> {
    const { xlated, symbols } = await this.#workbench.request('programCode', { id });
    const code = withCallDistances(new Uint8Array(Buffer.from(xlated, 'base64')));
    if (code.length === 0)
      throw new XdpeekError({
        code: 'EACCES',
        message: `the kernel does not show the code of program ${id}`,
        hint: 'kernel.kptr_restrict or bpf_jit_harden may hide it.',
      });
    return editableText(code, symbols);
  }

  /** Declared ones are made; others are looked up in the kernel, by name or, as in listings, by id. */
  async #mapsOf({ code, maps: names, declared }: CodeToLoad) {
    const maps = mapNumbers(code, names.length).map((id) => ({ slot: id, id }));
    const made: number[] = [];
    const unknown = names.some((name) => declared.every((each) => each.name !== name));
    const present = unknown ? await this.#workbench.request('maps', {}) : [];
    for (const [i, name] of names.entries()) {
      const slot = MAP_NAMES_FROM + i;
      const declaration = declared.find((each) => each.name === name);
      if (declaration) {
        refuseTooLarge([declaration]);
        const { objectId, id } = await this.#workbench.request('mapCreate', {
          ...declaration,
          name: name.slice(0, NAME_BYTES),
        });
        made.push(objectId);
        maps.push({ slot, id });
        continue;
      }
      const found = present.filter((each) => each.name === name || each.name === name.slice(0, NAME_BYTES));
      if (found.length !== 1)
        throw noSuchMap(
          name,
          found.map(({ id }) => id),
        );
      maps.push({ slot, id: found[0]!.id });
    }
    return { maps, made };
  }
}

/** The text that was assembled is the source of its instructions. `lines`: from 1, of each slot. */
function withLines(log: VerifierLog, text: string, lines: readonly number[]): VerifierLog {
  const texts = text.split(/\r?\n/);
  const steps = log.steps.map((step) => {
    const line = lines[step.at];
    if (line === undefined) return step;
    return { ...step, source: { file: '', line, column: 1, text: texts[line - 1]!.trim() } };
  });
  return { ...log, steps };
}

/** What stands where the kernel takes a map's fd, and is no name. */
function mapNumbers(code: Uint8Array, names: number): number[] {
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  const numbers = new Set<number>();
  for (let at = 0; at + INSTRUCTION_BYTES <= code.length; at += INSTRUCTION_BYTES) {
    if (code[at] !== OPCODE.loadWide) continue;
    const source = code[at + 1]! >> 4;
    const number = view.getUint32(at + 4, true);
    const isName = number >= MAP_NAMES_FROM && number < MAP_NAMES_FROM + names;
    if ((source === PSEUDO.mapFd || source === PSEUDO.mapValue) && !isName) numbers.add(number);
    at += INSTRUCTION_BYTES;
  }
  return [...numbers];
}

function named({ maps: names }: CodeToLoad, maps: readonly { slot: number; id: number }[]): LoadedObject['maps'] {
  return maps.map(({ slot, id }) => ({ name: names[slot - MAP_NAMES_FROM] ?? `map ${id}`, id }));
}

function noSuchMap(name: string, ids: readonly number[]): XdpeekError {
  return new XdpeekError({
    code: 'ENOENT',
    message: ids.length === 0 ? `there is no map '${name}'` : `several maps are called '${name}': ${ids.join(', ')}`,
    hint:
      ids.length === 0
        ? `Declare it: .map ${name} hash 4 8 1024, or name one of the kernel's by id: map[id:N].`
        : `Say which one: map[id:${ids[0]}].`,
  });
}

export function assemblyError(errors: readonly AssemblyError[]): XdpeekError {
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return new XdpeekError({
    code: 'ASSEMBLY',
    message: `line ${first!.line}, column ${first!.column}: ${first!.text}${more}`,
  });
}
