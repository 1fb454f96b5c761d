/**
 * Files that a browser sends: streamed to a 0600 file in a private folder, bounded, opened by the session, kept while they are shown or among those that
 * can be opened again (recent.ts), removed at the end. The name a browser gives is only ever shown, never a path.
 */
import { createWriteStream } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ownFolder } from '../session/files/spool.ts';
import { XdpeekError } from '../shared/errors.ts';
import type { RecentFiles } from './recent.ts';

export const UPLOAD_MAX_BYTES = 4 * 1024 ** 3;
const NAME_MAX = 200;

/** Which of how many files that are opened together. */
export interface Part {
  readonly name: string;
  readonly at: number;
  readonly of: number;
}

const GROUP_MAX = 64;

/** Throws EINVAL. */
export function partOf(name: string, at: string | null, of: string | null): Part {
  const part = { name, at: Number(at ?? 0), of: Number(of ?? 1) };
  const good = Number.isSafeInteger(part.at) && Number.isSafeInteger(part.of) && part.at >= 0 && part.at < part.of;
  if (good && part.of <= GROUP_MAX) return part;
  throw new XdpeekError({ code: 'EINVAL', message: `at most ${GROUP_MAX} files are opened together` });
}

export class Uploads {
  private readonly parent: string;
  private readonly maxBytes: number;
  private readonly recent: RecentFiles;
  private folder: Promise<string> | undefined;
  /** Files of a group that is not complete yet. */
  private gathered: { path: string; name: string }[] = [];
  private busy = false;
  private count = 0;

  /** @param parent folder of the user's own, made 0700 when it is missing */
  constructor(parent: string, recent: RecentFiles, maxBytes: number) {
    this.parent = parent;
    this.recent = recent;
    this.maxBytes = maxBytes;
  }

  /**
   * Takes one body of a group, and hands the files to `open` when the last one came. One upload at a time; a group that another begins in the middle of
   * is forgotten.
   */
  async take(
    request: IncomingMessage,
    { name, at, of }: Part,
    open: (paths: readonly string[], names: readonly string[]) => Promise<void>,
  ): Promise<void> {
    if (this.busy) throw receiving();
    if (at === 0) await this.remove(this.gathered.splice(0).map(({ path }) => path));
    if (at !== this.gathered.length)
      throw new XdpeekError({ code: 'EINVAL', message: 'the files came in another order', hint: 'Open them again.' });
    try {
      await this.receive(request, async (path) => {
        this.gathered.push({ path, name });
        if (at + 1 < of) return;
        await open(
          this.gathered.map((file) => file.path),
          this.gathered.map((file) => file.name),
        );
        await this.recent.add(this.gathered.splice(0).map((file) => ({ ...file, uploaded: true })));
      });
    } catch (error) {
      await this.remove(this.gathered.splice(0).map(({ path }) => path));
      throw error;
    }
  }

  private async remove(paths: readonly string[]): Promise<void> {
    for (const path of paths) await rm(path, { force: true });
  }

  /** As `take`, for a file that is read at once: it is removed again. */
  async lend(request: IncomingMessage, read: (path: string) => Promise<void>): Promise<void> {
    await rm(await this.receive(request, read), { force: true });
  }

  private async receive(request: IncomingMessage, open: (path: string) => Promise<void>): Promise<string> {
    if (Number(request.headers['content-length'] ?? 0) > this.maxBytes) throw tooLarge(this.maxBytes);
    if (this.busy) throw receiving();
    this.busy = true;
    try {
      const path = join(await this.ownFolder(), `upload-${++this.count}`);
      try {
        await pipeline(request, this.bound(), createWriteStream(path, { flags: 'wx', mode: 0o600 }));
        await open(path);
        return path;
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      }
    } finally {
      this.busy = false;
    }
  }

  async removeAll(): Promise<void> {
    if (this.folder) await rm(await this.folder, { recursive: true, force: true });
  }

  private ownFolder(): Promise<string> {
    this.folder ??= this.makeFolder().catch((error: unknown) => {
      this.folder = undefined;
      throw error;
    });
    return this.folder;
  }

  /** mkdtemp makes an unpredictable folder; chmod keeps it 0700 under an odd umask. */
  private async makeFolder(): Promise<string> {
    await ownFolder(this.parent);
    const folder = await mkdtemp(join(this.parent, 'upload-'));
    await chmod(folder, 0o700);
    return folder;
  }

  private bound(): Transform {
    let left = this.maxBytes;
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        left -= chunk.length;
        done(left < 0 ? tooLarge(this.maxBytes) : null, chunk);
      },
    });
  }
}

/** A name to show, out of what the browser claims: the last part, without control characters, bounded. */
export function uploadName(claimed: string | null): string {
  const last = (claimed ?? '').split(/[/\\]/).at(-1)!;
  return last.replace(/\p{Cc}/gu, '').slice(0, NAME_MAX) || 'capture';
}

function receiving(): XdpeekError {
  return new XdpeekError({ code: 'EBUSY', message: 'another file is just being received', hint: 'Try again.' });
}

function tooLarge(maxBytes: number): XdpeekError {
  return new XdpeekError({
    code: 'EFBIG',
    message: `the file is larger than ${Math.floor(maxBytes / 1024 ** 2)} MiB`,
    hint: "Open it on the machine itself: 'xdpeek serve FILE'.",
  });
}
