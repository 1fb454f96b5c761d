/** Columns that the store itself has: no packet is looked at. */

import type { Keys } from '../../packets/order/keys.ts';
import { VERDICT_NONE } from '../../packets/pcap/types.ts';
import { XDP_VERDICTS } from '../../shared/capture.ts';
import { timeOf } from '../analysis/table-row.ts';
import type { PacketTable, TableInterface } from '../rows.ts';

export const STORE_COLUMNS = [
  'number',
  'time',
  'relative',
  'delta',
  'verdict',
  'length',
  'interface',
  'capLen',
  'interfaceId',
  'captureDelta',
] as const;
export type StoreColumn = (typeof STORE_COLUMNS)[number];

export const isStoreColumn = (name: string): name is StoreColumn => STORE_COLUMNS.some((known) => known === name);

/** Fields that say the same. */
export const STORE_FIELDS: Readonly<Record<string, StoreColumn>> = {
  'frame.number': 'number',
  'frame.time': 'time',
  'frame.time_epoch': 'time',
  'frame.time_relative': 'relative',
  'frame.time_delta': 'captureDelta',
  'frame.time_delta_displayed': 'delta',
  'frame.len': 'length',
  'frame.cap_len': 'capLen',
  'frame.interface_id': 'interfaceId',
};

/** Puts the key of a row at a place. `before`: the row that is displayed before it in the capture's order, −1 = none. */
export type PutStored = (keys: Keys, at: number, row: number, before: number) => void;

/** @param references rows that times count from, ascending */
export function storedBy(table: PacketTable, column: StoreColumn, references: readonly number[]): PutStored {
  const { store, interfaces } = table;
  switch (column) {
    case 'number':
      return (keys, at, row) => keys.set(at, row);
    case 'length':
      return (keys, at, row) => keys.set(at, store.wireLen(row));
    case 'capLen':
      return (keys, at, row) => keys.set(at, store.capLen(row));
    case 'interfaceId':
      return (keys, at, row) => keys.set(at, store.interfaceId(row));
    case 'time':
      return (keys, at, row) => keys.setNumber(at, timeOf(table, row));
    case 'relative': {
      const from = (row: number) => {
        const reference = references.findLast((other) => other <= row);
        return reference === undefined ? 0 : timeOf(table, reference);
      };
      return (keys, at, row) => keys.setNumber(at, timeOf(table, row) - from(row));
    }
    case 'delta':
      // What is shown of the first is no time between two, unless it is the capture's own first.
      return (keys, at, row, before) => {
        if (before >= 0) keys.setNumber(at, timeOf(table, row) - timeOf(table, before));
        else if (row === 0) keys.setNumber(at, 0);
      };
    case 'captureDelta':
      return (keys, at, row) => keys.setNumber(at, row === 0 ? 0 : timeOf(table, row) - timeOf(table, row - 1));
    case 'verdict': {
      const names = [...XDP_VERDICTS].sort();
      const ranks = XDP_VERDICTS.map((name) => names.indexOf(name));
      return (keys, at, row) => {
        const verdict = store.verdict(row);
        if (verdict !== VERDICT_NONE) keys.set(at, ranks[verdict] ?? ranks.length);
      };
    }
    case 'interface': {
      const ranks = interfaceRanks(interfaces);
      return (keys, at, row) => {
        const id = store.interfaceId(row);
        keys.set(at, ranks[id] ?? interfaces.length + id);
      };
    }
  }
}

/** By what the list calls them; of one name, by their ids, which tell hooks apart. */
function interfaceRanks(interfaces: readonly TableInterface[]): number[] {
  const names = interfaces.map(({ name, file, observed }) =>
    observed ? `${observed.side} ${observed.program}` : [name, file].filter(Boolean).join(' · '),
  );
  const order = names
    .map((_, id) => id)
    .sort((a, b) => (names[a]! < names[b]! ? -1 : names[a]! > names[b]! ? 1 : a - b));
  const ranks: number[] = [];
  order.forEach((id, rank) => {
    ranks[id] = rank;
  });
  return ranks;
}
