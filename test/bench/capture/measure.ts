/**
 * One run of one side: start it, warm it up, send, wait for it to settle, end it, count what is in its file. What a side costs until it is warm
 * (programs that are compiled, a runtime that starts, buffers that are touched first) is told apart from what a packet costs after that.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { generate } from '../../netns/lib/generator.ts';
import type { VethEnd } from '../../netns/lib/network.ts';
import { start } from '../../netns/lib/process.ts';
import { countPackets } from './count-packets.ts';
import { machineSeconds, ownSeconds, type Used, used } from './process-tree.ts';
import type { Side } from './sides.ts';

export interface Load {
  frameBytes: number;
  count: number;
  /** 0 = as fast as it goes. */
  pps: number;
}

export interface Result {
  sent: number;
  captured: number;
  /** Of the generator: what it reaches depends on what its packets cost on the way in, on the same CPU. */
  sentPps: number;
  capturedPps: number;
  userNsPerPacket: number;
  systemNsPerPacket: number;
  peakBytes: number;
  /** User CPU from the start until it listens. */
  startUserMs: number;
  /** CPUs that were busy, while packets were sent, with other things than the generator and the capturer. */
  othersCpus: number;
}

/** The capturer's CPU. The generator and the receiving end are on 0. */
const CAPTURE_CPU = '1';
const SETTLE_MS = 200;
/** Slow enough for everybody to take all of it; these packets are not counted. */
const WARM_UP = { pps: 150_000, count: 300_000 };

const cpuSeconds = ({ userSeconds, systemSeconds }: Used) => userSeconds + systemSeconds;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function measure(side: Side, near: VethEnd, far: VethEnd, folder: string, load: Load): Promise<Result> {
  const file = path.join(folder, 'capture');
  const capturer = start('taskset', ['-c', CAPTURE_CPU, ...side.command(near.ifname, file)], { netns: near.netns });
  await capturer.waitFor(side.ready);
  const started = used(capturer.pid);
  const warmUp = load.count > WARM_UP.count ? WARM_UP : undefined;
  if (warmUp) await generate(far, { bytes: load.frameBytes, ...warmUp });
  await pause(SETTLE_MS);
  const before = used(capturer.pid);
  const othersBefore = machineSeconds() - ownSeconds() - cpuSeconds(before);
  const { sent, seconds, pps } = await generate(far, { bytes: load.frameBytes, pps: load.pps, count: load.count });
  const others = machineSeconds() - ownSeconds() - cpuSeconds(used(capturer.pid)) - othersBefore;
  await pause(side.lingerMs);
  const after = used(capturer.pid);
  await capturer.stop('SIGINT');
  const captured = Math.max(0, countPackets(file) - (warmUp?.count ?? 0));
  rmSync(file, { force: true });
  const perPacket = (what: 'userSeconds' | 'systemSeconds') =>
    ((after[what] - before[what]) * 1e9) / Math.max(1, captured);
  return {
    sent,
    captured,
    sentPps: pps,
    capturedPps: captured / seconds,
    userNsPerPacket: perPacket('userSeconds'),
    systemNsPerPacket: perPacket('systemSeconds'),
    peakBytes: after.peakBytes,
    startUserMs: started.userSeconds * 1000,
    othersCpus: others / seconds,
  };
}
