/**
 * Run-time checks for what crosses a boundary from a side that is not trusted. A Check takes anything and returns the
 * value typed, built anew from the members it knows, or throws XdpeekError USAGE naming the place. Objects take exactly
 * the members that are listed: an unknown one is refused, never ignored.
 */
import {
  BUFFER_KINDS,
  type CaptureOptions,
  type CaptureTarget,
  type CompiledFilter,
  FILTER_MAX_INSTRUCTIONS,
  FILTER_TEXT_MAX,
  HOOKS,
  MAX_TARGETS,
  SAMPLE_MAX,
  SNAPLEN_MAX,
  TCX_ORDERS,
  XDP_MODES,
} from './capture.ts';
import { XdpeekError } from './errors.ts';

export type Check<T> = (value: unknown, where: string) => T;
type Shape = Record<string, Check<unknown> & { optional?: boolean }>;
type Optional<T> = Check<T | undefined> & { optional: true };
type Checked<S extends Shape> = {
  [K in keyof S as S[K] extends { optional: true } ? never : K]: ReturnType<S[K]>;
} & { [K in keyof S as S[K] extends { optional: true } ? K : never]?: Exclude<ReturnType<S[K]>, undefined> };

export function refuse(where: string, why: string): never {
  throw new XdpeekError({ code: 'USAGE', message: `${where} ${why}` });
}

export function object<S extends Shape>(shape: S): Check<{ [K in keyof Checked<S>]: Checked<S>[K] }> {
  return (value, where) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(where, 'must be an object');
    const given = value as Record<string, unknown>;
    for (const key of Object.keys(given))
      if (!Object.hasOwn(shape, key)) refuse(where, `has the unknown member ${quote(key)}`);
    const result: Record<string, unknown> = {};
    for (const [key, check] of Object.entries(shape)) {
      const member = Object.hasOwn(given, key) ? given[key] : undefined;
      if (member === undefined && check.optional) continue;
      if (member === undefined) refuse(where, `lacks ${quote(key)}`);
      result[key] = check(member, `${where}.${key}`);
    }
    return result as { [K in keyof Checked<S>]: Checked<S>[K] };
  };
}

export function optional<T>(check: Check<T>): Optional<T> {
  const whenThere: Check<T | undefined> = (value, where) => check(value, where);
  return Object.assign(whenThere, { optional: true as const });
}

export function integer(min: number, max: number): Check<number> {
  return (value, where) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) refuse(where, 'must be a whole number');
    if (value < min || value > max) refuse(where, `must be from ${min} to ${max}`);
    return value;
  };
}

export function number(min: number, max: number): Check<number> {
  return (value, where) => {
    if (typeof value !== 'number' || !(value >= min && value <= max)) refuse(where, `must be from ${min} to ${max}`);
    return value;
  };
}

/** `maxLength` counts UTF-16 units. */
export function string(maxLength: number): Check<string> {
  return (value, where) => {
    if (typeof value !== 'string') refuse(where, 'must be text');
    if (value.length > maxLength) refuse(where, `must have at most ${maxLength} characters`);
    return value;
  };
}

export const boolean: Check<boolean> = (value, where) => {
  if (typeof value !== 'boolean') refuse(where, 'must be true or false');
  return value;
};

export function oneOf<const T extends string>(words: readonly T[]): Check<T> {
  return (value, where) => {
    if (!words.some((word) => word === value)) refuse(where, `must be one of ${words.join(', ')}`);
    return value as T;
  };
}

export function array<T>(item: Check<T>, min: number, max: number): Check<T[]> {
  return (value, where) => {
    if (!Array.isArray(value)) refuse(where, 'must be a list');
    if (value.length < min || value.length > max) refuse(where, `must have ${min} to ${max} entries`);
    return value.map((entry, index) => item(entry, `${where}[${index}]`));
  };
}

/** IFNAMSIZ less the final NUL. */
const IFNAME_BYTES = 15;
/** dev_valid_name() of the kernel refuses '/', ':' and white space; '%' and control bytes are refused here as well. */
const IFNAME = /^[^\x00-\x20\x7f/:%\s]+$/u;

export const interfaceName: Check<string> = (value, where) => {
  const name = string(IFNAME_BYTES)(value, where);
  if (name === '') refuse(where, 'must name an interface');
  if (utf8Bytes(name) > IFNAME_BYTES) refuse(where, `must have at most ${IFNAME_BYTES} bytes`);
  if (name === '.' || name === '..' || !IFNAME.test(name))
    refuse(
      where,
      `is not an interface name: ${quote(name)} ("/", ":", "%", spaces and control characters cannot be in one)`,
    );
  return name;
};

