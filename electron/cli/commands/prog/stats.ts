/** `xdpeek prog stats`: the kernel counts runs while this command lives. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ratesBetween, readingOf } from '../../../session/workbench/programs-rates.ts';
import type { ProgramInfo } from '../../../shared/workbench.ts';
import type { Invocation } from '../../options/spec.ts';
import { jsonLine } from '../../output/json-line.ts';
import { textTable } from '../../output/table.ts';
import { grouped } from '../../output/units.ts';
import type { Context } from '../../start.ts';
import { chooseProgram } from '../../workbench/choose-program.ts';
import type { progStats } from '../../workbench/table-programs.ts';
import { withWorkbench } from '../../workbench/with-workbench.ts';

const COLUMNS = [
  { title: 'ID', right: true },
  { title: 'TYPE' },
  { title: 'NAME' },
  { title: 'RUNS/S', right: true },
  { title: 'NS/RUN', right: true },
  { title: 'CPU', right: true },
];

interface Line extends Pick<ProgramInfo, 'id' | 'type' | 'name'> {
  runs: number;
  runsPerSecond: number;
  nsPerRun?: number;
  cpuShare: number;
}

export async function run({ options }: Invocation<typeof progStats>, { out, stop }: Context): Promise<number> {
  await withWorkbench(async (workbench) => {
    const programs = () => workbench.request('programs', {});
    const first = await programs();
    const wanted = options.program?.map((text) => chooseProgram(first, text).id);
    await workbench.request('statistics', { on: true });
    let before = readingOf(await programs(), performance.now());
    for (let ticks = 0; !stop.aborted && ticks !== options.count; ticks++) {
      if (!(await waited(options.interval * 1000, stop))) break;
      const list = await programs();
      const now = readingOf(list, performance.now());
      const rates = ratesBetween(before, now);
      const lines = list.flatMap(({ id, type, name }): Line[] => {
        const rate = rates.get(id);
        if (!rate || (wanted && !wanted.includes(id))) return [];
        return rate.runs > 0 || options.all || wanted ? [{ id, type, name, ...rate }] : [];
      });
      lines.sort((a, b) => b.cpuShare - a.cpuShare);
      const periodNs = Math.round((now.atMs - before.atMs) * 1e6);
      const time = new Date().toISOString();
      await out.write(options.json ? jsonLine({ time, periodNs, programs: lines }) : text(time, periodNs, lines));
      await out.flush();
      before = now;
    }
    await workbench.request('statistics', { on: false });
  });
  return 0;
}

function text(time: string, periodNs: number, lines: readonly Line[]): string {
  const table = lines.length === 0 ? 'no program ran\n' : textTable(COLUMNS, lines.map(cells));
  return `${time}  period ${(periodNs / 1e9).toFixed(6)} s\n${table}\n`;
}

function cells({ id, type, name, runsPerSecond, nsPerRun, cpuShare }: Line): string[] {
  const time = nsPerRun === undefined ? '' : grouped(nsPerRun);
  return [String(id), type, name, grouped(runsPerSecond), time, `${(100 * cpuShare).toFixed(2)} %`];
}

/** False when it was stopped meanwhile. */
async function waited(ms: number, stop: AbortSignal): Promise<boolean> {
  await sleep(ms, undefined, { signal: stop }).catch(() => {});
  return !stop.aborted;
}
