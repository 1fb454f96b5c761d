// Everything a checkout needs, in order, each part only when it is missing or stale. A run with nothing to do takes well under 2 s.

import { build } from './build-steps.mjs';
import { ensureDebianPackages } from './debian.mjs';
import { SetupError } from './log.mjs';
import { ensureNodeModules } from './npm.mjs';

/** @param {{ test?: boolean }} options  `test` also installs the tools that the tests use as judges. */
export async function setup({ test = false } = {}) {
  if (process.platform !== 'linux') throw new SetupError(`xdpeek runs on Linux, this is ${process.platform}`);
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 18)
    throw new SetupError(
      `Node ${process.versions.node} is too old to start the set-up`,
      'Install Node 18 or newer; the product brings its own Node.',
    );
  await ensureDebianPackages({ test });
  await ensureNodeModules();
  await build();
}
