// Where things are in a checkout. Everything is found from this file, never from the working directory.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const inRoot = (...parts) => path.join(root, ...parts);

/** The Node that the product runs on (npm package `node`, pinned in the lock file). */
export const productNode = inRoot('node_modules/node/bin/node');

/** Headers of that very Node, shipped inside its npm package: the addon builds without fetching any. */
export function nodeHeaders() {
  const dir = inRoot('node_modules/node/node_modules', `node-linux-${process.arch}`);
  const hoisted = inRoot('node_modules', `node-linux-${process.arch}`);
  return [dir, hoisted].find((candidate) => existsSync(path.join(candidate, 'include/node/node_api.h')));
}
