/** `xdpeek prog attach`: in the foreground with counters until it is told to end, or pinned and left. */
import { vethNote } from '../../../session/workbench/library.ts';
import { libraryProgram } from '../../../session/workbench/library-entries.ts';
import type { Workbench } from '../../../session/workbench/workbench.ts';
import { XdpeekError } from '../../../shared/errors.ts';
import type { AttachTarget, WorkbenchAttachment } from '../../../shared/workbench.ts';
import type { ObjectDescription } from '../../../shared/workbench-api.ts';
import { say } from '../../capture/messages.ts';
import type { Invocation } from '../../options/spec.ts';
import { quoted, usageError } from '../../options/usage-error.ts';
import { jsonLine } from '../../output/json-line.ts';
import type { Context } from '../../start.ts';
import { pause } from '../../stop-signal.ts';
import { attachPlace, checkPlace, interfacePlace, placeWords } from '../../workbench/attach-place.ts';
import { openNamed, resolveNamed, type Where } from '../../workbench/library-source.ts';
import { countsJson, countsLine, LiveCounts, type Reading } from '../../workbench/live-counts.ts';
import { loadSource } from '../../workbench/load-source.ts';
import { pinNameOf } from '../../workbench/pin-name.ts';
import { privatePinsNote } from '../../workbench/private-pins.ts';
import { type ProgramSource, readSettings } from '../../workbench/program-source.ts';
import { byName } from '../../workbench/run-program.ts';
import type { progAttach } from '../../workbench/table-attach.ts';
import { withWorkbench } from '../../workbench/with-workbench.ts';

type Options = Invocation<typeof progAttach>['options'];
interface Chosen {
  id: number;
  name: string;
  type: string;
}

export async function run(
  { options, operands }: Invocation<typeof progAttach>,
  { out, stop }: Context,
): Promise<number> {
  checkPlace(options);
  if (options.force && options.expect !== undefined)
    throw usageError('--force replaces whatever is there, --expect one program: choose');
  const pin = options.pin === undefined ? undefined : pinNameOf(options.pin);
  const named = await resolveNamed(operands[0]!, readSettings(options.set));
  return withWorkbench(async (workbench) => {
    const source = await openNamed(workbench, named, whereOf(options));
    const program = await choose(workbench, source, options);
    const replace = options.force ? { expectedId: 0 } : options.expect && { expectedId: options.expect };
    const attachment = await workbench
      .request('attach', {
        programId: program.id,
        target: placeOf(options, program, source),
        ...(replace && { replace }),
        ...(pin !== undefined && { pin }),
      })
      .catch((error) => {
        throw withForce(error, options);
      });
    const entry = named.kind === 'library' ? libraryProgram(named.name) : undefined;
    const note = entry ? await vethNote(workbench, entry, attachment) : attachment.note;
    sayAttached(program, { ...attachment, ...(note !== undefined && { note }) });
    if (attachment.pin !== undefined) {
      await out.write(options.json ? jsonLine(attachment) : `${attachment.pin}\n`);
      process.stderr.write(privatePinsNote());
      return 0;
    }
    return follow(workbench, program, attachment);
  });

  async function follow(workbench: Workbench, { id }: Chosen, attachment: WorkbenchAttachment): Promise<number> {
    let lost: string | undefined;
    const ended = new AbortController();
    workbench.onEvent((event) => {
      if (event.event !== 'attachmentLost' || event.attachmentId !== attachment.attachmentId) return;
      lost = event.reason;
      ended.abort();
    });
    workbench.onGone((reason) => {
      lost = reason.message;
      ended.abort();
    });
    const over = AbortSignal.any([stop, ended.signal]);
    const endMs = options.duration === undefined ? Number.POSITIVE_INFINITY : Date.now() + options.duration * 1000;
    const counts = await LiveCounts.of(workbench, id);
    let before: Reading | undefined = await counts.read();
    while (!over.aborted && Date.now() < endMs) {
      await pause(Math.min(options.interval * 1000, endMs - Date.now()), over);
      if (lost !== undefined) break;
      const now = await counts.read();
      await out.write(options.json ? jsonLine(countsJson(now, before)) : `${countsLine(now, before)}\n`);
      await out.flush();
      before = now;
    }
    if (lost !== undefined)
      throw new XdpeekError({ code: 'LOST', message: `the program is not attached any more: ${lost}` });
    await workbench.request('detach', { attachmentId: attachment.attachmentId });
    say('detached');
    return 0;
  }
}

