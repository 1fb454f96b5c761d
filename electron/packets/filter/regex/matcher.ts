/**
 * Finds a regular expression in bytes, in time linear in them whatever the expression: all ways to match are followed at once (Thompson), and the sets
 * of ways met so far are kept as states of an automaton, up to a bound.
 */
import { encodeUtf8 } from '../../text/utf8.ts';
import { parseRegex } from './parse.ts';
import { type Assertion, type ByteSet, isWordByte, type Node, RegexError } from './syntax.ts';

/** Steps of a compiled expression: each may be looked at once a byte. */
const MAX_STEPS = 5000;
/** States kept; beyond, they are forgotten and found again. */
const MAX_STATES = 512;
const END = 256;

type Step =
  | { kind: 'set'; bytes: ByteSet }
  | { kind: 'assert'; what: Assertion }
  | { kind: 'split'; other: number }
  | { kind: 'jump'; to: number }
  | { kind: 'found' };

/** What lies before the place at hand. */
type Before = 'start' | 'line' | 'word' | 'other';

interface State {
  /** Steps that wait, in no order that matters. */
  steps: number[];
  before: Before;
  /** By byte, and END: the state after it, or whether it was found. Filled as needed. */
  next: (State | boolean | undefined)[];
}

export class RegexMatcher {
  readonly #steps: Step[] = [];
  readonly #states = new Map<string, State>();
  readonly #seen: Uint32Array;
  #round = 0;

  /** Throws RegexError. */
  constructor(text: string) {
    this.#emit(parseRegex(text));
    this.#push({ kind: 'found' });
    this.#seen = new Uint32Array(this.#steps.length);
  }

  test(bytes: Uint8Array): boolean {
    let state = this.#state([0], 'start');
    for (let at = 0; at <= bytes.length; at++) {
      const byte = at < bytes.length ? bytes[at]! : END;
      let next = state.next[byte];
      if (next === undefined) {
        next = this.#step(state, byte);
        state.next[byte] = next;
      }
      if (typeof next === 'boolean') return next;
      state = next;
    }
    return false;
  }

  testText(text: string): boolean {
    return this.test(encodeUtf8(text));
  }

  #push(step: Step): number {
    if (this.#steps.length >= MAX_STEPS) throw new RegexError('it is too large: repeat less often');
    return this.#steps.push(step) - 1;
  }

  /** Steps that match `node` and then go on with the one after them. */
  #emit(node: Node): void {
    switch (node.kind) {
      case 'set':
      case 'assert':
        this.#push(node);
        break;
      case 'sequence':
        for (const part of node.parts) this.#emit(part);
        break;
      case 'choice':
        this.#choice(node.parts);
        break;
      case 'repeat':
        this.#repeat(node.of, node.min, node.max);
        break;
    }
  }

  #choice(parts: readonly Node[]): void {
    const ends: number[] = [];
    for (const [index, part] of parts.entries()) {
      const last = index === parts.length - 1;
      const split = last ? -1 : this.#push({ kind: 'split', other: 0 });
      this.#emit(part);
      if (last) continue;
      ends.push(this.#push({ kind: 'jump', to: 0 }));
      this.#steps[split] = { kind: 'split', other: this.#steps.length };
    }
    for (const end of ends) this.#steps[end] = { kind: 'jump', to: this.#steps.length };
  }

  #repeat(of: Node, min: number, max: number): void {
    for (let count = 0; count < min; count++) {
      const before = this.#steps.length;
      this.#emit(of);
      if (this.#steps.length === before) return; // nothing, however often
    }
    if (max === Number.POSITIVE_INFINITY) {
      const split = this.#push({ kind: 'split', other: 0 });
      this.#emit(of);
      this.#push({ kind: 'jump', to: split });
      this.#steps[split] = { kind: 'split', other: this.#steps.length };
      return;
    }
    const splits: number[] = [];
    for (let count = min; count < max; count++) {
      splits.push(this.#push({ kind: 'split', other: 0 }));
      const before = this.#steps.length;
      this.#emit(of);
      if (this.#steps.length === before) break;
    }
    for (const split of splits) this.#steps[split] = { kind: 'split', other: this.#steps.length };
  }

  #state(steps: number[], before: Before): State {
    const key = `${before} ${steps.join()}`;
    let state = this.#states.get(key);
    if (!state) {
      if (this.#states.size >= MAX_STATES) this.#forget();
      state = { steps, before, next: [] };
      this.#states.set(key, state);
    }
    return state;
  }

  /** Also out of each other, so that none keeps the others. */
  #forget(): void {
    for (const state of this.#states.values()) state.next = [];
    this.#states.clear();
  }

  #step({ steps, before }: State, byte: number): State | boolean {
    const after: number[] = [];
    const round = ++this.#round;
    const open = steps.slice();
    while (open.length > 0) {
      const at = open.pop()!;
      if (this.#seen[at] === round) continue;
      this.#seen[at] = round;
      const step = this.#steps[at]!;
      if (step.kind === 'found') return true;
      if (step.kind === 'jump') open.push(step.to);
      else if (step.kind === 'split') open.push(step.other, at + 1);
      else if (step.kind === 'assert') {
        if (holds(step.what, before, byte)) open.push(at + 1);
      } else if (byte < END && step.bytes[byte]) after.push(at + 1);
    }
    if (byte === END) return false;
    after.push(0); // it may begin anywhere
    return this.#state(
      [...new Set(after)].sort((a, b) => a - b),
      byte === 10 ? 'line' : isWordByte(byte) ? 'word' : 'other',
    );
  }
}

function holds(what: Assertion, before: Before, byte: number): boolean {
  switch (what) {
    case 'start':
      return before === 'start';
    case 'end':
      return byte === END;
    case 'line-start':
      return before === 'start' || (before === 'line' && byte !== END);
    case 'line-end':
      return byte === END || byte === 10;
    default:
      return ((before === 'word') !== (byte < END && isWordByte(byte))) === (what === 'word-edge');
  }
}
