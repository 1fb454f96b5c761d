/** What the window and the command line ask of the session about maps. Text is ready to show; entries come in windows. */
import type { MapInfo, UpdateMode } from './workbench.ts';
import type { CType, CValue } from './workbench-api.ts';

/** A member that has a column of its own. */
export interface MapColumn {
  /** "key", "value.packets", "value.addr[2]". */
  path: string;
  label: string;
  /** As C writes it. */
  typeName: string;
  numeric: boolean;
  /** Of bit-fields: those that its bits would fill. */
  bytes: number;
}

export interface MapDetail {
  map: MapInfo;
  keyType: CType;
  valueType: CType;
  columns: MapColumn[];
  /** Values an entry: possible CPUs for per-CPU maps, else 1. */
  cpus: number;
  perCpu: boolean;
  /** What can be done with it. */
  can: { read: boolean; write: boolean; add: boolean; delete: boolean; push: boolean };
  /** Why something cannot be done, or where its types come from. */
  note?: string;
  /** Of ring buffers. */
  fill?: { waitingBytes: number; sizeBytes: number };
}

/** What a value names by a number. */
export interface MapReference {
  kind: 'program' | 'map' | 'interface';
  id: number;
  name: string;
}

export interface MapEntry {
  key: Uint8Array;
  value: Uint8Array;
  /** The key in one line; prefixes of LPM tries as 10.0.0.0/8. */
  keyText: string;
  keyValue: CValue;
  /** Per-CPU maps: the sum (numbers added up), and each CPU's. */
  valueValue: CValue;
  /** Text of each column. */
  cells: string[];
  /** Per-CPU maps: of each CPU. */
  cpuCells?: string[][];
  /** Columns that changed since the reading before, while watched; `added`: it was not there. */
  changed?: number[];
  added?: boolean;
  /** Per second, by column; null = no number, or it did not change. */
  rates?: (number | null)[];
  refers?: MapReference;
}

export interface MapWindow {
  id: number;
  start: number;
  /** Entries read so far; `complete` once all are, filtered and in order. */
  read: number;
  complete: boolean;
  /** Those that the filter lets through. */
  shown: number;
  rows: MapEntry[];
  /** When this reading of the map began, ms since the epoch. */
  readMs: number;
  /** What a map too large for memory leaves out. */
  note?: string;
}

export interface MapRowsQuestion {
  id: number;
  start: number;
  count: number;
  /** Path of a member ("key", "value.packets"). */
  sort?: string;
  descending?: boolean;
  filter?: string;
  /** The map is read again each second while this is asked. */
  watch?: boolean;
}

export interface MapDifference {
  keyText: string;
  before?: string;
  after?: string;
}

export interface MapApiMethods {
  'maps.list': [params: Record<string, never>, result: MapInfo[]];
  'maps.detail': [params: { id: number }, result: MapDetail];
  /** Reads in the background; asked again, there is more. */
  'maps.rows': [params: MapRowsQuestion, result: MapWindow];
  /** What was read is old: the next question reads again. */
  'maps.refresh': [params: { id: number }, result: Record<string, never>];
  'maps.set': [params: { id: number; key: CValue; value: CValue; mode: UpdateMode }, result: Record<string, never>];
  'maps.delete': [params: { id: number; key: CValue }, result: Record<string, never>];
  'maps.push': [params: { id: number; value: CValue }, result: Record<string, never>];
  'maps.pop': [params: { id: number }, result: { value: CValue | null }];
  /** Queues and stacks: any key peeks. */
  'maps.lookup': [params: { id: number; key: CValue }, result: { entry: MapEntry | null }];
  'maps.snapshot': [params: { id: number }, result: { snapshot: number; entries: number; takenMs: number }];
  /** With another snapshot, or with the map as it is now. `more`: differences that were left out. */
  'maps.compare': [
    params: { snapshot: number; with?: number },
    result: { rows: MapDifference[]; same: number; added: number; removed: number; changed: number; more: number },
  ];
  'maps.forget': [params: { snapshot: number }, result: Record<string, never>];
  /** In pieces: `next` is where the next one begins; absent = the end. */
  'maps.export': [
    params: { id: number; format: 'json' | 'csv'; start: number },
    result: { name: string; text: string; next?: number },
  ];
}
