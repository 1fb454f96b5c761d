/**
 * What a page may never do, whatever it was tricked into: navigate away, open windows, attach webviews, get a
 * permission. Denied by default for every webContents that ever exists (Electron's security checklist, 4, 12–15).
 */
import type { App, Session } from 'electron';
import { isOurs } from './origin.ts';

export function guardContents(app: App): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
    contents.on('will-navigate', (details) => {
      if (!isOurs(details.url)) details.preventDefault();
    });
    contents.on('will-attach-webview', (event) => event.preventDefault());
  });
}

/** Clipboard writes are the one thing a copy command needs; reading it and everything else is refused. */
const ALLOWED_PERMISSIONS: ReadonlySet<string> = new Set(['clipboard-sanitized-write']);

export function guardSession(session: Session): void {
  const allowed = (permission: string, origin: string) => ALLOWED_PERMISSIONS.has(permission) && isOurs(origin);
  session.setPermissionRequestHandler((_contents, permission, callback, details) =>
    callback(allowed(permission, details.requestingUrl)),
  );
  session.setPermissionCheckHandler((_contents, permission, origin) => allowed(permission, origin));
  session.setDevicePermissionHandler(() => false);
}
