/** Whether the AF_XDP responder's dialog is open, and what it begins with. What runs is the session's to know. */
import { create } from 'zustand';
import type { XskEchoWish } from '../../electron/shared/workbench-api.ts';

export type XskTakes = NonNullable<XskEchoWish['takes']>;

export const useXskEcho = create<{ open: boolean; takes: XskTakes }>(() => ({ open: false, takes: 'pings' }));

export function showXskEcho(open: boolean, takes: XskTakes = 'pings'): void {
  useXskEcho.setState({ open, takes });
}
