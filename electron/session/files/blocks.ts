/**
 * Walking pcapng blocks by their lengths alone (draft-ietf-opsawg-pcapng §3.1). For bytes from privileged, which are whole
 * little-endian blocks; a length that cannot be ends the walk.
 */
const EPB = 6;
const SMALLEST_BLOCK = 12;
const EPB_WIRE_LENGTH_AT = 24;

export interface Cut {
  /** Bytes up to the end of the last block taken. */
  bytes: number;
  /** Enhanced packet blocks in them. */
  packets: number;
}

export interface CountedCut extends Cut {
  /** Sum of their wire lengths. */
  wireBytes: number;
}

/**
 * The longest run of whole blocks within the first `limit` bytes that holds at most `maxPackets` packets and ends with the packet
 * that reaches `maxWireBytes` of packets by wire length.
 */
export function wholeBlocks(
  bytes: Uint8Array,
  limit = bytes.byteLength,
  maxPackets = Number.POSITIVE_INFINITY,
  maxWireBytes = Number.POSITIVE_INFINITY,
): CountedCut {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let packets = 0;
  let wireBytes = 0;
  while (at + SMALLEST_BLOCK <= limit) {
    const length = view.getUint32(at + 4, true);
    if (length < SMALLEST_BLOCK || length % 4 !== 0 || at + length > limit) break;
    if (view.getUint32(at, true) === EPB) {
      if (packets === maxPackets || wireBytes >= maxWireBytes) break;
      packets++;
      wireBytes += length >= EPB_WIRE_LENGTH_AT + 8 ? view.getUint32(at + EPB_WIRE_LENGTH_AT, true) : 0;
    }
    at += length;
  }
  return { bytes: at, packets, wireBytes };
}

/** Epoch ns of the first packet in `bytes` (timestamps in ns, as privileged writes them); undefined when there is none. */
export function firstPacketNs(bytes: Uint8Array): bigint | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + SMALLEST_BLOCK <= bytes.byteLength; ) {
    const length = view.getUint32(at + 4, true);
    if (length < SMALLEST_BLOCK || at + length > bytes.byteLength) return undefined;
    if (view.getUint32(at, true) === EPB && length >= 32)
      return (BigInt(view.getUint32(at + 12, true)) << 32n) | BigInt(view.getUint32(at + 16, true));
    at += length;
  }
  return undefined;
}
