/** `xdpeek demo`: the demo network until somebody says stop, and the commands to try on it. */
import { fstatSync } from 'node:fs';
import { startDemo } from '../demo/index.ts';
import type { Invocation } from '../options/spec.ts';
import type { Context } from '../start.ts';
import type { demo } from '../table.ts';

export async function run(_: Invocation<typeof demo>, { out, stop }: Context): Promise<number> {
  const network = await startDemo();
  try {
    const on = `-i ${network.ifname} --netns ${network.netns}`;
    const lines = [
      `The demo network is up: interface ${network.ifname} in namespace ${network.netns}. In another terminal:`,
      '',
      `  xdpeek dump ${on}`,
      `  xdpeek dump ${on} -c 100 -w demo.pcapng`,
      `  xdpeek flows ${on}`,
      `  xdpeek stats ${on} --per-cpu`,
      '  xdpeek serve',
      '',
      'Ctrl-C ends it and removes everything.',
      '',
    ];
    await out.write(lines.join('\n'));
    await out.flush();
    await stopped(stop);
  } finally {
    await network.stop();
  }
  return 0;
}

/**
 * Stop, or the end of a standard input that is a pipe: whoever started this as a child (the app) has gone. A terminal's or
 * /dev/null's end of file means nothing.
 */
function stopped(stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) return resolve();
    stop.addEventListener('abort', () => resolve(), { once: true });
    const input = fstatSync(0);
    if (input.isFIFO() || input.isSocket()) process.stdin.once('close', resolve).once('end', resolve).resume();
  });
}
