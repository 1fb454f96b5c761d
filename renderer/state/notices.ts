/** Short messages of things that went wrong away from any control (a drop, a save). Errors stay until dismissed. */
import { create } from 'zustand';
import { type ErrorData, errorData } from '../../electron/shared/errors.ts';

export interface Notice {
  id: number;
  tone: 'error' | 'note';
  text: string;
  hint?: string | undefined;
}

const NOTE_MS = 4000;
let nextId = 1;

export const useNotices = create<{ notices: Notice[] }>(() => ({ notices: [] }));

export function notify(text: string): void {
  const id = add({ tone: 'note', text });
  setTimeout(() => dismiss(id), NOTE_MS);
}

/** Shows any thrown value. The same words twice are shown once. */
export function notifyError(error: unknown): void {
  const data: ErrorData = errorData(error);
  // What people ended themselves is no error.
  if (data.code === 'CANCELLED') {
    notify(data.message);
    return;
  }
  if (useNotices.getState().notices.some((notice) => notice.text === data.message)) return;
  add({ tone: 'error', text: data.message, hint: data.hint });
}

export function dismiss(id: number): void {
  useNotices.setState(({ notices }) => ({ notices: notices.filter((notice) => notice.id !== id) }));
}

function add(notice: Omit<Notice, 'id'>): number {
  const id = nextId++;
  useNotices.setState(({ notices }) => ({ notices: [...notices, { id, ...notice }].slice(-4) }));
  return id;
}
