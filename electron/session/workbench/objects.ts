/**
 * Object files that people open: described here, without rights; loaded by the root process when asked, with variables as their types say. Bytes are kept until
 * others push them out, so that one object can be loaded again and again with other choices.
 */

import { elfSections, textAt } from '../../packets/bpf/elf-sections.ts';
import { readVerifierLogs } from '../../packets/bpf/verifier-log.ts';
import { Btf, BtfError } from '../../packets/btf/btf.ts';
import { functionSources } from '../../packets/btf/btf-ext.ts';
import { bytesType, cTypeOf } from '../../packets/btf/c-type.ts';
import { encode, ValueError } from '../../packets/btf/c-value.ts';
import { globalVariables } from '../../packets/btf/global-variables.ts';
import { errorData, XdpeekError } from '../../shared/errors.ts';
import { type LoadedObject, OBJECT_MAX_BYTES, type WorkbenchMethods } from '../../shared/workbench.ts';
import type { CType, LoadOutcome, LoadRequest, ObjectDescription } from '../../shared/workbench-api.ts';
import { type MapSize, refuseTooLarge } from './map-memory.ts';
import { type DescribedObject, describe } from './objects-describe.ts';
import { typeGuess, whyNotOpened } from './objects-sections.ts';
import { upload } from './upload.ts';
import type { Workbench } from './workbench.ts';

interface Opened {
  description: ObjectDescription;
  bytes: Uint8Array;
}

const MAX_OPEN = 32;
const MAX_KEPT_BYTES = 64 << 20;

export class Objects {
  readonly #workbench: Workbench;
  readonly #opened = new Map<number, Opened>();
  /** In the root process, by its ids. */
  readonly #loaded = new Map<number, { name: string; loaded: LoadedObject }>();
  #lastToken = 0;
  /** The root process takes one upload at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(workbench: Workbench) {
    this.#workbench = workbench;
    workbench.onGone(() => this.#loaded.clear());
  }

  async open({ name, bytes }: { name: string; bytes: Uint8Array }): Promise<ObjectDescription> {
    if (bytes.length > OBJECT_MAX_BYTES)
      throw new XdpeekError({
        code: 'E2BIG',
        message: `${name} has ${bytes.length} bytes; xdpeek loads at most ${OBJECT_MAX_BYTES}`,
        hint: 'Strip its debug sections: llvm-strip -g keeps the BTF.',
      });
    const object = await describe(bytes).catch((error) => {
      throw whyNotOpened(name, bytes, error);
    });
    const description = describeWith(++this.#lastToken, name, bytes, object);
    this.#opened.set(description.token, { description, bytes });
    this.#makeRoom();
    return description;
  }

  async load(request: LoadRequest): Promise<LoadOutcome> {
    const { token, variables, ...choices } = request;
    const opened = this.#opened.get(token);
    if (!opened)
      throw new XdpeekError({ code: 'ENOENT', message: 'this object is not open any more', hint: 'Open it again.' });
    const { description, bytes } = opened;
    const bytesOf = variables.map((each) => encodeVariable(description, each));
    refuseTooLarge(sizesOf(description, request));
    return this.loadWith(description.name, async () =>
      this.#workbench.request('objectLoad', {
        ...choices,
        types: [...guessedTypes(description, choices), ...choices.types],
        token: await upload(this.#workbench, bytes),
        name: plainName(description.name),
        variables: bytesOf,
      }),
    );
  }

  /** What the verifier refuses is an outcome with its log; everything else that fails is one too, with none. */
  async loadWith(name: string, request: () => Promise<LoadedObject>): Promise<LoadOutcome> {
    try {
      const mine = this.#turn.then(request);
      this.#turn = mine.catch(() => {});
      const loaded = await mine;
      this.#loaded.set(loaded.objectId, { name, loaded });
      return { loaded, logs: readVerifierLogs(loaded.log, false) };
    } catch (error) {
      const data = errorData(error);
      return { error: data, logs: data.code === 'VERIFIER' ? readVerifierLogs(data.log ?? '', true) : [] };
    }
  }

  async close(objectId: number): Promise<void> {
    await this.#workbench.request('objectClose', { objectId });
    this.#loaded.delete(objectId);
  }

