/**
 * The verifier's log as rows of one height: instructions under the source line that they came from, what was known of the registers under the
 * instruction, the reason under the refused one. What is folded has no rows. Pure.
 */
import type { SourceLine, VerifierLog } from '../../../electron/shared/workbench-api.ts';

/** Consecutive steps of one source line. */
export interface LogGroup {
  source: SourceLine | undefined;
  /** Steps from … to (excluded), by index. */
  from: number;
  to: number;
}

export type LogRow =
  | { kind: 'source'; key: string; group: number; source: SourceLine | undefined; steps: number; refused: boolean }
  | { kind: 'step'; key: string; step: number; at: number; text: string; states: number; refused: boolean }
  | { kind: 'state' | 'reason' | 'hint'; key: string; text: string };

export interface Unfolded {
  groups: ReadonlySet<number>;
  steps: ReadonlySet<number>;
}

const sameSource = (a: SourceLine | undefined, b: SourceLine | undefined) =>
  a === b || (a !== undefined && b !== undefined && a.file === b.file && a.line === b.line && a.text === b.text);

export function groupSteps({ steps }: VerifierLog): LogGroup[] {
  const groups: LogGroup[] = [];
  for (const [i, { source }] of steps.entries()) {
    const last = groups.at(-1);
    if (last && sameSource(last.source, source)) last.to = i + 1;
    else groups.push({ source, from: i, to: i + 1 });
  }
  return groups;
}

/** Index of the step where it was refused: the log ends there. */
export function refusedStep(log: VerifierLog): number {
  return log.refusedAt === undefined ? -1 : log.steps.findLastIndex(({ at }) => at === log.refusedAt);
}

/** The refused line is open from the start; where there are no source lines, everything is. */
export function firstUnfolded(log: VerifierLog, groups: readonly LogGroup[]): Unfolded {
  const refused = refusedStep(log);
  const open = groups.flatMap(({ source, from, to }, i) =>
    source === undefined || (refused >= from && refused < to) ? [i] : [],
  );
  return { groups: new Set(open), steps: new Set(refused >= 0 ? [refused] : []) };
}

export function logRows(log: VerifierLog, groups: readonly LogGroup[], unfolded: Unfolded): LogRow[] {
  const rows: LogRow[] = [];
  const refused = refusedStep(log);
  for (const [group, { source, from, to }] of groups.entries()) {
    const within = refused >= from && refused < to;
    rows.push({ kind: 'source', key: `g${group}`, group, source, steps: to - from, refused: within });
    if (!unfolded.groups.has(group)) continue;
    for (let step = from; step < to; step++) {
      const { at, text, states } = log.steps[step]!;
      const wrong = step === refused;
      rows.push({ kind: 'step', key: `s${step}`, step, at, text, states: states.length, refused: wrong });
      if (unfolded.steps.has(step))
        for (const [i, state] of states.entries()) rows.push({ kind: 'state', key: `s${step}.${i}`, text: state });
      if (!wrong) continue;
      for (const [i, line] of (log.reason ?? '').split('\n').entries())
        if (line !== '') rows.push({ kind: 'reason', key: `r${i}`, text: line });
      if (log.hint !== undefined) rows.push({ kind: 'hint', key: 'hint', text: log.hint });
    }
  }
  return rows;
}

export function toggled<T>(set: ReadonlySet<T>, member: T): ReadonlySet<T> {
  const next = new Set(set);
  if (!next.delete(member)) next.add(member);
  return next;
}
