/** `xdpeek [FILE]`: the window. Where there cannot be a native one, says why and serves it to a browser instead. */
import { spawn } from 'node:child_process';
import { XdpeekError } from '../../shared/errors.ts';
import type { Invocation } from '../options/spec.ts';
import type { Context } from '../start.ts';
import type { open } from '../table.ts';
import { type NativeWindow, nativeWindow, surroundings } from '../window/electron.ts';

export async function run(invocation: Invocation<typeof open>, context: Context): Promise<number> {
  const { options, operands } = invocation;
  const window = nativeWindow(surroundings());
  if ('why' in window) {
    process.stderr.write(`xdpeek: no native window: ${window.why}. Serving it to a browser instead.\n`);
    const { run: serve } = await import('./serve.ts');
    return serve({ options: { port: 0, viewer: false, demo: options.demo }, operands }, context);
  }
  const own = [...(options.demo ? ['--demo'] : []), ...(operands.length > 0 ? ['--', ...operands] : [])];
  return show(window, own, context.stop);
}

function show({ file, args, env, user }: NativeWindow, own: readonly string[], stop: AbortSignal): Promise<number> {
  const clean = { ...env };
  delete clean['ELECTRON_RUN_AS_NODE'];
  const child = spawn(file, [...args, ...own], { stdio: 'inherit', env: clean, ...user });
  stop.addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
  return new Promise((resolve, reject) => {
    child.once('error', (error) =>
      reject(
        new XdpeekError({
          code: 'ENOEXEC',
          message: `the window cannot be started: ${error.message}`,
          hint: "Run 'xdpeek serve' and open the page that it prints.",
        }),
      ),
    );
    child.once('exit', (code) => resolve(code === 0 || stop.aborted ? 0 : 1));
  });
}
