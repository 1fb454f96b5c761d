/**
 * Starting and stopping, for everything that can ask for it (bar, cards, keys, palette). Holds what the window knows beyond the
 * backend's status: that a request is on its way, and why the last one was refused.
 */
import { create } from 'zustand';
import type { InspectorApi } from '../../electron/shared/api.ts';
import {
  type CaptureOptions,
  type CaptureStatus,
  type CaptureTarget,
  type InterfaceInfo,
  MAX_TARGETS,
} from '../../electron/shared/capture.ts';
import { type ErrorData, errorData } from '../../electron/shared/errors.ts';
import { FILTERS_KEPT, type HookChoice, type Place, type Prefs, setPrefs, usePrefs } from './prefs.ts';
import { useSession } from './session.ts';
import { showView, useView } from './view.ts';

interface CaptureControl {
  pending: 'start' | 'stop' | undefined;
  refused: ErrorData | undefined;
  /** Whether packets may be taken away from the stack (AF_XDP): asked before the first such start. */
  taking: 'unasked' | 'asking' | 'allowed';
}

export const useCaptureControl = create<CaptureControl>(() => ({
  pending: undefined,
  refused: undefined,
  taking: 'unasked',
}));

export function isActive(status: CaptureStatus): boolean {
  return status.state === 'starting' || status.state === 'running' || status.state === 'stopping';
}

type Where = Pick<Prefs, 'ifname' | 'netns' | 'others' | 'hook' | 'mode' | 'order' | 'program' | 'busyPoll'>;

export function targetsOf(prefs: Where): CaptureTarget[] {
  return [{ ifname: prefs.ifname, netns: prefs.netns }, ...prefs.others].flatMap((place) => targetsAt(place, prefs));
}

function targetsAt({ ifname, netns }: Place, { hook, mode, order, program, busyPoll }: Where): CaptureTarget[] {
  const place = { ifname, ...(netns && { netns }) };
  const ordered = { ...place, ...(order !== 'default' && { order }) };
  switch (hook) {
    case 'xdp':
      return [{ ...place, hook, mode }];
    case 'afxdp':
      return [{ ...place, hook, mode, ...(busyPoll && { busyPoll }) }];
    case 'observe':
      return [{ ...place, hook, ...(program && { program }) }];
    case 'socket':
      return [{ ...place, hook }];
    case 'tc-both':
      return (['tc-ingress', 'tc-egress'] as const).map((each) => ({ ...ordered, hook: each }));
    default:
      return [{ ...ordered, hook }];
  }
}

/** The inverse, for a capture that this window did not start. */
export function hookChoiceOf(targets: readonly CaptureTarget[]): HookChoice {
  const hooks = new Set(targets.map(({ hook }) => hook));
  return hooks.has('tc-ingress') && hooks.has('tc-egress') ? 'tc-both' : (targets[0]?.hook ?? 'xdp');
}

const MIB = 1024 * 1024;

export function optionsOf(prefs: Prefs): CaptureOptions {
  const limits = {
    ...(prefs.limitPackets > 0 && { packets: prefs.limitPackets }),
    ...(prefs.limitMiB > 0 && { bytes: prefs.limitMiB * MIB }),
    ...(prefs.limitSeconds > 0 && { seconds: prefs.limitSeconds }),
  };
  return {
    targets: targetsOf(prefs),
    buffer: prefs.buffer,
    packets: !prefs.countersOnly,
    ...(prefs.snaplen > 0 && { snaplen: prefs.snaplen }),
    ...(prefs.bufferMiB > 0 && { bufferBytes: prefs.bufferMiB * MIB }),
    ...(prefs.sample > 1 && { sample: prefs.sample }),
    ...(prefs.filter.trim() !== '' && { filter: prefs.filter }),
    ...(Object.keys(limits).length > 0 && { limits }),
  };
}

/** Starts on the chosen interface, or on `at`, which becomes the choice. Goes to Live if the start page is in front. */
export async function startCapture(api: InspectorApi, at?: InterfaceInfo): Promise<void> {
  if (at) choose(at);
  const prefs = usePrefs.getState();
  if (!prefs.ifname || useCaptureControl.getState().pending || isActive(useSession.getState().status)) return;
  if (prefs.hook === 'afxdp' && !prefs.countersOnly && useCaptureControl.getState().taking !== 'allowed') {
    useCaptureControl.setState({ taking: 'asking' });
    return;
  }
  useCaptureControl.setState({ pending: 'start', refused: undefined });
  try {
    useSession.setState({ status: await api.call('capture.start', optionsOf(prefs)) });
    remember(prefs.filter);
    if (useView.getState().view === 'start') showView('live');
  } catch (error) {
    useCaptureControl.setState({ refused: errorData(error) });
  } finally {
    useCaptureControl.setState({ pending: undefined });
  }
}

export function allowTaking(api: InspectorApi): Promise<void> {
  useCaptureControl.setState({ taking: 'allowed' });
  return startCapture(api);
}

export function refuseTaking(): void {
  if (useCaptureControl.getState().taking === 'asking') useCaptureControl.setState({ taking: 'unasked' });
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

/** Changes the filter of the running capture. Throws what the backend refuses: the old one then stays. */
export async function applyFilter(api: InspectorApi, filter: string): Promise<void> {
  useSession.setState({ status: await api.call('capture.filter', { filter }) });
  setPrefs({ filter });
  remember(filter);
}

/** A filter that was used comes first in the history. */
function remember(filter: string): void {
  const text = filter.trim();
  if (text === '') return;
  const { filters } = usePrefs.getState();
  setPrefs({ filters: [text, ...filters.filter((each) => each !== text)].slice(0, FILTERS_KEPT) });
}

export function toggleCapture(api: InspectorApi): Promise<void> {
  return isActive(useSession.getState().status) ? stopCapture(api) : startCapture(api);
}

export function dismissRefusal(): void {
  useCaptureControl.setState({ refused: undefined });
}

/** That interface alone. */
export function choose({ ifname, netns }: Pick<CaptureTarget, 'ifname' | 'netns'>): void {
  setPrefs({ ifname, netns: netns ?? '', others: [] });
}

/** All that are chosen, the first one first. */
export function chosenPlaces(prefs: Pick<Prefs, 'ifname' | 'netns' | 'others'>): Place[] {
  return prefs.ifname === '' ? [] : [{ ifname: prefs.ifname, netns: prefs.netns }, ...prefs.others];
}

/** Adds the interface to those that are chosen, or takes it away. The last one stays. */
export function toggleChosen({ ifname, netns = '' }: Pick<CaptureTarget, 'ifname' | 'netns'>): void {
  const places = chosenPlaces(usePrefs.getState());
  const without = places.filter((place) => place.ifname !== ifname || place.netns !== netns);
  const [first, ...others] = without.length < places.length ? without : [...places, { ifname, netns }];
  if (first && others.length < MAX_TARGETS) setPrefs({ ...first, others });
}
