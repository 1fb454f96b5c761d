/** What a protocol keeps about a conversation and can be there twice, so that the conversation can be entered in its middle (checkpoint.ts). */
import type { Budget } from '../dissect/tcp-payload.ts';

export const COPY = Symbol('copy');

export interface Copied {
  /** Without it later packets cannot be read. */
  readonly vital?: boolean;
  /** @param budget what the copy holds counts there */
  [COPY](budget: Budget): unknown;
}

export const isCopied = (value: unknown): value is Copied =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Copied>)[COPY] === 'function';
