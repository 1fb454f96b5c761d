/** Whether the AF_XDP responder's dialog is open. What runs is the session's to know. */
import { create } from 'zustand';

export const useXskEcho = create<{ open: boolean }>(() => ({ open: false }));

export function showXskEcho(open: boolean): void {
  useXskEcho.setState({ open });
}
