/** `xdpeek serve`: one session, served to browsers on this machine until Ctrl-C. Detaches and removes what it made at the end. */
import path from 'node:path';
import { type Served, serve as serveWindow } from '../../serve/server.ts';
import { captureDemo } from '../../session/demo-capture.ts';
import { defaultSpoolDir } from '../../session/files/spool.ts';
import { findLayout } from '../../session/layout.ts';
import { createSession } from '../../session/session.ts';
import type { Invocation } from '../options/spec.ts';
import type { Output } from '../output/output.ts';
import type { Context } from '../start.ts';
import type { serve } from '../table.ts';
import { VERSION } from '../version.ts';

export async function run({ options, operands }: Invocation<typeof serve>, { out, stop }: Context): Promise<number> {
  const layout = findLayout();
  const files = operands.map((file) => path.resolve(file));
  const network = options.demo ? await (await import('../demo/index.ts')).startDemo() : undefined;
  const session = createSession({ host: 'serve', version: VERSION, demo: options.demo, layout });
  let served: Served | undefined;
  try {
    if (files.length > 0) await session.openFile(files);
    // The window says why it does not run, and can start it again.
    else if (network) await captureDemo(session, network).catch(() => {});
    served = await serveWindow({
      backend: session,
      rendererDir: path.join(layout.dist, 'renderer'),
      uploadDir: defaultSpoolDir(),
      port: options.port,
      opened: files,
    });
    await greet(served, options.viewer, out);
    await untilStopped(served, options.viewer, out, stop);
  } finally {
    await served?.close();
    await session.close();
    await network?.stop();
  }
  return 0;
}

async function greet(served: Served, viewer: boolean, out: Output): Promise<void> {
  await out.write(`Open this link in a browser on this machine (it works once):\n\n  ${served.newLink()}\n\n`);
  if (viewer) await out.write(`This one is for looking only:\n\n  ${served.newLink('viewer')}\n\n`);
  const { port } = served;
  await out.write(`From another machine: ssh -L ${port}:127.0.0.1:${port} HOST, then open it there. `);
  await out.write(
    `${process.stdin.isTTY ? `Enter prints ${viewer ? 'other links' : 'another link'}, ` : ''}Ctrl-C ends.\n`,
  );
  await out.flush();
}

/** On a terminal each Enter makes a new link: a cookie ends with the browser, a link with its first use. */
function untilStopped(served: Served, viewer: boolean, out: Output, stop: AbortSignal): Promise<void> {
  const { stdin } = process;
  const links = () => `  ${served.newLink()}\n${viewer ? `  ${served.newLink('viewer')} (for looking only)\n` : ''}`;
  const another = (): void => void out.write(links()).catch(() => {});
  if (stdin.isTTY) stdin.on('data', another);
  return new Promise((resolve) => {
    const end = (): void => {
      stdin.off('data', another).pause();
      resolve();
    };
    if (stop.aborted) end();
    else stop.addEventListener('abort', end, { once: true });
  });
}
