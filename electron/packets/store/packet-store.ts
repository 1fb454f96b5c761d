/**
 * The column table of a capture: 28 bytes a packet, packet bytes stay in the file and are read when a row is shown.
 * Rows are 0-based here (frame number − 1). Append-only; `clear` starts over. It is a PacketSink, so a CaptureParser can
 * fill it directly; live batches come indexed through `appendIndexed`.
 */
import { EPB_HEADER } from '../pcap/pcapng-reader.ts';
import type { PacketSink } from '../pcap/types.ts';
import type { ByteSource } from './byte-source.ts';
import { Column } from './column.ts';
import type { BlockColumns } from './index-blocks.ts';

const NOTHING = new Uint8Array(0);

type Columns = PacketStore['columns'];
export type SharedChunks = { readonly [K in keyof Columns]: Columns[K]['chunks'] };

export class PacketStore implements PacketSink {
  #count = 0;
  #wireBytes = 0;
  readonly #source: ByteSource;
  readonly columns: {
    /** File offset of the packet's first byte. */
    readonly offset: Column<Float64Array>;
    readonly capLen: Column<Uint32Array>;
    readonly wireLen: Column<Uint32Array>;
    readonly interfaceId: Column<Uint16Array>;
    /** ns after `baseNs`. */
    readonly timeNs: Column<Float64Array>;
    readonly verdict: Column<Uint8Array>;
    readonly direction: Column<Uint8Array>;
  };
  /** Epoch ns that `timeNs` counts from: the first packet's. Whoever appends sets it. */
  baseNs: bigint | undefined;

  /** Whether other threads can be given the columns. */
  readonly shared: boolean;

  /** @param shared put the columns on SharedArrayBuffer, for scan workers. */
  constructor(source: ByteSource, shared = false) {
    this.#source = source;
    this.shared = shared;
    this.columns = {
      offset: new Column(Float64Array, shared),
      capLen: new Column(Uint32Array, shared),
      wireLen: new Column(Uint32Array, shared),
      interfaceId: new Column(Uint16Array, shared),
      timeNs: new Column(Float64Array, shared),
      verdict: new Column(Uint8Array, shared),
      direction: new Column(Uint8Array, shared),
    };
  }

  get count(): number {
    return this.#count;
  }
  /** Sum of wire lengths. */
  get wireBytes(): number {
    return this.#wireBytes;
  }
  get bytesPerPacket(): number {
    return Object.values(this.columns).reduce((sum, column) => sum + column.bytesPerRow, 0);
  }

  packet(
    fileOffset: number,
    capLen: number,
    wireLen: number,
    interfaceId: number,
    timeNs: number,
    verdict: number,
    direction: number,
  ): void {
    const row = this.#count;
    const { columns } = this;
    columns.offset.set(row, fileOffset);
    columns.capLen.set(row, capLen);
    columns.wireLen.set(row, wireLen);
    columns.interfaceId.set(row, interfaceId);
    columns.timeNs.set(row, timeNs);
    columns.verdict.set(row, verdict);
    columns.direction.set(row, direction);
    this.#wireBytes += wireLen;
    this.#count = row + 1;
  }

  /**
   * Appends `count` rows that `indexBlocks` found in bytes which lie at `fileOffset` of the file. Their times must be
   * relative to this store's `baseNs`.
   */
  appendIndexed(indexed: BlockColumns, count: number, fileOffset: number): void {
    const row = this.#count;
    const { columns } = this;
    columns.offset.setMany(row, indexed.offset, count, fileOffset + EPB_HEADER);
    columns.capLen.setMany(row, indexed.capLen, count);
    columns.wireLen.setMany(row, indexed.wireLen, count);
    columns.interfaceId.setMany(row, indexed.interfaceId, count);
    columns.timeNs.setMany(row, indexed.timeNs, count);
    columns.verdict.setMany(row, indexed.verdict, count);
    columns.direction.setMany(row, indexed.direction, count);
    for (let i = 0; i < count; i++) this.#wireBytes += indexed.wireLen[i]!;
    this.#count = row + count;
  }

  /** Rows that another thread stored in shared memory. `chunks`: those of each column that this one does not have yet. */
  adopt(chunks: SharedChunks, count: number, baseNs: bigint | undefined): void {
    for (const [name, more] of Object.entries(chunks))
      (this.columns[name as keyof SharedChunks].chunks as unknown[]).push(...more);
    this.#count = count;
    this.baseNs = baseNs;
  }

  /** For `adopt`: the chunks of each column from one on. */
  chunksFrom(first: number): SharedChunks {
    return Object.fromEntries(
      Object.entries(this.columns).map(([name, { chunks }]) => [name, chunks.slice(first)]),
    ) as unknown as SharedChunks;
  }

  offset(row: number): number {
    return this.columns.offset.get(row);
  }
  capLen(row: number): number {
    return this.columns.capLen.get(row);
  }
  wireLen(row: number): number {
    return this.columns.wireLen.get(row);
  }
  interfaceId(row: number): number {
    return this.columns.interfaceId.get(row);
  }
  /** ns after `baseNs`. */
  timeNs(row: number): number {
    return this.columns.timeNs.get(row);
  }
  verdict(row: number): number {
    return this.columns.verdict.get(row);
  }
  direction(row: number): number {
    return this.columns.direction.get(row);
  }

  /** Exact epoch ns. */
  epochNs(row: number): bigint {
    return (this.baseNs ?? 0n) + BigInt(Math.round(this.timeNs(row)));
  }

  /** Captured bytes of one packet; fewer when the source has lost its end. Rows outside the table give none. */
  packetBytes(row: number): Uint8Array {
    if (row < 0 || row >= this.#count) return NOTHING;
    return this.#source.read(this.offset(row), this.capLen(row));
  }

  clear(): void {
    for (const column of Object.values(this.columns)) column.chunks.length = 0;
    this.#count = 0;
    this.#wireBytes = 0;
    this.baseNs = undefined;
  }
}
