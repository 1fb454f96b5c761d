// What set-up prints: one line a step with its time, and errors that say what to do. Plain JavaScript because it runs on
// the machine's own Node before anything is installed.

const tty = process.stderr.isTTY;
const dim = (text) => (tty ? `\u001b[2m${text}\u001b[0m` : text);
const bold = (text) => (tty ? `\u001b[1m${text}\u001b[0m` : text);

export function say(text) {
  process.stderr.write(`${bold('xdpeek')} ${text}\n`);
}

/** A failure that people can act on: `hint` lines are printed below the message. */
export class SetupError extends Error {
  constructor(message, hint = '') {
    super(message);
    this.hint = hint;
  }
}

/** Runs `work` as a named step and prints how long it took. */
export async function step(title, work) {
  say(`${title} …`);
  const started = performance.now();
  const result = await work();
  say(dim(`${title}: done in ${((performance.now() - started) / 1000).toFixed(1)} s`));
  return result;
}

/** Entry-point wrapper: prints SetupErrors in words, everything else with its stack, and exits 1. */
export async function main(work) {
  try {
    await work();
  } catch (error) {
    if (error instanceof SetupError) {
      process.stderr.write(`\nxdpeek: ${error.message}\n`);
      if (error.hint) process.stderr.write(`        ${error.hint.replaceAll('\n', '\n        ')}\n`);
    } else {
      process.stderr.write(`\nxdpeek: ${error?.stack ?? error}\n`);
    }
    process.exit(1);
  }
}