  list(): { objectId: number; name: string; loaded: LoadedObject }[] {
    return [...this.#loaded].map(([objectId, each]) => ({ objectId, ...each }));
  }

  #makeRoom(): void {
    let kept = 0;
    for (const { bytes } of this.#opened.values()) kept += bytes.length;
    for (const [token, { bytes }] of this.#opened) {
      if (this.#opened.size <= MAX_OPEN && (kept <= MAX_KEPT_BYTES || this.#opened.size === 1)) return;
      this.#opened.delete(token);
      kept -= bytes.length;
    }
  }
}

/** Maps that are made anew, as large as was chosen. In a folder of pins they may be there already. */
function sizesOf({ maps }: ObjectDescription, { mapSizes, reuse, pinDir }: LoadRequest): MapSize[] {
  if (pinDir !== undefined) return [];
  return maps
    .filter(({ name }) => reuse.every(({ map }) => map !== name))
    .map((map) => ({
      ...map,
      maxEntries: mapSizes.find((each) => each.map === map.name)?.maxEntries ?? map.maxEntries,
    }));
}

/** For programs whose section libbpf does not know. What is chosen comes behind, and stands. */
function guessedTypes(
  { programs }: ObjectDescription,
  { programs: chosen, types }: Pick<LoadRequest, 'programs' | 'types'>,
) {
  const said = new Set(types.map(({ program }) => program));
  return programs
    .filter(({ name, section }) => chosen.length === 0 || chosen.includes(name) || chosen.includes(section))
    .filter(({ name, section }) => !said.has(name) && !said.has(section))
    .flatMap(({ name, type, guessed }) => (guessed ? [{ program: name, type }] : []));
}

function describeWith(token: number, name: string, bytes: Uint8Array, object: DescribedObject): ObjectDescription {
  const elf = elfSections(bytes);
  const btf = typesOf(Buffer.from(object.btf, 'base64'));
  const sources = btf ? functionSources(elf.get('.BTF.ext') ?? new Uint8Array(), btf) : new Map();
  const sections = object.sections.map((each) => ({ ...each, data: new Uint8Array(Buffer.from(each.data, 'base64')) }));
  const typed = (id: number, size: number): CType => {
    const type = btf && id > 0 ? cTypeOf(btf, id, size) : bytesType(size);
    return type.bytes === size ? type : bytesType(size, type.name);
  };
  return {
    token,
    name,
    license: textAt(elf.get('license') ?? new Uint8Array(), 0),
    programs: object.programs.map((program) => {
      const source = sources.get(program.name);
      // libbpf takes the question mark off.
      const optional = !elf.has(program.section) && elf.has(`?${program.section}`);
      const guess = ['', 'unspec'].includes(program.type) ? typeGuess(program.section) : undefined;
      const guessed = guess !== undefined && { type: guess, guessed: true };
      return { ...program, ...guessed, ...(optional && { optional }), ...(source && { source }) };
    }),
    maps: object.maps.map(({ keyTypeId, valueTypeId, ...map }) => ({
      ...map,
      keyType: typed(keyTypeId, map.keyBytes),
      valueType: typed(valueTypeId, map.valueBytes),
    })),
    variables: btf ? globalVariables(btf, sections) : [],
    hasBtf: btf !== undefined,
  };
}

/** What libbpf makes of a file's name, and root's door takes. */
const plainName = (name: string) =>
  name
    .replace(/(\.bpf)?\.o$/, '')
    .replace(/[^A-Za-z0-9_.-]/g, '_')
    .slice(0, 63) || 'object';

function typesOf(bytes: Uint8Array): Btf | undefined {
  if (bytes.length === 0) return undefined;
  try {
    return new Btf(bytes);
  } catch (error) {
    if (error instanceof BtfError) return undefined;
    throw error;
  }
}

function encodeVariable(
  { variables, name: object }: ObjectDescription,
  { name, value }: LoadRequest['variables'][number],
): WorkbenchMethods['objectLoad'][0]['variables'][number] {
  const variable = variables.find((each) => each.name === name);
  if (!variable) {
    const names = variables.map((each) => each.name).join(', ');
    throw new XdpeekError({
      code: 'EINVAL',
      message: `${object} has no global variable '${name}'`,
      hint: names === '' ? 'It has none that its type information names.' : `It has: ${names}.`,
    });
  }
  try {
    const { section, offset, type } = variable;
    return { section, offset, data: Buffer.from(encode(type, value, name)).toString('base64') };
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw new XdpeekError({
      code: 'EINVAL',
      message: error.message,
      hint: `${name} is of type ${variable.type.name}.`,
    });
  }
}
