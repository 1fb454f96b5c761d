/** A CPU that nothing of ordinary priority gets, for tests that need a kernel thread of it to fall behind. */
import { run, start } from './process.ts';

/**
 * Runs `body` while a real-time process spins on `cpu` and this process (its worker threads too) keeps off it. Short: after a second the kernel
 * gives others a turn.
 */
export async function withBusyCpu<T>(cpu: number, body: () => Promise<T>): Promise<T> {
  const pid = `${process.pid}`;
  // "pid 12's current affinity mask: 3"
  const mask = /([0-9a-f,]+)\s*$/.exec(await run('taskset', ['-p', pid]))![1]!;
  await run('taskset', ['-a', '-c', '-p', cpu === 0 ? '1' : '0', pid]);
  const spin = ['-c', `${cpu}`, 'chrt', '-f', '1', 'sh', '-c', 'echo spinning; while :; do :; done'];
  const spinning = start('taskset', spin);
  try {
    await spinning.waitFor(/spinning/);
    return await body();
  } finally {
    await spinning.stop('SIGKILL');
    await run('taskset', ['-a', '-p', mask, pid]);
  }
}
