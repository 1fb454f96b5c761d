/**
 * Arrays are allocated whole when they are made: one that is larger than what is free has the kernel end other processes before it gives up. It is refused here
 * instead. Hash tables may be told to grow as they fill, so that their size says nothing.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { XdpeekError } from '../../shared/errors.ts';

export interface MapSize {
  name: string;
  type: string;
  valueBytes: number;
  maxEntries: number;
}

/** Bytes that it takes at once, at least. */
export function arrayBytes({ type, valueBytes, maxEntries }: MapSize, cpus: number): number {
  const each = Math.ceil(valueBytes / 8) * 8;
  if (type === 'array') return each * maxEntries;
  // A pointer an entry, and the value of each CPU.
  return type === 'percpu_array' ? (8 + each * cpus) * maxEntries : 0;
}

/** Throws ENOMEM for one that cannot be. */
export function refuseTooLarge(maps: readonly MapSize[], free = freeBytes(), cpus = availableParallelism()): void {
  for (const map of maps) {
    const bytes = arrayBytes(map, cpus);
    if (bytes <= free) continue;
    throw new XdpeekError({
      code: 'ENOMEM',
      message: `the map ${map.name} (${map.type}) would take ${size(bytes)} at once, and ${size(free)} are free`,
      hint: 'Give it fewer entries: --map-size MAP=N for an object, --entries for one that is made by hand.',
    });
  }
}

const size = (bytes: number) => (bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`);

/** Infinity where the kernel does not say. */
function freeBytes(): number {
  try {
    const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
    return kilobytes === undefined ? Number.POSITIVE_INFINITY : Number(kilobytes) * 1024;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
