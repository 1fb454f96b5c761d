/**
 * Where the parts that the session starts are, found upwards from this code's own folder (a bundle, a chunk of one, or the
 * source), never from the environment or the working directory.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';

export interface Layout {
  /** Folder with privileged/, native/, bpf/. */
  dist: string;
  /** The Node that runs privileged. */
  node: string;
  /** Root-owned, one a role, named in the polkit policy; there only when the package is installed. */
  launchers: Readonly<Record<PrivilegedRoleName, string>>;
}

export type PrivilegedRoleName = 'capture' | 'workbench';

const LAUNCHERS = {
  capture: '/usr/lib/xdpeek/xdpeek-privileged-capture',
  workbench: '/usr/lib/xdpeek/xdpeek-privileged-workbench',
};
const PRIVILEGED = 'privileged/main.mjs';

/** Throws when xdpeek is not built. */
export function findLayout(from: string = import.meta.dirname): Layout {
  for (let folder = from; ; folder = path.dirname(folder)) {
    for (const dist of [folder, path.join(folder, 'dist')])
      if (existsSync(path.join(dist, PRIVILEGED))) return { dist, node: findNode(dist), launchers: LAUNCHERS };
    if (folder === path.dirname(folder)) break;
  }
  throw new Error(`${PRIVILEGED} is not beside ${from}: build xdpeek first (npm run setup)`);
}

export function privilegedEntry({ dist }: Layout): string {
  return path.join(dist, PRIVILEGED);
}

/** Electron's own binary cannot run plain Node here (its runAsNode fuse is off). */
function findNode(dist: string): string {
  const shipped = [path.join(dist, '../bin/node'), path.join(dist, '../node_modules/node/bin/node')];
  if (process.versions['electron'] === undefined) return process.execPath;
  return shipped.find((file) => existsSync(file)) ?? shipped[0]!;
}
