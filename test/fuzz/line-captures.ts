/** Captures for the addon of lines: talks made up, and samples of all protocols, mixed and disturbed. */
import * as f from '../../electron/cli/demo/frames/index.ts';
import { pcapHeader, pcapRecord } from '../../electron/packets/pcap/writer.ts';
import type { Ways } from '../fixtures/both-ways.ts';
import { PROTOCOL_SAMPLES } from '../golden/protocol-samples.ts';
import { SAMPLES } from '../golden/samples.ts';
import { mutate } from './mutate.ts';
import { type Next, pick } from './streams.ts';
import { connection, datagrams, type Frame } from './talk-maker.ts';

const BASE_NS = 1_700_000_000_000_000_000n;
const SECOND = 1e9;
const IPV4 = 0x0800;
const [RAW, COOKED, COOKED_2] = [101, 113, 276] as const;
const FRAGMENT = [14 + 6, 0x20] as const;

const ETHERNET = Object.values({ ...SAMPLES, ...PROTOCOL_SAMPLES })
  .filter(({ linkType }) => linkType === 1)
  .map(({ frames }) => frames.map(({ bytes, wireLen }) => ({ bytes, gapNs: 1e6, ...(wireLen && { wireLen }) })));

function sample(next: Next): Frame[] {
  const frames = pick(next, ETHERNET);
  const turn = next(3);
  return frames.map((frame) => {
    const bytes = frame.bytes.slice();
    if (type(bytes) === IPV4 && bytes.length > 34) for (const at of [29, 33]) bytes[at]! += turn;
    return { ...frame, bytes };
  });
}

const type = (bytes: Uint8Array) => (bytes[12]! << 8) | bytes[13]!;

/** What becomes of packets between the hosts and the capture. */
function disturbed(frame: Frame, another: Frame, next: Next): Frame[] {
  const { bytes, gapNs } = frame;
  switch (next(8)) {
    case 0:
      return [];
    case 1:
      return [frame, frame];
    case 2:
      return [{ bytes: bytes.subarray(0, next(bytes.length + 1)), wireLen: bytes.length, gapNs }];
    case 3: {
      const bent = mutate(bytes, another.bytes, next).subarray(0, 65_000);
      return [{ bytes: bent, wireLen: bent.length + (next(8) ? 0 : next(100)), gapNs }];
    }
    case 4: // padded, as short frames are
      return [{ bytes: Uint8Array.from([...bytes, ...new Uint8Array(next(60))]), gapNs }];
    case 5: {
      if (next(4) || type(bytes) !== IPV4 || bytes.length < 34) return [frame];
      const fragment = bytes.slice();
      fragment[FRAGMENT[0]] = FRAGMENT[1];
      return [{ bytes: fragment, gapNs }];
    }
    case 6: // its header alone
      return bytes.length < 60 ? [frame] : [{ bytes: one(bytes, next), gapNs }];
    default:
      return [{ ...frame, gapNs: -gapNs }];
  }
}

/** One bit, or one byte, of the headers. */
function one(bytes: Uint8Array, next: Next): Uint8Array {
  const bent = bytes.slice();
  bent[12 + next(48)]! ^= next(2) ? 1 << next(8) : next(256);
  return bent;
}

function mixed(talks: Frame[][], next: Next): Frame[] {
  const often = pick(next, [100_000, 100_000, 1000, 300, 100, 20]);
  const out: Frame[] = [];
  const at = talks.map(() => 0);
  let open = talks.map((_, i) => i).filter((i) => talks[i]!.length > 0);
  for (let which = 0; open.length > 0; ) {
    if (next(3) === 0) which = next(open.length);
    const talk = open[which % open.length]!;
    const frame = talks[talk]![at[talk]!++]!;
    const done = next(often) === 0 ? disturbed(frame, out.at(-1) ?? frame, next) : [frame];
    // Overtaken.
    if (out.length > 0 && next(often) === 0) out.splice(-1, 0, ...done);
    else out.push(...done);
    if (at[talk] === talks[talk]!.length) open = open.filter((i) => i !== talk);
  }
  return out;
}

export function captureOf(next: Next): Uint8Array {
  const talks: Frame[][] = [];
  for (let i = 1 + next(6); i > 0; i--) talks.push(connection(next));
  for (let i = next(3); i > 0; i--) talks.push(datagrams(next));
  if (next(4) === 0) for (let i = next(4); i > 0; i--) talks.push(sample(next));
  return written(mixed(talks, next), next);
}

/** The same packet as it is seen on another kind of link. */
function onLink(bytes: Uint8Array, linkType: number): Uint8Array {
  if (linkType === RAW) return bytes.subarray(14);
  if (linkType === COOKED) return f.concat(new Uint8Array(14), bytes.subarray(12));
  return linkType === COOKED_2 ? f.concat(bytes.subarray(12, 14), new Uint8Array(18), bytes.subarray(14)) : bytes;
}

function written(frames: readonly Frame[], next: Next): Uint8Array {
  let now = 0;
  // The first packet may be later than others: times count from it.
  const late = next(10) === 0 ? 5 * SECOND : 0;
  const linkType = next(4) ? 1 : pick(next, [RAW, COOKED, COOKED_2]);
  const records = frames.map((frame, i) => {
    const bytes = onLink(frame.bytes, linkType);
    const cut = Math.max(0, (frame.wireLen ?? 0) - frame.bytes.length);
    now += frame.gapNs;
    return pcapRecord(BASE_NS + BigInt(i === 0 ? now + late : now), bytes.length + cut, bytes);
  });
  return Buffer.concat([pcapHeader(linkType), ...records]);
}

export const waysOf = (next: Next): Ways => ({
  piece: pick(next, [1 << 16, 1 << 16, 1 << 12, 400]),
  shards: 1 + next(2),
  room: pick(next, [1 << 20, 1 << 20, 100]),
});
