/** The numbers that a field has in a packet: what statistics add up. */
import type { Dissection } from '../dissect/dissection.ts';
import { FIELDS, fieldName } from '../dissect/fields.ts';
import type { FrameInfo } from '../dissect/frame.ts';
import { type Kind, kindOf } from './datum.ts';
import { FilterError } from './error.ts';
import { Facts, type Found } from './facts.ts';
import { similarFields } from './similar.ts';

export class FieldNumbers {
  readonly name: string;
  readonly kind: Kind;
  readonly #facts = new Facts();
  readonly #found: Found;

  /** @param onlyCount a field that is no number will do. Throws FilterError. */
  constructor(text: string, onlyCount = false) {
    const name = fieldName(text);
    if (name === undefined) {
      const like = similarFields(text, FIELDS.keys());
      throw new FilterError(`there is no field "${text}"${like ? `; did you mean ${like}?` : ''}`, 0, text.length);
    }
    this.name = name;
    this.kind = kindOf(FIELDS.get(name)!.type as Parameters<typeof kindOf>[0]);
    if (!onlyCount && !['number', 'boolean', 'time'].includes(this.kind))
      throw new FilterError(`${name} is no number, and cannot be added up`, 0, text.length);
    this.#found = this.#facts.need(name);
  }

  /** In packet order; times are ns. What is no number counts 1. */
  values(d: Dissection, frame: FrameInfo): number[] {
    this.#facts.gather(d, frame);
    return this.#found.values.map((value) =>
      typeof value === 'number' || typeof value === 'bigint' ? Number(value) : 1,
    );
  }
}
