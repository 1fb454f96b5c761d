/**
 * Chromium never runs as root. Electron refuses by itself unless told --no-sandbox; this refuses in words in
 * that case too. The command line starts the window as the user behind pkexec or sudo before it comes to this.
 */
import { XdpeekError } from '../shared/errors.ts';

/** @param electronVersion process.versions.electron: what is not Electron has no Chromium of its own to protect. */
export function refuseRoot(uid: number | undefined, electronVersion: string | undefined): void {
  if (uid !== 0 || electronVersion === undefined) return;
  throw new XdpeekError({
    code: 'EPERM',
    message: 'the xdpeek window does not run as root',
    hint: 'Start xdpeek as your own user (it asks for the rights it needs), or run `xdpeek serve` and open the page it prints.',
  });
}
