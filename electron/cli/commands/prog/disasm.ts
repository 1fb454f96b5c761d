/** `xdpeek prog disasm`. */
import { Code } from '../../../session/workbench/code.ts';
import { Programs } from '../../../session/workbench/programs.ts';
import { XdpeekError } from '../../../shared/errors.ts';
import type { ListingLine, SourceLine } from '../../../shared/workbench-api.ts';
import type { Invocation } from '../../options/spec.ts';
import { usageError } from '../../options/usage-error.ts';
import { jsonLine } from '../../output/json-line.ts';
import { printable } from '../../output/printable.ts';
import type { Context } from '../../start.ts';
import { chooseProgram } from '../../workbench/choose-program.ts';
import type { progDisasm } from '../../workbench/table-programs.ts';
import { withWorkbench } from '../../workbench/with-workbench.ts';

export async function run({ options, operands }: Invocation<typeof progDisasm>, { out }: Context): Promise<number> {
  if (options.editable) {
    if (options.jited || options.source || options.json)
      throw usageError('--editable is text for the assembler: it goes with no other option');
    await out.write(await editable(operands[0]!));
    return 0;
  }
  const detail = await withWorkbench(async (workbench) => {
    const programs = new Programs(workbench);
    return programs.detail(chooseProgram((await programs.list()).programs, operands[0]!).id);
  });
  const lines = options.jited ? detail.jited : detail.xlated;
  if (lines.length === 0)
    throw new XdpeekError({ code: 'ENODATA', message: `the kernel shows no code of it`, hint: detail.note ?? '' });
  await out.write(options.json ? lines.map(jsonLine).join('') : listing(lines, options.jited, options.source));
  return 0;
}

function editable(text: string): Promise<string> {
  return withWorkbench(async (workbench) => {
    const { id, type } = chooseProgram((await new Programs(workbench).list()).programs, text);
    return `.type ${type}\n${await new Code(workbench).text(id)}`;
  });
}

function listing(lines: readonly ListingLine[], hex: boolean, withSource: boolean): string {
  const width = Math.max(4, (hex ? lines.at(-1)!.at.toString(16) : String(lines.at(-1)!.at)).length);
  let last = '';
  return lines
    .map(({ at, text, function: name, source, reference }) => {
      const head = name === undefined ? '' : `${printable(name)}:\n`;
      const words = withSource && source ? sourceWords(source) : '';
      const above = words === '' || words === last ? '' : `; ${words}\n`;
      if (words !== '') last = words;
      const named =
        reference && reference.kind !== 'helper' && reference.name !== '' ? `  ; ${printable(reference.name)}` : '';
      return `${head}${above}${(hex ? at.toString(16) : String(at)).padStart(width)}: ${printable(text)}${named}\n`;
    })
    .join('');
}

/** Lines of macros and of what the compiler made up have no text. */
function sourceWords({ file, line, text }: SourceLine): string {
  return text === '' ? '' : printable(`${text}  [${file.slice(file.lastIndexOf('/') + 1)}:${line}]`);
}
