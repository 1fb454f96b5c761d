// Chunks of bundles have names of their content: what a build leaves behind of the one before is named by nobody, and would be packaged with the rest.
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';

const CHUNK = /[\w-]+-[A-Z0-9]{8}\.mjs/g;

/** Removes those in `folder`/chunks that no bundle in `folder` leads to, if nobody can still run what needs them: they are older than `olderThanMs`. */
export function removeStaleChunks(folder, olderThanMs = 0) {
  const chunks = path.join(folder, 'chunks');
  if (!existsSync(chunks)) return;
  const needed = new Set(
    readdirSync(folder)
      .filter((name) => name.endsWith('.mjs'))
      .map((name) => path.join(folder, name)),
  );
  for (const file of needed)
    for (const [name] of readFileSync(file, 'utf8').matchAll(CHUNK))
      if (existsSync(path.join(chunks, name))) needed.add(path.join(chunks, name));
  for (const name of readdirSync(chunks)) {
    const file = path.join(chunks, name);
    if (needed.has(file.replace(/\.map$|\.LEGAL\.txt$/, ''))) continue;
    if (Date.now() - statSync(file).mtimeMs >= olderThanMs) rmSync(file, { force: true });
  }
}
