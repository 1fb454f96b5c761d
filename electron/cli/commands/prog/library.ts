/** `xdpeek prog library`: the list, one program's page, its source. */
import { libraryEntries, librarySource } from '../../../session/workbench/library.ts';
import type { LibraryEntry, LibraryParameter } from '../../../shared/workbench-api.ts';
import { wrapText } from '../../options/help.ts';
import type { Invocation } from '../../options/spec.ts';
import { usageError } from '../../options/usage-error.ts';
import { jsonLine } from '../../output/json-line.ts';
import { textTable } from '../../output/table.ts';
import type { Context } from '../../start.ts';
import { unknownName } from '../../workbench/library-source.ts';
import type { progLibrary } from '../../workbench/table-library.ts';

const COLUMNS = [{ title: 'NAME' }, { title: 'WHAT IT DOES' }, { title: 'HOOK' }, { title: 'PARAMETERS' }];

export async function run({ options, operands }: Invocation<typeof progLibrary>, { out }: Context): Promise<number> {
  const [name] = operands;
  const entries = libraryEntries();
  if (name === undefined) {
    if (options.source) throw usageError('--source needs the NAME of a program');
    await out.write(options.json ? entries.map(jsonLine).join('') : textTable(COLUMNS, entries.map(cells)));
    return 0;
  }
  const entry = entries.find((each) => each.name === name);
  if (!entry) throw unknownName(name, false);
  if (options.source) await out.write(await librarySource(name));
  else await out.write(options.json ? jsonLine(entry) : page(entry));
  return 0;
}

const cells = ({ name, title, hooks, parameters }: LibraryEntry) => [
  name,
  title,
  hooks.join(', '),
  parameters.map((each) => (each.required ? each.name : `[${each.name}]`)).join(' '),
];

function page(entry: LibraryEntry): string {
  const { name, title, about, parameters } = entry;
  const required = parameters.filter((each) => each.required);
  const optional = parameters.filter((each) => !each.required);
  const usage = entry.loads
    ? `xdpeek prog attach ${name}${placeOf(entry)}${parameters.map(word).join('')}`
    : `xdpeek prog load ${name}`;
  return [
    `${name}: ${title}`,
    '',
    `  ${usage}`,
    '',
    ...about.map((paragraph) => `${wrapText(paragraph)}\n`),
    ...section('Required parameters:', required),
    ...section('Parameters:', optional),
    `Its source: xdpeek prog library ${name} --source`,
    '',
  ].join('\n');
}

const PLACES: Readonly<Record<string, string>> = { xdp: ' -i IF', udp: ' --udp PORT' };
const placeOf = ({ hooks }: LibraryEntry) => PLACES[hooks[0] ?? ''] ?? '';

const word = ({ name, required }: LibraryParameter) => (required ? ` --set ${name}=…` : ` [--set ${name}=…]`);

function section(title: string, parameters: readonly LibraryParameter[]): string[] {
  if (parameters.length === 0) return [];
  const rows = parameters.map(({ name, help, min, max, fallback }) => {
    const range = min === undefined || max === undefined ? '' : `, ${min} to ${max}`;
    const without = fallback === undefined ? '' : ` (default: ${fallback})`;
    return `  ${name.padEnd(12)}${help}${range}${without}`;
  });
  return [title, ...rows, ''];
}
