/** Asking the session for an order until it is there, and saying which orders this window still wants. */
import type { InspectorApi } from '../../../electron/shared/api.ts';
import { type ErrorData, errorData } from '../../../electron/shared/errors.ts';
import type { PacketSort, SortBy, SortState } from '../../../electron/shared/sort.ts';

/** A name of this window's own: what it holds is let go of when no other window does. */
export const WINDOW = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
/** At least so long between two questions how far it is. */
const ASK_MS = 40;

export interface Asked {
  filter: string;
  sort: PacketSort;
  /** Of the packets that are stored now, also where there is such an order. */
  again: boolean;
}

export interface SortEvents {
  /** 0 to 1. */
  onShare(share: number): void;
  onSorted(state: SortState): void;
  onFailed(error: ErrorData): void;
}

/** Returns how to hear no more of it. */
export function askSorted(api: InspectorApi, { filter, sort, again }: Asked, events: SortEvents): () => void {
  let over = false;
  const later = (next: boolean) => void setTimeout(() => !over && ask(next), ASK_MS);
  const ask = (anew: boolean): void => {
    api.call('packets.sort', { window: WINDOW, filter, sort, ...(anew && { again: true }) }).then(
      (state) => {
        if (over) return;
        if (state.version > 0 && state.share === undefined) return events.onSorted(state);
        events.onShare(state.share ?? 0);
        later(false);
      },
      (error: unknown) => {
        if (over) return;
        const data = errorData(error);
        // The list is another one by now: marks, comments, protocols.
        if (data.code === 'CANCELLED') later(false);
        else events.onFailed(data);
      },
    );
  };
  ask(again);
  return () => {
    over = true;
  };
}

interface Held {
  filter: string;
  by: SortBy;
}

/** What the session keeps for this window: the order that is shown, and the one that is being worked on. */
export class HeldOrders {
  readonly #api: InspectorApi;
  #held: readonly Held[] = [];

  constructor(api: InspectorApi) {
    this.#api = api;
  }

  /** The others are let go of. */
  only(...wanted: readonly Held[]): void {
    const stays = (one: Held) => wanted.some(({ filter, by }) => filter === one.filter && by === one.by);
    for (const one of this.#held) if (!stays(one)) this.#let(one, false);
    this.#held = wanted;
  }

  /** Work on it ends, what is there of it stays. */
  stopWork(one: Held): void {
    this.#let(one, true);
  }

  #let({ filter, by }: Held, keep: boolean): void {
    const call = this.#api.call('packets.unsort', { window: WINDOW, filter, by, ...(keep && { keep }) });
    // Who does not reach the session holds nothing there.
    call.catch(() => {});
  }
}
