/**
 * A line of the kernel's trace pipe (kernel/trace/trace_output.c). The task's name stands right-aligned in 16 columns, so that whatever is in it cannot
 * be taken for the rest:
 *
 *     ping-4711    [001] b.s31  1234.567890: bpf_trace_printk: hello          since Linux 5.9
 *     ping-4711    [001] d.s3   1234.567890: 0x00000001: hello                before; the flags have four letters
 *     ping-4711  ( 4711) [001] …                                              with the option record-tgid
 */
import type { TraceLine } from '../../shared/monitor-api.ts';
import { decodeTrace } from './trace-decode.ts';

const TASK_COLUMNS = 16;
const HEAD =
  /^-(\d+)\s+(?:\(\s*[\d-]+\)\s+)?\[(\d{3,5})\]\s+(?:([^\s:]{1,10})\s+)?(\d+(?:\.\d+)?):\s+(?:([A-Za-z_][\w.]*|0x[\da-f]+|0): ?)?(.*)$/s;
/** Somebody cut the blanks before the name. */
const CUT = /^\s*(\S.{0,15}?)(-\d+\s+(?:\(\s*[\d-]+\)\s+)?\[\d{3,5}\]\s.*)$/s;

export function parseTraceLine(line: string, index: number): TraceLine {
  let task = line.slice(0, TASK_COLUMNS).trim();
  let head = HEAD.exec(line.slice(TASK_COLUMNS));
  if (!head || task === '') {
    const cut = CUT.exec(line);
    head = cut && HEAD.exec(cut[2]!);
    task = cut?.[1] ?? '';
  }
  if (!head)
    return {
      index,
      task: '',
      pid: 0,
      cpu: 0,
      flags: '',
      timeS: 0,
      function: '',
      text: line,
      decoded: decodeTrace(line),
    };
  const [, pid, cpu, flags = '', time, name = '', text] = head as unknown as string[];
  return {
    index,
    task,
    pid: Number(pid),
    cpu: Number(cpu),
    flags,
    timeS: Number(time),
    // Before Linux 5.9 bpf_trace_printk gave a made-up address.
    function: name === '0' || name!.startsWith('0x') ? 'bpf_trace_printk' : name!,
    text: text!,
    decoded: decodeTrace(text!),
  };
}
