/** How the privileged process is reached: who may start it directly, how pkexec does, and what each of its ends is called. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exitReason } from '../../electron/session/privileged/exit-reason.ts';
import { PrivilegedClient } from '../../electron/session/privileged/privileged-client.ts';
import { directPlan, isCapable, PKEXEC, pkexecPlan } from '../../electron/session/privileged/spawn-plan.ts';
import { layout } from '../fixtures/session.ts';

test('who is capable: root by its effective set, others by ambient capabilities only', () => {
  const all = '000001ffffffffff';
  const none = '0000000000000000';
  const status = (eff: string, amb: string) => `Name:\tx\nCapInh:\t${none}\nCapEff:\t${eff}\nCapAmb:\t${amb}\n`;
  assert.equal(isCapable(status(all, none), 0), true);
  assert.equal(isCapable(status(none, none), 0), false);
  assert.equal(isCapable(status(all, none), 1000), false, 'lost at exec');
  assert.equal(isCapable(status(none, all), 1000), true);
  const bit = (...caps: number[]) =>
    caps
      .reduce((set, cap) => set | (1n << BigInt(cap)), 0n)
      .toString(16)
      .padStart(16, '0');
  assert.equal(isCapable(status(bit(12, 38, 39), none), 0), true, 'NET_ADMIN, PERFMON, BPF');
  assert.equal(isCapable(status(bit(12, 21), none), 0), true, 'NET_ADMIN, SYS_ADMIN');
  assert.equal(isCapable(status(bit(38, 39), none), 0), false, 'without NET_ADMIN');
  assert.equal(isCapable('nothing of the kind', 0), false);
});

test('plans: directly with an empty environment; by pkexec and the pinned launcher, or why not', () => {
  const direct = directPlan(layout, 'capture');
  assert.deepEqual(direct.args, ['/nonexistent/dist/privileged/main.mjs', '--role', 'capture']);
  assert.deepEqual(direct.env, {});
  for (const role of ['capture', 'workbench'] as const) {
    const asked = pkexecPlan(layout, role, () => true);
    assert.ok('via' in asked);
    assert.deepEqual([asked.file, asked.args], [PKEXEC, [layout.launchers[role]]]);
  }
  const noPkexec = pkexecPlan(layout, 'capture', (file) => file !== PKEXEC);
  const noLauncher = pkexecPlan(layout, 'workbench', (file) => file === PKEXEC);
  for (const plan of [noPkexec, noLauncher]) {
    assert.ok('code' in plan && plan.code === 'PKEXEC_MISSING' && plan.hint);
  }
});

const via = (script: string, how: 'direct' | 'pkexec' = 'pkexec') =>
  PrivilegedClient.start({ via: how, file: '/bin/sh', args: ['-c', script], env: {}, detached: true });

for (const [what, script, how, code, words] of [
  ['dismissed', 'exit 126', 'pkexec', 'AUTH_DISMISSED', /dismissed/],
  ['refused', 'echo "Not authorized" >&2; exit 127', 'pkexec', 'AUTH_REFUSED', /refused: Not authorized/],
  [
    'without an agent',
    'echo "Error executing command as another user: No authentication agent found." >&2; exit 127',
    'pkexec',
    'AUTH_NO_AGENT',
    /no polkit authentication agent/,
  ],
  [
    'failing at its start',
    'echo "xdpeek-privileged: the addon is missing" >&2; exit 1',
    'direct',
    'PRIVILEGED_FAILED',
    /could not start \(status 1\): the addon is missing/,
  ],
  ['killed before hello', 'kill -9 $$', 'direct', 'PRIVILEGED_GONE', /killed by SIGKILL/],
  [
    'not speaking the protocol',
    'echo hello there, world; exec sleep 10',
    'direct',
    'FRAME_MAGIC',
    /cannot be understood/,
  ],
] as const)
  test(`a privileged process ${what} is told as ${code}`, async () => {
    const from = performance.now();
    await assert.rejects(via(script, how), { code, message: words });
    assert.ok(performance.now() - from < 8000, 'it does not wait for what sleeps');
  });

test('a program that is not there is told as such', async () => {
  const plan = { ...directPlan(layout, 'capture'), file: '/nonexistent/node' };
  await assert.rejects(PrivilegedClient.start(plan), { code: 'PRIVILEGED_FAILED', message: /nonexistent\/node/ });
});

test('after hello, 126 and 127 are statuses like any other', () => {
  const { code } = exitReason({ via: 'pkexec' }, { code: 127, signal: null, lastLine: '', greeted: true });
  assert.equal(code, 'PRIVILEGED_GONE');
});
