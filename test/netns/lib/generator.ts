/** The packet generator of test/bench/generator: compiled at first use, run in a namespace. Frames are numbered in payload bytes 0–7. */
import path from 'node:path';
import { addon } from './addon.ts';
import type { VethEnd } from './network.ts';
import { eventually, run } from './process.ts';

const folder = path.resolve(import.meta.dirname, '../../bench/generator');
const binary = path.resolve(import.meta.dirname, '../../output/generator/generator');

export interface Generated {
  sent: number;
  seconds: number;
  pps: number;
}

/**
 * Sends `count` frames of `bytes` out of the interface, `pps` a second (0 = as fast as it goes), on CPU 0. Blocks until sent, and until `to`, the
 * other end of the veth pair, has taken all of them: the last may wait in the ring of the pair. `first` gives it the CPU before all others.
 */
export async function generate(
  at: { netns: string; ifname: string },
  { bytes = 60, pps, count, first = false }: { bytes?: number; pps: number; count: number; first?: boolean },
  to?: VethEnd,
): Promise<Generated> {
  await run('make', ['-s', '-C', folder]);
  const taken = () => (to ? addon.interfaces(to.netns).find(({ ifname }) => ifname === to.ifname)!.rxPackets : 0);
  const before = taken();
  const command = [...(first ? ['nice', '-n', '-20'] : []), binary, at.ifname, `${bytes}`, `${pps}`, `${count}`, '0'];
  const out = await run(command[0]!, command.slice(1), { netns: at.netns });
  const generated = JSON.parse(out) as Generated;
  if (to) await eventually(`${generated.sent} frames are taken`, () => taken() - before >= generated.sent);
  return generated;
}
