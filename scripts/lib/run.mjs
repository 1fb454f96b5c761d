// Child processes for set-up: inherited output or captured, with errors that name the command.
import { spawn } from 'node:child_process';
import { SetupError } from './log.mjs';
import { root } from './paths.mjs';

/** Runs a command with its output on our stderr; rejects with SetupError on a non-zero status. */
export function run(command, args, { cwd = root, env = process.env, hint = '', quiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks = [];
    const take = (chunk) => {
      chunks.push(chunk);
      if (!quiet) process.stderr.write(chunk);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.on('error', (error) => reject(new SetupError(`cannot run ${command}: ${error.message}`, hint)));
    child.on('close', (status, signal) => {
      if (status === 0) return resolve(Buffer.concat(chunks).toString());
      if (quiet) process.stderr.write(Buffer.concat(chunks));
      reject(new SetupError(`${command} ${args.slice(0, 3).join(' ')} failed (${signal ?? `status ${status}`})`, hint));
    });
  });
}
