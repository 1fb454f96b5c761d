/**
 * The native window, when there can be one: an Electron binary, a display, and a user who is not root. Found from this
 * file's own folder (checkout or package), never from PATH.
 */
import { accessSync, constants, readFileSync } from 'node:fs';
import path from 'node:path';

export interface NativeWindow {
  readonly file: string;
  /** What comes before the app's own arguments. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Who the window runs as when it is not ourselves. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** The facts that decide; passed in by tests. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly uid: number;
  /** Folder of the running bundle: …/dist/cli or a chunk folder below it. */
  readonly here: string;
  readonly isExecutable: (file: string) => boolean;
  /** /etc/passwd's text. */
  readonly passwd: () => string;
}

export function surroundings(here: string = import.meta.dirname): Surroundings {
  return {
    env: process.env,
    uid: process.getuid?.() ?? -1,
    here,
    isExecutable,
    passwd: () => readFileSync('/etc/passwd', 'utf8'),
  };
}

/** The window, or why there is none (a phrase that follows "no native window: "). */
export function nativeWindow(around: Surroundings): NativeWindow | { readonly why: string } {
  const { env } = around;
  if (!env['DISPLAY'] && !env['WAYLAND_DISPLAY']) return { why: 'there is no display' };
  const found = electronAt(around);
  if (!found) return { why: "Electron's binary is not here" };
  if (around.uid !== 0) return { ...found, env };
  const user = callingUser(around);
  if (!user) return { why: 'a window never runs as root' };
  const runtime = `/run/user/${user.uid}`;
  return {
    ...found,
    user,
    env: { ...env, HOME: user.home, USER: user.name, LOGNAME: user.name, XDG_RUNTIME_DIR: runtime },
  };
}

function electronAt({ here, isExecutable: usable }: Surroundings): { file: string; args: string[] } | undefined {
  const dist = distFolder(here);
  // Package: …/xdpeek/resources/dist beside …/xdpeek/xdpeek. Checkout: dist beside node_modules.
  const packaged = path.join(dist, '../../xdpeek');
  if (path.basename(path.dirname(dist)) === 'resources' && usable(packaged)) return { file: packaged, args: [] };
  const fetched = path.join(dist, '../node_modules/electron/dist/electron');
  return usable(fetched) ? { file: fetched, args: [path.dirname(dist)] } : undefined;
}

function distFolder(here: string): string {
  const at = here.lastIndexOf(`${path.sep}dist${path.sep}`);
  // From source, here is electron/cli/window.
  return at < 0 ? path.resolve(here, '../../../dist') : here.slice(0, at + 5);
}

/** Who called pkexec or sudo, when that is somebody whom /etc/passwd knows and not root. */
function callingUser({
  env,
  passwd,
}: Surroundings): { uid: number; gid: number; name: string; home: string } | undefined {
  const claimed = env['PKEXEC_UID'] ?? env['SUDO_UID'] ?? '';
  if (!/^[1-9]\d{0,9}$/.test(claimed)) return undefined;
  for (const line of passwd().split('\n')) {
    const [name, , uid, gid, , home] = line.split(':');
    if (uid === claimed && name && gid && home) return { uid: Number(uid), gid: Number(gid), name, home };
  }
  return undefined;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
