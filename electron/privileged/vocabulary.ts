/**
 * Everything that can be asked of role `capture`: method → check of its parameters. Such a table is root's door: a method that
 * is not in it does not exist, and no parameter reaches a handler unchecked. This one names no file and takes no code.
 */
import { FILTER_MAX_INSTRUCTIONS } from '../shared/capture.ts';
import { XdpeekError } from '../shared/errors.ts';
import {
  array,
  boolean,
  type Check,
  captureOptions,
  compiledFilter,
  integer,
  netnsOrAll,
  object,
  oneOf,
  optional,
  quote,
  string,
} from '../shared/validate.ts';
import { type CaptureMethods, type CommonMethods, MAX_REQUEST_BYTES } from '../shared/wire.ts';
import type { Role } from './arguments.ts';

const MAX_CREDIT_BYTES = 1 << 30;
const captureId = integer(1, 0xffffffff);
const nothing = object({});

/** Method → check. */
export type Vocabulary<Methods> = { [M in keyof Methods]: Check<Methods[M] extends [infer P, unknown] ? P : never> };

export const COMMON_VOCABULARY: Vocabulary<CommonMethods> = {
  hello: object({ protocol: integer(0, 0xffff) }),
  capabilities: nothing,
  interfaces: object({ netns: optional(netnsOrAll) }),
  shutdown: nothing,
};

export const CAPTURE_VOCABULARY: Vocabulary<CaptureMethods> = {
  ...COMMON_VOCABULARY,
  captureStart: object({
    captureId,
    options: captureOptions,
    creditBytes: integer(0, MAX_CREDIT_BYTES),
    filter: optional(compiledFilter),
  }),
  captureFilter: object({ captureId, filter: optional(compiledFilter) }),
  filterRun: object({
    context: oneOf(['xdp', 'tc']),
    code: array(integer(0, 0xffffffff), 4, 4 * FILTER_MAX_INSTRUCTIONS),
    packets: string(MAX_REQUEST_BYTES),
  }),
  captureStop: object({ captureId }),
  snapshot: object({ captureId, flows: boolean, stats: boolean }),
  credit: object({ captureId, bytes: integer(1, MAX_CREDIT_BYTES) }),
};

/** A request whose frame and envelope are sound. Method and parameters are still to be checked. */
export interface Envelope {
  id: number;
  method: string;
  params: unknown;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Throws XdpeekError PROTOCOL for what no xdpeek would send: that ends the process. */
export function decodeEnvelope(payload: Uint8Array): Envelope {
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(payload));
  } catch {
    throw protocolError('a request is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw protocolError('a request is no object');
  const { id, method, params, ...rest } = value as Record<string, unknown>;
  if (!Number.isSafeInteger(id) || (id as number) < 1) throw protocolError('a request has no id');
  if (typeof method !== 'string') throw protocolError('a request has no method');
  if (Object.keys(rest).length > 0) throw protocolError('a request has unknown members');
  return { id: id as number, method, params };
}

/** The checked parameters; throws XdpeekError USAGE, which is an answer and not an end. */
export function checkParams(
  vocabulary: Readonly<Record<string, Check<unknown>>>,
  role: Role,
  method: string,
  params: unknown,
): unknown {
  const check = Object.hasOwn(vocabulary, method) ? vocabulary[method] : undefined;
  if (!check) throw new XdpeekError({ code: 'USAGE', message: `role ${role} has no method ${quote(method)}` });
  return check(params, method);
}

export function protocolError(message: string): XdpeekError {
  return new XdpeekError({ code: 'PROTOCOL', message });
}
