/** Every group of the workbench's methods, one file each. */
import type { WorkbenchApiMethods } from '../../shared/workbench-api.ts';
import type { PacketTable } from '../rows.ts';
import { codeHandlers } from './code-handlers.ts';
import { libraryHandlers } from './library-handlers.ts';
import { linkHandlers } from './link-handlers.ts';
import { mapHandlers } from './maps/map-handlers.ts';
import { Monitor } from './monitor.ts';
import { objectHandlers } from './objects-handlers.ts';
import { programHandlers } from './program-handlers.ts';
import { runHandlers } from './run-handlers.ts';
import { Trace } from './trace.ts';
import type { Workbench } from './workbench.ts';
import { xskHandlers } from './xsk-handlers.ts';

export type Handlers<Methods> = {
  [M in keyof Methods]: Methods[M] extends [infer P, infer R] ? (params: P) => R | Promise<R> : never;
};

export function workbenchHandlers(workbench: Workbench, table: () => PacketTable): Handlers<WorkbenchApiMethods> {
  return {
    ...linkHandlers(workbench),
    ...codeHandlers(workbench),
    ...libraryHandlers(workbench),
    ...mapHandlers(workbench),
    ...programHandlers(workbench),
    ...objectHandlers(workbench.objects),
    ...runHandlers(workbench, table),
    ...xskHandlers(workbench),
    ...new Monitor(workbench).handlers,
    ...new Trace(workbench).handlers,
  };
}