const NETNS_BYTES = 255;
const NETNS_NAME = /^[^\x00-\x20\x7f/%]+$/u;
const NETNS_PID = /^pid:[1-9][0-9]{0,9}$/;

/** A name under /run/netns, or `pid:N`. */
export const netnsName: Check<string> = (value, where) => {
  const name = string(NETNS_BYTES)(value, where);
  const isName = NETNS_NAME.test(name) && !name.includes('..') && name !== '.' && utf8Bytes(name) <= NETNS_BYTES;
  if (!isName || (name.startsWith('pid:') && !NETNS_PID.test(name)))
    refuse(where, `is not a network namespace: ${quote(name)} (a name under /run/netns, or pid:N)`);
  return name;
};

/** netnsName, or "*": every namespace that can be seen. */
export const netnsOrAll: Check<string> = (value, where) => (value === '*' ? value : netnsName(value, where));

/** Name or id of an eBPF program. */
const PROGRAM_NAME_MAX = 128;
export const MAX_BUFFER_BYTES = 1 << 30;
/** A snapshot of the whole table must fit one frame (MAX_FRAME_BYTES). */
export const MAX_FLOWS = 1 << 17;

const target = object({
  ifname: interfaceName,
  netns: optional(netnsName),
  hook: oneOf(HOOKS),
  mode: optional(oneOf(XDP_MODES)),
  order: optional(oneOf(TCX_ORDERS)),
  program: optional(string(PROGRAM_NAME_MAX)),
  busyPoll: optional(boolean),
});

export const captureTarget: Check<CaptureTarget> = (value, where) => {
  const checked = target(value, where);
  const { hook, mode, order, program, busyPoll } = checked;
  if (busyPoll !== undefined && hook !== 'afxdp') refuse(`${where}.busyPoll`, 'is only for the hook afxdp');
  if (mode !== undefined && hook !== 'xdp' && hook !== 'afxdp')
    refuse(`${where}.mode`, 'is only for the hooks xdp and afxdp');
  if (order !== undefined && hook !== 'tc-ingress' && hook !== 'tc-egress')
    refuse(`${where}.order`, 'is only for the hooks tc-ingress and tc-egress');
  if (program !== undefined && (hook !== 'observe' || !/^[\x21-\x7e]+$/.test(program)))
    refuse(
      `${where}.program`,
      hook === 'observe' ? 'is not the name or id of a program' : 'is only for the hook observe',
    );
  return checked;
};

/** Text of a capture filter: no control characters. */
export const filterText: Check<string> = (value, where) => {
  const text = string(FILTER_TEXT_MAX)(value, where);
  if (/[\x00-\x08\x0e-\x1f\x7f]/.test(text)) refuse(where, 'has control characters in it');
  return text;
};

/** Shape and size only: what the instructions do is checked where they are translated (native/src/filter_*). */
export const compiledFilter: Check<CompiledFilter> = object({
  text: filterText,
  programs: array(
    object({
      linkType: integer(0, 0xffff),
      code: array(integer(0, 0xffffffff), 4, 4 * FILTER_MAX_INSTRUCTIONS),
    }),
    1,
    4,
  ),
});

const limits = object({
  packets: optional(integer(1, Number.MAX_SAFE_INTEGER)),
  bytes: optional(integer(1, Number.MAX_SAFE_INTEGER)),
  seconds: optional(number(0.001, 31_536_000)),
});

const options = object({
  targets: array(captureTarget, 1, MAX_TARGETS),
  snaplen: optional(integer(1, SNAPLEN_MAX)),
  buffer: optional(oneOf(BUFFER_KINDS)),
  bufferBytes: optional(integer(4096, MAX_BUFFER_BYTES)),
  packets: optional(boolean),
  flows: optional(boolean),
  stats: optional(boolean),
  maxFlows: optional(integer(1, MAX_FLOWS)),
  filter: optional(filterText),
  sample: optional(integer(1, SAMPLE_MAX)),
  limits: optional(limits),
});

export const captureOptions: Check<CaptureOptions> = (value, where) => {
  const checked = options(value, where);
  const seen = new Set<string>();
  for (const { netns, ifname, hook } of checked.targets) {
    const key = JSON.stringify([netns, ifname, hook]);
    if (seen.has(key)) refuse(`${where}.targets`, `name ${ifname} (${hook}) twice`);
    seen.add(key);
  }
  if (checked.packets === false && checked.flows === false && checked.stats === false)
    refuse(where, 'ask for nothing: packets, flows and stats are all off');
  return checked;
};

/** `text` in quotes, short, with control characters visible: for one-line messages. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

function utf8Bytes(text: string): number {
  let bytes = 0;
  for (const char of text) {
    const code = char.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
