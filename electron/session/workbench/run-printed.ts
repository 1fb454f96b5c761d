/**
 * bpf_printk lines of one run. The kernel's trace pipe has those of the whole machine: the run's are the ones of its own thread. Other readers of
 * this workbench go on reading meanwhile.
 */
import type { Workbench } from './workbench.ts';

/** After a run its lines are on their way; a line of ours can be no later than this. */
const SETTLE_MS = 60;
const MOST_LINES = 1000;
/** "   task-1234    [001] b..21  123.456: bpf_trace_printk: text" */
const LINE =
  /^.{0,17}?-(\d+)\s+(?:\([^)]*\)\s+)?\[\d+\][^:]*: (?:bpf_trace_printk|0x[0-9a-f]+|bpf_[a-z_]+)(?:\+0x[^:]*)?: ?(.*)$/;

export class Printed {
  readonly #lines: string[] = [];
  readonly #release: () => void;
  readonly #workbench: Workbench;

  private constructor(workbench: Workbench) {
    this.#workbench = workbench;
    this.#release = workbench.onEvent((event) => {
      if (event.event === 'trace' && this.#lines.length < 20 * MOST_LINES) this.#lines.push(...event.lines);
    });
  }

  /** Rejects where there is no trace pipe. */
  static async follow(workbench: Workbench): Promise<Printed> {
    const printed = new Printed(workbench);
    try {
      await workbench.request('traceStart', {});
      return printed;
    } catch (error) {
      printed.#release();
      throw error;
    }
  }

  /** What this thread printed since then. */
  async of(thread: number): Promise<string[]> {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    return printedBy(this.#lines, thread).slice(0, MOST_LINES);
  }

  async end(): Promise<void> {
    this.#release();
    await this.#workbench.request('traceStop', {});
  }
}

export function printedBy(lines: readonly string[], thread: number): string[] {
  return lines.flatMap((line) => {
    const [, task, text] = LINE.exec(line) ?? [];
    return task !== undefined && Number(task) === thread ? [text!] : [];
  });
}
