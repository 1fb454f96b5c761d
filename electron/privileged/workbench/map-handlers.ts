/** Entries of maps, and pins. */
import type { WorkbenchMethods } from '../../shared/workbench.ts';
import type { Addon } from '../addon.ts';
import { fromBase64, toBase64 } from './bytes.ts';
import type { HandlersOf } from './handlers.ts';

type Methods = Pick<
  WorkbenchMethods,
  'mapRead' | 'mapLookup' | 'mapUpdate' | 'mapDelete' | 'mapPop' | 'bufferFill' | 'pin' | 'unpin'
>;

const found = (value: Uint8Array | null) => ({ value: value && toBase64(value) });

export function mapHandlers(addon: Addon): HandlersOf<Methods> {
  return {
    mapRead: ({ id, cursor, count }) => {
      const read = addon.mapRead(id, fromBase64(cursor), count);
      return { ...read, keys: toBase64(read.keys), values: toBase64(read.values), cursor: toBase64(read.cursor) };
    },
    mapLookup: ({ id, key }) => found(addon.mapLookup(id, fromBase64(key))),
    mapUpdate: ({ id, key, value, mode, netns }) => {
      addon.mapUpdate(id, fromBase64(key), fromBase64(value), mode, netns);
      return null;
    },
    mapDelete: ({ id, key }) => {
      addon.mapDelete(id, fromBase64(key));
      return null;
    },
    mapPop: ({ id }) => found(addon.mapPop(id)),
    bufferFill: ({ id }) => addon.bufferFill(id),
    pin: ({ kind, id, name }) => ({ path: addon.pin(kind, id, name) }),
    unpin: ({ name }) => {
      addon.unpin(name);
      return null;
    },
  };
}
