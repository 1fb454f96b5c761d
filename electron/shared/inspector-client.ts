/**
 * InspectorApi over any MessagePipe: the one client of the backend, used by the window (MessagePort, WebSocket), the tests
 * and the command line (memory). Holds no data, only what is waiting for an answer. When the pipe closes every waiting
 * call is rejected and the closed listeners hear the reason once; a dead backend must never look like a quiet one.
 */
import type { InspectorApi, InspectorMethod, InspectorMethods, InspectorTopic, InspectorTopics } from './api.ts';
import type { ClientMessage, MessagePipe, ServerMessage } from './backend-messages.ts';
import { type ErrorData, XdpeekError } from './errors.ts';

export interface InspectorClient extends InspectorApi {
  /** Lets go of the pipe; listeners of `onClosed` are not called for it. */
  close(): void;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export function createInspectorClient(pipe: MessagePipe<ServerMessage, ClientMessage>): InspectorClient {
  const waiting = new Map<number, Waiting>();
  const topics = new Map<number, (value: unknown) => void>();
  const closedListeners = new Set<(reason: ErrorData) => void>();
  let nextId = 1;
  let gone: ErrorData | undefined;

  function end(reason: ErrorData): void {
    if (gone) return;
    gone = reason;
    for (const { reject } of waiting.values()) reject(new XdpeekError(reason));
    waiting.clear();
    topics.clear();
    for (const listener of closedListeners) listener(reason);
    closedListeners.clear();
  }

  pipe.onMessage((message) => {
    if (message.kind === 'topic') topics.get(message.id)?.(message.value);
    else {
      const call = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.kind === 'result') call?.resolve(message.value);
      else call?.reject(new XdpeekError(message.error));
    }
  });
  pipe.onClose((reason) => end(closedError(reason)));

  return {
    call<M extends InspectorMethod>(method: M, params: InspectorMethods[M][0]) {
      if (gone) return Promise.reject(new XdpeekError(gone));
      const id = nextId++;
      return new Promise<InspectorMethods[M][1]>((resolve, reject) => {
        waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
        try {
          pipe.send({ kind: 'call', id, method, params });
        } catch (error) {
          waiting.delete(id);
          reject(error);
        }
      });
    },
    subscribe<T extends InspectorTopic>(topic: T, listener: (value: InspectorTopics[T]) => void) {
      const id = nextId++;
      if (gone) return () => {};
      topics.set(id, listener as (value: unknown) => void);
      pipe.send({ kind: 'subscribe', id, topic });
      return () => {
        if (topics.delete(id) && !gone) pipe.send({ kind: 'unsubscribe', id });
      };
    },
    onClosed(listener) {
      if (gone) listener(gone);
      else closedListeners.add(listener);
      return () => closedListeners.delete(listener);
    },
    close() {
      closedListeners.clear();
      pipe.close();
      end(closedError('closed by this side'));
    },
  };
}

function closedError(reason: string): ErrorData {
  return {
    code: 'CLOSED',
    message: `the connection to the capture session is gone: ${reason}`,
    hint: 'Reconnect; if that fails, start xdpeek again.',
  };
}
