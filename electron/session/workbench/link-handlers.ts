/** Links, attachments and pins: as the kernel has them. */
import type { LinkApiMethods } from '../../shared/workbench-api.ts';
import type { Handlers } from './handlers.ts';
import type { Workbench } from './workbench.ts';

export function linkHandlers(workbench: Workbench): Handlers<LinkApiMethods> {
  return {
    'links.list': () => workbench.request('links', {}),
    'links.detach': async (params) => {
      await workbench.request('linkDetach', params);
      return {};
    },
    'attachments.list': () => workbench.request('attachments', {}),
    'attachments.attach': (params) => workbench.request('attach', params),
    'attachments.detach': async (params) => {
      await workbench.request('detach', params);
      return {};
    },
    'attachments.detachFrom': async (params) => {
      await workbench.request('detachFrom', params);
      return {};
    },
    'pins.list': () => workbench.request('pins', {}),
    'pins.pin': (params) => workbench.request('pin', params),
    'pins.unpin': async (params) => {
      await workbench.request('unpin', params);
      return {};
    },
  };
}
