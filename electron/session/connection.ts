/**
 * One client of a backend, over any pipe: calls are checked and answered, topics are forwarded at the pace of the
 * pipe. Nothing that a client sends can end the session: what makes no sense is answered with an error, or not at all.
 */
import type { ClientMessage, MessagePipe, ServerMessage } from '../shared/backend-messages.ts';
import { errorData, XdpeekError } from '../shared/errors.ts';

export interface Backend {
  /** Checks method and parameters itself; rejects with XdpeekError. */
  call(method: string, params: unknown): Promise<unknown>;
  /** Throws XdpeekError for an unknown topic. The listener may be called at once. Returns how to stop. */
  subscribe(topic: string, listener: (value: unknown) => void): () => void;
}

/** A client that reads this slowly gets no more topics until it has caught up. */
const PENDING_MAX_BYTES = 1 << 20;
const RETRY_MS = 100;
const MAX_SUBSCRIPTIONS = 32;
const MAX_WAITING_CALLS = 256;
/** Questions about a window that a scrolling list asks faster than they matter: the newest is answered first. */
const NEWEST_FIRST = new Set(['packets.rows', 'packets.detail', 'flows.rows']);

/** Serves `pipe` until it closes. Returns how to end it earlier. */
export function serveClient(backend: Backend, pipe: MessagePipe<ClientMessage, ServerMessage>): () => void {
  const subscriptions = new Map<number, () => void>();
  let waiting = 0;

  const fail = (id: number, error: unknown) => pipe.send({ kind: 'error', id, error: errorData(error) });

  async function call(id: number, method: string, params: unknown): Promise<void> {
    if (waiting >= MAX_WAITING_CALLS) {
      fail(id, new XdpeekError({ code: 'EBUSY', message: 'too many calls are waiting for an answer' }));
      return;
    }
    waiting++;
    try {
      const value = await backend.call(method, params);
      pipe.send({ kind: 'result', id, value });
    } catch (error) {
      fail(id, error);
    } finally {
      waiting--;
    }
  }

  /** Calls that came in the same breath, the oldest first. */
  const windows: [id: number, method: string, params: unknown][] = [];

  function callNewestFirst(id: number, method: string, params: unknown): void {
    windows.push([id, method, params]);
    if (windows.length > 1) return;
    setImmediate(() => {
      for (const [one, name, given] of windows.splice(0).reverse()) void call(one, name, given);
    });
  }

  function subscribe(id: number, topic: string): void {
    if (subscriptions.size >= MAX_SUBSCRIPTIONS || subscriptions.has(id)) {
      fail(id, new XdpeekError({ code: 'USAGE', message: 'too many subscriptions, or one id twice' }));
      return;
    }
    try {
      const paced = pace(
        (value) => pipe.send({ kind: 'topic', id, value }),
        () => pipe.pendingBytes?.() ?? 0,
      );
      const stop = backend.subscribe(topic, paced.offer);
      subscriptions.set(id, () => {
        stop();
        paced.stop();
      });
    } catch (error) {
      fail(id, error);
    }
  }

  function end(): void {
    for (const stop of subscriptions.values()) stop();
    subscriptions.clear();
  }

  pipe.onMessage((message: unknown) => {
    const { kind, id, method, topic, params } = (message ?? {}) as Record<string, unknown>;
    if (!Number.isSafeInteger(id)) return;
    const request = id as number;
    if (kind === 'call' && typeof method === 'string')
      NEWEST_FIRST.has(method) ? callNewestFirst(request, method, params) : void call(request, method, params);
    else if (kind === 'subscribe' && typeof topic === 'string') subscribe(request, topic);
    else if (kind === 'unsubscribe') {
      subscriptions.get(request)?.();
      subscriptions.delete(request);
    } else fail(request, new XdpeekError({ code: 'USAGE', message: 'this message makes no sense here' }));
  });
  pipe.onClose(end);
  return end;
}

/** Holds back values while much is pending; then the latest goes, the ones in between are forgotten. */
function pace(send: (value: unknown) => void, pending: () => number): { offer(value: unknown): void; stop(): void } {
  let held: { value: unknown } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    timer = undefined;
    if (!held) return;
    if (pending() > PENDING_MAX_BYTES) timer = setTimeout(flush, RETRY_MS);
    else {
      const { value } = held;
      held = undefined;
      send(value);
    }
  };
  return {
    offer(value) {
      held = { value };
      if (timer === undefined) flush();
    },
    stop() {
      held = undefined;
      clearTimeout(timer);
    },
  };
}
