/** The test library itself: networks go when a test is interrupted or killed. A leak here would spoil every later test. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Network } from './lib/network.ts';
import { eventually, run, start } from './lib/process.ts';

const module = path.resolve(import.meta.dirname, 'lib/network.ts');
const prefix = 'xil';

/** A process that holds a network of one namespace and runs until it is stopped. */
async function holder(): Promise<{ holding: ReturnType<typeof start>; netns: string }> {
  const script = `const { Network } = await import(${JSON.stringify(module)});
    const network = new Network({ prefix: '${prefix}' });
    console.log('up', await network.namespace('h'));
    setInterval(() => {}, 1000);`;
  const holding = start(process.execPath, ['--input-type=module', '-e', script]);
  await holding.waitFor(/up .+\n/);
  return { holding, netns: /up (.+)\n/.exec(holding.stdout())![1]! };
}
const exists = (netns: string) => existsSync(`/run/netns/${netns}`);

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  test(`${signal} removes the namespaces`, async () => {
    const { holding, netns } = await holder();
    assert.ok(exists(netns));
    assert.equal((await holding.stop(signal)).status, status);
    assert.equal(exists(netns), false);
  });

test('what a killed run left is removed by the next network with its prefix, and by no other', async () => {
  const { holding, netns } = await holder();
  await holding.stop('SIGKILL');
  await new Network({ prefix: 'xiz' }).close();
  assert.ok(exists(netns));
  await new Network({ prefix }).close();
  assert.equal(exists(netns), false);
});

test('a running test keeps its network while others start', async () => {
  const { holding, netns } = await holder();
  await new Network({ prefix }).close();
  assert.ok(exists(netns));
  await holding.stop('SIGTERM');
});

test('a failing command says what it said; a silent program runs into the time limit', async () => {
  await assert.rejects(
    run('ip', ['link', 'show', 'dev', 'xi-nope']),
    /ip link show dev xi-nope ended with 1: .*does not exist/,
  );
  await assert.rejects(run('sleep', ['30'], { timeoutMs: 100 }), /ended with SIGKILL/);
  await assert.rejects(
    eventually('never', () => false, 50),
    /not within 50 ms: never/,
  );
  const quiet = start('sleep', ['30']);
  await assert.rejects(quiet.waitFor(/word/, 50), /no \/word\/ within 50 ms/);
  await quiet.stop('SIGTERM');
});
