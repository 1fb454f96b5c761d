/** Programs: list, statistics, detail. */
import type { ProgramApiMethods } from '../../shared/workbench-api.ts';
import type { Handlers } from './handlers.ts';
import { Programs } from './programs.ts';
import type { Workbench } from './workbench.ts';

export function programHandlers(workbench: Workbench): Handlers<ProgramApiMethods> {
  const programs = new Programs(workbench);
  return {
    'programs.list': () => programs.list(),
    'programs.statistics': async ({ on }) => {
      await programs.setStatistics(on);
      return {};
    },
    'programs.detail': ({ id }) => programs.detail(id),
  };
}
