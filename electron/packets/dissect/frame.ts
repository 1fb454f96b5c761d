/** The frame: what is known about a packet besides its bytes. Field names are Wireshark's `frame.*`. */
import type { PacketOptions } from '../pcap/packet-options.ts';

export interface FrameInfo {
  /** 1-based. */
  number: number;
  epochNs: bigint;
  /** ns since the first packet. */
  timeNs: number;
  /** ns since the packet before; 0 for the first. */
  deltaNs?: number;
  /** ns since the packet shown before; 0 for the first. */
  deltaShownNs?: number;
  /** ns since the packet that times count from; absent: the first. */
  sinceReferenceNs?: number;
  /** Times count from this packet on. */
  reference?: boolean;
  marked?: boolean;
  interfaceId: number;
  interfaceName?: string;
  interfaceDescription?: string;
  /** Options of its pcapng block (readPacketOptions). */
  options?: PacketOptions;
}
