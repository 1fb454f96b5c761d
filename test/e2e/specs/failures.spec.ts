/** What goes wrong is said where the action was: what happened, why, what to do; and the next try works. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '../lib/fixtures.ts';
import { ROOT } from '../lib/hosts.ts';
import { attachedPrograms, NEAR } from '../lib/network.ts';

test('kill -9 of the privileged process: red, with the reason, nothing attached, and Start again works', async ({
  window,
  running,
}) => {
  await window.start();
  await window.show('Packets');
  await expect.poll(() => window.packetCount()).toBeGreaterThan(10);
  const pids = running.privilegedPids();
  expect(pids.length).toBeGreaterThan(0);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  await expect(window.failure).toContainText('SIGKILL');
  await expect(window.statusBar).toContainText('Failed');
  await expect.poll(attachedPrograms).toBe('');
  const kept = await window.packetCount();
  expect(kept, 'what was captured stays readable').toBeGreaterThan(10);
  await window.failure.getByRole('button', { name: 'Start again' }).click();
  await window.running();
  await expect(window.failure).toHaveCount(0);
  await expect.poll(() => window.packetCount()).toBeGreaterThan(10);
});

test('an interface that another XDP program holds: says which, leaves it alone, and starts once it is free', async ({
  window,
}) => {
  const object = path.join(ROOT, 'test/output/e2e-pass.o');
  execFileSync('clang', ['-O2', '-target', 'bpf', '-x', 'c', '-c', '-', '-o', object], {
    input: '__attribute__((section("xdp"), used)) int pass(void *ctx) { return 2; }',
  });
  expect(existsSync(object)).toBe(true);
  const link = (...args: string[]) =>
    execFileSync('ip', ['-n', NEAR.netns, 'link', 'set', 'dev', NEAR.ifname, ...args]);
  link('xdp', 'obj', object, 'sec', 'xdp');
  try {
    await window.show('Start');
    await window.card().click();
    await expect(window.failure).toContainText(NEAR.ifname);
    await expect(window.failure).toContainText(/busy|already|another/i);
    await expect.poll(attachedPrograms).toContain(NEAR.ifname);
  } finally {
    link('xdp', 'off');
  }
  await window.failure.getByRole('button', { name: 'Start again' }).click();
  await window.running();
});
