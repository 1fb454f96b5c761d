/**
 * Messages between an InspectorApi client and the session's backend, over any transport that carries structured
 * values (MessagePort) or the WebSocket codec. One request id space a connection; the server echoes it.
 */
import type { ErrorData } from './errors.ts';

export type ClientMessage =
  | { kind: 'call'; id: number; method: string; params: unknown }
  | { kind: 'subscribe'; id: number; topic: string }
  | { kind: 'unsubscribe'; id: number };

export type ServerMessage =
  | { kind: 'result'; id: number; value: unknown }
  | { kind: 'error'; id: number; error: ErrorData }
  | { kind: 'topic'; id: number; value: unknown };

/** A message pipe that knows nothing of what it carries. Adapters: stdio, MessagePort, WebSocket, memory. Sending after a close does nothing. */
export interface MessagePipe<In, Out> {
  send(message: Out): void;
  onMessage(listener: (message: In) => void): void;
  onClose(listener: (reason: string) => void): void;
  close(): void;
  /** Bytes sent but not yet taken by the transport, where it knows: senders of topics hold back while this is large. */
  pendingBytes?(): number;
}
