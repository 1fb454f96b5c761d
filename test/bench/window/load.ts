/** The same traffic for some seconds: with one view of the window open on the capture, or captured by `dump -w`. */

import { rmSync } from 'node:fs';
import path from 'node:path';
import type { View } from '../../e2e/lib/window.ts';
import { type Generated, generate } from '../../netns/lib/generator.ts';
import type { VethEnd } from '../../netns/lib/network.ts';
import { start } from '../../netns/lib/process.ts';
import { XDPEEK } from '../capture/sides.ts';
import { endFrames, watchFrames } from './page.ts';
import type { Cpu, MeasuredWindow } from './window.ts';

export interface Traffic {
  pps: number;
  seconds: number;
}

export interface Lost {
  sentPps: number;
  seen: number;
  lost: number;
}

export interface Viewed extends Lost {
  /** At the kernel's buffer, on the way to the session, at its file. */
  where: readonly [kernel: number, pipe: number, store: number];
  /** Cores, while packets came. */
  cores: Cpu;
  intervals: number[];
  ages: number[];
}

const FRAME_BYTES = 60;
/** Until views are drawn, statistics have begun and code is compiled. */
const WARM_UP = { pps: 100_000, seconds: 1 };

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const send = (far: VethEnd, { pps, seconds }: Traffic): Promise<Generated> =>
  generate(far, { bytes: FRAME_BYTES, pps, count: pps * seconds });

/** @param view undefined: nothing is captured, Start stays in front */
export async function viewed(
  window: MeasuredWindow,
  near: VethEnd,
  far: VethEnd,
  view: View | undefined,
  traffic: Traffic,
): Promise<Viewed> {
  const { page, words, api } = window;
  await words.show('Start');
  if (view) {
    await words.card(near).click();
    await words.running();
    await words.show(view);
  }
  await send(far, WARM_UP);
  await pause(300);
  const before = await window.cpu();
  await page.evaluate(watchFrames, 0xffff);
  const at = performance.now();
  const { pps: sentPps } = await send(far, traffic);
  const { intervals, ages } = await page.evaluate(endFrames);
  const seconds = (performance.now() - at) / 1000;
  const after = await window.cpu();
  if (view) await words.stop();
  const { counters } = await api.call('capture.status', {});
  const cores = Object.fromEntries(
    Object.entries(after).map(([name, value]) => [name, (value - before[name as keyof Cpu]) / seconds]),
  ) as unknown as Cpu;
  const { lostKernel, lostPipe, lostStore, matchedPackets } = counters;
  const where = view ? ([lostKernel, lostPipe, lostStore] as const) : ([0, 0, 0] as const);
  const lost = where.reduce((sum, each) => sum + each, 0);
  return { sentPps, seen: view ? matchedPackets : 0, lost, where, cores, intervals, ages };
}

export async function dumped(near: VethEnd, far: VethEnd, folder: string, traffic: Traffic): Promise<Lost> {
  const file = path.join(folder, 'dumped.pcapng');
  const capture = start(process.execPath, [XDPEEK, 'dump', '-i', near.ifname, '-w', file], { netns: near.netns });
  await capture.waitFor(/watching /);
  await send(far, WARM_UP);
  await pause(300);
  const { pps: sentPps } = await send(far, traffic);
  await pause(300);
  const { stderr } = await capture.stop('SIGINT');
  rmSync(file, { force: true });
  const number = (pattern: RegExp) => Number(pattern.exec(stderr)?.[1]?.replaceAll(',', ''));
  const seen = number(/([\d,]+) packets? \([^)]*\) seen/);
  return { sentPps, seen, lost: seen - number(/([\d,]+) packets? \([^)]*\) captured/) };
}
