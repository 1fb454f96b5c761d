/**
 * Pins that nobody else will see: a process with a mount namespace of its own may have a bpffs of its own, which goes with the namespace, and
 * all pins in it. `ip netns exec` makes one for every command that it runs.
 */
import { readFileSync, statSync } from 'node:fs';

const BPFFS = '/sys/fs/bpf';
/** More processes than anybody nests. */
const MOST_PARENTS = 64;

/** After a pin was made, for stderr: '' when it is where those who started this look for it, or when that cannot be told. */
export function privatePinsNote(device: (path: string) => number | undefined = deviceOf, parent = parentOf): string {
  const here = device(BPFFS);
  let theirs: number | undefined;
  // The farthest that may be looked at: pid 1 as a rule.
  for (let pid = parent(process.pid), count = 0; pid > 0 && count < MOST_PARENTS; pid = parent(pid), count++)
    theirs = device(`/proc/${pid}/root${BPFFS}`) ?? theirs;
  if (here === undefined || theirs === undefined || here === theirs) return '';
  return "xdpeek: this command has a mount namespace of its own ('ip netns exec' makes one): the pin goes when its last process ends, and what it holds with it. Run xdpeek outside, and name the interface IF@NS.\n";
}

function deviceOf(path: string): number | undefined {
  try {
    return statSync(path).dev;
  } catch {
    return undefined;
  }
}

/** 0 = none, or hidden. The name of a process may have spaces and brackets in it. */
function parentOf(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}
