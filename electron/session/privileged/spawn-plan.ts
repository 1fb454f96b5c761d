/**
 * How a process that may attach eBPF programs is started: directly when this one already may, else through pkexec and the
 * root-owned launcher. Decided from facts that are passed in; nothing is started here.
 */
import { accessSync, constants, readFileSync } from 'node:fs';
import type { ErrorData } from '../../shared/errors.ts';
import { type Layout, type PrivilegedRoleName, privilegedEntry } from '../layout.ts';

export interface SpawnPlan {
  via: 'direct' | 'pkexec';
  file: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  /** A session of its own: Ctrl-C in the terminal reaches us, and we stop the capture in good order. */
  detached: boolean;
}

/** pkexec's own lookup in PATH would trust the environment. */
export const PKEXEC = '/usr/bin/pkexec';
const CAP_NET_ADMIN = 12;
const CAP_SYS_ADMIN = 21;
const CAP_PERFMON = 38;
const CAP_BPF = 39;

/** As ourselves: enough to list interfaces whoever we are, and for everything when we are capable. */
export function directPlan(layout: Layout, role: PrivilegedRoleName): SpawnPlan {
  const args = [privilegedEntry(layout), '--role', role];
  return { via: 'direct', file: layout.node, args, env: {}, detached: true };
}

/** As root by way of polkit, or why that cannot be. */
export function pkexecPlan(layout: Layout, role: PrivilegedRoleName, isExecutable = executable): SpawnPlan | ErrorData {
  const tried = 'ask for administrator rights to attach eBPF programs';
  const launcher = layout.launchers[role];
  const what = role === 'capture' ? 'capturing needs' : "working with the kernel's eBPF programs needs";
  if (!isExecutable(PKEXEC))
    return {
      code: 'PKEXEC_MISSING',
      message: `${what} administrator rights, and pkexec is not installed`,
      tried,
      hint: 'Install polkit (Debian: apt-get install pkexec), or run xdpeek as root.',
    };
  if (!isExecutable(launcher))
    return {
      code: 'PKEXEC_MISSING',
      message: `${what} administrator rights, and ${launcher} is not installed`,
      tried,
      hint: "Install xdpeek's package, or run it as root (sudo).",
    };
  return { via: 'pkexec', file: PKEXEC, args: [launcher], env: process.env, detached: false };
}

/** Whether a child of this process could load and attach by itself. */
export function isCapable(status = readFileSync('/proc/self/status', 'utf8'), uid = process.getuid?.() ?? -1): boolean {
  // Root's effective set passes through exec; another user's only as ambient capabilities.
  const line = new RegExp(`^${uid === 0 ? 'CapEff' : 'CapAmb'}:\\s*([0-9a-f]+)$`, 'm').exec(status);
  const set = BigInt(`0x${line?.[1] ?? '0'}`);
  const has = (capability: number) => ((set >> BigInt(capability)) & 1n) === 1n;
  return has(CAP_NET_ADMIN) && (has(CAP_SYS_ADMIN) || (has(CAP_BPF) && has(CAP_PERFMON)));
}

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
