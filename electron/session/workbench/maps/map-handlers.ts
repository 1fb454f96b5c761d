/** Maps, for the window. */
import { XdpeekError } from '../../../shared/errors.ts';
import type { MapApiMethods } from '../../../shared/map-api.ts';
import type { Handlers } from '../handlers.ts';
import type { Workbench } from '../workbench.ts';
import { exportPiece } from './map-export.ts';
import type { MapReading } from './map-reading.ts';
import type { MapShape } from './map-shape.ts';
import { Maps } from './maps.ts';
import { compareReadings, Snapshots } from './snapshots.ts';

export function mapHandlers(workbench: Workbench): Handlers<MapApiMethods> {
  const maps = new Maps(workbench);
  const snapshots = new Snapshots();
  /** The pieces of one export are of one reading. */
  let exported: { id: number; shape: MapShape; reading: MapReading } | undefined;
  const done = async (work: Promise<void>) => {
    await work;
    return {};
  };
  return {
    'maps.list': () => maps.list(),
    'maps.detail': ({ id }) => maps.detail(id),
    'maps.rows': (question) => maps.rows(question),
    'maps.refresh': ({ id }) => done(maps.refresh(id)),
    'maps.set': ({ id, key, value, mode }) => done(maps.set(id, key, value, mode)),
    'maps.delete': ({ id, key }) => done(maps.delete(id, key)),
    'maps.push': ({ id, value }) => done(maps.push(id, value)),
    'maps.pop': async ({ id }) => ({ value: await maps.pop(id) }),
    'maps.lookup': async ({ id, key }) => ({ entry: await maps.lookup(id, key) }),
    'maps.snapshot': async ({ id }) => {
      const taken = await maps.reading(id);
      const { table, startedMs } = taken.reading;
      return { snapshot: snapshots.keep(taken), entries: table.count, takenMs: startedMs };
    },
    'maps.compare': async ({ snapshot, with: other }) => {
      const { shape, reading } = snapshots.get(snapshot);
      const after = other === undefined ? await maps.reading(shape.map.id) : snapshots.get(other);
      const { map } = after.shape;
      if (map.keyBytes !== shape.map.keyBytes || map.valueBytes !== shape.map.valueBytes)
        throw new XdpeekError({ code: 'EINVAL', message: 'the two snapshots are of maps with other keys or values' });
      return compareReadings(shape, reading, after.reading);
    },
    'maps.forget': ({ snapshot }) => {
      snapshots.forget(snapshot);
      return {};
    },
    'maps.export': async ({ id, format, start }) => {
      if (start === 0 || exported?.id !== id) exported = { id, ...(await maps.reading(id)) };
      const { shape, reading } = exported;
      const piece = exportPiece(shape, reading, format, start);
      if (piece.next === undefined) exported = undefined;
      return { name: `map-${id}${shape.map.name && `-${shape.map.name}`}.${format}`, ...piece };
    },
  };
}
