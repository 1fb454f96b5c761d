/** `xdpeek prog test`: a folder of cases, a line each. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { packetChanges } from '../../../packets/bpf/packet-changes.ts';
import { verdictValue } from '../../../packets/bpf/verdicts.ts';
import { type Runner, runnerOf, runPacket } from '../../../session/workbench/run-packet.ts';
import type { Workbench } from '../../../session/workbench/workbench.ts';
import { errorData, XdpeekError } from '../../../shared/errors.ts';
import { type RunCase, readCase } from '../../../shared/run-case.ts';
import type { RunResult } from '../../../shared/workbench-api.ts';
import type { Invocation } from '../../options/spec.ts';
import { usageError } from '../../options/usage-error.ts';
import { jsonLine } from '../../output/json-line.ts';
import { printable } from '../../output/printable.ts';
import type { Context } from '../../start.ts';
import { fileAndProgram, readSettings } from '../../workbench/program-source.ts';
import { hexBytes, packetOfFile, textOf } from '../../workbench/run-input.ts';
import { programToRun } from '../../workbench/run-program.ts';
import type { progTest } from '../../workbench/table-run.ts';
import { withWorkbench } from '../../workbench/with-workbench.ts';

interface Outcome {
  case: string;
  passed: boolean;
  verdict?: string;
  nsPerRun?: number;
  /** Why it failed. */
  reasons: string[];
}

export async function run({ options, operands }: Invocation<typeof progTest>, { out, stop }: Context): Promise<number> {
  const folder = operands[0]!;
  const names = await casesOf(folder);
  let failed = 0;
  await withWorkbench(async (workbench) => {
    const cases = new Cases(workbench, folder, stop);
    for (const name of names) {
      if (stop.aborted) return;
      const outcome = await cases.run(name);
      if (!outcome.passed) failed++;
      await out.write(options.json ? jsonLine(outcome) : lineOf(outcome));
    }
  });
  if (!options.json) await out.write(`${names.length} case${names.length === 1 ? '' : 's'}, ${failed} failed\n`);
  return failed > 0 || stop.aborted ? 1 : 0;
}

async function casesOf(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    const why =
      error.code === 'ENOENT'
        ? 'there is no such folder'
        : error.code === 'ENOTDIR'
          ? 'it is not a folder'
          : error.message;
    throw new XdpeekError({ code: error.code ?? 'EIO', message: `cannot read ${folder}: ${why}` });
  });
  const cases = names.filter((name) => name.endsWith('.json')).sort();
  if (cases.length > 0) return cases;
  throw new XdpeekError({
    code: 'ENOENT',
    message: `${folder} has no cases (*.json)`,
    hint: "'xdpeek prog run … --save CASE.json' makes one; 'xdpeek prog test --help' describes them.",
  });
}

function lineOf({ case: name, passed, verdict, nsPerRun, reasons }: Outcome): string {
  if (passed) return printable(`ok    ${name}  ${verdict}, ${nsPerRun} ns`).concat('\n');
  return `${printable(`FAIL  ${name}`)}\n${reasons.map((reason) => `      ${printable(reason)}\n`).join('')}`;
}

class Cases {
  readonly #workbench: Workbench;
  readonly #folder: string;
  readonly #stop: AbortSignal;
  /** Each program is loaded once, with each choice of variables. */
  readonly #runners = new Map<string, Promise<Runner>>();

  constructor(workbench: Workbench, folder: string, stop: AbortSignal) {
    this.#workbench = workbench;
    this.#folder = folder;
    this.#stop = stop;
  }

  /** What is wrong with a case is its failure, and the others are run. */
  async run(name: string): Promise<Outcome> {
    try {
      const one = await this.#read(name);
      const runner = await this.#runner(one);
      const packet = await this.#packet(one);
      const { begin } = one;
      const result = await runPacket(this.#workbench, runner, packet, { repeat: 1, ...(begin && { begin }) });
      const reasons = differences(one, result);
      const { verdictName: verdict, nsPerRun } = result;
      return { case: name, passed: reasons.length === 0, verdict, nsPerRun, reasons };
    } catch (error) {
      const { message, hint } = errorData(error);
      return { case: name, passed: false, reasons: hint === undefined ? [message] : [message, hint] };
    }
  }

  async #read(name: string): Promise<RunCase> {
    const text = await textOf(path.join(this.#folder, name));
    try {
      return readCase(text);
    } catch (error) {
      if (error instanceof SyntaxError) throw usageError(`it is no JSON: ${error.message}`);
      throw error;
    }
  }

  #runner({ program, set = [] }: RunCase): Promise<Runner> {
    const key = JSON.stringify([program, set]);
    const found = this.#runners.get(key);
    if (found) return found;
    const loading = programToRun(this.#workbench, this.#place(program), readSettings(set)).then((id) =>
      runnerOf(this.#workbench, id),
    );
    this.#runners.set(key, loading);
    return loading;
  }

  /** Files are named as seen from the case. */
  #place(program: string): string {
    if (/^\d+$/.test(program)) throw usageError('the program of a case is a file or a library program, not an id');
    const { file } = fileAndProgram(program);
    const isFile = file.includes('/') || file.endsWith('.o');
    return isFile && !path.isAbsolute(file) ? path.join(this.#folder, program) : program;
  }

  async #packet({ packet }: RunCase): Promise<Uint8Array> {
    if (typeof packet === 'string') return hexBytes(packet, 'packet');
    const file = path.isAbsolute(packet.file) ? packet.file : path.join(this.#folder, packet.file);
    return packetOfFile(file, packet.number, this.#stop);
  }
}

function differences({ verdict, out, mask }: RunCase, result: RunResult): string[] {
  const reasons: string[] = [];
  const expected = verdictValue(result.programType, verdict);
  if (expected === undefined) reasons.push(`"${verdict}" is no verdict of a program of type ${result.programType}`);
  else if (expected !== result.verdict) reasons.push(`the verdict is ${result.verdictName}, not ${verdict}`);
  if (out === undefined) return reasons;
  const wanted = hexBytes(out, 'out');
  const bits = mask === undefined ? undefined : hexBytes(mask, 'mask');
  if (bits && bits.length !== wanted.length)
    throw usageError(`mask has ${bits.length} bytes and out ${wanted.length}: they must be as long`);
  if (wanted.length !== result.after.length)
    return [...reasons, `the packet has ${result.after.length} bytes afterwards, not ${wanted.length}`];
  const masked = bits ? wanted.map((byte, i) => (byte & bits[i]!) | (result.after[i]! & ~bits[i]!)) : wanted;
  const wrong = masked.findIndex((byte, i) => byte !== result.after[i]);
  if (wrong < 0) return reasons;
  const fields = packetChanges(masked, result.after).map(
    ({ field, before = 'none', after = 'none' }) => `${field} is ${after}, not ${before}`,
  );
  return [...reasons, ...(fields.length > 0 ? fields : [`byte ${wrong} is not as expected`])];
}
