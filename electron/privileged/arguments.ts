/**
 * The command line of the root process: `--role capture` or `--role workbench`, and nothing else. pkexec does not
 * check arguments for us, so anything unknown, repeated, too long, empty or missing is a usage error before any side effect.
 */
export const ROLES = ['capture', 'workbench'] as const;
export type Role = (typeof ROLES)[number];

export const USAGE = 'usage: xdpeek-privileged --role capture|workbench (started by xdpeek, not by hand)';
const LONGEST_ARGUMENT = 32;

/** The role, or undefined for a usage error. `args` excludes the program's name. */
export function parseArguments(args: readonly string[]): Role | undefined {
  if (args.length !== 2 || args.some((arg) => arg === '' || arg.length > LONGEST_ARGUMENT)) return undefined;
  const [flag, value] = args;
  if (flag !== '--role') return undefined;
  return ROLES.find((role) => role === value);
}
