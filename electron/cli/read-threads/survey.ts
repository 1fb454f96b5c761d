/** How much of a file the addon leaves to dissectors, by samples: captures often begin otherwise than they go on. */
import type { FileHandle } from 'node:fs/promises';
import { HEADROOM, HERE, makeSlot } from './messages.ts';
import { LINK_TYPES, NativeLines } from './native-lines.ts';
import { PieceSource } from './piece-source.ts';
import { SAMPLE_BYTES, Sampler } from './sample.ts';

const PLACES = [1 / 8, 3 / 8, 5 / 8, 7 / 8];

interface Seen {
  packets: number;
  left: number;
}

/**
 * From 0 to 1; 1 where it can do nothing with the file, or nothing is found.
 * @param addon another build of it
 */
export async function shareLeft(file: FileHandle, size: number, addon?: string): Promise<number> {
  const sampler = await Sampler.open(file);
  const native = sampler && (await NativeLines.open(1, addon));
  if (!sampler || !native) return 1;
  try {
    let [left, packets] = [0, 0];
    for (const place of PLACES) {
      const sample = await sampler.at(Math.floor(place * size));
      const seen = sample && (await look(sample, native));
      if (!seen) return 1;
      left += seen.left;
      packets += seen.packets;
    }
    return left / packets;
  } finally {
    native.close();
  }
}

async function look(sample: Uint8Array, native: NativeLines): Promise<Seen | undefined> {
  const slot = makeSlot(2 * SAMPLE_BYTES);
  slot.bytes.set(sample, HEADROOM);
  const source = new PieceSource(undefined, sample.length, 1);
  const isWhole = source.parse(slot, sample.length);
  const { packets, linkType } = source;
  if (!isWhole || source.hasSecrets || !LINK_TYPES.includes(linkType)) return undefined;
  await native.write(0, slot, { packets, linkType, offset: 0, before: 0 });
  const left = slot.shards.subarray(0, packets).reduce((sum, shard) => sum + Number(shard !== HERE), 0);
  return { packets, left };
}
