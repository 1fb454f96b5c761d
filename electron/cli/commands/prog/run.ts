/** `xdpeek prog run`. */
import path from 'node:path';
import { saveFile } from '../../../session/files/save.ts';
import { runnerOf, runPacket } from '../../../session/workbench/run-packet.ts';
import { bytesToHex } from '../../../shared/hex-text.ts';
import { caseText, type RunCase } from '../../../shared/run-case.ts';
import type { RunResult } from '../../../shared/workbench-api.ts';
import type { Invocation } from '../../options/spec.ts';
import { usageError } from '../../options/usage-error.ts';
import { hexDump } from '../../output/hex-dump.ts';
import { jsonLine } from '../../output/json-line.ts';
import { printable } from '../../output/printable.ts';
import { textTable } from '../../output/table.ts';
import { grouped } from '../../output/units.ts';
import type { Context } from '../../start.ts';
import { readSettings } from '../../workbench/program-source.ts';
import { inputPacket } from '../../workbench/run-input.ts';
import { programToRun } from '../../workbench/run-program.ts';
import type { progRun } from '../../workbench/table-run.ts';
import { withWorkbench } from '../../workbench/with-workbench.ts';

export async function run({ options, operands }: Invocation<typeof progRun>, { out, stop }: Context): Promise<number> {
  const named = operands[0]!;
  const { save, repeat, begin } = options;
  if (save !== undefined && /^\d+$/.test(named))
    throw usageError(
      '--save needs a program by file or library name',
      'An id is another program after the next start.',
    );
  const settings = readSettings(options.set);
  const packet = await inputPacket(options, stop);
  const { result, program } = await withWorkbench(async (workbench) => {
    const runner = await runnerOf(workbench, await programToRun(workbench, named, settings));
    return { result: await runPacket(workbench, runner, packet, { repeat, begin }), program: runner.program };
  });
  const title = `${program.name || 'program'} (${program.type}, id ${program.id})`;
  await out.write(options.json ? jsonLine(plain(result, program.id)) : asText(result, title, options.hex));
  if (save !== undefined) await saveCase(save, named, options.set, result, begin);
  return 0;
}

function plain({ before, after, ...rest }: RunResult, programId: number): object {
  return { programId, ...rest, before: bytesToHex(before), after: bytesToHex(after) };
}

function asText(result: RunResult, title: string, hex: boolean): string {
  const { verdictName, nsPerRun, repeat, before, after, changes, changed, maps, printed, notes } = result;
  const runs = repeat === 1 ? 'one run' : `${grouped(repeat)} runs`;
  const length = before.length === after.length ? `${after.length} bytes` : `${before.length} → ${after.length} bytes`;
  let text = `${printable(title)}: ${verdictName}, ${nsPerRun} ns per run (${runs}), ${length}\n`;
  if (changed.length === 0) text += 'The packet is unchanged.\n';
  else if (changes.length > 0)
    text += `\n${textTable(
      [{ title: 'FIELD' }, { title: 'MEANING' }, { title: 'BEFORE' }, { title: 'AFTER' }],
      changes.map(({ field, label, before: was, after: now }) => [field, label, short(was), short(now)]),
    )}`;
  else
    text += `Bytes ${changed.map(([at, count]) => (count < 2 ? `${at}` : `${at}–${at + count - 1}`)).join(', ')} changed; no field has them.\n`;
  if (maps.length > 0)
    text += `\n${textTable(
      [{ title: 'MAP' }, { title: 'KEY' }, { title: 'MEMBER' }, { title: 'BEFORE' }, { title: 'AFTER' }],
      maps.map(({ map, key, member, before: was, after: now }) => [map, short(key), member, short(was), short(now)]),
    )}`;
  if (printed.length > 0) text += `\nPrinted:\n${printed.map((line) => `  ${printable(line)}\n`).join('')}`;
  if (hex) text += `\nBefore:\n${hexDump(before)}\nAfter:\n${hexDump(after)}`;
  if (notes.length > 0) text += `\n${notes.map((note) => `Note: ${printable(note)}.\n`).join('')}`;
  return text;
}

const LONGEST = 60;
const short = (text = '') => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);

async function saveCase(
  file: string,
  named: string,
  set: readonly string[],
  { before, after, verdictName, verdict, programType }: RunResult,
  begin: 'frame' | 'network',
): Promise<void> {
  const byName = /^(XDP|TC_ACT)_/.test(verdictName);
  const one: RunCase = {
    program: relativeTo(file, named),
    ...(set.length > 0 && { set: [...set] }),
    packet: bytesToHex(before),
    verdict: byName ? verdictName : String(verdict),
    ...(programType !== 'socket_filter' && { out: bytesToHex(after) }),
    ...(begin === 'network' && { begin }),
  };
  await saveFile(file, [Buffer.from(caseText(one))]);
}

/** Files are named as seen from the case. */
function relativeTo(file: string, named: string): string {
  if (!named.includes('/') && !/\.o(:|$)/.test(named)) return named;
  const relative = path.relative(path.dirname(file), path.resolve(named));
  return relative.includes('/') ? relative : `./${relative}`;
}
