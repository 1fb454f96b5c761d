/** A packet that another view wants to be shown in the list. */
import { create } from 'zustand';
import { showView } from './view.ts';

/** 1-based number, 0 = none. */
export const useWantedPacket = create<{ number: number }>(() => ({ number: 0 }));

export function goToPacket(number: number): void {
  useWantedPacket.setState({ number });
  showView('packets');
}
