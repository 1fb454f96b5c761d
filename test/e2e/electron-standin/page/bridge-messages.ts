/** What contextBridge's two halves say to each other: synchronous DOM events whose detail the browser clones between worlds. */

export const EXPOSE = 'standin:expose';
export const CALL = 'standin:call';
export const REPLY = 'standin:reply';
export const SETTLE = 'standin:settle';
export const CALLBACK = 'standin:callback';

/** A value as it looks from the other world: functions are numbers there. */
export type Described =
  | { $function: number }
  | { $promise: number }
  | { $object: Record<string, Described> }
  | { $value: unknown };

export interface Expose {
  key: string;
  api: Described;
}
/** main world → preload world, answered by one REPLY before dispatchEvent returns. */
export interface Call {
  target: number;
  args: ({ $callback: number } | { $value: unknown })[];
}
export type Reply = { ok: true; result: Described } | { ok: false; message: string };
export type Settle = { promise: number } & Reply;
export interface Callback {
  callback: number;
  args: unknown[];
}

export function dispatch<T>(type: string, detail: T): void {
  document.dispatchEvent(new CustomEvent(type, { detail }));
}

export function listen<T>(type: string, listener: (detail: T) => void): void {
  document.addEventListener(type, (event) => listener((event as CustomEvent<T>).detail));
}
