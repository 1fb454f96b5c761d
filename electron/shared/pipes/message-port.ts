/**
 * MessagePipe over a MessagePort of any making: Electron's MessagePortMain and Node's worker ports (emitters), or the DOM's
 * (event target). Uint8Arrays are cloned, never transferred: Electron loses messages whose buffers are transferred.
 *
 * A DOM port does not tell when the other side goes away, so a close is also said in words: `null` is the farewell.
 */
import type { MessagePipe } from '../backend-messages.ts';
import { PipeState } from './pipe-state.ts';

/** Electron's MessagePortMain; Node's MessagePort fits too. */
export interface EmitterPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: unknown) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
  close(): void;
}

/** The DOM's MessagePort. */
export interface TargetPort {
  postMessage(message: unknown): void;
  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void;
  start(): void;
  close(): void;
}

export function messagePortPipe<In, Out>(port: EmitterPort | TargetPort): MessagePipe<In, Out> {
  const state = new PipeState<In>();

  const take = (data: unknown): void => {
    if (data !== null) state.deliver(data as In);
    else if (state.close('closed by the other side')) port.close();
  };
  const lost = (): void => void state.close('the other side is gone');

  if ('on' in port) {
    // Electron wraps the value in an event; Node hands over the value itself.
    port.on('message', (event) => take(isEvent(event) ? event.data : event));
    port.on('close', lost);
  } else {
    port.addEventListener('message', (event) => take(event.data));
    port.addEventListener('close', lost);
  }
  port.start();

  return {
    send(message) {
      if (state.closed === undefined) port.postMessage(message);
    },
    onMessage: (listener) => state.onMessage(listener),
    onClose: (listener) => state.onClose(listener),
    close() {
      if (!state.close('closed by this side')) return;
      port.postMessage(null);
      port.close();
    },
  };
}

function isEvent(value: unknown): value is { data: unknown } {
  return typeof value === 'object' && value !== null && 'data' in value && 'ports' in value;
}
