/** What of a capture is written into another file, and how. */
import type { SortedAs } from './sort.ts';

export type PacketChoice =
  /** What a display filter lets through; '' = everything. A flow or a stream is a filter. */
  | { of: 'filter'; filter: string }
  | { of: 'marked' }
  /** Rows of the list under a filter, 0-based, both ends included; of a sorted list with its order. They are written in the order of the capture. */
  | { of: 'rows'; filter: string; first: number; last: number; sort?: SortedAs };

export const EXPORT_FORMATS = ['pcapng', 'pcap', 'pcap-ns'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
export const EXPORT_PACKINGS = ['none', 'gz', 'zst'] as const;
export type ExportPacking = (typeof EXPORT_PACKINGS)[number];

export interface ExportRequest {
  packets: PacketChoice;
  /** pcap has microseconds, pcap-ns nanoseconds. */
  format: ExportFormat;
  packing: ExportPacking;
}

/** ".pcapng", ".pcap.gz". */
export function extensionOf({ format, packing }: Pick<ExportRequest, 'format' | 'packing'>): string {
  return `${format === 'pcapng' ? '.pcapng' : '.pcap'}${packing === 'none' ? '' : `.${packing}`}`;
}

/** A file that is being written. */
export interface TransferStatus {
  /** Name only. */
  name: string;
  /** looking: which packets it will have is being found out. */
  phase: 'looking' | 'writing';
  /** Packets that were passed, of all. */
  done: number;
  total: number;
}

/** What an export would write, as far as it is known. */
export interface ExportPlan {
  packets: number;
  /** Packets that were looked at; fewer than `total` = ask again. */
  scanned: number;
  total: number;
  /** Of the capture's interfaces; pcap takes one. */
  linkTypes: number;
}
