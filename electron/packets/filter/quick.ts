/**
 * A display filter asked of packets that were not dissected. For most packets their headers decide; for the others nothing is said. What
 * makes it right also where packets depend on each other: whether a packet must be dissected follows from its protocols and ports alone, so all
 * packets of a conversation must be or none.
 */

import { Facts, type Found } from './facts.ts';
import { type Check, compile, type DisplayFilter } from './index.ts';
import { type Give, type Knowledge, knowledgeOf } from './plain-fields.ts';
import { PlainPacket } from './plain-packet.ts';
import type { Test, Value } from './syntax.ts';

export const NO = 0;
export const YES = 1;
/** It must be dissected, after those before it that must. */
export const DISSECT = 2;
export type Answer = typeof NO | typeof YES | typeof DISSECT;

interface Leaf {
  /** Whether the headers told all that it asks for. */
  known(packet: PlainPacket): boolean;
  check: Check;
}

export class QuickFilter {
  readonly #packet = new PlainPacket();
  readonly #leaves: Leaf[] = [];
  readonly #test: Check;

  constructor({ syntax }: DisplayFilter) {
    this.#test = this.#compile(syntax);
  }

  /** @param bytes captured bytes; kept until the next call */
  ask(bytes: Uint8Array, linkType: number): Answer {
    const packet = this.#packet;
    if (!packet.look(bytes, linkType)) return DISSECT;
    for (const leaf of this.#leaves) if (!leaf.known(packet)) return DISSECT;
    return this.#test() ? YES : NO;
  }

  #compile(test: Test): Check {
    switch (test.kind) {
      case 'and': {
        const [a, b] = [this.#compile(test.left), this.#compile(test.right)];
        return () => a() && b();
      }
      case 'or': {
        const [a, b] = [this.#compile(test.left), this.#compile(test.right)];
        return () => a() || b();
      }
      case 'xor': {
        const [a, b] = [this.#compile(test.left), this.#compile(test.right)];
        return () => a() !== b();
      }
      case 'not': {
        const inner = this.#compile(test.test);
        return () => !inner();
      }
      default: {
        const made = leaf(test);
        this.#leaves.push(made);
        return made.check;
      }
    }
  }
}

/** One comparison, with facts of its own. */
function leaf(test: Test): Leaf {
  const facts = new Facts();
  const check = compile(test, facts);
  const fields = [...facts.names].map((name) => ({ knows: knowledgeOf(name), found: facts.found(name)! }));
  const usable = valuesOf(test).every((value) => isUsable(value, test));
  if (!usable) return { known: () => false, check };
  return { known: fields.length === 1 ? one(fields[0]!) : (packet) => all(fields, packet), check };
}

type Needed = { knows: Knowledge; found: Found };

function one({ knows, found }: Needed): (packet: PlainPacket) => boolean {
  const { values } = found;
  return (packet) => {
    values.length = 0;
    return put(knows(packet), packet, values);
  };
}

function all(fields: readonly Needed[], packet: PlainPacket): boolean {
  for (const { knows, found } of fields) {
    found.values.length = 0;
    if (!put(knows(packet), packet, found.values)) return false;
  }
  return true;
}

function put(what: 'absent' | 'unknown' | Give, packet: PlainPacket, values: Parameters<Give>[1]): boolean {
  if (what === 'unknown') return false;
  if (what !== 'absent') what(packet, values);
  return true;
}

/** Values alone are known: no byte ranges, no layer numbers; of a protocol only that it is there. */
function isUsable(value: Value, test: Test): boolean {
  switch (value.kind) {
    case 'field':
      return !value.raw && !value.layers && (test.kind === 'exists' || value.name.includes('.'));
    case 'slice':
    case 'negative':
      return isUsable(value.of, test) && (value.of.kind !== 'field' || value.of.name.includes('.'));
    case 'call':
      return value.args.every((arg) => isUsable(arg, test) && (arg.kind !== 'field' || arg.name.includes('.')));
    case 'arithmetic':
      return isUsable(value.left, test) && isUsable(value.right, test);
    default:
      return true;
  }
}

function valuesOf(test: Test): Value[] {
  switch (test.kind) {
    case 'exists':
      return [test.value];
    case 'compare':
      return [test.left, test.right];
    case 'in':
      return [test.value, ...test.set.flatMap(({ low, high }) => (high ? [low, high] : [low]))];
    default:
      return [];
  }
}
