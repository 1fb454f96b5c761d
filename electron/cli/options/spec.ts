/**
 * What a command accepts, as data. One table drives parsing, `--help` and the man page, so they cannot disagree.
 * Value types follow from the table: `Invocation<typeof someSpec>` is what the command's code receives.
 */
import type { XdpeekError } from '../../shared/errors.ts';
import { usageError } from './usage-error.ts';

interface OptionBase {
  /** One letter, without the dash. */
  readonly short?: string;
  /** What it means, one phrase; starts in lower case, no full stop. */
  readonly help: string;
}

export interface FlagOption extends OptionBase {
  readonly kind: 'flag';
}

export interface ValueOption<T> extends OptionBase {
  readonly kind: 'value';
  /** Stands for the value in help: "IF", "N", "auto|perf|ring". */
  readonly metavar: string;
  /** Text → value; throws a usage error that says what would be right. `name` is the option as the user knows it. */
  readonly read: (text: string, name: string) => T;
  readonly required?: boolean;
  /** Given any number of times; the value is an array. */
  readonly many?: boolean;
  /** Shown in help. */
  readonly defaultText?: string;
  readonly fallback?: T;
}

export type Option = FlagOption | ValueOption<unknown>;
export type Options = Readonly<Record<string, Option>>;

export interface Operand {
  readonly metavar: string;
  readonly help: string;
  readonly required: boolean;
  /** Takes all words that are left. Only for the last one. */
  readonly many?: boolean;
}

export interface CommandSpec<O extends Options = Options> {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Paragraphs for `--help` and the man page. */
  readonly description: readonly string[];
  readonly options: O;
  readonly operands: readonly Operand[];
  readonly examples: readonly { readonly line: string; readonly what: string }[];
}

type ValueOf<O> = O extends { kind: 'flag' }
  ? boolean
  : O extends { read: (text: string, name: string) => infer T }
    ? O extends { many: true }
      ? T[]
      : O extends { required: true } | { fallback: T }
        ? T
        : T | undefined
    : never;

export interface Invocation<S extends CommandSpec> {
  readonly options: { readonly [K in keyof S['options']]: ValueOf<S['options'][K]> };
  readonly operands: readonly string[];
}

export function flag<const B extends OptionBase>(base: B): B & { kind: 'flag' } {
  return { ...base, kind: 'flag' };
}

type ValueParts = OptionBase & { metavar: string; required?: boolean; many?: boolean; defaultText?: string };

export function text<const B extends ValueParts>(base: B): B & { kind: 'value'; read: (value: string) => string } {
  return { ...base, kind: 'value', read: (value) => value };
}

export function integer<const B extends ValueParts & { min: number; max: number; fallback?: number }>(
  base: B,
): B & { kind: 'value'; read: (value: string, name: string) => number } {
  return {
    ...base,
    kind: 'value',
    read: (value, name) => {
      const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
      if (!(number >= base.min && number <= base.max)) throw wrongValue(name, value, `a whole number, ${range(base)}`);
      return number;
    },
  };
}

const UNITS: Record<string, number> = { '': 1, K: 1 << 10, M: 1 << 20, G: 1 << 30 };

/** Bytes, with K, M or G for 1024, 1024² or 1024³ of them. */
export function size<const B extends ValueParts & { min: number; max: number; fallback?: number }>(
  base: B,
): B & { kind: 'value'; read: (value: string, name: string) => number } {
  return {
    ...base,
    kind: 'value',
    read: (value, name) => {
      const [, digits, unit] = /^(\d{1,12})([KMG]?)$/.exec(value) ?? [];
      const bytes = digits === undefined ? Number.NaN : Number(digits) * UNITS[unit!]!;
      if (!(bytes >= base.min && bytes <= base.max))
        throw wrongValue(name, value, `bytes, ${range(base)}; K, M and G stand for 1024, 1024² and 1024³`);
      return bytes;
    },
  };
}

/** Seconds, with a fraction. */
export function seconds<const B extends ValueParts & { min: number; max: number; fallback?: number }>(
  base: B,
): B & { kind: 'value'; read: (value: string, name: string) => number } {
  return {
    ...base,
    kind: 'value',
    read: (value, name) => {
      const number = /^(\d{1,9}(\.\d{0,9})?|\.\d{1,9})$/.test(value) ? Number(value) : Number.NaN;
      if (!(number >= base.min && number <= base.max)) throw wrongValue(name, value, `seconds, ${range(base)}`);
      return number;
    },
  };
}

export function choice<
  const T extends string,
  const B extends OptionBase & {
    choices: readonly T[];
    many?: boolean;
    required?: boolean;
    defaultText?: string;
    fallback?: NoInfer<T>;
  },
>(base: B & { choices: readonly T[] }): B & { kind: 'value'; metavar: string; read: (v: string, n: string) => T } {
  return {
    ...base,
    kind: 'value',
    metavar: base.choices.join('|'),
    read: (value, name) => {
      const found = base.choices.find((known) => known === value);
      if (found === undefined) throw wrongValue(name, value, base.choices.join(', '));
      return found;
    },
  };
}

export function command<const S extends CommandSpec>(spec: S): S {
  return spec;
}

function range({ min, max }: { min: number; max: number }): string {
  return max === Number.MAX_SAFE_INTEGER ? `at least ${min}` : `${min} to ${max}`;
}

function wrongValue(name: string, value: string, right: string): XdpeekError {
  return usageError(`${name} cannot be '${value}': it takes ${right}`);
}
