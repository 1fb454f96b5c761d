/**
 * One privileged process as its client sees it: started by a SpawnPlan, greeted, asked, and told apart in every way it can
 * end. Requests are answered in order of their ids; when the process goes, each waiting request is rejected with the
 * reason, and `onGone` hears it once.
 */
import { type ChildProcessByStdio, type StdioOptions, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { MessagePipe } from '../../shared/backend-messages.ts';
import { type ErrorData, XdpeekError } from '../../shared/errors.ts';
import {
  MAX_FRAME_BYTES,
  PROTOCOL_VERSION,
  type PrivilegedEvent,
  type PrivilegedMethod,
  type PrivilegedMethods,
  type Reply,
  type Request,
} from '../../shared/wire.ts';
import type { WorkbenchEvent } from '../../shared/workbench.ts';
import type { FrameListener, TakenBody } from '../../transport/framing.ts';
import { stdioPipe } from '../../transport/stdio.ts';
import { exitReason } from './exit-reason.ts';
import { type OutputPipe, outputPipe, type PipedBlocks } from './output-pipe.ts';
import type { SpawnPlan } from './spawn-plan.ts';

export type CaptureFailed = Extract<PrivilegedEvent, { event: 'captureFailed' }>;
export type CaptureNotice = Extract<PrivilegedEvent, { event: 'captureNotice' }>;

/** The blocks of a PACKETS frame, while they are still in the pipe. Answers as a BodyTaker. */
export type BodyListener = (blocks: PipedBlocks) => Promise<TakenBody> | undefined;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

type Child = ChildProcessByStdio<Writable, null, Readable>;

const STDERR_KEPT = 4096;
const CLOSE_MS = 2000;
const OUTPUT_MS = 500;

export class PrivilegedClient {
  readonly plan: SpawnPlan;
  readonly #child: Child;
  readonly #pipe: MessagePipe<Reply | PrivilegedEvent, Request>;
  readonly #waiting = new Map<number, Waiting>();
  readonly #exited: Promise<void>;
  #nextId = 1;
  #stderr = '';
  #greeted = false;
  #gone: ErrorData | undefined;
  #goneListeners: ((reason: ErrorData) => void)[] = [];
  #captureFailed: ((event: CaptureFailed) => void) | undefined;
  #captureNotice: ((event: CaptureNotice) => void) | undefined;
  #workbenchEvent: ((event: WorkbenchEvent) => void) | undefined;
  #frameListener: FrameListener | undefined;
  #bodyListener: BodyListener | undefined;
  #hello: (() => void) | undefined;

  /** Starts the process and greets it. Rejects with the reason when it cannot be had (XdpeekError). */
  static async start(plan: SpawnPlan): Promise<PrivilegedClient> {
    const client = new PrivilegedClient(plan, outputPipe());
    await client.#greet();
    return client;
  }

  private constructor(plan: SpawnPlan, output: OutputPipe) {
    this.plan = plan;
    const { file, args, env, detached } = plan;
    const stdio: StdioOptions = ['pipe', output.theirs, 'pipe'];
    this.#child = spawn(file, args, { env, detached, cwd: '/', stdio }) as Child;
    output.handedOver();
    this.#exited = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#lost({ code: 'PRIVILEGED_FAILED', message: `${file} cannot be started: ${error.message}` });
        resolve();
      });
      this.#child.once('exit', (code, signal) => {
        const told = (): void => {
          const lastLine = this.#stderr.trim().split('\n').at(-1) ?? '';
          this.#lost(exitReason(plan, { code, signal, lastLine, greeted: this.#greeted }));
          resolve();
        };
        // 'close' comes when the last of its output is read; but a child of its own may hold that open.
        const timer = setTimeout(told, OUTPUT_MS);
        this.#child.once('close', () => {
          clearTimeout(timer);
          told();
        });
      });
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT);
    });
    this.#pipe = stdioPipe<Reply | PrivilegedEvent, Request>({
      input: output,
      output: this.#child.stdin,
      maxPayload: MAX_FRAME_BYTES,
      onFrame: (type, payload) => this.#frameListener?.(type, payload),
      takeBody: (header, bytes) => this.#bodyListener?.(output.next(header, bytes)),
      onBroken: ({ code, message }) =>
        this.#lost({
          code,
          message: `the privileged process cannot be understood: ${message}`,
          hint: 'Install one version of xdpeek and start it again.',
        }),
    });
    this.#pipe.onMessage((message) => this.#receive(message));
    // The exit tells more than the closed pipe; a process that closes its stdout without ending is ended.
    this.#pipe.onClose(() => {
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), CLOSE_MS);
      void this.#exited.then(() => clearTimeout(timer));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get gone(): ErrorData | undefined {
    return this.#gone;
  }

  /** Returns how to stop listening. */
  onGone(listener: (reason: ErrorData) => void): () => void {
    if (this.#gone) listener(this.#gone);
    else this.#goneListeners.push(listener);
    return () => {
      this.#goneListeners = this.#goneListeners.filter((other) => other !== listener);
    };
  }

  /** One listener each: there is one capture at a time. PACKETS, FLOWS and STATS frames. */
  onFrame(listener: FrameListener | undefined): void {
    this.#frameListener = listener;
  }
  onBody(listener: BodyListener | undefined): void {
    this.#bodyListener = listener;
  }
  onCaptureFailed(listener: ((event: CaptureFailed) => void) | undefined): void {
    this.#captureFailed = listener;
  }
  onCaptureNotice(listener: ((event: CaptureNotice) => void) | undefined): void {
    this.#captureNotice = listener;
  }

  onWorkbenchEvent(listener: ((event: WorkbenchEvent) => void) | undefined): void {
    this.#workbenchEvent = listener;
  }

  request<M extends PrivilegedMethod>(method: M, params: PrivilegedMethods[M][0]): Promise<PrivilegedMethods[M][1]> {
    if (this.#gone) return Promise.reject(new XdpeekError(this.#gone));
    const id = this.#nextId++;
    return new Promise<PrivilegedMethods[M][1]>((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#pipe.send({ id, method, params });
    });
  }

  /** Asks it to leave; resolves when it is gone, by SIGKILL after 2 s (its kernel links go with it). */
  async close(): Promise<void> {
    if (!this.#gone) this.#pipe.close();
    await this.#exited;
  }

  async #greet(): Promise<void> {
    const hello = new Promise<void>((resolve) => {
      this.#hello = resolve;
    });
    const lost = new Promise<never>((_resolve, reject) => this.onGone((reason) => reject(new XdpeekError(reason))));
    await Promise.race([hello, lost]);
    await this.request('hello', { protocol: PROTOCOL_VERSION });
  }

  #receive(message: Reply | PrivilegedEvent): void {
    if ('event' in message) {
      if (message.event === 'hello') {
        this.#greeted = true;
        this.#hello?.();
      } else if (message.event === 'captureNotice') this.#captureNotice?.(message);
      else if (message.event === 'captureFailed') this.#captureFailed?.(message);
      else this.#workbenchEvent?.(message);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ('error' in message) waiting?.reject(new XdpeekError(message.error));
    else waiting?.resolve(message.result);
  }

  #lost(reason: ErrorData): void {
    if (this.#gone) return;
    this.#gone = reason;
    for (const { reject } of this.#waiting.values()) reject(new XdpeekError(reason));
    this.#waiting.clear();
    for (const listener of this.#goneListeners.splice(0)) listener(reason);
  }
}
