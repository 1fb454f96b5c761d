/**
 * What reading a capture file yields, format by format alike. Interfaces are numbered over the whole file (sections
 * continue the count), so a packet's interface id indexes `CaptureParser.interfaces` directly.
 */
export type FileFormat = 'pcap' | 'pcapng';

export interface CaptureInterface {
  /** Index over the whole file. */
  id: number;
  /** LINKTYPE_* value. */
  linkType: number;
  /** Bytes; 0 = no limit stated. */
  snaplen: number;
  name?: string;
  description?: string;
  os?: string;
  hardware?: string;
  filter?: string;
  /** Ticks a second of this interface's timestamps. */
  ticksPerSecond: bigint;
  /** if_tsoffset, seconds. */
  offsetSeconds: bigint;
  /** From interface statistics blocks, decimal; the last one seen. */
  statistics?: InterfaceStatistics;
}

export interface InterfaceStatistics {
  received?: string;
  dropped?: string;
  osDropped?: string;
  delivered?: string;
  comment?: string;
}

/** pcapng direction bits of epb_flags. */
export const DIRECTION_NONE = 0;
export const DIRECTION_IN = 1;
export const DIRECTION_OUT = 2;

/** `verdict` column: index into XDP_VERDICTS, or this. */
export const VERDICT_NONE = 255;

/** Takes packets in file order. Called synchronously from `push`; must not throw. */
export interface PacketSink {
  /**
   * @param fileOffset of the packet's first byte in the file
   * @param capLen,wireLen bytes
   * @param interfaceId index into the parser's `interfaces`
   * @param timeNs ns after the parser's `baseNs` (negative where time runs backwards; a packet without a time
   *   has that of the packet before it)
   * @param verdict index into XDP_VERDICTS or VERDICT_NONE
   * @param direction 0 none, 1 in, 2 out
   */
  packet(
    fileOffset: number,
    capLen: number,
    wireLen: number,
    interfaceId: number,
    timeNs: number,
    verdict: number,
    direction: number,
  ): void;
}

/** The file stops making sense at `offset`. Everything before it is good and has been delivered. */
export interface Damage {
  offset: number;
  /** One plain sentence. */
  reason: string;
}
