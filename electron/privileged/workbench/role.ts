/** Role `workbench`: everything of the kernel's eBPF, by the addon. A request at a time; each group of methods has a file of its own. */
import type { WorkbenchEvent, WorkbenchMethods } from '../../shared/workbench.ts';
import type { Addon } from '../addon.ts';
import type { PrivilegedRole } from '../role.ts';
import type { HandlersOf } from './handlers.ts';
import { InspectHandlers } from './inspect-handlers.ts';
import { mapHandlers } from './map-handlers.ts';
import { ObjectHandlers } from './object-handlers.ts';
import { WORKBENCH_VOCABULARY } from './vocabulary.ts';
import { WatchHandlers } from './watch-handlers.ts';

export interface WorkbenchRoleOptions {
  addon: Addon;
  bpfDir: string;
  sendEvent(event: WorkbenchEvent): void;
}

export class WorkbenchRole implements PrivilegedRole {
  readonly vocabulary = WORKBENCH_VOCABULARY;
  readonly handlers: HandlersOf<WorkbenchMethods>;
  readonly #inspect: InspectHandlers;
  readonly #objects: ObjectHandlers;
  readonly #watch: WatchHandlers;

  constructor({ addon, bpfDir, sendEvent }: WorkbenchRoleOptions) {
    this.#inspect = new InspectHandlers(addon);
    this.#objects = new ObjectHandlers(addon, sendEvent);
    this.#watch = new WatchHandlers(addon, bpfDir, sendEvent);
    this.handlers = {
      ...this.#inspect.handlers,
      ...mapHandlers(addon),
      ...this.#objects.handlers,
      ...this.#watch.handlers,
    };
  }

  end(): void {
    this.#watch.end();
    this.#objects.end();
    this.#inspect.end();
  }
}
