/** `prog load --asm` and `--insns`: programs without an object file. */
import { readAssembly } from '../../packets/bpf/assembly-file.ts';
import { InstructionListError, readInstructionList } from '../../packets/bpf/instruction-list.ts';
import { assemblyError, Code, type CodeToLoad } from '../../session/workbench/code.ts';
import type { Workbench } from '../../session/workbench/workbench.ts';
import { XdpeekError } from '../../shared/errors.ts';
import type { LoadedObject } from '../../shared/workbench.ts';
import type { LoadOutcome } from '../../shared/workbench-api.ts';
import { quoted, usageError } from '../options/usage-error.ts';
import { loadedOr, type ObjectChoices } from './load-source.ts';
import { objectName } from './program-source.ts';
import { textOf } from './run-input.ts';

export interface CodeOptions extends ObjectChoices {
  readonly asm: string | undefined;
  readonly insns: string | undefined;
  readonly set: readonly string[];
}

export async function loadCode(
  workbench: Workbench,
  options: CodeOptions,
): Promise<LoadOutcome & { loaded: LoadedObject }> {
  const objectsOnly = [...options.set, ...options['map-size'], ...options.reuse].length > 0;
  if (objectsOnly || options['pin-dir'] !== undefined)
    throw usageError(
      '--set, --map-size, --reuse and --pin-dir are for object files: code says itself what its maps are',
    );
  const file = (options.asm ?? options.insns)!;
  const { type: said, license = 'GPL', ...code } = read(file, await textOf(file), options);
  const [type = said, ...more] = options.type;
  if (type === undefined || more.length > 0 || type.includes('='))
    throw usageError(
      `what kind of program is ${quoted(file)}? Say it with --type TYPE (xdp, sched_cls, socket_filter…)`,
    );
  const logLevel = Number(options['verifier-log'] ?? 0) as 0 | 1 | 2;
  const name = file === '-' ? 'program' : objectName(file).replace(/\.\w+$/, '');
  const outcome = await new Code(workbench).load(code, { name, type, license, logLevel });
  return { ...outcome, loaded: loadedOr(outcome) };
}

function read(file: string, text: string, { asm }: CodeOptions): CodeToLoad & { type?: string; license?: string } {
  if (asm !== undefined) {
    const { errors, ...rest } = readAssembly(text);
    if (errors.length === 0) return rest;
    const error = assemblyError(errors);
    throw new XdpeekError({ code: error.code, message: `${file}: ${error.message}` });
  }
  try {
    return readInstructionList(text);
  } catch (error) {
    if (!(error instanceof InstructionListError)) throw error;
    throw new XdpeekError({ code: 'FORMAT', message: `${file}: ${error.message}` });
  }
}
