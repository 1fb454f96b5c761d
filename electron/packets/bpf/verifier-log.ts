/**
 * The verifier's log, read (kernel/bpf/verifier.c, log_level 1 and 2): which instruction it went through in which order, what it knew of the registers there,
 * the source line of each (from BTF), where it stopped and why. Lines that are none of these are kept as a summary, never lost.
 */
import type { VerifierLog } from '../../shared/workbench-api.ts';
import { hintFor } from './verifier-hints.ts';

type Step = VerifierLog['steps'][number];

const INSTRUCTION = /^(\d+): \(([0-9a-f]{2})\) (.*?)(?:\s+; (.*))?$/;
const STATE = /^(?:from \d+ to \d+(?: \(speculative execution\))?|\d+): ?(.*)$/;
/** New kernels put the place behind the text. */
const SOURCE = /^; (.*?)(?: @ ([^@]+):(\d+)(?::(\d+))?)?$/;
const SUMMARY =
  /^(processed \d+ insns|verification time|stack depth|func#\d+ @|Live regs before insn|\s+\d+: [.\d]|max_states|-- |mark_precise|Func#|Validating |\(\d+ line\(s\) omitted\)|insns processed|\(\d+\) (frame \d+ insn|live stack update)|(from \d+ to )?\d+: safe$)/;
/** Steps that are kept: a log of megabytes repeats the same loop. */
const MAX_STEPS = 100_000;

/** One entry a program: the addon puts "== NAME" in front of each. */
export function readVerifierLogs(log: string, refused: boolean): VerifierLog[] {
  const parts = log.split(/^== (.*)$/m);
  const logs: VerifierLog[] = [];
  for (let i = 1; i < parts.length; i += 2)
    logs.push(readVerifierLog(parts[i]!, parts[i + 1]!.replace(/^\n/, ''), !refused));
  if (refused && logs.length > 0 && logs.every(({ accepted }) => accepted)) logs.at(-1)!.accepted = false;
  return logs;
}

/** @param loaded the kernel took it: whatever else the log says last is no reason. */
export function readVerifierLog(program: string, raw: string, loaded = false): VerifierLog {
  const steps: Step[] = [];
  const summary: string[] = [];
  let source: Step['source'];
  let pending: string[] = [];
  /** What was said since the last instruction: the reason, if it was the last. */
  let said: string[] = [];
  for (const line of raw.split('\n')) {
    if (line === '') continue;
    const instruction = INSTRUCTION.exec(line);
    if (instruction) {
      const [, at, opcode, text, after] = instruction;
      const states = after === undefined ? pending : [...pending, after];
      if (steps.length < MAX_STEPS)
        steps.push({ at: Number(at), text: `(${opcode}) ${text}`, states, ...(source && { source }) });
      pending = [];
      said = [];
      continue;
    }
    const written = SOURCE.exec(line);
    if (written) {
      const [, text, file = '', number = '0', column = '0'] = written;
      source = { file, line: Number(number), column: Number(column), text: text! };
    } else if (SUMMARY.test(line)) summary.push(line);
    else {
      const state = STATE.exec(line);
      if (state && /(^|[ ])(R\d|fp-?\d|cb$)/.test(` ${state[1]}`)) pending.push(state[1]!);
      else said.push(line);
    }
  }
  const accepted = loaded || said.length === 0;
  if (loaded) summary.push(...said);
  const reason = said.join('\n');
  const last = steps.at(-1);
  const hint = accepted ? undefined : hintFor(reason);
  return {
    program,
    accepted,
    steps,
    ...(!accepted && last && { refusedAt: last.at }),
    ...(!accepted && { reason }),
    ...(hint !== undefined && { hint }),
    summary,
    raw,
  };
}
