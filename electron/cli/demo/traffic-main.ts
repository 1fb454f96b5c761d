/**
 * One side of the demo's traffic: `demo-traffic client|server NETNS-OF-A`, run inside its namespace by startDemo(). Lives as
 * long as its standard input is open; when that closes (the demo stopped, or was killed) it removes its namespace and ends.
 */
import { removeOwnNamespace } from './namespaces.ts';
import { planOf, SLOTS } from './plan.ts';
import { startClient } from './traffic/client.ts';
import { loadFrameSender } from './traffic/frame-sender.ts';
import { startServer } from './traffic/server.ts';

async function main([role, netns]: string[]): Promise<void> {
  const plan = Array.from({ length: SLOTS }, (_, i) => planOf(i + 1)).find(({ a }) => a.netns === netns);
  if (!plan || (role !== 'client' && role !== 'server'))
    throw new Error('this program is started by `xdpeek demo`, not by hand');
  const own = role === 'client' ? plan.a : plan.b;
  const end = () => {
    removeOwnNamespace(own);
    process.exit(0);
  };
  process.stdin.on('end', end).on('error', end).resume();
  process.on('SIGTERM', end);
  await (role === 'client' ? startClient : startServer)(plan, loadFrameSender());
  process.stdout.on('error', () => {}).write('ready\n');
}

main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
