/**
 * The user's own choice of protocols ("Decode as…"): an overlay over tables.ts that belongs to one capture. A rule wins over what a protocol
 * claims for itself; whoever looks up hands its Dissection over, which knows the overlay.
 */
import {
  DECODE_TABLE_NAMES,
  DECODE_TABLES,
  type DecodeRule,
  type DecodeTable,
  type HeuristicName,
} from '../../shared/decode.ts';
import type { BindTable, Protocol } from './dissection.ts';
import { PROTOCOLS } from './registry.ts';

/** SCTP carries what the other transports do. */
const PORTS: readonly DecodeTable[] = ['tcp.port', 'udp.port', 'sctp.port', 'sctp.ppi'];

function fits(protocol: Protocol, table: DecodeTable): boolean {
  if (protocol.name === 'data' || protocol.decodeAs?.includes(table)) return true;
  if ((protocol.binds[table]?.length ?? 0) > 0) return true;
  if (table === 'tcp.port') return protocol.heuristic?.tcp !== undefined;
  if (table === 'udp.port') return protocol.heuristic?.udp !== undefined;
  if (PORTS.includes(table)) return PORTS.some((other) => (protocol.binds[other]?.length ?? 0) > 0);
  return false;
}

const byTable = new Map<DecodeTable, ReadonlyMap<string, Protocol>>();

/** What keys of a table can be decoded as, by filter name, in alphabetical order. */
export function decodeChoices(table: DecodeTable): ReadonlyMap<string, Protocol> {
  let found = byTable.get(table);
  if (!found) {
    const fitting = PROTOCOLS.filter((protocol) => fits(protocol, table));
    fitting.sort((a, b) => (a.name < b.name ? -1 : 1));
    found = new Map(fitting.map((protocol) => [protocol.name, protocol]));
    byTable.set(table, found);
  }
  return found;
}

export class DecodeAs {
  readonly rules: readonly DecodeRule[];
  /** Those that are on besides the usual ones. */
  readonly heuristics: ReadonlySet<HeuristicName>;
  /** Last rule first. */
  readonly #byTable = new Map<string, { from: number; to: number; protocol: Protocol }[]>();

  /** Throws RangeError when a rule names what is not there. */
  constructor(rules: readonly DecodeRule[], heuristics: readonly HeuristicName[] = []) {
    this.rules = rules;
    this.heuristics = new Set(heuristics);
    for (const { table, from, to, protocol: name } of rules) {
      if (!DECODE_TABLE_NAMES.includes(table)) throw new RangeError(`there is no table ${table}`);
      const protocol = decodeChoices(table).get(name);
      if (!protocol) throw new RangeError(`${DECODE_TABLES[table].title}s cannot be decoded as ${name}`);
      const list = this.#byTable.get(table) ?? [];
      this.#byTable.set(table, [{ from, to, protocol }, ...list]);
    }
  }

  /** Which of two ports was chosen, the lower one before the other. */
  port(table: BindTable, a: number, b: number): number | undefined {
    return [Math.min(a, b), Math.max(a, b)].find((port) => this.find(table, port) !== undefined);
  }

  find(table: BindTable, key: number): Protocol | undefined {
    return this.#byTable.get(table)?.find(({ from, to }) => key >= from && key <= to)?.protocol;
  }
}
