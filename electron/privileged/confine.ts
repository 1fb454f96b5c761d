/**
 * What this process gives up before anybody can ask it for anything (SECURITY 15): capabilities beyond those of its role, new privileges, and system calls that it
 * never makes. Capabilities belong to threads, and Node's run already: so it limits itself and starts once more in its own place, unless it was started limited (the
 * launcher does that).
 */
import { readFileSync } from 'node:fs';
import type { Addon } from './addon.ts';
import type { Role } from './arguments.ts';

/** linux/capability.h */
const CAP = {
  DAC_READ_SEARCH: 2,
  NET_ADMIN: 12,
  NET_RAW: 13,
  IPC_LOCK: 14,
  SYS_PTRACE: 19,
  SYS_ADMIN: 21,
  SYS_RESOURCE: 24,
  SYSLOG: 34,
  PERFMON: 38,
  BPF: 39,
} as const;

/**
 * SYS_ADMIN: network namespaces, ids of kernel objects, bpffs. SYS_PTRACE and DAC_READ_SEARCH: namespaces and open files of other users' processes. IPC_LOCK and
 * SYS_RESOURCE: rings and maps beyond the limit for locked memory. SYSLOG: addresses of the kernel's functions, for listings and drop places.
 */
const BOTH = [
  CAP.DAC_READ_SEARCH,
  CAP.NET_ADMIN,
  CAP.NET_RAW,
  CAP.IPC_LOCK,
  CAP.SYS_PTRACE,
  CAP.SYS_ADMIN,
  CAP.SYS_RESOURCE,
  CAP.PERFMON,
  CAP.BPF,
];
export const KEPT: Readonly<Record<Role, readonly number[]>> = { capture: BOTH, workbench: [...BOTH, CAP.SYSLOG] };

/** Returns only when all of it is done. */
export function confine(addon: Addon, role: Role): void {
  if (!addon.isLimited() || !within(KEPT[role])) {
    addon.limitCapabilities([...KEPT[role]]);
    process.execve!(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], {});
  }
  addon.filterSystemCalls();
}

/** A container may forbid new privileges and leave all others. */
function within(kept: readonly number[]): boolean {
  const permitted = /^CapPrm:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  const mask = kept.reduce((all, capability) => all | (1n << BigInt(capability)), 0n);
  return (BigInt(`0x${permitted}`) & ~mask) === 0n;
}
