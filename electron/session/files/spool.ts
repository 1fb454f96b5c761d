/**
 * Where a live capture is kept until it is saved: a file of the user's alone in a private folder of the cache directory (of
 * /run it would take memory). A session removes its own when it goes; what a crash left stays for a week.
 */
import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { XdpeekError } from '../../shared/errors.ts';
import { BlockFile } from './block-file.ts';

const PREFIX = 'capture-';
const KEPT_MS = 7 * 24 * 3600 * 1000;

export function defaultSpoolDir(): string {
  const cache = process.env['XDG_CACHE_HOME'];
  return path.join(cache !== undefined && path.isAbsolute(cache) ? cache : path.join(homedir(), '.cache'), 'xdpeek');
}

/** An unpredictable name in a folder that nobody else can enter. */
export async function createSpool(dir: string): Promise<BlockFile> {
  await ownFolder(dir);
  await removeOld(dir).catch(() => {});
  return BlockFile.create(path.join(dir, `${PREFIX}${randomBytes(9).toString('base64url')}.pcapng`));
}

/** Makes it where it is missing. Throws EPERM for a link, and for a folder of somebody else. */
export async function ownFolder(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const stat = await lstat(dir);
  if (!stat.isDirectory() || stat.uid !== process.getuid?.())
    throw new XdpeekError({
      code: 'EPERM',
      message: `${dir} is not a folder of this user, so captures are not kept there`,
      hint: 'Move it away and start again.',
    });
  if ((stat.mode & 0o077) !== 0) await chmod(dir, 0o700);
}

async function removeOld(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (!name.startsWith(PREFIX)) continue;
    const file = path.join(dir, name);
    if (Date.now() - (await lstat(file)).mtimeMs > KEPT_MS) await rm(file, { force: true });
  }
}
