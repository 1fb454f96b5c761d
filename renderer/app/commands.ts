/** Gives the native menu's commands their meaning. Views register what only they can do (go.packet) while they are shown. */
import { useEffect } from 'react';
import { THEMES } from '../../electron/shared/ipc.ts';
import type { Backend } from '../api/connect.ts';
import { isActive, toggleCapture } from '../state/capture-control.ts';
import { registerCommand } from '../state/commands.ts';
import { askExport, stemOf } from '../state/export.ts';
import { notify, notifyError } from '../state/notices.ts';
import { setPrefs, usePrefs } from '../state/prefs.ts';
import { useSession } from '../state/session.ts';
import { showOptions, showPalette, showView, VIEWS } from '../state/view.ts';
import { offerObject } from '../state/workbench.ts';

const status = () => useSession.getState().status;

/** "xdpeek-eth0-20261120-101500.pcapng" */
function suggestedName(): string {
  const { fileName, source, options } = status();
  if (source === 'file' && fileName) return `${stemOf(fileName)}.pcapng`;
  const when = new Date()
    .toISOString()
    .replace(/[-:]|\..*/g, '')
    .replace('T', '-');
  return `xdpeek-${options?.targets[0]?.ifname ?? 'capture'}-${when}.pcapng`;
}

export function useAppCommands(backend: Backend | null): void {
  useEffect(() => {
    if (!backend) return;
    const { api, host } = backend;
    const quietly = (work: Promise<unknown>) => void work.catch(notifyError);
    const undo = [
      registerCommand({ id: 'file.open', run: () => quietly(openCapture(host.openCapture())) }),
      registerCommand({
        id: 'file.keyLog',
        enabled: () => host.openKeyLog !== undefined,
        run: () => quietly(openKeyLog(backend)),
      }),
      registerCommand({
        id: 'workbench.open',
        run: () => quietly(host.openObject().then((file) => file && offerObject(file))),
      }),
      registerCommand({
        id: 'file.save',
        enabled: () => status().stored > 0,
        run: () => quietly(host.saveCapture(suggestedName())),
      }),
      registerCommand({
        id: 'file.export',
        enabled: () => status().stored > 0,
        run: () => askExport(),
      }),
      registerCommand({
        id: 'capture.toggle',
        enabled: () => isActive(status()) || usePrefs.getState().ifname !== '',
        run: () => void toggleCapture(api),
      }),
      registerCommand({ id: 'capture.options', enabled: () => !isActive(status()), run: () => showOptions(true) }),
      registerCommand({
        id: 'capture.clear',
        enabled: () => !isActive(status()) && status().stored > 0,
        run: () => quietly(api.call('capture.clear', {})),
      }),
      registerCommand({ id: 'palette.open', run: () => showPalette(true) }),
      ...VIEWS.map((view) => registerCommand({ id: `view.${view}`, run: () => showView(view) })),
      ...THEMES.map((theme) => registerCommand({ id: `theme.${theme}`, run: () => setPrefs({ theme }) })),
    ];
    return () => {
      for (const stop of undo) stop();
    };
  }, [backend]);
}

async function openKeyLog({ api, host }: Backend): Promise<void> {
  if (!(await host.openKeyLog?.())) return;
  const { keyLog } = await api.call('capture.status', {});
  if (keyLog) notify(`${keyLog.secrets} TLS secret${keyLog.secrets === 1 ? '' : 's'} of ${keyLog.name} in use`);
}

async function openCapture(opened: Promise<boolean>): Promise<void> {
  if (await opened) showView('packets');
}
