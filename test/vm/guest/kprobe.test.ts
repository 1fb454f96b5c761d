/** What later parts need of a kernel and this machine's own refuses: kprobes and the raw tracepoints of XDP. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { addon } from '../../netns/lib/addon.ts';
import { countersOf, u32Key, withLibrary } from '../../netns/lib/library.ts';
import { run } from '../../netns/lib/process.ts';

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

test('execve_count of the library, on the kprobe of the system call, counts programs that start', () =>
  withLibrary(async (lab) => {
    const program = await lab.attachTo('execve_count', { kind: 'kprobe', function: '__x64_sys_execve' });
    assert.equal(addon.programs().find(({ id }) => id === program.programId)?.type, 'kprobe');
    const calls = () => countersOf(program.maps['calls']!, u32Key).get('0')![0]!;
    const before = calls();
    for (let i = 0; i < 10; i++) await run('id', []);
    // Nothing else starts programs in a guest.
    assert.equal(calls() - before, 10);
    await program.detach();
    assert.equal(addon.links().length, 0);
  }));