/** As far as the words tell. */
function whereOf({ interface: ifname, netns, tracepoint, kprobe, kretprobe }: Options): Where {
  if (tracepoint !== undefined) return { hook: 'tracepoint' };
  if (kprobe !== undefined || kretprobe !== undefined) return { hook: 'kprobe' };
  const target = ifname === undefined ? undefined : interfacePlace(ifname, netns, 'xdp');
  const namespace = target?.kind === 'interface' ? target.netns : undefined;
  return namespace === undefined ? {} : { netns: namespace };
}

function placeOf(options: Options, { type, name }: Chosen, source: ProgramSource): AttachTarget {
  const said = [options.interface, options.tracepoint, options.kprobe, options.kretprobe, options.udp];
  const known = source.kind === 'object' ? source.target : undefined;
  return known && said.every((each) => each === undefined) ? known : attachPlace(options, type, name);
}

async function choose(workbench: Workbench, source: ProgramSource, options: Options): Promise<Chosen> {
  if (source.kind === 'id') {
    const program = (await workbench.request('programs', {})).find(({ id }) => id === source.id);
    if (!program)
      throw new XdpeekError({
        code: 'ENOENT',
        message: `there is no program ${source.id} in the kernel`,
        hint: "'xdpeek prog list' shows what there is.",
      });
    return program;
  }
  let named = '';
  const { outcome } = await loadSource(workbench, source, options, (description) => {
    named = oneProgram(source, description);
    // The programs that a program array of the object holds must be loaded with it.
    return description.maps.some(({ type }) => type === 'prog_array') ? [] : [named];
  });
  const { loaded } = outcome;
  await source.prepare?.(loaded);
  if (options['verifier-log'] !== undefined) for (const { raw } of outcome.logs) process.stderr.write(raw);
  return loaded.programs.find(({ name }) => name === named)!;
}

/** By name or by section; the only one needs no name. */
function oneProgram(source: Extract<ProgramSource, { kind: 'object' }>, description: ObjectDescription): string {
  const { programs } = description;
  const names = `It has: ${programs.map(({ name }) => name).join(', ')}.`;
  const [wanted] = source.programs;
  if (wanted === undefined) {
    if (programs.length === 1) return programs[0]!.name;
    throw usageError(
      `${quoted(source.name)} has several programs: say which one to attach`,
      `Write FILE:PROGRAM. ${names}`,
    );
  }
  return byName(description, wanted);
}

function sayAttached({ id, name }: Chosen, { target, via, actualMode, note, replacedId, linkId }: WorkbenchAttachment) {
  const how = [actualMode, via, linkId > 0 && `link ${linkId}`].filter(Boolean).join(', ');
  say(`attached ${name} (program ${id}) to ${placeWords(target)}: ${how}`);
  if (replacedId) say(`it took the place of program ${replacedId}`);
  if (note) say(note);
}

/** What the kernel says of a place that is taken, with the option that takes it. */
function withForce(error: unknown, options: Options): unknown {
  if (!(error instanceof XdpeekError) || !['EBUSY', 'EEXIST'].includes(error.code) || options.pin !== undefined)
    return error;
  const hint = error.hint ?? 'Replace it with --expect ID or --force, or detach it first: xdpeek prog detach.';
  return new XdpeekError({ code: error.code, message: error.message, hint });
}
