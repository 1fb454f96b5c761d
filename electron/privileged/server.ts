/**
 * The root process's life after its arguments are checked: frames from stdin → checked requests → handlers → replies through
 * the addon's writer. Whatever ends it (client gone, garbage, a signal, a broken stdout) goes through `#end` once: detach,
 * say so, flush for at most a second, exit. Kernel links die with the process, so even a hang leaves nothing attached.
 */
import type { Readable } from 'node:stream';
import type { FrameWriter } from '../../native/index.d.ts';
import { type ErrorData, errorData, XdpeekError } from '../shared/errors.ts';
import { quote } from '../shared/validate.ts';
import { FrameType, MAX_REQUEST_BYTES, PROTOCOL_VERSION, type PrivilegedEvent, type Reply } from '../shared/wire.ts';
import { FrameDecoder } from '../transport/framing.ts';
import type { Addon } from './addon.ts';
import type { Role } from './arguments.ts';
import { CaptureRole } from './capture-role.ts';
import type { PrivilegedRole } from './role.ts';
import { Throttle } from './throttle.ts';
import { checkParams, decodeEnvelope, type Envelope, protocolError } from './vocabulary.ts';
import { withWhereabouts } from './whereabouts.ts';
import { WorkbenchRole } from './workbench/role.ts';

const MIB = 1 << 20;
const QUEUE_BYTES = 32 * MIB;
const REQUESTS_PER_SECOND = 1000;
const REQUEST_BURST = 2000;
/** Within the 2 s that a client may count on. */
const FLUSH_MS = 1000;
const LAST_RESORT_MS = 1500;
const utf8 = new TextEncoder();

export interface ServerOptions {
  addon: Addon;
  bpfDir: string;
  journalDir: string;
  role: Role;
  version: string;
  input: Readable;
  /** Ends the process. */
  exit(status: number): void;
  /** One line for people. */
  say(line: string): void;
}

export class Server {
  readonly #options: ServerOptions;
  readonly #writer: FrameWriter;
  readonly #role: PrivilegedRole;
  readonly #throttle: Throttle<Envelope>;
  #greeted = false;
  #ended = false;
  /** The writer is gone: a late answer has nowhere to go. */
  #closed = false;

  constructor(options: ServerOptions) {
    const { addon, bpfDir, journalDir, role, version, input } = options;
    this.#options = options;
    this.#writer = new addon.FrameWriter({ fd: 1, queueBytes: QUEUE_BYTES });
    this.#writer.onError((error) => this.#outputFailed(error));
    const sendEvent = (event: PrivilegedEvent) => this.#send(event);
    const application = `xdpeek ${version}`;
    this.#role =
      role === 'capture'
        ? new CaptureRole({ addon, bpfDir, journalDir, writer: this.#writer, application, sendEvent })
        : new WorkbenchRole({ addon, bpfDir, sendEvent });
    this.#throttle = new Throttle<Envelope>({
      perSecond: REQUESTS_PER_SECOND,
      burst: REQUEST_BURST,
      handle: (envelope) => this.#guarded(() => this.#handle(envelope)),
      pause: () => input.pause(),
      resume: () => input.resume(),
    });
  }

  start(): void {
    const { role, version, input } = this.#options;
    this.#send({ event: 'hello', protocol: PROTOCOL_VERSION, version, role, pid: process.pid });
    const rules = { maxPayload: MAX_REQUEST_BYTES, types: [FrameType.CONTROL] };
    const decoder = new FrameDecoder(rules, (_type, payload) => this.#throttle.push(decodeEnvelope(payload)));
    const gone = () => this.#end(0, { code: 'CLIENT_GONE', message: 'the client closed the connection' });
    input.on('data', (chunk: Uint8Array) => this.#guarded(() => decoder.push(chunk)));
    input.on('end', () => {
      this.#guarded(() => decoder.end());
      gone();
    });
    input.on('error', gone);
  }

  signalled(signal: string): void {
    this.#end(0, { code: 'SIGNALLED', message: `the privileged process was told to end by ${signal}` });
  }

  /** Nothing of ours throws on purpose outside a request; if it happens, detach and say so. */
  crashed(error: unknown): void {
    const { message } = errorData(error);
    this.#end(1, { code: 'INTERNAL', message }, `internal error: ${message}`);
  }

  #handle({ id, method, params }: Envelope): void {
    if (this.#ended) return;
    if (!this.#greeted && method !== 'hello') throw protocolError(`the first request is ${quote(method)}, not "hello"`);
    const told = (error: unknown) => withWhereabouts(error, params, () => this.#options.addon.interfaces('*'));
    try {
      const checked = checkParams(this.#role.vocabulary, this.#options.role, method, params);
      if (method === 'shutdown') {
        this.#send({ id, result: null });
        this.#end(0, { code: 'CLIENT_GONE', message: 'the client asked for the end' });
        return;
      }
      const result = this.#answer(method, checked);
      this.#greeted = true;
      if (result instanceof Promise)
        void result.then(
          (value: unknown) => this.#send({ id, result: value }),
          (error: unknown) => this.#send({ id, error: told(error) }),
        );
      else this.#send({ id, result });
    } catch (error) {
      this.#send({ id, error: told(error) });
    }
  }

  #answer(method: string, params: unknown): unknown {
    const { addon } = this.#options;
    switch (method) {
      case 'hello':
        return { protocol: greeted((params as { protocol: number }).protocol) };
      case 'capabilities':
        return addon.probe();
      case 'interfaces':
        return addon.interfaces((params as { netns?: string }).netns);
      default:
        return this.#role.handlers[method]!(params as never);
    }
  }

  /** What goes wrong in `step` is the client's broken protocol: one line, status 1. */
  #guarded(step: () => void): void {
    try {
      if (!this.#ended) step();
    } catch (error) {
      const { message } = errorData(error);
      this.#end(1, { code: 'PROTOCOL', message }, `stdin does not speak xdpeek's protocol: ${message}`);
    }
  }

  #send(message: Reply | PrivilegedEvent): void {
    if (this.#closed) return;
    try {
      this.#writer.write(FrameType.CONTROL, utf8.encode(JSON.stringify(message)));
    } catch (error) {
      // The client asks and asks, and reads nothing.
      this.#outputFailed(error);
    }
  }

  #outputFailed(error: unknown): void {
    const data = errorData(error);
    if (data.code === 'EPIPE') this.#end(0, { code: 'CLIENT_GONE', message: 'the client closed the connection' });
    else this.#end(1, data, `stdout cannot be written: ${data.message}`);
  }

  #end(status: number, reason: ErrorData, line?: string): void {
    if (this.#ended) return;
    this.#ended = true;
    setTimeout(() => this.#options.exit(status), LAST_RESORT_MS).unref();
    if (line !== undefined) this.#options.say(line);
    this.#throttle.close();
    try {
      this.#role.end(reason);
    } catch (error) {
      this.#options.say(`detaching failed: ${errorData(error).message}`);
    }
    const flushed = Promise.race([this.#writer.flush(), new Promise((resolve) => setTimeout(resolve, FLUSH_MS))]);
    void flushed
      .catch(() => {})
      .then(() => {
        this.#closed = true;
        this.#writer.close();
        this.#options.exit(status);
      });
  }
}

function greeted(protocol: number): number {
  if (protocol === PROTOCOL_VERSION) return PROTOCOL_VERSION;
  const message = `this privileged process speaks protocol ${PROTOCOL_VERSION}, its client ${protocol}`;
  throw new XdpeekError({ code: 'PROTOCOL', message, hint: 'Install one version of xdpeek and start it again.' });
}
