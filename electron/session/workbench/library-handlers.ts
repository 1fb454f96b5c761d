/** The library, as the window asks for it. */
import type { LibraryApiMethods } from '../../shared/workbench-api.ts';
import type { Handlers } from './handlers.ts';
import { attachLibrary, describeLibrary, libraryEntries, librarySource } from './library.ts';
import type { Workbench } from './workbench.ts';

export function libraryHandlers(workbench: Workbench): Handlers<LibraryApiMethods> {
  return {
    'library.list': () => libraryEntries(),
    'library.source': async ({ name }) => ({ text: await librarySource(name) }),
    'library.open': ({ name, values }) => describeLibrary(workbench, name, values),
    'library.attach': ({ name, values, ...request }) => attachLibrary(workbench, name, values, request),
  };
}
