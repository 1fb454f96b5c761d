/**
 * Chosen packets of a capture as a file's bytes. pcapng is the capture's own blocks, copied: interfaces, options, names, secrets and custom
 * blocks stay, packets that are not chosen are left out, comments are those that people wrote last. Where something changes, custom blocks and options that
 * are not to be copied are left out. pcap has only packets, of one link type.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BlockCopier, type Fate } from '../../packets/pcap/block-copier.ts';
import { pcapHeader } from '../../packets/pcap/writer.ts';
import type { PacketStore } from '../../packets/store/packet-store.ts';
import { XdpeekError } from '../../shared/errors.ts';
import type { ExportFormat } from '../../shared/export.ts';
import type { SavedCapture } from '../data/capture-data.ts';
import type { AnalysedTable } from '../rows.ts';

/** Rows, 0-based. */
export interface Chosen {
  readonly count: number;
  /** Every row there is. */
  readonly all?: true;
  has(row: number): boolean;
}

export interface ExportSource {
  readonly table: AnalysedTable;
  readonly saved: SavedCapture;
  /** Rows that it has. */
  readonly rows: number;
}

export interface ExportWork {
  readonly signal: AbortSignal;
  /** Rows that were passed so far. */
  onRows(done: number): void;
}

const BATCH_BYTES = 1 << 18;
const NS = 1_000_000_000n;
const ROWS_A_STEP = 1024;
const RECORD_HEADER = 16;

export function exported(
  source: ExportSource,
  chosen: Chosen,
  format: ExportFormat,
  work: ExportWork,
): AsyncGenerator<Uint8Array> {
  return batched(format === 'pcapng' ? pcapngOf(source, chosen, work) : pcapOf(source, chosen, format, work), work);
}

/** In pieces that are worth a write, giving way between them. Ends with the reason when the work is cancelled. */
async function* batched(parts: AsyncIterable<Uint8Array>, { signal }: ExportWork): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of parts) {
    held.push(part);
    bytes += part.length;
    if (bytes < BATCH_BYTES) continue;
    signal.throwIfAborted();
    yield Buffer.concat(held);
    held = [];
    bytes = 0;
    await nextTurn();
  }
  signal.throwIfAborted();
  if (bytes > 0) yield Buffer.concat(held);
}

async function* pcapngOf(source: ExportSource, chosen: Chosen, work: ExportWork): AsyncGenerator<Uint8Array> {
  const { table, rows, saved } = source;
  const { comments } = table.annotations;
  if (chosen.all && saved.verbatim && comments.size === 0) {
    yield* saved.pcapng;
    return;
  }
  const copier = new BlockCopier(chosen.all === true && comments.size === 0);
  let row = 0;
  const fate = (): Fate => {
    const at = row++;
    if (at >= rows || !chosen.has(at)) return false;
    const comment = comments.get(at);
    return comment === undefined ? true : { comment, ticks: ticksOf(source, at), capLen: table.store.capLen(at) };
  };
  for await (const piece of saved.pcapng) {
    yield* copier.push(piece, fate);
    work.onRows(Math.min(row, rows));
  }
}

function ticksOf({ table, saved }: ExportSource, row: number): bigint {
  const on = saved.interfaces?.[table.store.interfaceId(row)];
  const epochNs = table.store.epochNs(row);
  return on ? ((epochNs - on.offsetSeconds * NS) * on.ticksPerSecond) / NS : epochNs;
}

async function* pcapOf(
  { table, rows }: ExportSource,
  chosen: Chosen,
  format: ExportFormat,
  work: ExportWork,
): AsyncGenerator<Uint8Array> {
  const { store, interfaces } = table;
  const nanoseconds = format === 'pcap-ns';
  let linkType: number | undefined;
  for (let row = 0; row < rows; ) {
    work.onRows(row);
    work.signal.throwIfAborted();
    const records: number[] = [];
    let size = 0;
    for (const end = Math.min(rows, row + ROWS_A_STEP); row < end; row++) {
      if (!chosen.has(row)) continue;
      const own = interfaces[store.interfaceId(row)]?.linkType ?? 1;
      if (linkType === undefined) {
        linkType = own;
        yield pcapHeader(linkType, undefined, nanoseconds);
      } else if (own !== linkType) throw severalLinkTypes();
      records.push(row);
      size += RECORD_HEADER + store.capLen(row);
    }
    if (records.length > 0) yield pcapRecords(store, records, size, nanoseconds);
    else await nextTurn();
  }
  if (linkType === undefined) yield pcapHeader(interfaces[0]?.linkType ?? 1, undefined, nanoseconds);
  work.onRows(rows);
}

/** Many at once, straight into one buffer. Bytes that the source has lost are zero. */
function pcapRecords(store: PacketStore, rows: readonly number[], size: number, nanoseconds: boolean): Uint8Array {
  const out = new Uint8Array(size);
  const view = new DataView(out.buffer);
  let at = 0;
  for (const row of rows) {
    const epochNs = store.epochNs(row);
    const fraction = Number(epochNs % NS);
    const capLen = store.capLen(row);
    view.setUint32(at, Number(epochNs / NS), true);
    view.setUint32(at + 4, nanoseconds ? fraction : Math.floor(fraction / 1000), true);
    view.setUint32(at + 8, capLen, true);
    view.setUint32(at + 12, store.wireLen(row), true);
    out.set(store.packetBytes(row), at + RECORD_HEADER);
    at += RECORD_HEADER + capLen;
  }
  return out;
}

function severalLinkTypes(): XdpeekError {
  return new XdpeekError({
    code: 'EINVAL',
    message: 'these packets are of several link types, and a pcap file holds one',
    hint: 'Write pcapng, or choose the packets of one interface: frame.interface_id == 0.',
  });
}
