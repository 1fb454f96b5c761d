// "Only when stale": a step's inputs (files and folders, plus any text such as versions) are hashed by name, size and
// modification time; the hash is kept beside the outputs. Hashing a checkout takes some tens of milliseconds.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inRoot } from './paths.mjs';

const IGNORED = new Set(['node_modules', 'build', 'dist', 'output', '.git']);

function* files(entry) {
  const stat = statSync(entry, { throwIfNoEntry: false });
  if (!stat) return;
  if (!stat.isDirectory()) yield [entry, stat];
  else for (const name of readdirSync(entry).sort()) if (!IGNORED.has(name)) yield* files(path.join(entry, name));
}

export function fingerprint(inputs, extra = '') {
  const hash = createHash('sha256').update(extra);
  for (const input of inputs)
    for (const [file, stat] of files(inRoot(input))) hash.update(`${file}\0${stat.size}\0${stat.mtimeMs}\n`);
  return hash.digest('hex');
}

const stampFile = (name) => inRoot('dist/.stamps', name);

/** True when `outputs` exist and were made from these very inputs. */
export function fresh(name, print, outputs) {
  return (
    outputs.every((output) => existsSync(inRoot(output))) &&
    existsSync(stampFile(name)) &&
    readFileSync(stampFile(name), 'utf8') === print
  );
}

export function stamp(name, print) {
  mkdirSync(path.dirname(stampFile(name)), { recursive: true });
  writeFileSync(stampFile(name), print);
}
