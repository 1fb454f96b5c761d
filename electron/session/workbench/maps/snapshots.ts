/** Readings of maps that are kept, and what is different between two: by key, without an object an entry. */
import { XdpeekError } from '../../../shared/errors.ts';
import type { MapApiMethods, MapDifference } from '../../../shared/map-api.ts';
import { inSlices } from '../../slices.ts';
import { newPlace, sameBytes } from './entry-table.ts';
import { KeyIndex } from './key-index.ts';
import type { MapReading } from './map-reading.ts';
import { lineOf, type MapShape } from './map-shape.ts';

const MOST_SNAPSHOTS = 16;
const MOST_BYTES = 1 << 30;
/** Differences of one answer; all are counted. */
const MOST_ROWS = 2000;
const A_STEP = 128;

export interface Snapshot {
  shape: MapShape;
  reading: MapReading;
}

export class Snapshots {
  readonly #kept = new Map<number, Snapshot>();
  #last = 0;

  keep(snapshot: Snapshot): number {
    const bytes = [...this.#kept.values()].reduce((sum, { reading }) => sum + reading.table.bytes, 0);
    if (this.#kept.size >= MOST_SNAPSHOTS || bytes + snapshot.reading.table.bytes > MOST_BYTES)
      throw new XdpeekError({
        code: 'E2BIG',
        message: `there are ${this.#kept.size} snapshots of ${Math.round(bytes / 1e6)} MB already`,
        hint: 'Let go of one first.',
      });
    this.#kept.set(++this.#last, snapshot);
    return this.#last;
  }

  get(id: number): Snapshot {
    const found = this.#kept.get(id);
    if (!found) throw new XdpeekError({ code: 'ENOENT', message: `there is no snapshot ${id}`, hint: 'Take one.' });
    return found;
  }

  forget(id: number): void {
    this.#kept.delete(id);
  }
}

export async function compareReadings(
  shape: MapShape,
  before: MapReading,
  after: MapReading,
): Promise<MapApiMethods['maps.compare'][1]> {
  const { signal } = new AbortController();
  const result = { rows: [] as MapDifference[], same: 0, added: 0, removed: 0, changed: 0, more: 0 };
  const told = (kind: 'added' | 'removed' | 'changed', row: () => MapDifference) => {
    result[kind]++;
    if (result.rows.length < MOST_ROWS) result.rows.push(row());
    else result.more++;
  };
  const line = ({ table }: MapReading, index: number) => {
    const { valueValue, keyText } = shape.entry(table.key(index), table.value(index));
    return { keyText, text: lineOf(valueValue) };
  };
  const index = await KeyIndex.of(before.table, signal);
  const [now, then] = [newPlace(), newPlace()];
  await eachEntry(after.table.count, signal, (i) => {
    after.table.at(i, now);
    const found = index.find(now.keys, now.keyAt);
    if (found < 0) {
      told('added', () => {
        const { keyText, text } = line(after, i);
        return { keyText, after: text };
      });
      return;
    }
    before.table.at(found, then);
    if (sameBytes(now.values, now.valueAt, then.values, then.valueAt, after.table.valueBytes)) result.same++;
    else
      told('changed', () => {
        const { keyText, text } = line(after, i);
        return { keyText, before: line(before, found).text, after: text };
      });
  });
  const present = await KeyIndex.of(after.table, signal);
  await eachEntry(before.table.count, signal, (i) => {
    before.table.at(i, then);
    if (present.find(then.keys, then.keyAt) >= 0) return;
    told('removed', () => {
      const { keyText, text } = line(before, i);
      return { keyText, before: text };
    });
  });
  return result;
}

async function eachEntry(count: number, signal: AbortSignal, visit: (index: number) => void): Promise<void> {
  let next = 0;
  await inSlices(() => {
    for (const end = Math.min(count, next + A_STEP); next < end; next++) visit(next);
    return next < count;
  }, signal);
}
