/** Which nodes of the field tree are open, by path of names: what was opened in one packet is open in the next. */
import { create } from 'zustand';

const KEY = 'xdpeek.open-fields';
const MOST = 500;

export const useOpenFields = create<{ open: ReadonlySet<string> }>(() => ({ open: new Set(stored()) }));

export function setOpen(paths: readonly string[], open: boolean): void {
  const next = new Set(useOpenFields.getState().open);
  for (const path of paths) {
    if (open) next.add(path);
    else next.delete(path);
  }
  useOpenFields.setState({ open: next });
  try {
    localStorage.setItem(KEY, JSON.stringify([...next].slice(-MOST)));
  } catch {
    // No storage: the choice holds for this run.
  }
}

function stored(): string[] {
  try {
    const raw: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(raw) ? raw.filter((each) => typeof each === 'string') : [];
  } catch {
    return [];
  }
}
