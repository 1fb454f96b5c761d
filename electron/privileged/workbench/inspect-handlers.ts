/** What is in the kernel: programs, links, maps, pins, their code and types. */
import type { RunStatistics } from '../../../native/index.d.ts';
import type { WorkbenchMethods } from '../../shared/workbench.ts';
import type { Addon } from '../addon.ts';
import { toBase64 } from './bytes.ts';
import type { HandlersOf } from './handlers.ts';

type Methods = Pick<WorkbenchMethods, 'programs' | 'links' | 'maps' | 'pins' | 'programCode' | 'btf' | 'statistics'>;

export class InspectHandlers {
  readonly handlers: HandlersOf<Methods>;
  #statistics: RunStatistics | undefined;

  constructor(addon: Addon) {
    this.handlers = {
      programs: () => addon.programs(),
      links: () => addon.links(),
      maps: () => addon.maps(),
      pins: () => addon.pins(),
      programCode: ({ id }) => {
        const { xlated, jited, lineInfo, funcInfo, ...rest } = addon.programCode(id);
        return {
          xlated: toBase64(xlated),
          jited: toBase64(jited),
          lineInfo: toBase64(lineInfo),
          funcInfo: toBase64(funcInfo),
          ...rest,
        };
      },
      btf: ({ id }) => {
        const { data, ...rest } = addon.btf(id);
        return { data: toBase64(data), ...rest };
      },
      statistics: ({ on }) => {
        if (on) this.#statistics ??= new addon.RunStatistics();
        else this.end();
        return null;
      },
    };
  }

  end(): void {
    this.#statistics?.close();
    this.#statistics = undefined;
  }
}
