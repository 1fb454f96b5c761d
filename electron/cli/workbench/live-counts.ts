/**
 * What an attached program did so far: packets and bytes by verdict, from its map of that, or how often it ran. The map is the library's `verdicts`, or that of
 * xdp-tools and the XDP tutorial, which has the same layout: per CPU, by XDP action, two u64.
 */
import type { Workbench } from '../../session/workbench/workbench.ts';
import { XDP_VERDICTS } from '../../shared/capture.ts';
import { XdpeekError } from '../../shared/errors.ts';
import type { MapInfo } from '../../shared/workbench.ts';
import { byteCount, grouped } from '../output/units.ts';

const MAPS = ['verdicts', 'xdp_stats_map'];
const COUNT_BYTES = 16;

export interface Reading {
  timeMs: number;
  /** Empty without such a map. */
  verdicts: { verdict: string; packets: bigint; bytes: bigint }[];
  /** While statistics are on; with a map of verdicts they stay off, since they cost time. */
  runs?: bigint;
}

export class LiveCounts {
  readonly #workbench: Workbench;
  readonly #programId: number;
  readonly #map: MapInfo | undefined;

  static async of(workbench: Workbench, programId: number): Promise<LiveCounts> {
    const maps = await workbench.request('maps', {});
    const map = maps.find(
      ({ name, type, valueBytes, maxEntries, programIds }) =>
        MAPS.includes(name) &&
        type === 'percpu_array' &&
        valueBytes === COUNT_BYTES &&
        maxEntries >= XDP_VERDICTS.length &&
        programIds.includes(programId),
    );
    if (!map) await workbench.request('statistics', { on: true });
    return new LiveCounts(workbench, programId, map);
  }

  private constructor(workbench: Workbench, programId: number, map: MapInfo | undefined) {
    this.#workbench = workbench;
    this.#programId = programId;
    this.#map = map;
  }

  async read(): Promise<Reading> {
    if (this.#map) return { timeMs: Date.now(), verdicts: await this.#verdicts(this.#map.id) };
    const programs = await this.#workbench.request('programs', {});
    const program = programs.find(({ id }) => id === this.#programId);
    if (!program)
      throw new XdpeekError({ code: 'ENOENT', message: `program ${this.#programId} is not in the kernel any more` });
    return { timeMs: Date.now(), verdicts: [], runs: BigInt(program.runCount) };
  }

  async #verdicts(id: number): Promise<Reading['verdicts']> {
    const count = XDP_VERDICTS.length;
    const { values, valueBytes } = await this.#workbench.request('mapRead', { id, cursor: '', count });
    const bytes = Buffer.from(values, 'base64');
    return XDP_VERDICTS.map((verdict, action) => {
      let packets = 0n;
      let octets = 0n;
      for (let at = action * valueBytes; at < (action + 1) * valueBytes; at += COUNT_BYTES) {
        packets += bytes.readBigUInt64LE(at);
        octets += bytes.readBigUInt64LE(at + 8);
      }
      return { verdict, packets, bytes: octets };
    });
  }
}

/** "pass 1,234 (12/s, 98 kB)   drop 3": verdicts that never were are left out. */
export function countsLine(now: Reading, before: Reading | undefined): string {
  const rate = rateOf(now, before);
  const per = (count: bigint, earlier: bigint | undefined) => {
    const perSecond = rate(count, earlier);
    return perSecond === undefined ? '' : `, ${grouped(perSecond)}/s`;
  };
  if (now.runs !== undefined) return `ran ${grouped(Number(now.runs))} times${per(now.runs, before?.runs)}`;
  const seen = now.verdicts
    .map((each, i) => ({ ...each, earlier: before?.verdicts[i]?.packets }))
    .filter(({ packets }) => packets > 0n);
  if (seen.length === 0) return 'no packet yet';
  return seen
    .map(
      ({ verdict, packets, bytes, earlier }) =>
        `${verdict} ${grouped(Number(packets))} (${byteCount(Number(bytes))}${per(packets, earlier)})`,
    )
    .join('   ');
}

export function countsJson(now: Reading, before: Reading | undefined): object {
  const rate = rateOf(now, before);
  const perSecond = (count: bigint, earlier: bigint | undefined) => rate(count, earlier) ?? 0;
  const time = new Date(now.timeMs).toISOString();
  if (now.runs !== undefined) return { time, runs: Number(now.runs), runsPerSecond: perSecond(now.runs, before?.runs) };
  return {
    time,
    verdicts: Object.fromEntries(
      now.verdicts.map(({ verdict, packets, bytes }, i) => [
        verdict,
        {
          packets: Number(packets),
          bytes: Number(bytes),
          packetsPerSecond: perSecond(packets, before?.verdicts[i]?.packets),
        },
      ]),
    ),
  };
}

/** Over the exact time between both readings. */
function rateOf(now: Reading, before: Reading | undefined): (count: bigint, earlier?: bigint) => number | undefined {
  const elapsedS = before ? (now.timeMs - before.timeMs) / 1000 : 0;
  return (count, earlier) => (earlier === undefined || elapsedS <= 0 ? undefined : Number(count - earlier) / elapsedS);
}
