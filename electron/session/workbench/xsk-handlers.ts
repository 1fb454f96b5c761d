/** The AF_XDP echo responder: one at a time, of this session; it goes on until it is stopped or the root process ends. */
import type { XskApiMethods, XskEchoWish } from '../../shared/workbench-api.ts';
import type { Handlers } from './handlers.ts';
import type { Workbench } from './workbench.ts';

export function xskHandlers(workbench: Workbench): Handlers<XskApiMethods> {
  let running: XskEchoWish | undefined;
  workbench.onGone(() => {
    running = undefined;
  });
  return {
    'xsk.echo.start': async (wish) => {
      await workbench.request('xskEchoStart', wish);
      running = wish;
      return {};
    },
    'xsk.echo.get': async () => {
      const wish = running;
      return wish ? { wish, counts: await workbench.request('xskEchoRead', {}) } : null;
    },
    'xsk.echo.stop': async () => {
      const counts = await workbench.request('xskEchoStop', {});
      running = undefined;
      return counts;
    },
  };
}
