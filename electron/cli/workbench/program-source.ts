/** What people name where a program is wanted: an id of the kernel's, an object file, one program of it. */
import { open } from 'node:fs/promises';
import path from 'node:path';
import { XdpeekError } from '../../shared/errors.ts';
import { type AttachTarget, type LoadedObject, OBJECT_MAX_BYTES } from '../../shared/workbench.ts';
import { quoted, usageError } from '../options/usage-error.ts';
import { idOf } from './ids.ts';

/** `--set VAR=VALUE`. */
export interface Setting {
  name: string;
  value: string;
}

export interface ObjectSource {
  kind: 'object';
  name: string;
  bytes: Uint8Array;
  /** Empty = all of the object. */
  programs: string[];
  /** Global variables: what `--set` said of them, or what it stands for. */
  settings: readonly Setting[];
  /** What is still to be done between loading and attaching (maps to fill). */
  prepare?: (loaded: LoadedObject) => Promise<void>;
  /** Where it goes when nothing is said. */
  target?: AttachTarget;
}

export type ProgramSource =
  /** Loaded already. */
  { kind: 'id'; id: number } | ObjectSource;

/** @param settings what `--set` gave, for those that are loaded here */
export async function resolveProgram(text: string, settings: readonly Setting[] = []): Promise<ProgramSource> {
  if (/^\d+$/.test(text)) {
    if (settings.length > 0)
      throw usageError('--set is for objects that are loaded: this program is in the kernel already');
    return { kind: 'id', id: idOf(text, 'program') };
  }
  return objectSource(text, settings);
}

/** @param text FILE or FILE:PROGRAM */
export async function objectSource(text: string, settings: readonly Setting[]): Promise<ObjectSource> {
  const { file, program } = fileAndProgram(text);
  const bytes = await objectBytes(file);
  const programs = program === undefined ? [] : [program];
  return { kind: 'object', name: objectName(file), bytes, programs, settings };
}

/** "FILE:PROGRAM": the last colon parts them, where no "/" follows. */
export function fileAndProgram(text: string): { file: string; program?: string } {
  const [, file, program] = /^(.+):([^:/]+)$/.exec(text) ?? [];
  return file === undefined ? { file: text } : { file, program: program! };
}

export async function objectBytes(file: string): Promise<Uint8Array> {
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    const hint =
      error.code === 'ENOENT' ? "Name an object file (FILE or FILE:PROGRAM), or one of 'xdpeek prog library'." : '';
    throw new XdpeekError({
      code: error.code ?? 'EIO',
      message: `cannot read ${quoted(file)}: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`,
      ...(hint && { hint }),
    });
  });
  try {
    const status = await handle.stat();
    if (!status.isFile()) throw new XdpeekError({ code: 'FORMAT', message: `${quoted(file)} is not a file` });
    const { size } = status;
    if (size > OBJECT_MAX_BYTES)
      throw new XdpeekError({
        code: 'E2BIG',
        message: `${quoted(file)} has ${size} bytes; xdpeek loads at most ${OBJECT_MAX_BYTES}`,
        hint: 'Strip its debug sections: llvm-strip -g keeps the BTF.',
      });
    return new Uint8Array(await handle.readFile());
  } finally {
    await handle.close();
  }
}

/** "path/xdp_pass.bpf.o" → "xdp_pass": what libbpf and root's door take as a name. */
export function objectName(file: string): string {
  const name = path
    .basename(file)
    .replace(/(\.bpf)?\.o$/, '')
    .replace(/[^A-Za-z0-9_.-]/g, '_');
  return name.slice(0, 63) || 'object';
}

/** `--set` as it was given: "VAR=VALUE". */
export function readSettings(words: readonly string[]): Setting[] {
  return words.map((word) => {
    const at = word.indexOf('=');
    if (at < 1) throw usageError(`--set takes VAR=VALUE, not ${quoted(word)}`);
    return { name: word.slice(0, at), value: word.slice(at + 1) };
  });
}
