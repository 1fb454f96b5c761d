/**
 * The kinds of classic pcap, told by the file header and, where that says nothing, by the first records: patched libpcaps wrote longer record headers
 * under the same magic, lengths once stood the other way round, and some systems count differently. Values: Wireshark's libpcap.c, draft-ietf-opsawg-pcap.
 */
export const MAGIC_US = 0xa1b2c3d4;
export const MAGIC_NS = 0xa1b23c4d;
/** Kuznetzov's: record headers with interface, protocol and packet type. */
export const MAGIC_KUZNETZOV = 0xa1b2cd34;
const MAGIC_IXIA_HARDWARE = 0x1c0001ac;
const MAGIC_IXIA_SOFTWARE = 0x1c0001ab;
const MAGICS = new Set([MAGIC_US, MAGIC_NS, MAGIC_KUZNETZOV, MAGIC_IXIA_HARDWARE, MAGIC_IXIA_SOFTWARE]);

export const FILE_HEADER = 24;
const RECORD_HEADER = 16;
/** With interface, protocol and packet type. */
const LONG_HEADER = 24;
/** The same and two CPU numbers. */
const LONGER_HEADER = 28;
const NOKIA_HEADER = 20;
const DAY = 86_400;
/** A record longer than this is damage unless the file's own snaplen allows it. */
const MAX_RECORD_BYTES = 262_144;
const MAX_SNAPLEN = 128 * 1024 * 1024;
/** ifType (RFC 1573) → LINKTYPE. */
const AIX_LINK_TYPES: Readonly<Record<number, number>> = { 6: 1, 9: 6, 15: 10, 24: 0 };

export interface PcapVariant {
  little: boolean;
  /** Bytes of the file header. */
  fileHeader: number;
  /** Record headers that it may have, the likeliest first. */
  recordHeaders: readonly number[];
  nsPerUnit: number;
  /** The first length is that on the wire: always, or when it is the larger one. */
  swapped: 'never' | 'always' | 'if-larger';
  linkType: number;
  snaplen: number;
  /** Longest record that is believed. */
  limit: number;
}

/** Byte order and magic of the first four bytes, or undefined when they are not a pcap magic. */
export function pcapMagic(view: DataView, at: number): { little: boolean; magic: number } | undefined {
  for (const little of [true, false]) {
    const magic = view.getUint32(at, little);
    if (MAGICS.has(magic)) return { little, magic };
  }
  return undefined;
}

/** @returns what is wrong, as text */
export function pcapVariant(view: DataView, at: number): PcapVariant | string {
  const found = pcapMagic(view, at);
  if (!found) return 'not a pcap file header';
  const { little, magic } = found;
  const major = view.getUint16(at + 4, little);
  const minor = view.getUint16(at + 6, little);
  // 543.0 is what DG/UX's tcpdump writes.
  if (major !== 2 && !(major === 543 && minor === 0)) return `pcap version ${major} is not known (only version 2 is)`;
  const snaplen = view.getUint32(at + 16, little);
  const network = view.getUint32(at + 20, little) & 0xffff; // the high bits say FCS length
  const aix = magic === MAGIC_US && minor === 2 ? AIX_LINK_TYPES[network] : undefined;
  const ixia = magic === MAGIC_IXIA_HARDWARE || magic === MAGIC_IXIA_SOFTWARE;
  return {
    little,
    fileHeader: ixia ? FILE_HEADER + 4 : FILE_HEADER, // and the bytes of all records
    recordHeaders: recordHeaders(magic),
    nsPerUnit: magic === MAGIC_NS || aix !== undefined ? 1 : 1000,
    swapped: major === 543 || minor < 3 ? 'always' : minor === 3 ? 'if-larger' : 'never',
    linkType: aix ?? network,
    snaplen,
    limit: Math.max(MAX_RECORD_BYTES, Math.min(snaplen, MAX_SNAPLEN)),
  };
}

function recordHeaders(magic: number): readonly number[] {
  if (magic === MAGIC_KUZNETZOV) return [LONG_HEADER, LONGER_HEADER];
  return magic === MAGIC_US ? [RECORD_HEADER, NOKIA_HEADER, LONG_HEADER] : [RECORD_HEADER];
}

/** Whether record headers of this size say who sent the packet. */
export function hasPacketType(header: number): boolean {
  return header === LONG_HEADER || header === LONGER_HEADER;
}

/** The record header that the first two records make sense with, as far as their bytes are there; the likeliest when none does. */
export function recordHeaderOf(variant: PcapVariant, view: DataView, at: number, end: number): number {
  const [usual = RECORD_HEADER, ...others] = variant.recordHeaders;
  if (plausible(variant, usual, view, at, end) !== false) return usual;
  const next = (header: number) =>
    at + header + view.getUint32(at + (variant.swapped === 'always' ? 12 : 8), variant.little);
  // A damaged file may look like another kind by chance, but hardly with a second packet within a day.
  const soon = (header: number) => {
    const later = view.getUint32(next(header), variant.little) - view.getUint32(at, variant.little);
    return later >= 0 && later <= DAY;
  };
  return (
    others.find((header) => plausible(variant, header, view, at, end) && next(header) + 4 <= end && soon(header)) ??
    usual
  );
}

/** Undefined: cannot be told yet. */
function plausible(
  variant: PcapVariant,
  header: number,
  view: DataView,
  start: number,
  end: number,
): boolean | undefined {
  const { little, nsPerUnit, limit } = variant;
  let at = start;
  for (let record = 0; record < 2; record++) {
    if (at + RECORD_HEADER > end) return at === end && record > 0 ? true : undefined;
    const first = view.getUint32(at + 8, little);
    const second = view.getUint32(at + 12, little);
    const [capLen, wireLen] = lengthsTurned(variant, first, second) ? [second, first] : [first, second];
    if (view.getUint32(at + 4, little) * nsPerUnit >= 1e9 || capLen > limit || capLen > wireLen || wireLen > 0x7fffffff)
      return false;
    at += header + capLen;
  }
  return true;
}

/** Whether the first length of a record is that on the wire. */
export function lengthsTurned({ swapped }: PcapVariant, first: number, second: number): boolean {
  return swapped === 'always' || (swapped === 'if-larger' && first > second);
}
