/**
 * FlowColumns as the window asks for them: sorted, searched, a few rows at a time. The order is worked out once for each
 * question and kept until the columns are replaced; text is made only for rows that are shown or searched.
 */

import { ipv4Text, ipv6Text } from '../../packets/dissect/text.ts';
import type { FlowRow, FlowSortKey, FlowsWindow } from '../../shared/api.ts';
import { type FlowColumns, KEY, KEY_WORDS } from './flow-columns.ts';
import { flowState, hasPorts, protocolName } from './words.ts';

export interface FlowQuery {
  sort: FlowSortKey;
  descending: boolean;
  start: number;
  count: number;
  search?: string | undefined;
}

export class FlowTable {
  readonly columns: FlowColumns;
  readonly #interfaceName: (id: number) => string;
  #order: { question: string; rows: Uint32Array } | undefined;

  constructor(columns: FlowColumns, interfaceName: (id: number) => string) {
    this.columns = columns;
    this.#interfaceName = interfaceName;
  }

  window({ sort, descending, start, count, search }: FlowQuery): Omit<FlowsWindow, 'generation'> {
    const question = JSON.stringify([sort, descending, search]);
    if (this.#order?.question !== question) this.#order = { question, rows: this.#sorted(sort, descending, search) };
    const { rows } = this.#order;
    const flows = Array.from(rows.subarray(start, start + count), (row) => this.row(row));
    return { total: rows.length, start, flows, maxBitsPerSecond: largest(this.columns) };
  }

  row(row: number): FlowRow {
    const { columns } = this;
    const kind = columns.word(row, KEY.kind);
    const ports = columns.word(row, KEY.ports);
    const family = (kind & 255) === 6 ? 6 : 4;
    const protocolNumber = (kind >>> 8) & 255;
    const tcpFlags = columns.tcpFlags[row]!;
    const withPorts = hasPorts(protocolNumber);
    return {
      key: this.#key(row),
      family,
      source: this.address(row, KEY.source),
      sourcePort: withPorts ? ports & 0xffff : 0,
      destination: this.address(row, KEY.destination),
      destinationPort: withPorts ? ports >>> 16 : 0,
      protocolNumber,
      protocol: protocolName(protocolNumber),
      interfaceName: this.#interfaceName((kind >>> 16) & 255),
      direction: kind >>> 24 === 2 ? 'out' : 'in',
      packets: columns.packets[row]!,
      bytes: columns.bytes[row]!,
      pps: columns.pps[row]!,
      bitsPerSecond: columns.bitsPerSecond[row]!,
      firstMs: columns.firstMs[row]!,
      lastMs: columns.lastMs[row]!,
      tcpFlags,
      state: flowState(protocolNumber, tcpFlags, ports & 0xffff, ports >>> 16),
    };
  }

  address(row: number, place: number): string {
    const { keys } = this.columns;
    const bytes = new Uint8Array(keys.buffer, (row * KEY_WORDS + place) * 4, 16);
    return (this.columns.word(row, KEY.kind) & 255) === 6 ? ipv6Text(bytes, 0) : ipv4Text(bytes, 0);
  }

  #key(row: number): string {
    const from = row * KEY_WORDS;
    let text = '';
    for (const word of this.columns.keys.subarray(from, from + KEY_WORDS)) text += `${word.toString(36)}.`;
    return text;
  }

  #sorted(sort: FlowSortKey, descending: boolean, search: string | undefined): Uint32Array {
    const sign = descending ? -1 : 1;
    const compare = this.#comparison(sort);
    const rows = this.#matching(search);
    return rows.sort((a, b) => sign * compare(a, b) || a - b);
  }

  #matching(search: string | undefined): Uint32Array {
    const all = Uint32Array.from({ length: this.columns.count }, (_, row) => row);
    const wanted = search?.trim().toLowerCase();
    return wanted ? all.filter((row) => searchable(this.row(row)).includes(wanted)) : all;
  }

  #comparison(sort: FlowSortKey): (a: number, b: number) => number {
    const { columns } = this;
    const byNumber = (of: (row: number) => number) => {
      const values = Float64Array.from({ length: columns.count }, (_, row) => of(row));
      return (a: number, b: number) => values[a]! - values[b]!;
    };
    const byText = (of: (row: number) => string) => (a: number, b: number) => {
      const [left, right] = [of(a), of(b)];
      return left < right ? -1 : left > right ? 1 : 0;
    };
    switch (sort) {
      case 'source':
        return this.#byAddress(KEY.source);
      case 'destination':
        return this.#byAddress(KEY.destination);
      case 'sourcePort':
        return byNumber((row) => columns.word(row, KEY.ports) & 0xffff);
      case 'destinationPort':
        return byNumber((row) => columns.word(row, KEY.ports) >>> 16);
      case 'direction':
        return byNumber((row) => columns.word(row, KEY.kind) >>> 24);
      case 'protocol':
        return byText((row) => protocolName((columns.word(row, KEY.kind) >>> 8) & 255));
      case 'interfaceName':
        return byText((row) => this.#interfaceName((columns.word(row, KEY.kind) >>> 16) & 255));
      case 'state':
        return byText((row) => this.row(row).state);
      default:
        return byNumber((row) => columns[sort][row]!);
    }
  }

  /** As numbers, not as text: 10.0.0.9 before 10.0.0.10, IPv4 before IPv6. */
  #byAddress(place: number): (a: number, b: number) => number {
    const { columns } = this;
    return (a, b) => {
      const family = (columns.word(a, KEY.kind) & 255) - (columns.word(b, KEY.kind) & 255);
      if (family !== 0) return family;
      for (let word = 0; word < 4; word++) {
        const difference = bigEndian(columns.word(a, place + word)) - bigEndian(columns.word(b, place + word));
        if (difference !== 0) return difference;
      }
      return 0;
    };
  }
}

function bigEndian(word: number): number {
  return (((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}

function largest({ count, bitsPerSecond }: FlowColumns): number {
  let most = 0;
  for (let row = 0; row < count; row++) if (bitsPerSecond[row]! > most) most = bitsPerSecond[row]!;
  return most;
}

function searchable({
  source,
  sourcePort,
  destination,
  destinationPort,
  protocol,
  interfaceName,
  direction,
  state,
}: FlowRow): string {
  return `${source}:${sourcePort} ${destination}:${destinationPort} ${protocol} ${interfaceName} ${direction} ${state}`;
}
