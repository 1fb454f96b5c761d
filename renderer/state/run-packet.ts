/** Which packets are to be run through a program; the dialog for it floats over every view. */
import { create } from 'zustand';
import type { ChosenRows } from './export.ts';

/** Rows of the packet list as it is filtered and sorted, or bytes to begin with. */
export type RunSubject = ChosenRows | { bytes: Uint8Array };

export const useRunPacket = create<{ subject: RunSubject | undefined }>(() => ({ subject: undefined }));

export function askRun(subject: RunSubject): void {
  useRunPacket.setState({ subject });
}

export function closeRun(): void {
  useRunPacket.setState({ subject: undefined });
}
