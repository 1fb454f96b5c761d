/** `xdpeek prog show`. */
import { Programs } from '../../../session/workbench/programs.ts';
import type { ProgramCall, ProgramDetail } from '../../../shared/workbench-api.ts';
import type { Invocation } from '../../options/spec.ts';
import { jsonLine } from '../../output/json-line.ts';
import { printable } from '../../output/printable.ts';
import { byteCount, grouped, plural } from '../../output/units.ts';
import type { Context } from '../../start.ts';
import { chooseProgram } from '../../workbench/choose-program.ts';
import type { progShow } from '../../workbench/table-programs.ts';
import { withWorkbench } from '../../workbench/with-workbench.ts';

export async function run({ options, operands }: Invocation<typeof progShow>, { out }: Context): Promise<number> {
  const detail = await withWorkbench(async (workbench) => {
    const programs = new Programs(workbench);
    const { id } = chooseProgram((await programs.list()).programs, operands[0]!);
    return programs.detail(id);
  });
  const { xlated: _, jited: __, program, ...rest } = detail;
  await out.write(options.json ? jsonLine({ ...program, ...rest }) : text(detail));
  return 0;
}

function text({ program, functions, calls, links, maps, note }: ProgramDetail): string {
  const lines: [string, string][] = [
    ['program', `${program.id} ${program.name}`],
    ['type', program.type],
    ['tag', program.tag],
    ['loaded', `${new Date(Number(BigInt(program.loadedNs) / 1_000_000n)).toISOString()} by uid ${program.uid}`],
    ['licence', program.gpl ? 'GPL compatible' : 'not GPL compatible'],
    [
      'code',
      `${plural(program.instructions, 'instruction')} (${grouped(program.verified)} verified), ${grouped(program.xlatedBytes)} B translated, ${grouped(program.jitedBytes)} B of machine code`,
    ],
    ['memory', byteCount(program.memoryBytes)],
    ...(note === undefined ? [] : [['note', note] as [string, string]]),
    ...(program.runCount > 0
      ? [['runs', `${grouped(program.runCount)} in ${grouped(program.runTimeNs)} ns`] as [string, string]]
      : []),
    ['attached', program.attached.join('\n') || 'nowhere'],
    ['links', links.map(({ id, type, target }) => `${id} ${type}: ${target}`).join('\n')],
    ['maps', maps.map(({ id, type, name }) => `${id} ${type} ${name}`).join('\n')],
    ['functions', functions.map(({ name, at, instructions }) => `${at}: ${name} (${instructions})`).join('\n')],
    ['calls', calls.map(callWords).join('\n')],
    ['held by', program.holders.map(({ pid, comm }) => `${comm} (${pid})`).join('\n')],
    ['pinned', program.pinned.join('\n')],
  ];
  return lines
    .filter(([, value]) => value !== '')
    .map(
      ([title, value]) =>
        `${title.padEnd(10)} ${value
          .split('\n')
          .map(printable)
          .join(`\n${' '.repeat(11)}`)}\n`,
    )
    .join('');
}

function callWords({ from, to, kind, map, key, programId }: ProgramCall): string {
  if (kind === 'call') return `${from} → ${to}`;
  const place = `${map?.name ?? ''}${key === undefined ? '' : `[${key}]`}`;
  const held = programId === undefined ? 'nothing now' : `${to} (program ${programId})`;
  return `${from} → ${kind === 'tail-call' ? 'tail call' : 'redirect'} by ${place} → ${held}`;
}
