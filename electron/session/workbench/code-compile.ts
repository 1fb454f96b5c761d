/**
 * C → object file, by the clang of this machine, run as the user. The text may come from a window, which may name no path: before its diagnostics are
 * shown or its object used, what it included is looked at (`-M`), and its inline assembly for directives that read files.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { XdpeekError } from '../../shared/errors.ts';
import type { CompileResult } from '../../shared/workbench-api.ts';
import { findLayout } from '../layout.ts';

type Errors = CompileResult['errors'];
export type Compiled = { object: Uint8Array; errors: Errors } | { errors: Errors } | { missing: true };

const LIMIT_MS = 30_000;
const MAX_OUTPUT_BYTES = 4 << 20;
const MAX_ERRORS = 200;
/** Kernel headers of the distribution, for <asm/types.h>. */
const SYSTEM = ['/usr/include', `/usr/include/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`];
const SOURCE = 'program.bpf.c';
/** How diagnostics of other files begin. */
const ELSEWHERE = /^[^ :]+:\d+: /;

export async function compile(text: string): Promise<Compiled> {
  const { dist } = findLayout();
  const headers = ['bpf', 'bpf/library', 'include/uapi', 'include'].map((name) => path.join(dist, name));
  const flags = ['-target', 'bpf', '-mcpu=v3', '-std=gnu11', '-g', '-O2', '-Wall', '-fno-color-diagnostics'];
  const search = [...headers.map((folder) => `-I${folder}`), ...SYSTEM.flatMap((folder) => ['-idirafter', folder])];
  const folder = await mkdtemp(path.join(tmpdir(), 'xdpeek-c-'));
  try {
    await writeFile(path.join(folder, SOURCE), text, { mode: 0o600 });
    const clang = (...more: string[]) => runClang(folder, [...flags, ...search, ...more, SOURCE]);
    const own = await runClang(folder, ['-print-resource-dir']);
    if (own.missing) return { missing: true };
    const included = await clang('-M', '-MG', '-MT', 'out', '-w');
    // Then it is not known what was included: only what is wrong with the text itself is told.
    if (included.status !== 0) return failed(diagnostics(included.stderr).filter(({ text }) => !ELSEWHERE.test(text)));
    const stray = strayInclude(included.stdout, [...headers, ...SYSTEM, own.stdout.trim()]);
    if (stray !== undefined) return failed([], `"${stray}" is outside of the folders for headers`);
    const assembly = await clang('-S', '-fno-integrated-as', '-o', 'out.s');
    const errors = diagnostics(assembly.stderr);
    if (assembly.status !== 0) return failed(errors);
    if (readsFiles(await readFile(path.join(folder, 'out.s'), 'utf8')))
      return failed([], 'inline assembly may not include files or define macros');
    const built = await clang('-c', '-o', 'out.o');
    if (built.status !== 0) return failed(diagnostics(built.stderr));
    return { object: new Uint8Array(await readFile(path.join(folder, 'out.o'))), errors };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Ran {
  status: number;
  stdout: string;
  stderr: string;
  missing: boolean;
}

function runClang(cwd: string, args: string[]): Promise<Ran> {
  // The user's own PATH finds the user's own clang; its locale would translate what is parsed here.
  const env = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', HOME: cwd };
  return new Promise((resolve, reject) => {
    execFile(
      'clang',
      args,
      { cwd, env, timeout: LIMIT_MS, killSignal: 'SIGKILL', maxBuffer: MAX_OUTPUT_BYTES },
      (error, stdout, stderr) => {
        const code = error?.code as unknown;
        if (error?.killed) {
          const message = `clang was not done after ${LIMIT_MS / 1000} s, or said too much`;
          reject(new XdpeekError({ code: 'ETIMEDOUT', message }));
        } else
          resolve({
            status: typeof code === 'number' ? code : error ? 1 : 0,
            stdout,
            stderr,
            missing: code === 'ENOENT',
          });
      },
    );
  });
}

/** "program.bpf.c:12:5: error: use of …". Lines of the source only: those of headers are told with their place. */
export function diagnostics(stderr: string): Errors {
  const errors: Errors = [];
  for (const line of stderr.split('\n')) {
    const found = /^([^:]+):(\d+):(\d+): (?:fatal )?(error|warning|note): (.*)$/.exec(line);
    if (!found || errors.length >= MAX_ERRORS) continue;
    const [, file, row, column, severity, text] = found;
    const here = file === SOURCE;
    errors.push({
      line: here ? Number(row) : 1,
      column: here ? Number(column) : 1,
      severity: severity as Errors[number]['severity'],
      text: here ? text! : `${path.basename(file!)}:${row}: ${text}`,
    });
  }
  return errors;
}

function failed(errors: Errors, why = 'clang failed, and said nothing about the text'): { errors: Errors } {
  return { errors: errors.length > 0 ? errors : [{ line: 1, column: 1, severity: 'error', text: why }] };
}

/** Files of a make rule, as `-M` writes it: parted by spaces, a space in a name behind a backslash. */
function filesOf(rule: string): string[] {
  const words = rule.replace(/\\\r?\n/g, ' ').match(/(?:\\[\s\S]|[^\s\\])+/g) ?? [];
  return words.slice(1).map((word) => word.replace(/\\([\s#])/g, '$1').replaceAll('$$', '$'));
}

function strayInclude(rule: string, folders: readonly string[]): string | undefined {
  return filesOf(rule).find((file) => {
    // What is not found stays as it was written; the compiler says so.
    if (file === SOURCE || (/^[\w-][\w./-]*$/.test(file) && !file.includes('..'))) return false;
    const whole = path.resolve('/', file);
    return (
      !path.isAbsolute(file) ||
      !folders.some((folder) => whole.startsWith(folder.endsWith('/') ? folder : `${folder}/`))
    );
  });
}

/** The compiler itself writes none of these; without macros, they cannot be spelled in another way. */
export function readsFiles(assembly: string): boolean {
  return /\.(incbin|include|macro|irpc?|rept?|altmacro)\b/i.test(assembly);
}
