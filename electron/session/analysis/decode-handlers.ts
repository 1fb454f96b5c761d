/** decode.get and decode.set: the user's own choice of protocols, which belongs to the session and is used for every capture of it. */
import { DecodeAs, decodeChoices } from '../../packets/dissect/decode-as.ts';
import { lookups } from '../../packets/dissect/index.ts';
import {
  DECODE_TABLE_NAMES,
  DECODE_TABLES,
  type DecodeMethods,
  type DecodeRule,
  type HeuristicName,
} from '../../shared/decode.ts';
import { XdpeekError } from '../../shared/errors.ts';
import type { AnalysedTable } from '../rows.ts';

type Handlers = { [M in keyof DecodeMethods]: (params: DecodeMethods[M][0]) => DecodeMethods[M][1] };

export class Decoding {
  readonly #table: () => AnalysedTable;
  readonly #changed: () => void;
  #decodeAs: DecodeAs | undefined;

  /** @param changed hears when the present table was decoded anew */
  constructor(table: () => AnalysedTable, changed: () => void) {
    this.#table = table;
    this.#changed = changed;
  }

  get rules(): DecodeRule[] {
    return [...(this.#decodeAs?.rules ?? [])];
  }

  get heuristics(): HeuristicName[] {
    return [...(this.#decodeAs?.heuristics ?? [])];
  }

  /** Another capture takes the place of the one before. */
  use(table: AnalysedTable): void {
    if (this.#decodeAs) table.decode(this.#decodeAs);
  }

  get handlers(): Handlers {
    return {
      'decode.get': ({ number }) => ({
        rules: this.rules,
        heuristics: this.heuristics,
        choices: choices(),
        keys: this.#keys(number),
      }),
      'decode.set': ({ rules, heuristics = this.heuristics }) => {
        this.#decodeAs = rules.length + heuristics.length > 0 ? checked(rules, heuristics) : undefined;
        this.#table().decode(this.#decodeAs);
        this.#changed();
        return { rules: this.rules, heuristics: this.heuristics };
      },
    };
  }

  #keys(number: number | undefined): DecodeMethods['decode.get'][1]['keys'] {
    const { store, interfaces } = this.#table();
    if (number === undefined || number > store.count) return [];
    const row = number - 1;
    const linkType = interfaces[store.interfaceId(row)]?.linkType ?? 0;
    const asked = lookups(store.packetBytes(row).slice(), linkType, store.wireLen(row), this.#decodeAs);
    return asked.flatMap(({ table, key, found }) => {
      const known = DECODE_TABLE_NAMES.find((name) => name === table);
      return known && key >= 0 ? [{ table: known, key, ...(found && { protocol: found.name }) }] : [];
    });
  }
}

const choices = () =>
  DECODE_TABLE_NAMES.map((table) => ({
    table,
    protocols: [...decodeChoices(table).values()].map(({ name, title }) => ({ name, title })),
  }));

/** Rejects what the tables do not have. */
function checked(rules: readonly DecodeRule[], heuristics: readonly HeuristicName[]): DecodeAs {
  for (const { table, from, to } of rules)
    if (from > to || to > DECODE_TABLES[table].max)
      throw new XdpeekError({
        code: 'USAGE',
        message: `${from} to ${to} is no range of ${DECODE_TABLES[table].title}s`,
        hint: `They go from 0 to ${DECODE_TABLES[table].max}.`,
      });
  try {
    return new DecodeAs(rules, heuristics);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new XdpeekError({
      code: 'USAGE',
      message: error.message,
      hint: 'decode.get lists what can be chosen for each table.',
    });
  }
}
