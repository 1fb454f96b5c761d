/**
 * What protocols keep about a conversation, at one of its packets: whoever enters the conversation in its middle goes on from there. Only what can copy
 * itself is in it, and there is none where nothing is kept that later packets could not be read without (the keys of a connection).
 */
import { Budget } from '../dissect/tcp-payload.ts';
import type { CaptureState } from './capture-state.ts';
import type { Conversation } from './conversations.ts';
import { COPY, isCopied } from './copied.ts';

/** Of what stands in maps and objects. */
const ABOUT = 2048;

export class Checkpoint {
  /** Memory that it has, about. */
  readonly bytes: number;
  readonly #above: Conversation['above'];
  readonly #units: Conversation['units'];
  readonly #kept: readonly (readonly [owner: unknown, value: unknown])[];

  /** Undefined where nothing vital is kept. */
  static of(conversation: Conversation): Checkpoint | undefined {
    if (conversation.isBare) return undefined;
    for (const value of conversation.data.values())
      if (isCopied(value) && value.vital) return new Checkpoint(conversation);
    return undefined;
  }

  private constructor(from: Pick<Conversation, 'above' | 'units' | 'data'>) {
    const budget = new Budget();
    this.#above = from.above;
    this.#units = copyUnits(from.units, budget);
    this.#kept = [...from.data].flatMap(([owner, value]) => {
      if (isCopied(value)) return [[owner, value[COPY](budget)] as const];
      return typeof value === 'object' ? [] : [[owner, value] as const];
    });
    this.bytes = budget.held + ABOUT;
  }

  /** @param budget of the state that the conversation is of */
  restore(to: Conversation, budget: Budget): void {
    to.above = this.#above;
    to.units = copyUnits(this.#units, budget);
    for (const [owner, value] of this.#kept) to.data.set(owner, isCopied(value) ? value[COPY](budget) : value);
  }
}

function copyUnits(units: Conversation['units'], budget: Budget): Conversation['units'] {
  return units && [units[0].copy(budget), units[1].copy(budget)];
}

/** A conversation over UDP, begun in a new state as the one that was seen whole. */
export function resume(state: CaptureState, { key, firstNumber, firstNs }: Conversation): Conversation {
  return state.udp.beginAs(key, firstNumber, firstNs);
}
