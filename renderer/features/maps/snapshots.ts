/** Snapshots that were taken in this window, by map: they outlive a look at another map. */
import { create } from 'zustand';

export interface Taken {
  snapshot: number;
  entries: number;
  takenMs: number;
}

const useAll = create<{ taken: Readonly<Record<number, readonly Taken[]>> }>(() => ({ taken: {} }));
const NONE: readonly Taken[] = [];

export function useSnapshots(map: number): readonly Taken[] {
  return useAll((s) => s.taken[map] ?? NONE);
}

export function keepSnapshot(map: number, next: Taken): void {
  useAll.setState(({ taken }) => ({ taken: { ...taken, [map]: [...(taken[map] ?? NONE), next] } }));
}

export function forgetSnapshot(map: number, snapshot: number): void {
  useAll.setState(({ taken }) => ({
    taken: { ...taken, [map]: (taken[map] ?? NONE).filter((each) => each.snapshot !== snapshot) },
  }));
}
