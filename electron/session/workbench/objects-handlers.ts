/** Object files, opened and loaded. */
import type { ObjectApiMethods } from '../../shared/workbench-api.ts';
import type { Handlers } from './handlers.ts';
import type { Objects } from './objects.ts';

export function objectHandlers(objects: Objects): Handlers<ObjectApiMethods> {
  return {
    'objects.open': (params) => objects.open(params),
    'objects.load': (params) => objects.load(params),
    'objects.list': () => objects.list(),
    'objects.close': async ({ objectId }) => {
      await objects.close(objectId);
      return {};
    },
  };
}
