/** What the kernel's error numbers and verdicts mean where XDP's tracepoints tell them (net/core/filter.c, kernel/bpf/devmap.c, drivers). */
import { constants } from 'node:os';

const NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

/** "ENXIO"; the number where it has no name. */
export function errorName(error: number): string {
  return NAMES.get(error) ?? `error ${error}`;
}

interface Words {
  meaning: string;
  hint: string;
}

const REDIRECT_ERRORS: Readonly<Record<string, Words>> = {
  EINVAL: {
    meaning: 'there is no such target: no interface of that index, or no such entry',
    hint: 'Check the index or the map entry that the program redirects to; indexes count within one network namespace.',
  },
  ENXIO: {
    meaning: 'the target has no ring that takes frames',
    hint: 'Load an XDP program on the peer of a veth (xdp_pass will do), or give the card its XDP rings.',
  },
  ENETDOWN: { meaning: 'the target interface is down', hint: 'Set it up: ip link set NAME up.' },
  ENOSPC: {
    meaning: "the target's queue is full",
    hint: 'Its CPU or socket is too slow: spread over more CPUs, or make the queue larger.',
  },
  EMSGSIZE: {
    meaning: "the packet is longer than the target's MTU",
    hint: 'Raise the MTU of the target, or lower that of the interface that receives.',
  },
  EOPNOTSUPP: {
    meaning: "the target's driver takes no redirected frames now, or none in several buffers",
    hint: 'A veth takes them once its peer has an XDP program (xdp_pass will do) or GRO; elsewhere use generic mode.',
  },
  ENOMEM: { meaning: 'no memory for the frame', hint: 'The machine is short of memory for packets.' },
  ENOBUFS: { meaning: "the target's ring or queue is full", hint: 'Make the ring larger, or the reader faster.' },
  EOVERFLOW: {
    meaning: 'no room before the packet for its frame header',
    hint: 'The program took all the headroom (bpf_xdp_adjust_head), or the driver gives too little.',
  },
  EBADRQC: { meaning: 'the map is of a type that cannot be redirected to', hint: 'Use a devmap, cpumap or xskmap.' },
  EFAULT: { meaning: 'the frame could not be read', hint: 'Look at the kernel log.' },
  ENOENT: { meaning: 'there is no such entry in the map', hint: 'Fill the map entry that the program uses.' },
  EBUSY: { meaning: 'the target is being changed', hint: 'Look again when the change is done.' },
};

export function redirectWords(error: string): Words {
  return (
    REDIRECT_ERRORS[error] ?? {
      meaning: "the target's driver refused it",
      hint: "Look up the error in the driver of the target interface, and in the kernel's log.",
    }
  );
}

/** By enum xdp_action; the last: none that is known. */
const EXCEPTIONS: readonly { action: string; meaning: string }[] = [
  { action: 'ABORTED', meaning: 'the program gave up: an error path of its own, or a redirect without a map entry' },
  { action: 'DROP', meaning: 'a drop that the driver could not carry out' },
  { action: 'PASS', meaning: 'a packet that passed could not be handed to the stack' },
  { action: 'TX', meaning: 'sending back failed: a full ring, an interface without one, or a packet too long' },
  { action: 'REDIRECT', meaning: 'a redirect failed in the driver' },
  { action: 'UNKNOWN', meaning: 'the program returned a number that is no verdict' },
];

export function exceptionWords(action: number): { action: string; meaning: string } {
  return EXCEPTIONS[Math.min(action, EXCEPTIONS.length - 1)]!;
}
