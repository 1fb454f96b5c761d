/** Checks of the workbench's parameters: what root checks again, and what the session alone uses. */
import { boolean, type Check, integer, object, oneOf, optional } from '../../shared/validate.ts';
import { attachTarget, pinName } from '../../shared/validate-workbench.ts';
import type { WorkbenchApiMethods } from '../../shared/workbench-api.ts';
import { CODE_PARAMS } from './code-params.ts';
import { LIBRARY_PARAMS } from './library-params.ts';
import { MAP_PARAMS } from './maps/map-params.ts';
import { MONITOR_PARAMS } from './monitor-params.ts';
import { OBJECT_PARAMS } from './objects-params.ts';
import { RUN_PARAMS } from './run-params.ts';
import { XSK_PARAMS } from './xsk-params.ts';

const nothing = object({});
const id = integer(1, 0xffffffff);

export const WORKBENCH_PARAMS: {
  [M in keyof WorkbenchApiMethods]: Check<WorkbenchApiMethods[M] extends [infer P, unknown] ? P : never>;
} = {
  ...RUN_PARAMS,
  ...XSK_PARAMS,
  ...LIBRARY_PARAMS,
  ...CODE_PARAMS,
  ...OBJECT_PARAMS,
  ...MONITOR_PARAMS,
  ...MAP_PARAMS,
  'programs.list': nothing,
  'programs.statistics': object({ on: boolean }),
  'programs.detail': object({ id }),
  'links.list': nothing,
  'links.detach': object({ linkId: id, expectedProgramId: id }),
  'attachments.list': nothing,
  'attachments.attach': object({
    programId: id,
    target: attachTarget,
    replace: optional(object({ expectedId: integer(0, 0xffffffff) })),
    pin: optional(pinName),
  }),
  'attachments.detach': object({ attachmentId: id }),
  'attachments.detachFrom': object({ target: attachTarget, expectedId: id }),
  'pins.list': nothing,
  'pins.pin': object({ kind: oneOf(['program', 'map', 'link']), id, name: pinName }),
  'pins.unpin': object({ name: pinName }),
};
