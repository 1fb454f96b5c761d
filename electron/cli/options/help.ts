/** `--help`, out of the tables: usage, required options, optional ones with their defaults, operands, examples. */
import type { CommandSpec, Operand, Option, ValueOption } from './spec.ts';

const WIDTH = 100;
const LEFT = 30;

/** `xdpeek dump -i IF [-c N] …`, wrapped. */
export function usageLine(spec: CommandSpec): string {
  const words = Object.entries(spec.options).map(([name, option]) => {
    const shown = `${option.short ? `-${option.short}` : `--${name}`}${option.kind === 'value' ? ` ${option.metavar}` : ''}`;
    if (isRequired(option)) return shown;
    return `[${shown}]${option.kind === 'value' && option.many ? '...' : ''}`;
  });
  const ordered = [...words.filter((word) => !word.startsWith('[')), ...words.filter((word) => word.startsWith('['))];
  const operands = spec.operands.map((operand) => (operand.required ? shown(operand) : `[${shown(operand)}]`));
  // Words that are left over come last, as one types them.
  const last = spec.operands.some(({ many }) => many);
  return wrap(
    last ? [...ordered, ...operands] : [...operands, ...ordered],
    // The window's name is what it takes.
    spec.name.startsWith('[') ? 'Usage: xdpeek' : `Usage: xdpeek ${spec.name}`,
    ' '.repeat(15),
  );
}

/** How an argument stands in a usage line: `FILE...` where it may come again. */
export function shown({ metavar, many }: Operand): string {
  return many && !metavar.includes('...') ? `${metavar}...` : metavar;
}

export function commandHelp(spec: CommandSpec): string {
  const options = Object.entries(spec.options);
  const required = options.filter(([, option]) => isRequired(option));
  const optional = options.filter(([, option]) => !isRequired(option));
  const out = [usageLine(spec), '', ...spec.description.map((paragraph) => `${wrapText(paragraph)}\n`)];
  const operands = spec.operands.map(({ metavar, help, required: must }) =>
    item(metavar, must ? help : `${help} (optional)`),
  );
  if (operands.length > 0) out.push('Arguments:', ...operands, '');
  if (required.length > 0) out.push('Required options:', ...required.map(entry), '');
  out.push('Options:', ...optional.map(entry), item('-h, --help', 'show this help'), '');
  if (spec.examples.length > 0)
    out.push('Examples:', ...spec.examples.map(({ line, what }) => `  ${line}\n      ${what}`), '');
  return out.join('\n');
}

export function overview(specs: readonly CommandSpec[], version: string): string {
  const commands = specs.map(({ name, summary }) => item(name, summary));
  return [
    `xdpeek ${version}: live packets, verdicts, flows and rates of Linux interfaces, through eBPF`,
    '',
    'Usage: xdpeek [--demo] [FILE...]  open the window, on capture files if some are named',
    '       xdpeek COMMAND [options]   see "xdpeek COMMAND --help"',
    '',
    'Commands:',
    ...commands,
    '',
    'Options:',
    item('-h, --help', 'show this help'),
    item('--version', 'print the version'),
    item('--demo', 'open the window on a network of its own making, with traffic (needs root)'),
    '',
    'Exit status: 0 done, 1 failed, 2 wrong usage. Capturing needs root or an administrator at the prompt (polkit).',
    '',
  ].join('\n');
}

/** `xdpeek prog --help`: the commands of a group. */
export function groupHelp(group: string, about: string, specs: readonly CommandSpec[]): string {
  return [
    `xdpeek ${group}: ${about}`,
    '',
    `Usage: xdpeek ${group} COMMAND [options]   see "xdpeek ${group} COMMAND --help"`,
    '',
    'Commands:',
    ...specs.map(({ name, summary }) => item(name.slice(group.length + 1), summary)),
    '',
  ].join('\n');
}

export function optionTitle(name: string, option: Option): string {
  const head = option.short ? `-${option.short}, --${name}` : `    --${name}`;
  return option.kind === 'value' ? `${head} ${option.metavar}` : head;
}

/** Help with what happens when the option is left out. */
export function optionHelp(option: Option): string {
  if (option.kind === 'flag') return option.help;
  const again = option.many ? '; may be given again' : '';
  const left = defaultOf(option);
  return `${option.help}${again}${left ? ` (default: ${left})` : ''}`;
}

function defaultOf(option: ValueOption<unknown>): string | undefined {
  return option.defaultText ?? (option.fallback === undefined ? undefined : String(option.fallback));
}

export function isRequired(option: Option): boolean {
  return option.kind === 'value' && option.required === true;
}

function entry([name, option]: [string, Option]): string {
  return item(optionTitle(name, option), optionHelp(option));
}

function item(title: string, help: string): string {
  const lines = wrapText(help, WIDTH - LEFT).split('\n');
  const indented = lines.map((line, at) => (at === 0 ? line : ' '.repeat(LEFT) + line)).join('\n');
  const head = `  ${title}`;
  return head.length + 2 > LEFT ? `${head}\n${' '.repeat(LEFT)}${indented}` : head.padEnd(LEFT) + indented;
}

export function wrapText(text: string, width = WIDTH): string {
  return wrap(text.split(' '), '', '', width);
}

function wrap(words: readonly string[], first: string, indent: string, width = WIDTH): string {
  const lines: string[] = [];
  let line = first;
  for (const word of words) {
    const joined = line === '' || line === indent ? line + word : `${line} ${word}`;
    if (joined.length > width && line.trim() !== '') {
      lines.push(line);
      line = indent + word;
    } else line = joined;
  }
  return [...lines, line].join('\n');
}
