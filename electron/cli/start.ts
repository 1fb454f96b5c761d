/** One command's life: options parsed by its table, its code loaded, its output flushed. */
import { commandHelp } from './options/help.ts';
import { parseOptions } from './options/parse.ts';
import type { CommandSpec, Invocation } from './options/spec.ts';
import { Output } from './output/output.ts';
import { stopSignal } from './stop-signal.ts';

/** What a command's code gets besides its options. */
export interface Context {
  /** Standard output: awaits when the reader is slow, ends quietly when it goes away. */
  readonly out: Output;
  /** Aborted by SIGINT, SIGTERM, SIGHUP, or the reader of standard output going away. */
  readonly stop: AbortSignal;
}

export type Run<S extends CommandSpec> = (invocation: Invocation<S>, context: Context) => Promise<number>;

/** @returns what runs it and gives its exit status */
export function start<S extends CommandSpec>(spec: S, argv: readonly string[], load: () => Promise<{ run: Run<S> }>) {
  return async (): Promise<number> => {
    const parsed = parseOptions(spec, argv);
    if (parsed.kind === 'help') return print(commandHelp(spec));
    const { run } = await load();
    const stop = stopSignal();
    const out = new Output(1, () => stop.abort(new Error('the reader went away')));
    try {
      const status = await run(parsed.invocation, { out, stop: stop.signal });
      await out.flush();
      return status;
    } finally {
      stop.release();
    }
  };
}

export async function print(text: string): Promise<number> {
  const out = new Output(1, () => {});
  await out.write(text);
  await out.flush();
  return 0;
}
