/** The export dialog: whether it is open and what it begins with; and which packets are chosen in the list now. */
import { create } from 'zustand';
import type { SortedAs } from '../../electron/shared/sort.ts';
import { useSession } from './session.ts';

/** Rows of the list under its filter and in its order, 0-based, both ends included. */
export interface ChosenRows {
  filter: string;
  /** Absent: in the order of the capture. */
  sort?: SortedAs;
  first: number;
  last: number;
}

export interface ExportState {
  open: boolean;
  /** A flow or a stream that was asked for: what it is called, and its filter. */
  flow: { title: string; filter: string } | undefined;
  /** Of the packet list. */
  chosen: ChosenRows | undefined;
}

export const useExport = create<ExportState>(() => ({ open: false, flow: undefined, chosen: undefined }));

/** @param flow its packets are proposed, not what is displayed */
export function askExport(flow?: ExportState['flow']): void {
  useExport.setState({ open: true, flow });
}

export function setChosenRows(chosen: ChosenRows | undefined): void {
  useExport.setState({ chosen });
}

/** A file's name without what says its format; "a.pcap and 2 others" is "a-merged". */
export function stemOf(name: string): string {
  const first = name.replace(/ and \d+ others?$/, '');
  if (first !== name) return `${stemOf(first)}-merged`;
  return name.replace(/(?:\.(?:gz|zst|lz4))?$/i, '').replace(/\.(?:pcapng|pcap|cap|ntar|dmp)$/i, '') || 'capture';
}

/** A name to begin with: the opened file's, or the interface's. */
export function exportStem(what: string): string {
  const { source, fileName, options } = useSession.getState().status;
  const from = source === 'file' && fileName ? stemOf(fileName) : `xdpeek-${options?.targets[0]?.ifname ?? 'capture'}`;
  return `${from}-${what}`.replace(/[^\p{L}\p{N}._]+/gu, '-').slice(0, 120);
}
