/** What later parts need of a kernel and this machine's own refuses: kprobes and the raw tracepoints of XDP. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

const TRACING = '/sys/kernel/tracing';

test('a kprobe can be made, fires and is removed', () => {
  writeFileSync(`${TRACING}/kprobe_events`, 'p:xdpeek_probe do_sys_openat2');
  try {
    writeFileSync(`${TRACING}/events/kprobes/xdpeek_probe/enable`, '1');
    readFileSync('/proc/self/status');
    assert.match(readFileSync(`${TRACING}/trace`, 'utf8'), /xdpeek_probe/);
  } finally {
    writeFileSync(`${TRACING}/events/kprobes/xdpeek_probe/enable`, '0');
    writeFileSync(`${TRACING}/kprobe_events`, '');
  }
});

test('the tracepoints of XDP and of dropped packets are there', () => {
  for (const name of ['xdp/xdp_exception', 'xdp/xdp_redirect_err', 'xdp/xdp_cpumap_kthread', 'skb/kfree_skb'])
    assert.ok(existsSync(`${TRACING}/events/${name}`), name);
});
