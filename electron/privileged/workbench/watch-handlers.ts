/** What goes on in the kernel: tracepoints, the trace pipe, the AF_XDP responder. One of each at a time. */
import type { Monitor, TracePipe, XskEcho } from '../../../native/index.d.ts';
import { XdpeekError } from '../../shared/errors.ts';
import type { WorkbenchEvent, WorkbenchMethods } from '../../shared/workbench.ts';
import type { Addon } from '../addon.ts';
import type { HandlersOf } from './handlers.ts';

type Methods = Pick<
  WorkbenchMethods,
  | 'traceStart'
  | 'traceStop'
  | 'monitorStart'
  | 'monitorRead'
  | 'monitorStop'
  | 'xskEchoStart'
  | 'xskEchoRead'
  | 'xskEchoStop'
>;

function running<T>(thing: T | undefined, what: string): T {
  if (thing === undefined) throw new XdpeekError({ code: 'ENOENT', message: `${what} is not running` });
  return thing;
}

export class WatchHandlers {
  readonly handlers: HandlersOf<Methods>;
  #trace: TracePipe | undefined;
  /** Some follow the log while others look at what one run prints: it is read until the last one stops. */
  #traceUsers = 0;
  #monitor: Monitor | undefined;
  #echo: XskEcho | undefined;

  constructor(addon: Addon, bpfDir: string, sendEvent: (event: WorkbenchEvent) => void) {
    this.handlers = {
      traceStart: () => {
        this.#trace ??= new addon.TracePipe((lines, lost) => sendEvent({ event: 'trace', lines, lost }));
        this.#traceUsers++;
        return null;
      },
      traceStop: () => {
        this.#traceUsers = Math.max(0, this.#traceUsers - 1);
        if (this.#traceUsers > 0) return null;
        this.#trace?.close();
        this.#trace = undefined;
        return null;
      },
      monitorStart: () => {
        this.#monitor ??= new addon.Monitor({ bpfDir });
        return { missing: this.#monitor.missing };
      },
      monitorRead: () => running(this.#monitor, 'the monitor').read(),
      monitorStop: () => {
        this.#monitor?.close();
        this.#monitor = undefined;
        return null;
      },
      xskEchoStart: (params) => {
        if (this.#echo) throw new XdpeekError({ code: 'EBUSY', message: 'an echo responder is running already' });
        this.#echo = new addon.XskEcho({ ...params, bpfDir });
        return null;
      },
      xskEchoRead: () => running(this.#echo, 'the echo responder').counts(),
      xskEchoStop: () => {
        const echo = running(this.#echo, 'the echo responder');
        this.#echo = undefined;
        const counts = echo.counts();
        echo.close();
        return counts;
      },
    };
  }

  end(): void {
    this.#trace?.close();
    this.#monitor?.close();
    this.#echo?.close();
    this.#trace = this.#monitor = this.#echo = undefined;
  }
}
