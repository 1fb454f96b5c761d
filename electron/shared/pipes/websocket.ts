/**
 * MessagePipe over a WebSocket of any making (the browser's, Node's, `ws`): each message is one binary WebSocket message in
 * the codec of electron/shared/message-codec.ts. A message that cannot be read closes the connection with status 4002 (a browser may not send 1002).
 */
import type { MessagePipe } from '../backend-messages.ts';
import { errorData } from '../errors.ts';
import { decodeMessage, encodeMessage } from '../message-codec.ts';
import { PipeState } from './pipe-state.ts';

/** What the browser's WebSocket, Node's and `ws` have in common. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: 'open' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
  addEventListener(type: 'close', listener: (event: { code: number; reason: string }) => void): void;
}

const CONNECTING = 0;
const OPEN = 1;
const PROTOCOL_ERROR = 4002;

export function webSocketPipe<In, Out>(socket: WebSocketLike): MessagePipe<In, Out> {
  const state = new PipeState<In>();
  const unsent: Uint8Array<ArrayBuffer>[] = [];
  socket.binaryType = 'arraybuffer';

  socket.addEventListener('open', () => {
    for (const bytes of unsent.splice(0)) socket.send(bytes);
  });
  socket.addEventListener('message', ({ data }) => {
    let message: In;
    try {
      message = decodeMessage(binary(data)) as In;
    } catch (error) {
      state.close(errorData(error).message);
      socket.close(PROTOCOL_ERROR);
      return;
    }
    state.deliver(message);
  });
  // `error` is always followed by `close`, which tells more; the listener keeps `ws` from throwing.
  socket.addEventListener('error', () => {});
  socket.addEventListener('close', ({ code, reason }) =>
    state.close(reason || `the WebSocket closed with code ${code}`),
  );

  return {
    send(message) {
      if (state.closed !== undefined) return;
      const bytes = encodeMessage(message);
      if (socket.readyState === CONNECTING) unsent.push(bytes);
      else if (socket.readyState === OPEN) socket.send(bytes);
    },
    pendingBytes: () => socket.bufferedAmount,
    onMessage: (listener) => state.onMessage(listener),
    onClose: (listener) => state.onClose(listener),
    close() {
      if (state.close('closed by this side')) socket.close(1000);
    },
  };
}

function binary(data: unknown): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw new TypeError('a message cannot be read: it is text, not binary');
}
