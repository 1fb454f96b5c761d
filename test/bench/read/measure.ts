/** One run of one command: how long, and how much memory it and all that it started had at most. */
import { spawn } from 'node:child_process';
import { used } from '../capture/process-tree.ts';

export interface Run {
  seconds: number;
  peakBytes: number;
  /** What it printed, when that is wanted; else it went to /dev/null. */
  output: string;
}

const LOOK_MS = 50;
/** Whoever takes longer is stuck. */
const MOST_MS = 180_000;

export async function measure(command: readonly string[], wantOutput = false): Promise<Run> {
  const [program, ...args] = command as [string, ...string[]];
  const start = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', wantOutput ? 'pipe' : 'ignore', 'ignore'] });
  let output = '';
  child.stdout?.on('data', (piece: Buffer) => {
    output += piece.toString();
  });
  let peakBytes = 0;
  const watch = setInterval(() => {
    if (child.pid !== undefined) peakBytes = Math.max(peakBytes, used(child.pid).peakBytes);
  }, LOOK_MS);
  const stuck = setTimeout(() => child.kill('SIGKILL'), MOST_MS);
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...how) => resolve(how));
  }).finally(() => {
    clearInterval(watch);
    clearTimeout(stuck);
  });
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${signal ?? `status ${code}`}`);
  return { seconds: (performance.now() - start) / 1000, peakBytes, output };
}
