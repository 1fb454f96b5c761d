/**
 * argv → Invocation, by a command's table. Accepts `--name value`, `--name=value`, `-n value`, `-nvalue`, grouped flags
 * (`-xq`) and `--`. Anything unknown, repeated, missing, empty or too long is a usage error; nothing is guessed.
 */
import { habitMissing, habitOption, habitSelector } from './habits.ts';
import { nearest } from './nearest.ts';
import type { CommandSpec, Invocation, Option } from './spec.ts';
import { quoted, usageError } from './usage-error.ts';

/** Longer than any path the kernel takes (PATH_MAX); longer option names cannot be meant. */
const VALUE_MAX = 4096;
const NAME_MAX = 64;

/** `help` when `--help` or `-h` was among the options: nothing else is checked then. */
export type Parsed<S extends CommandSpec> =
  | { readonly kind: 'help' }
  | { readonly kind: 'run'; readonly invocation: Invocation<S> };

export function parseOptions<S extends CommandSpec>(spec: S, argv: readonly string[]): Parsed<S> {
  const parser = new Parser(spec, argv);
  if (!parser.run()) return { kind: 'help' };
  return { kind: 'run', invocation: parser.finish() as Invocation<S> };
}

class Parser {
  private readonly spec: CommandSpec;
  private readonly rest: string[];
  private readonly operands: string[] = [];
  private readonly values = new Map<string, unknown>();

  constructor(spec: CommandSpec, argv: readonly string[]) {
    this.spec = spec;
    this.rest = [...argv];
  }

  /** False when help is asked for. */
  run(): boolean {
    const end = this.rest.indexOf('--');
    if (this.rest.slice(0, end < 0 ? undefined : end).some((arg) => arg === '--help' || arg === '-h')) return false;
    while (this.rest.length > 0) {
      const arg = this.rest.shift()!;
      if (arg.length > VALUE_MAX || arg.includes('\0')) throw this.wrong('an argument is too long or not text');
      if (arg === '--') this.operands.push(...this.rest.splice(0));
      else if (arg.startsWith('--')) this.long(arg.slice(2));
      else if (arg.startsWith('-') && arg.length > 1 && !this.isNegative(arg)) this.shorts(arg.slice(1));
      else this.operands.push(arg);
    }
    return true;
  }

  /** Keys and values of maps may be below zero; no option is called like a digit. */
  private isNegative(arg: string): boolean {
    return this.spec.operands.length > 0 && /^-\d/.test(arg);
  }

  finish(): { options: Record<string, unknown>; operands: string[] } {
    const { operands, options } = this.spec;
    for (const [name, option] of Object.entries(options))
      if (option.kind === 'value' && option.required && !this.values.has(name))
        throw this.wrong(`${label(name, option)} ${option.metavar} is missing`);
    const missing = operands.find((operand, at) => operand.required && this.operands[at] === undefined);
    if (missing) throw this.wrong(`${missing.metavar} is missing`, habitMissing(this.spec.name));
    const extra = operands.at(-1)?.many ? undefined : this.operands[operands.length];
    if (extra !== undefined)
      throw this.wrong(`nothing known to do with ${quoted(extra)}`, habitSelector(this.operands));
    if (this.operands.some((operand) => operand === '')) throw this.wrong('an empty argument names nothing');
    const values = Object.entries(options).map(([name, option]) => [name, this.value(name, option)] as const);
    return { options: Object.fromEntries(values), operands: this.operands };
  }

  private value(name: string, option: Option): unknown {
    if (option.kind === 'flag') return this.values.get(name) ?? false;
    return this.values.get(name) ?? (option.many ? [] : option.fallback);
  }

  private long(arg: string): void {
    const equals = arg.indexOf('=');
    const name = equals < 0 ? arg : arg.slice(0, equals);
    const option = Object.hasOwn(this.spec.options, name) ? this.spec.options[name] : undefined;
    if (!option) {
      if (name.length > NAME_MAX) throw this.wrong(`the option name --${quoted(name).slice(1, -1)} is too long`);
      const guess = nearest(name, [...Object.keys(this.spec.options), 'help']);
      throw this.wrong(
        `unknown option --${name}`,
        habitOption(this.spec.name, name) ?? (guess && `Did you mean --${guess}?`),
      );
    }
    if (option.kind === 'flag') {
      if (equals >= 0) throw this.wrong(`--${name} takes no value`);
      this.set(name, option, true);
    } else this.set(name, option, equals < 0 ? this.next(`--${name}`, option.metavar) : arg.slice(equals + 1));
  }

  private shorts(letters: string): void {
    for (let at = 0; at < letters.length; at++) {
      const letter = letters[at]!;
      const found = Object.entries(this.spec.options).find(([, option]) => option.short === letter);
      if (!found)
        throw this.wrong(`unknown option -${letter}`, this.meant(letters) ?? habitOption(this.spec.name, letter));
      const [name, option] = found;
      if (option.kind === 'value') {
        const attached = letters.slice(at + 1);
        this.set(name, option, attached || this.next(`-${letter}`, option.metavar));
        return;
      }
      this.set(name, option, true);
    }
  }

  /** `-count` for `--count`. */
  private meant(letters: string): string | undefined {
    const guess = letters.length > 1 ? nearest(letters, Object.keys(this.spec.options)) : undefined;
    return guess && `Did you mean --${guess}?`;
  }

  private next(shown: string, metavar: string): string {
    const value = this.rest.shift();
    if (value === undefined || value === '--') throw this.wrong(`${shown} needs a value: ${shown} ${metavar}`);
    return value;
  }

  private set(name: string, option: Option, value: true | string): void {
    const shown = label(name, option);
    if (option.kind === 'flag' || value === true) {
      if (this.values.has(name)) throw this.wrong(`${shown} is given twice`);
      this.values.set(name, true);
      return;
    }
    if (value === '') throw this.wrong(`${shown} needs a value: it is empty`);
    if (value.length > VALUE_MAX || value.includes('\0'))
      throw this.wrong(`the value of ${shown} is too long or not text`);
    const read = option.read(value, shown);
    if (option.many) this.values.set(name, [...((this.values.get(name) as unknown[] | undefined) ?? []), read]);
    else if (this.values.has(name)) throw this.wrong(`${shown} is given twice`);
    else this.values.set(name, read);
  }

  private wrong(message: string, hint?: string): Error {
    // The window's name in its table is a place for files.
    const name = this.spec.name.startsWith('[') ? '' : `${this.spec.name} `;
    return usageError(message, hint ?? `See 'xdpeek ${name}--help'.`);
  }
}

/** An option as help names it: `-i`, else `--interval`. */
export function label(name: string, option: Option): string {
  return option.short ? `-${option.short}` : `--${name}`;
}
