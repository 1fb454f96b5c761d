/** contextBridge's half in the page's own world: puts what the preload exposes on `window`, frozen. */
import {
  CALL,
  CALLBACK,
  type Call,
  type Callback,
  type Described,
  dispatch,
  EXPOSE,
  type Expose,
  listen,
  REPLY,
  type Reply,
  SETTLE,
  type Settle,
} from './bridge-messages.ts';

const callbacks: ((...args: unknown[]) => unknown)[] = [];
const promises = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
let reply: Reply | undefined;

function revive(described: Described): unknown {
  if ('$value' in described) return described.$value;
  if ('$object' in described)
    return Object.freeze(
      Object.fromEntries(Object.entries(described.$object).map(([key, value]) => [key, revive(value)])),
    );
  if ('$promise' in described)
    return new Promise((resolve, reject) => promises.set(described.$promise, { resolve, reject }));
  return (...args: unknown[]) => call(described.$function, args);
}

function call(target: number, args: unknown[]): unknown {
  reply = undefined;
  const described = args.map((arg) =>
    typeof arg === 'function' ? { $callback: callbacks.push(arg as never) - 1 } : { $value: arg },
  );
  dispatch<Call>(CALL, { target, args: described });
  return unwrap(reply);
}

function unwrap(answer: Reply | undefined): unknown {
  if (answer === undefined) throw new Error('electron stand-in: the preload did not answer');
  if (!answer.ok) throw new Error(answer.message);
  return revive(answer.result);
}

listen<Reply>(REPLY, (detail) => {
  reply = detail;
});
listen<Settle>(SETTLE, (detail) => {
  const waiting = promises.get(detail.promise);
  promises.delete(detail.promise);
  if (detail.ok) waiting?.resolve(revive(detail.result));
  else waiting?.reject(new Error(detail.message));
});
listen<Callback>(CALLBACK, ({ callback, args }) => callbacks[callback]?.(...args));
listen<Expose>(EXPOSE, ({ key, api }) => Object.defineProperty(window, key, { value: revive(api), enumerable: true }));
