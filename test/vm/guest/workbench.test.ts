/** What the workbench's command line does where the kernel has everything: kprobes, fentry and fexit, packets run. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { addon } from '../../netns/lib/addon.ts';
import { echoFrame, replyTo } from '../../netns/lib/echo-frames.ts';
import { countersOf, u32Key } from '../../netns/lib/library.ts';
import { attempt, eventually, type Running, run, start } from '../../netns/lib/process.ts';

const MAIN = path.resolve(import.meta.dirname, '../../../dist/cli/main.mjs');
/** QEMU emulates every instruction. */
const SLOW_MS = 60_000;

const programOf = (name: string) => addon.programs().find((program) => program.name === name);
const gone = (name: string) => eventually(`${name} is gone`, () => programOf(name) === undefined, SLOW_MS);

async function attached(args: readonly string[], name: string): Promise<Running> {
  const running = start(process.execPath, [MAIN, 'prog', 'attach', ...args]);
  const ended = running.ended.then(({ stderr }) => assert.fail(`it ended: ${stderr}`));
  await Promise.race([eventually(`${name} is attached`, () => links(name) > 0, SLOW_MS), ended]);
  ended.catch(() => {}); // its end is the test's to tell from here on
  return running;
}

function links(name: string): number {
  const program = programOf(name);
  return program ? addon.links().filter(({ programId }) => programId === program.id).length : 0;
}

const counts = (name: string) => countersOf(programOf(name)!.mapIds[0]!, u32Key);

test('prog attach --kprobe counts the programs that start, and lets go of the function at the end', async () => {
  const running = await attached(['execve_count', '--kprobe', '__x64_sys_execve'], 'execve_count');
  const calls = () => counts('execve_count').get('0')![0]!;
  const before = calls();
  // By its path: what is not in the first folder of PATH is tried, and counted, more than once.
  for (let i = 0; i < 5; i++) await run('/usr/bin/id', []);
  assert.equal(calls() - before, 5);
  assert.equal((await running.stop('SIGINT')).status, 0);
  await gone('execve_count');
});

for (const [program, which] of [
  ['open_begins', '0'],
  ['open_returns', '1'],
] as const)
  test(`prog attach takes a program with its target in its section: ${which === '0' ? 'fentry' : 'fexit'}`, async () => {
    const object = path.resolve(import.meta.dirname, 'programs/traced.bpf.o');
    const running = await attached([`${object}:${program}`], program);
    const before = counts(program).get(which)![0]!;
    for (let i = 0; i < 20; i++) readFileSync('/proc/self/status');
    assert.ok(counts(program).get(which)![0]! - before >= 20);
    assert.equal((await running.stop('SIGINT')).status, 0);
    await gone(program);
  });

test('prog run: icmp_echo on an echo request gives the reply, on this kernel too', async () => {
  const ends = [
    { mac: '02:77:00:00:00:01', ipv4: '10.77.0.1', ipv6: 'fd77::1' },
    { mac: '02:77:00:00:00:02', ipv4: '10.77.0.2', ipv6: 'fd77::2' },
  ] as const;
  const data = Buffer.from(echoFrame(...ends)).toString('hex');
  const result = await attempt(process.execPath, [MAIN, 'prog', 'run', 'icmp_echo', '--data', data, '--json']);
  assert.equal(result.status, 0, result.stderr);
  const { verdictName, after, changes } = JSON.parse(result.stdout) as {
    verdictName: string;
    after: string;
    changes: { field: string }[];
  };
  assert.equal(verdictName, 'XDP_TX');
  assert.equal(after, Buffer.from(replyTo(...ends)).toString('hex'));
  assert.ok(changes.some(({ field }) => field === 'icmp.type'));
});
