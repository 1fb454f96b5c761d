/**
 * What the backend last said: capture status, host, interfaces, and whether it is still there. Written by app/link.ts, and by actions with what the backend answered them.
 * Packets and flows never come here; views ask for windows of rows. Select one field at a time:
 * `useSession((s) => s.status.state)`. Figures that tick use ui-free `useSession.subscribe` and write to the DOM.
 */
import { create } from 'zustand';
import type { HostInfo } from '../../electron/shared/api.ts';
import { type CaptureStatus, type InterfaceInfo, ZERO_COUNTERS } from '../../electron/shared/capture.ts';
import type { ErrorData } from '../../electron/shared/errors.ts';

export interface Session {
  /** connecting: no answer yet · ready · closed: the backend went away, `closed` says why. */
  link: 'connecting' | 'ready' | 'closed';
  closed: ErrorData | undefined;
  status: CaptureStatus;
  host: HostInfo | undefined;
  interfaces: InterfaceInfo[];
  /** False until the first list came: skeletons, not "no interfaces". */
  interfacesKnown: boolean;
  /** Rows that the packet list shows now (after its filter); undefined = all that are stored. */
  shown: number | undefined;
}

export const IDLE_STATUS: CaptureStatus = {
  state: 'idle',
  generation: 0,
  source: 'none',
  attachments: [],
  notices: [],
  counters: ZERO_COUNTERS,
  stored: 0,
  fileBytes: 0,
  pps: 0,
  bitsPerSecond: 0,
  flowCount: 0,
};

export const useSession = create<Session>(() => ({
  link: 'connecting',
  closed: undefined,
  status: IDLE_STATUS,
  host: undefined,
  interfaces: [],
  interfacesKnown: false,
  shown: undefined,
}));

/** The packet list reports how many rows its filter leaves. */
export function setShown(shown: number | undefined): void {
  useSession.setState({ shown });
}
