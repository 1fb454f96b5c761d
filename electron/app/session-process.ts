/**
 * The session's life as seen from the app: a utilityProcess that is started on demand, given one port per page, told to
 * open and save files, and replaced when it dies. A death rejects what was asked of it; the page notices through its
 * closed port, says so, and asks for a new one.
 */
import { type MessagePortMain, type UtilityProcess, utilityProcess } from 'electron';
import { XdpeekError } from '../shared/errors.ts';
import type { ExportRequest } from '../shared/export.ts';
import type { AppToSession, SessionToApp } from '../shared/ipc.ts';

/** A session that dies this young, this often in a row, is not started again. */
const YOUNG_MS = 3000;
const MAX_YOUNG_DEATHS = 3;
const SHUTDOWN_MS = 2000;

interface Waiting {
  resolve(): void;
  reject(error: Error): void;
}

export class SessionProcess {
  readonly #entry: string;
  readonly #args: readonly string[];
  readonly #waiting = new Map<number, Waiting>();
  #child: UtilityProcess | undefined;
  #startedMs = 0;
  #youngDeaths = 0;
  #nextId = 1;
  #closing = false;
  #demo = false;

  /** Called when a session ended that was not told to: windows must not wait for its ports. */
  onGone: (() => void) | undefined;

  /** @param entry dist/session/main.mjs; `args` are handed to every session that is started. */
  constructor(entry: string, args: readonly string[]) {
    this.#entry = entry;
    this.#args = args;
  }

  /** Gives one end of a channel to the session. Throws when sessions keep dying. */
  connect(port: MessagePortMain): void {
    this.#send({ type: 'connect' }, [port]);
  }

  /** Several are merged by time. */
  open(paths: readonly string[]): Promise<void> {
    return this.#ask((id) => ({ type: 'open', id, paths: [...paths] }));
  }

  save(path: string): Promise<void> {
    return this.#ask((id) => ({ type: 'save', id, path }));
  }

  export(path: string, request: ExportRequest): Promise<void> {
    return this.#ask((id) => ({ type: 'export', id, path, request }));
  }

  /** What is being written ends with CANCELLED. */
  cancelExport(): void {
    this.#child?.postMessage({ type: 'cancel-export' } satisfies AppToSession);
  }

  openKeyLog(path: string): Promise<void> {
    return this.#ask((id) => ({ type: 'open-key-log', id, path }));
  }

  /** Whether the demo network runs; remembered for sessions that start later. */
  setDemo(running: boolean): void {
    this.#demo = running;
    this.#child?.postMessage({ type: 'demo', running } satisfies AppToSession);
  }

  /** Resolves when a capture on the demo network runs, or something else is shown already. */
  captureDemo(): Promise<void> {
    return this.#ask((id) => ({ type: 'capture-demo', id }));
  }

  /** Resolves when the session is gone: by itself (detached, spool closed), or killed after 2 s. */
  async shutdown(): Promise<void> {
    this.#closing = true;
    const child = this.#child;
    if (child === undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => child.kill(), SHUTDOWN_MS);
      child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      child.postMessage({ type: 'shutdown' } satisfies AppToSession);
    });
  }

  #ask(message: (id: number) => AppToSession): Promise<void> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      try {
        this.#send(message(id));
      } catch (error) {
        this.#waiting.delete(id);
        reject(error);
      }
    });
  }

  #send(message: AppToSession, ports: MessagePortMain[] = []): void {
    this.#child ??= this.#start();
    this.#child.postMessage(message, ports);
  }

  #start(): UtilityProcess {
    if (this.#closing) throw died('xdpeek is closing');
    if (this.#youngDeaths >= MAX_YOUNG_DEATHS)
      throw died('the session process ended right after its start, three times in a row');
    const child = utilityProcess.fork(this.#entry, [...this.#args], {
      serviceName: 'xdpeek session',
      stdio: 'inherit',
    });
    this.#startedMs = performance.now();
    if (this.#demo) child.postMessage({ type: 'demo', running: true } satisfies AppToSession);
    child.on('message', (message: SessionToApp) => this.#done(message));
    // V8's last words; the exit that follows is what counts.
    child.on('error', (type, location) => console.error(`xdpeek: the session process: ${type} at ${location}`));
    child.once('exit', (code) => this.#exited(child, code));
    return child;
  }

  #done({ id, error }: SessionToApp): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve();
    else waiting?.reject(new XdpeekError(error));
  }

  #exited(child: UtilityProcess, code: number): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    const young = performance.now() - this.#startedMs < YOUNG_MS;
    this.#youngDeaths = young ? this.#youngDeaths + 1 : 0;
    if (!this.#closing) {
      console.error(`xdpeek: the session process ended with status ${code}`);
      this.onGone?.();
    }
    for (const { reject } of this.#waiting.values()) reject(died('the session process ended'));
    this.#waiting.clear();
  }
}

function died(message: string): XdpeekError {
  return new XdpeekError({
    code: 'SESSION_GONE',
    message,
    hint: 'Try again; if it happens each time, start xdpeek from a terminal and read what it prints.',
  });
}
