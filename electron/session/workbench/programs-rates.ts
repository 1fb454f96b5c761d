/** Runs and times of programs as rates: from two readings that are far enough apart to mean something. */
import type { ProgramInfo } from '../../shared/workbench.ts';

export interface RunRate {
  /** In the period. */
  runs: number;
  runsPerSecond: number;
  /** Absent while nothing ran. */
  nsPerRun?: number;
  /** Of one CPU: 1 = all of it. */
  cpuShare: number;
}

export interface Reading {
  atMs: number;
  counts: ReadonlyMap<number, Pick<ProgramInfo, 'runCount' | 'runTimeNs'>>;
}

export function readingOf(programs: readonly ProgramInfo[], atMs: number): Reading {
  return { atMs, counts: new Map(programs.map((each) => [each.id, each])) };
}

const LEAST_MS = 400;

export class RunRates {
  #before: Reading | undefined;
  #latest: Reading | undefined;

  /** Several windows may ask at once: a reading that is younger than 0.4 s is not yet a base. */
  take(programs: readonly ProgramInfo[], nowMs: number): Map<number, RunRate> {
    const reading = readingOf(programs, nowMs);
    if (!this.#latest || nowMs - this.#latest.atMs >= LEAST_MS) {
      this.#before = this.#latest;
      this.#latest = reading;
    }
    return this.#before ? ratesBetween(this.#before, reading) : new Map();
  }

  forget(): void {
    this.#before = this.#latest = undefined;
  }
}

/** Programs that were there at both times. */
export function ratesBetween(before: Reading, now: Reading): Map<number, RunRate> {
  const seconds = (now.atMs - before.atMs) / 1000;
  const rates = new Map<number, RunRate>();
  if (seconds <= 0) return rates;
  for (const [id, { runCount, runTimeNs }] of now.counts) {
    const was = before.counts.get(id);
    if (!was) continue;
    const runs = Math.max(0, runCount - was.runCount);
    const ns = Math.max(0, runTimeNs - was.runTimeNs);
    rates.set(id, {
      runs,
      runsPerSecond: runs / seconds,
      cpuShare: ns / 1e9 / seconds,
      ...(runs > 0 && { nsPerRun: ns / runs }),
    });
  }
  return rates;
}
