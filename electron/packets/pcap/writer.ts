/**
 * Capture files as bytes: pcapng blocks (little-endian, nanosecond timestamps) and classic pcap. Pure: the caller writes them
 * out in order: section header, interface descriptions, packets, interface statistics. Formats: draft-ietf-opsawg-pcapng, -pcap.
 */
import { encodeUtf8 } from '../text/utf8.ts';
import { ByteBuilder } from './byte-builder.ts';
import * as opt from './options.ts';
import { MAGIC_NS, MAGIC_US } from './pcap-variant.ts';
import {
  BLOCK_DSB,
  BLOCK_EPB,
  BLOCK_IDB,
  BLOCK_ISB,
  BLOCK_SHB,
  BYTE_ORDER_MAGIC,
  SECRETS_TLS,
} from './pcapng-reader.ts';

/** An option's value: text, or bytes as they go into the file. */
type Option = readonly [code: number, value: string | Uint8Array | undefined];

function block(type: number, body: ByteBuilder, options: readonly Option[]): Uint8Array {
  let any = false;
  for (const [code, value] of options) {
    if (value === undefined) continue;
    const bytes = (typeof value === 'string' ? encodeUtf8(value) : value).subarray(0, 0xffff);
    body.u16(code).u16(bytes.length).raw(bytes).pad4();
    any = true;
  }
  if (any) body.u32(opt.OPT_END);
  const length = body.length + 12;
  return new ByteBuilder().u32(type).u32(length).raw(body.finish()).u32(length).finish();
}

const u32 = (value: number) => new ByteBuilder().u32(value).finish();
const u64 = (value: bigint) => new ByteBuilder().u64(value).finish();

export function sectionHeader(
  about: { application?: string; os?: string; hardware?: string; comment?: string } = {},
): Uint8Array {
  const body = new ByteBuilder().u32(BYTE_ORDER_MAGIC).u16(1).u16(0).u64(-1n);
  return block(BLOCK_SHB, body, [
    [opt.OPT_COMMENT, about.comment],
    [opt.SHB_HARDWARE, about.hardware],
    [opt.SHB_OS, about.os],
    [opt.SHB_APPLICATION, about.application],
  ]);
}

/** A key log, in front of the packets that it opens. */
export function decryptionSecrets(keyLog: string): Uint8Array {
  const log = encodeUtf8(keyLog);
  return block(BLOCK_DSB, new ByteBuilder().u32(SECRETS_TLS).u32(log.length).raw(log).pad4(), []);
}

export interface InterfaceToWrite {
  linkType: number;
  /** 0 = no limit. */
  snaplen?: number;
  name?: string;
  description?: string;
  os?: string;
  hardware?: string;
}

/** Timestamps of its packets are in ns (if_tsresol 9). */
export function interfaceDescription(on: InterfaceToWrite): Uint8Array {
  const body = new ByteBuilder()
    .u16(on.linkType)
    .u16(0)
    .u32(on.snaplen ?? 0);
  return block(BLOCK_IDB, body, [
    [opt.IF_NAME, on.name],
    [opt.IF_DESCRIPTION, on.description],
    [opt.IF_TSRESOL, Uint8Array.of(9)],
    [opt.IF_OS, on.os],
    [opt.IF_HARDWARE, on.hardware],
  ]);
}

export interface PacketToWrite {
  interfaceId: number;
  epochNs: bigint;
  wireLen: number;
  bytes: Uint8Array;
  /** epb_flags direction bits: 1 in, 2 out. */
  direction?: number;
  /** enum xdp_action. */
  xdpVerdict?: number;
  queue?: number;
  /** Packets lost since the packet before. */
  dropCount?: bigint;
  /** The same for all images of one packet. */
  packetId?: bigint;
  comment?: string;
}

export function enhancedPacket(packet: PacketToWrite): Uint8Array {
  const { bytes, epochNs } = packet;
  const body = new ByteBuilder()
    .u32(packet.interfaceId)
    .u32(Number(BigInt.asUintN(32, epochNs >> 32n)))
    .u32(Number(BigInt.asUintN(32, epochNs)))
    .u32(bytes.length)
    .u32(packet.wireLen)
    .raw(bytes)
    .pad4();
  const verdict =
    packet.xdpVerdict === undefined
      ? undefined
      : new ByteBuilder().raw(Uint8Array.of(opt.VERDICT_KIND_XDP)).u64(BigInt(packet.xdpVerdict)).finish();
  return block(BLOCK_EPB, body, [
    [opt.OPT_COMMENT, packet.comment],
    [opt.EPB_FLAGS, packet.direction ? u32(packet.direction) : undefined],
    [opt.EPB_DROPCOUNT, packet.dropCount ? u64(packet.dropCount) : undefined],
    [opt.EPB_PACKETID, packet.packetId === undefined ? undefined : u64(packet.packetId)],
    [opt.EPB_QUEUE, packet.queue === undefined ? undefined : u32(packet.queue)],
    [opt.EPB_VERDICT, verdict],
  ]);
}

export interface StatisticsToWrite {
  interfaceId: number;
  epochNs: bigint;
  received?: bigint;
  dropped?: bigint;
  osDropped?: bigint;
  delivered?: bigint;
}

export function interfaceStatistics(of: StatisticsToWrite): Uint8Array {
  const body = new ByteBuilder()
    .u32(of.interfaceId)
    .u32(Number(BigInt.asUintN(32, of.epochNs >> 32n)))
    .u32(Number(BigInt.asUintN(32, of.epochNs)));
  const counter = (value: bigint | undefined) => (value === undefined ? undefined : u64(value));
  return block(BLOCK_ISB, body, [
    [opt.ISB_IFRECV, counter(of.received)],
    [opt.ISB_IFDROP, counter(of.dropped)],
    [opt.ISB_OSDROP, counter(of.osDropped)],
    [opt.ISB_USRDELIV, counter(of.delivered)],
  ]);
}

/** One link type a file: packets of another cannot go into it. */
export function pcapHeader(linkType: number, snaplen = 262_144, nanoseconds = true): Uint8Array {
  return new ByteBuilder()
    .u32(nanoseconds ? MAGIC_NS : MAGIC_US)
    .u16(2)
    .u16(4)
    .u32(0)
    .u32(0)
    .u32(snaplen)
    .u32(linkType)
    .finish();
}

export function pcapRecord(epochNs: bigint, wireLen: number, bytes: Uint8Array, nanoseconds = true): Uint8Array {
  const fraction = Number(epochNs % 1_000_000_000n);
  return new ByteBuilder()
    .u32(Number(epochNs / 1_000_000_000n))
    .u32(nanoseconds ? fraction : Math.floor(fraction / 1000))
    .u32(bytes.length)
    .u32(wireLen)
    .raw(bytes)
    .finish();
}
