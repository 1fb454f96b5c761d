/** What programs return, in the kernel's names (linux/bpf.h, linux/pkt_cls.h), and what becomes of the packet. */
import type { RunResult } from '../../shared/workbench-api.ts';

export type Fate = RunResult['fate'];
interface Verdict {
  name: string;
  fate: Fate;
}

const XDP: readonly [string, Fate][] = [
  ['XDP_ABORTED', 'aborted'],
  ['XDP_DROP', 'drop'],
  ['XDP_PASS', 'pass'],
  ['XDP_TX', 'tx'],
  ['XDP_REDIRECT', 'redirect'],
];

/** From TC_ACT_UNSPEC, −1, on. */
const TC: readonly [string, Fate][] = [
  ['TC_ACT_UNSPEC', 'pass'],
  ['TC_ACT_OK', 'pass'],
  ['TC_ACT_RECLASSIFY', 'other'],
  ['TC_ACT_SHOT', 'drop'],
  ['TC_ACT_PIPE', 'pass'],
  ['TC_ACT_STOLEN', 'drop'],
  ['TC_ACT_QUEUED', 'drop'],
  ['TC_ACT_REPEAT', 'other'],
  ['TC_ACT_REDIRECT', 'redirect'],
  ['TC_ACT_TRAP', 'other'],
];

/** Types of libbpf's names whose programs the kernel runs on a packet's bytes. */
export const RUNNABLE_TYPES: readonly string[] = [
  'xdp',
  'sched_cls',
  'sched_act',
  'socket_filter',
  'cgroup_skb',
  'lwt_in',
  'lwt_out',
  'lwt_xmit',
];

/** @param length of the packet that a socket filter was given */
export function verdictOf(type: string, value: number, length: number): Verdict {
  const signed = value | 0;
  if (type === 'xdp') return named(XDP[value], signed);
  if (type === 'sched_cls' || type === 'sched_act') return named(TC[signed + 1], signed);
  if (type === 'cgroup_skb')
    return (value & 1) === 1 ? { name: 'let through', fate: 'pass' } : { name: 'dropped', fate: 'drop' };
  if (type !== 'socket_filter') return named(undefined, signed);
  if (value === 0) return { name: 'dropped', fate: 'drop' };
  const bytes = Math.min(value, length);
  return { name: `${bytes} of ${length} bytes let through`, fate: 'pass' };
}

function named(known: readonly [string, Fate] | undefined, value: number): Verdict {
  return known ? { name: known[0], fate: known[1] } : { name: String(value), fate: 'other' };
}

/** A verdict as people write it in a regression case: its name, with or without the prefix, or a number. Undefined: neither. */
export function verdictValue(type: string, text: string): number | undefined {
  if (/^-?\d{1,10}$/.test(text)) return Number(text) >>> 0;
  const [names, first, prefix] =
    type === 'xdp' ? [XDP, 0, 'XDP_'] : type.startsWith('sched_') ? [TC, -1, 'TC_ACT_'] : [[], 0, ''];
  const wanted = text.toUpperCase();
  const at = names.findIndex(([name]) => name === wanted || name === `${prefix}${wanted}`);
  return at < 0 ? undefined : (at + first) >>> 0;
}
