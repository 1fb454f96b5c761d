/** What a process and all that it started have used, and what the machine has, from /proc. */
import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ: the unit of /proc/PID/stat. */
const TICKS_A_SECOND = 100;

export interface Used {
  userSeconds: number;
  systemSeconds: number;
  /** Sum of each process's peak. */
  peakBytes: number;
}

function stat(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Behind "(name) ": state is [0], the parent [1], utime [11], stime [12].
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

export function tree(root: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), Number(stat(Number(name))?.[1])] as const);
  const found = [root];
  for (const pid of found) found.push(...parents.filter(([, parent]) => parent === pid).map(([child]) => child));
  return found;
}

export const used = (root: number): Used => usedBy(tree(root));

/** Of all CPUs since the machine started, interrupts with it. */
export function machineSeconds(): number {
  const [, ...ticks] = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.split(/ +/).map(Number);
  // user, nice, system, idle, iowait, irq, softirq
  return [0, 1, 2, 5, 6].reduce((sum, i) => sum + ticks[i]!, 0) / TICKS_A_SECOND;
}

/** Of this process and of all that it started and that ended. */
export function ownSeconds(): number {
  const { pid } = process;
  return [11, 12, 13, 14].reduce((sum, i) => sum + Number(stat(pid)![i]), 0) / TICKS_A_SECOND;
}

/** By these alone, with all their threads. */
export function usedBy(pids: readonly number[]): Used {
  const sum: Used = { userSeconds: 0, systemSeconds: 0, peakBytes: 0 };
  for (const pid of pids) {
    const fields = stat(pid);
    if (!fields) continue;
    sum.userSeconds += Number(fields[11]) / TICKS_A_SECOND;
    sum.systemSeconds += Number(fields[12]) / TICKS_A_SECOND;
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    sum.peakBytes += Number(peak ?? 0) * 1024;
  }
  return sum;
}
