/**
 * Packets shared out by the pair of addresses that talk: what packets tell of each other stays within a pair (conversations, fragments, echoes), so
 * that several states, each with the packets of its pairs alone, tell what one state would. Where a packet tells something beyond its pair, that is
 * noticed, and one state must do it all.
 */
import { u16, u32 } from '../dissect/bytes.ts';
import type { Dissection, Layer } from '../dissect/dissection.ts';

/** By LINKTYPE: where its header says what it carries, and where that begins. Ethernet, raw IP, of one version too, Linux cooked in both versions. */
const LINKS: Readonly<Record<number, { type: number; header: number; version?: number }>> = {
  1: { type: 12, header: 14 },
  101: { type: 0, header: 0 },
  228: { type: 0, header: 0, version: 4 },
  229: { type: 0, header: 0, version: 6 },
  113: { type: 14, header: 16 },
  276: { type: 0, header: 20 },
};
/** A VLAN tag; where it says what follows; how many there may be. */
const TAG = 4;
const TAG_TYPE = 2;
const MAX_TAGS = 4;

const mix = (word: number): number => {
  const once = Math.imul(word ^ (word >>> 15), 0x85ebca6b);
  return Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
};

/** Of an IPv4 or IPv6 header: the same both ways. */
function hashOf(bytes: Uint8Array, header: number, six: boolean): number {
  const at = header + (six ? 8 : 12);
  if (!six) return (mix(u32(bytes, at)) + mix(u32(bytes, at + 4))) >>> 8;
  let one = 0;
  let other = 0;
  for (let word = 0; word < 16; word += 4) {
    one = mix(one ^ u32(bytes, at + word));
    other = mix(other ^ u32(bytes, at + 16 + word));
  }
  return (one + other) >>> 8;
}

/** Twice the offset of a packet's outermost IPv4 or IPv6 header, and 1 more for IPv6; -1 when there is none, or it is cut. */
function headerAt(bytes: Uint8Array, start: number, end: number, linkType: number): number {
  const link = LINKS[linkType];
  if (!link) return -1;
  let type = start + link.type;
  let at = start + link.header;
  let { version } = link;
  if (link.header > 0) {
    for (let tags = 0; isTag(bytes, type) && tags < MAX_TAGS && at + TAG <= end; tags++) {
      type = at + TAG_TYPE;
      at += TAG;
    }
    const carried = at <= end ? u16(bytes, type) : 0;
    if (carried !== 0x0800 && carried !== 0x86dd) return -1;
    version = carried === 0x0800 ? 4 : 6;
  }
  // Whoever dissects it believes the link, whatever the header says.
  version ??= at < end ? bytes[at]! >> 4 : 0;
  if (version === 4 && at + 20 <= end) return 2 * at;
  return version === 6 && at + 40 <= end ? 2 * at + 1 : -1;
}

/** Where a packet's outermost IPv4 or IPv6 header begins, by its link layer alone; -1 when there is none, or it is cut. */
export const outermost = (bytes: Uint8Array, start: number, end: number, linkType: number): number =>
  headerAt(bytes, start, end, linkType) >> 1;

const isTag = (bytes: Uint8Array, type: number) => u16(bytes, type) === 0x8100 || u16(bytes, type) === 0x88a8;

/** Which of `shards` a packet belongs to by its outermost addresses; 0 when it has none. */
export function shardOf(bytes: Uint8Array, start: number, end: number, linkType: number, shards: number): number {
  const at = headerAt(bytes, start, end, linkType);
  return at < 0 ? 0 : hashOf(bytes, at >> 1, (at & 1) === 1) % shards;
}

/** Whether all that speaks in a packet belongs to this shard: no tunnel leads to the pair of another, no route to another address. */
export function staysIn(d: Dissection, shard: number, shards: number): boolean {
  return everySpeaker(d, (layer) => {
    d.enter(layer);
    return hashOf(d.bytes, layer.start, layer.protocol.name === 'ipv6') % shards === shard;
  });
}

/** As `staysIn`, for whoever shares out single pairs: all that speaks does so by the outermost addresses. */
export function staysOutside(d: Dissection): boolean {
  const outer = outermost(d.frame, 0, d.frame.length, d.linkType);
  return everySpeaker(d, ({ source, start }) => !source && start === outer);
}

/** Of the network headers that are there and not quoted. A route leads to another address. */
function everySpeaker(d: Dissection, test: (layer: Layer) => boolean): boolean {
  for (const layer of d.layers) {
    const { name } = layer.protocol;
    if (name === 'ipv6.routing') return false;
    if (!layer.quotedBy && !layer.short && (name === 'ip' || name === 'ipv6') && !test(layer)) return false;
  }
  return true;
}
