/**
 * A pair of pipes inside one process. Values are cloned and delivered in a microtask, so what works here works over a
 * real boundary: nothing is shared, nothing arrives during `send`.
 */
import type { MessagePipe } from '../shared/backend-messages.ts';
import { PipeState } from '../shared/pipes/pipe-state.ts';

export function memoryPair<A, B>(): [MessagePipe<A, B>, MessagePipe<B, A>] {
  const left = new PipeState<A>();
  const right = new PipeState<B>();
  return [end(left, right), end(right, left)];
}

function end<In, Out>(own: PipeState<In>, other: PipeState<Out>): MessagePipe<In, Out> {
  return {
    send(message) {
      if (own.closed !== undefined) return;
      const copy = structuredClone(message);
      queueMicrotask(() => other.deliver(copy));
    },
    onMessage: (listener) => own.onMessage(listener),
    onClose: (listener) => own.onClose(listener),
    close() {
      own.close('closed by this side');
      // Behind the messages that are already on their way.
      queueMicrotask(() => other.close('closed by the other side'));
    },
  };
}
