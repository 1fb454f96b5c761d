/**
 * Starting and stopping, for everything that can ask for it (bar, cards, keys, palette). Holds what the window knows beyond the
 * backend's status: that a request is on its way, and why the last one was refused.
 */
import { create } from 'zustand';
import type { InspectorApi } from '../../electron/shared/api.ts';
import type { CaptureOptions, CaptureStatus, CaptureTarget, InterfaceInfo } from '../../electron/shared/capture.ts';
import { type ErrorData, errorData } from '../../electron/shared/errors.ts';
import { type HookChoice, type Prefs, setPrefs, usePrefs } from './prefs.ts';
import { useSession } from './session.ts';
import { showView, useView } from './view.ts';

export const useCaptureControl = create<{ pending: 'start' | 'stop' | undefined; refused: ErrorData | undefined }>(
  () => ({
    pending: undefined,
    refused: undefined,
  }),
);

export function isActive(status: CaptureStatus): boolean {
  return status.state === 'starting' || status.state === 'running' || status.state === 'stopping';
}

export function targetsOf(prefs: Pick<Prefs, 'ifname' | 'netns' | 'hook' | 'mode'>): CaptureTarget[] {
  const place = { ifname: prefs.ifname, ...(prefs.netns && { netns: prefs.netns }) };
  if (prefs.hook === 'xdp') return [{ ...place, hook: 'xdp', mode: prefs.mode }];
  if (prefs.hook === 'tc-both')
    return [
      { ...place, hook: 'tc-ingress' },
      { ...place, hook: 'tc-egress' },
    ];
  return [{ ...place, hook: prefs.hook }];
}

/** The inverse, for a capture that this window did not start. */
export function hookChoiceOf(targets: readonly CaptureTarget[]): HookChoice {
  return targets.length > 1 ? 'tc-both' : (targets[0]?.hook ?? 'xdp');
}

export function optionsOf(prefs: Prefs): CaptureOptions {
  return {
    targets: targetsOf(prefs),
    buffer: prefs.buffer,
    packets: !prefs.countersOnly,
    ...(prefs.snaplen > 0 && { snaplen: prefs.snaplen }),
  };
}

/** Starts on the chosen interface, or on `at`, which becomes the choice. Goes to Live if the start page is in front. */
export async function startCapture(api: InspectorApi, at?: InterfaceInfo): Promise<void> {
  if (at) choose(at);
  const prefs = usePrefs.getState();
  if (!prefs.ifname || useCaptureControl.getState().pending || isActive(useSession.getState().status)) return;
  useCaptureControl.setState({ pending: 'start', refused: undefined });
  try {
    useSession.setState({ status: await api.call('capture.start', optionsOf(prefs)) });
    if (useView.getState().view === 'start') showView('live');
  } catch (error) {
    useCaptureControl.setState({ refused: errorData(error) });
  } finally {
    useCaptureControl.setState({ pending: undefined });
  }
}

export async function stopCapture(api: InspectorApi): Promise<void> {
  if (useCaptureControl.getState().pending) return;
  useCaptureControl.setState({ pending: 'stop' });
  try {
    useSession.setState({ status: await api.call('capture.stop', {}) });
  } catch (error) {
    useCaptureControl.setState({ refused: errorData(error) });
  } finally {
    useCaptureControl.setState({ pending: undefined });
  }
}

export function toggleCapture(api: InspectorApi): Promise<void> {
  return isActive(useSession.getState().status) ? stopCapture(api) : startCapture(api);
}

export function dismissRefusal(): void {
  useCaptureControl.setState({ refused: undefined });
}

export function choose({ ifname, netns }: Pick<CaptureTarget, 'ifname' | 'netns'>): void {
  setPrefs({ ifname, netns: netns ?? '' });
}
