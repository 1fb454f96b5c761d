/** What the list asks for beside a row's own columns: values of any fields, and which colouring rule matches. */
import { FieldQuery, fieldName } from '../../packets/dissect/fields.ts';
import type { Dissection } from '../../packets/dissect/index.ts';
import { DisplayFilter, FilterError } from '../../packets/filter/index.ts';
import type { PacketRow } from '../../shared/api.ts';
import type { PacketTable } from '../rows.ts';
import { frameOf, needsOptions } from './table-row.ts';

/** Compiled rules by their text: the same ones are asked for again and again. */
const RULES = new Map<string, DisplayFilter | undefined>();
const RULES_KEPT = 128;

function rule(text: string): DisplayFilter | undefined {
  if (!RULES.has(text)) {
    if (RULES.size >= RULES_KEPT) RULES.delete(RULES.keys().next().value!);
    RULES.set(text, compiled(text));
  }
  return RULES.get(text);
}

function compiled(text: string): DisplayFilter | undefined {
  try {
    return text.trim() === '' ? undefined : new DisplayFilter(text);
  } catch (error) {
    if (error instanceof FilterError) return undefined;
    throw error;
  }
}

export class RowExtras {
  readonly #names: readonly string[];
  readonly #query: FieldQuery | undefined;
  readonly #rules: readonly (DisplayFilter | undefined)[];
  readonly #withOptions: boolean;

  /** Names that are no fields give empty texts. */
  constructor(fields: readonly string[], rules: readonly string[]) {
    this.#names = fields;
    const known = fields.filter((name) => fieldName(name) !== undefined);
    this.#query = known.length > 0 ? new FieldQuery(known) : undefined;
    this.#rules = rules.map(rule);
    this.#withOptions = needsOptions([...fields, ...this.#rules.flatMap((filter) => [...(filter?.fields ?? [])])]);
  }

  of(table: PacketTable, row: number, d: Dissection): Pick<PacketRow, 'fields' | 'rule'> {
    if (this.#names.length === 0 && this.#rules.length === 0) return {};
    const frame = frameOf(table, row, this.#withOptions);
    const values = this.#query?.values(d, frame).map((texts) => texts.join(',')) ?? [];
    let next = 0;
    const fields = this.#names.map((name) => (fieldName(name) === undefined ? '' : (values[next++] ?? '')));
    const matched = this.#rules.findIndex((filter) => filter?.test(d, frame));
    return { ...(fields.length > 0 && { fields }), ...(matched >= 0 && { rule: matched }) };
  }
}
