/** Types of programs that are written by hand or whose section does not say what they are, by libbpf's names. */
export const PROGRAM_TYPES = [
  { value: 'xdp', label: 'XDP', detail: 'Returns XDP_PASS, XDP_DROP…' },
  { value: 'sched_cls', label: 'tc classifier', detail: 'Returns TC_ACT_OK, TC_ACT_SHOT…' },
  { value: 'socket_filter', label: 'Socket filter', detail: 'Returns how many bytes are kept' },
  { value: 'tracepoint', label: 'Tracepoint', detail: '' },
  { value: 'raw_tracepoint', label: 'Raw tracepoint', detail: '' },
  { value: 'kprobe', label: 'kprobe', detail: '' },
  { value: 'perf_event', label: 'Perf event', detail: '' },
  { value: 'cgroup_skb', label: 'cgroup packets', detail: 'Returns 1 to let a packet through' },
] as const;
export type WrittenType = (typeof PROGRAM_TYPES)[number]['value'];

/** The kernel's name where there is no other word for it. */
export function typeWord(type: string): string {
  return PROGRAM_TYPES.find(({ value }) => value === type)?.label ?? type;
}
