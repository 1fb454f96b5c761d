/**
 * The packets that a session shows, wherever they come from: a live capture's spool, an opened file, or nothing yet. One at a
 * time; whoever replaces it disposes of it.
 */

import '../platform.ts';
import type { CaptureInterface } from '../../packets/pcap/types.ts';
import { PacketStore } from '../../packets/store/packet-store.ts';
import type { AttachmentInfo, CaptureCounters, CaptureOptions, CaptureStatus } from '../../shared/capture.ts';
import { ZERO_COUNTERS } from '../../shared/capture.ts';
import { FlowColumns } from '../measures/flow-columns.ts';
import { FlowTable } from '../measures/flow-table.ts';
import type { Measures } from '../measures/measures.ts';
import { AnalysedTable } from '../rows.ts';

export interface SavedCapture {
  /** Complete as of the call. */
  readonly pcapng: AsyncIterable<Uint8Array>;
  /** Whole blocks from end to end, to be copied as they are. */
  readonly verbatim: boolean;
  /** As the file describes them. */
  readonly interfaces?: readonly CaptureInterface[];
}

export interface CaptureData {
  readonly source: CaptureStatus['source'];
  readonly table: AnalysedTable;
  readonly measures: Measures;
  readonly counters: CaptureCounters;
  readonly attachments: AttachmentInfo[];
  /** CaptureStatus.notices. */
  readonly notices: readonly string[];
  readonly options?: CaptureOptions;
  /** Wall clock, ns since the epoch, decimal. */
  readonly startedNs?: string;
  readonly stoppedNs?: string;
  /** To show: never a path. */
  readonly fileName?: string;
  readonly fileBytes: number;
  readonly pps: number;
  readonly bitsPerSecond: number;
  /** Of a file that is being opened: bytes of it that were read. */
  readonly reading?: { readonly done: number; readonly total: number };
  /** The capture as it can be saved now; undefined when there is nothing to save. */
  save(): SavedCapture | undefined;
  dispose(): Promise<void>;
}

const NOTHING = { read: () => new Uint8Array(0) };

export function noData(): CaptureData {
  return {
    source: 'none',
    table: new AnalysedTable({ store: new PacketStore(NOTHING), source: NOTHING, pcapng: false, interfaces: [] }),
    measures: {
      flows: new FlowTable(new FlowColumns(), () => ''),
      chart: () => ({ timeMs: [], stepMs: 1000, keys: [], pps: [], bitsPerSecond: [] }),
      statistics: () => ({ periodNs: 0, byVerdict: [], byProtocol: [], bySize: [], perCpu: [] }),
    },
    counters: ZERO_COUNTERS,
    attachments: [],
    notices: [],
    fileBytes: 0,
    pps: 0,
    bitsPerSecond: 0,
    save: () => undefined,
    dispose: async () => {},
  };
}
