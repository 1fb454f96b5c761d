/**
 * Several captures as one pcapng, by time, as mergecap does: of the packets that stand at the heads of the files the earliest goes next. Interfaces of
 * each file stay apart and say which file they are of; names, secrets and custom blocks go along, ahead of the packets they were read with, but for those
 * that are not to be copied. What cannot go along is told.
 * Memory is a piece or two of each file.
 */
import '../platform.ts';
import { BlockBuffer } from '../../packets/pcap/block-buffer.ts';
import { CaptureParser } from '../../packets/pcap/capture-parser.ts';
import { withInterfaceComment } from '../../packets/pcap/comment.ts';
import { littleEndian } from '../../packets/pcap/little-endian.ts';
import { isLocalBlock, withoutLocalOptions } from '../../packets/pcap/local-parts.ts';
import {
  BLOCK_EPB,
  BLOCK_IDB,
  BLOCK_ISB,
  BLOCK_PB,
  BLOCK_SHB,
  BLOCK_SPB,
  BYTE_ORDER_MAGIC,
} from '../../packets/pcap/pcapng-reader.ts';
import type { Damage, PacketSink } from '../../packets/pcap/types.ts';
import { enhancedPacket, interfaceDescription, sectionHeader } from '../../packets/pcap/writer.ts';
import { XdpeekError } from '../../shared/errors.ts';
import { isUnpacking } from './unpack.ts';

export interface MergeInput {
  /** As it is told: the file's name, never its folder. */
  name: string;
  pieces: AsyncIterable<Uint8Array>;
}

export interface MergeReport {
  /** An interface was written; the next id is its. */
  onInterface?(file: string): void;
  /** A file ends early; what came before the damage is there. */
  onDamage?(file: string, damage: Damage): void;
  /** Blocks that are no packets could not be taken along; told once a file, at its end. */
  onLeftOut?(file: string, why: string): void;
}

const PIECE_BYTES = 1 << 18;
/** Blocks that are longer are left out. */
const MAX_BLOCK = 64 << 20;
const TIME_AT = 12;

export async function* merged(inputs: readonly MergeInput[], report: MergeReport = {}): AsyncGenerator<Uint8Array> {
  const out = new Pieces();
  const ids = { next: 0 };
  out.add(sectionHeader({ application: 'xdpeek', comment: madeOf(inputs) }));
  const files = inputs.map((input) => new Input(input, ids, report));
  // All interfaces that stand in front of the first packets come first.
  for (const file of files) {
    await file.fill();
    for (const block of file.others.splice(0)) out.add(block);
  }
  for (const file of files) file.mustBeCapture();
  const shift = files.find(({ baseNs }) => baseNs !== undefined)?.baseNs ?? 0n;
  for (;;) {
    let first: Input | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const file of files) {
      while (!file.ended && file.atPacket === undefined) await file.fill();
      for (const block of file.others.splice(0)) out.add(block);
      if (file.atPacket === undefined) continue;
      const at = file.timeAfter(shift);
      if (first && at >= least) continue;
      first = file;
      least = at;
    }
    if (!first) break;
    out.add(first.take());
    if (out.bytes >= PIECE_BYTES) yield out.piece();
  }
  for (const file of files) for (const block of file.statistics) out.add(block);
  yield out.piece();
}

function madeOf(inputs: readonly MergeInput[]): string {
  return ['Merged by time from:', ...inputs.map(({ name }) => name)].join('\n');
}

class Pieces {
  bytes = 0;
  #parts: Uint8Array[] = [];

  add(part: Uint8Array): void {
    this.#parts.push(part);
    this.bytes += part.length;
  }

  piece(): Uint8Array {
    const whole = new Uint8Array(this.bytes);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    this.#parts = [];
    this.bytes = 0;
    return whole;
  }
}

interface Row {
  offset: number;
  capLen: number;
  wireLen: number;
  interfaceId: number;
  timeNs: number;
  direction: number;
}

/** One file: its blocks as they are for the merged one, little-endian and with the ids of that. */
class Input implements PacketSink {
  /** Blocks of the last piece that are no packets. They have to be written before another file is read: ids follow that order. */
  readonly others: Uint8Array[] = [];
  /** Interface statistics: they belong to the end. */
  readonly statistics: Uint8Array[] = [];
  ended = false;
  readonly #name: string;
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #ids: { next: number };
  readonly #report: MergeReport;
  readonly #parser = new CaptureParser(this);
  readonly #buffer = new BlockBuffer();
  /** Interface of this file → of the merged one. */
  readonly #map: number[] = [];
  #sectionBase = 0;
  #little = true;
  /** Packets of the last piece, and what is left of them. */
  #rows: Row[] = [];
  #row = 0;
  /** Of a pcap: file bytes around the last piece, for packets that it completed. */
  #window: Uint8Array = new Uint8Array(0);
  #windowAt = 0;
  /** Blocks left out: too long, and by type those that cannot be turned round. */
  #tooLong = 0;
  readonly #foreign = new Map<number, number>();
  #queue: { block: Uint8Array; timeNs: number }[] = [];
  #head = 0;
  /** Why it could not be read on. */
  #failure: XdpeekError | undefined;

  constructor({ name, pieces }: MergeInput, ids: { next: number }, report: MergeReport) {
    this.#name = name;
    this.#source = pieces[Symbol.asyncIterator]();
    this.#ids = ids;
    this.#report = report;
  }

  get baseNs(): bigint | undefined {
    return this.#parser.baseNs;
  }
  get atPacket(): { block: Uint8Array; timeNs: number } | undefined {
    return this.#queue[this.#head];
  }

  timeAfter(shift: bigint): number {
    return Number((this.baseNs ?? 0n) - shift) + (this.atPacket?.timeNs ?? 0);
  }

  /** Throws FORMAT when there is nothing in it that could be merged. */
  mustBeCapture(): void {
    const { damage, interfaces } = this.#parser;
    if (!damage || interfaces.length > 0 || this.#queue.length > 0) return;
    if (this.#failure && !isUnpacking(this.#failure)) throw this.#failure;
    throw new XdpeekError({
      code: 'FORMAT',
      message: `${this.#name} cannot be opened: ${damage.reason}`,
      tried: `open ${this.#name}`,
      hint: 'xdpeek reads pcapng and pcap files, also compressed by gzip, zstd or LZ4.',
    });
  }

  take(): Uint8Array {
    return this.#queue[this.#head++]!.block;
  }

  packet(
    offset: number,
    capLen: number,
    wireLen: number,
    interfaceId: number,
    timeNs: number,
    _verdict: number,
    direction: number,
  ): void {
    this.#rows.push({ offset, capLen, wireLen, interfaceId, timeNs, direction });
  }

  /** Reads on: until there is a packet, or the end. */
  async fill(): Promise<void> {
    if (this.ended || this.#head < this.#queue.length) return;
    this.#queue = [];
    this.#head = 0;
    this.#rows = [];
    this.#row = 0;
    const { value, done } = await this.#next();
    if (done) return this.#end();
    this.#parser.push(value);
    if (this.#parser.format === 'pcap') this.#pcap(value);
    else this.#pcapng(value);
    if (this.#parser.damage) this.#end();
  }

  async #next(): Promise<{ value: Uint8Array; done: false } | { value: undefined; done: true }> {
    try {
      const next = await this.#source.next();
      return next.done ? { value: undefined, done: true } : { value: next.value, done: false };
    } catch (error) {
      if (error instanceof XdpeekError) this.#failure = error;
      this.#parser.damage = { offset: this.#windowAt + this.#window.length, reason: (error as Error).message };
      return { value: undefined, done: true };
    }
  }

  #end(): void {
    this.ended = true;
    this.#parser.end();
    if (this.#parser.damage) this.#report.onDamage?.(this.#name, this.#parser.damage);
    for (const why of this.#leftOut()) this.#report.onLeftOut?.(this.#name, why);
    void this.#source.return?.();
  }

  *#leftOut(): Generator<string> {
    const blocks = (count: number) => (count === 1 ? '1 block' : `${count} blocks`);
    for (const [type, count] of this.#foreign)
      yield `${blocks(count)} of type 0x${type.toString(16).padStart(8, '0')}, in big-endian order and of a kind whose numbers are not known`;
    if (this.#tooLong > 0) yield `${blocks(this.#tooLong)} of more than ${MAX_BLOCK >> 20} MiB`;
  }

  #describe(block: Uint8Array): Uint8Array {
    this.#map.push(this.#ids.next++);
    this.#report.onInterface?.(this.#name);
    return withInterfaceComment(block, `From ${this.#name}`);
  }

  #pcapng(piece: Uint8Array): void {
    const buffer = this.#buffer;
    buffer.push(piece);
    while (buffer.missing === 0 && buffer.available >= 12) {
      const { view, at } = buffer;
      if (view.getUint32(at, true) === BLOCK_SHB) this.#little = view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC;
      const type = view.getUint32(at, this.#little);
      const length = view.getUint32(at + 4, this.#little);
      if (length < 12 || length % 4 !== 0) break;
      if (length > MAX_BLOCK || isLocalBlock(type)) {
        if (length > MAX_BLOCK) this.#tooLong++;
        buffer.skip(length);
        continue;
      }
      if (buffer.available < length) break;
      const bytes = buffer.bytes.slice(at, at + length);
      buffer.at += length;
      if (type === BLOCK_SHB) {
        this.#sectionBase = this.#map.length;
        continue;
      }
      const turned = this.#little ? bytes : littleEndian(bytes);
      if (!turned) {
        this.#foreign.set(type, (this.#foreign.get(type) ?? 0) + 1);
        continue;
      }
      const block = withoutLocalOptions(turned, true);
      if (type === BLOCK_EPB || type === BLOCK_PB || type === BLOCK_SPB) {
        const row = this.#rows[this.#row++];
        if (!row) break; // the parser stopped at damage
        this.#queue.push({ block: this.#packetBlock(block, type, row), timeNs: row.timeNs });
      } else if (type === BLOCK_IDB) this.others.push(this.#describe(block));
      else if (type === BLOCK_ISB) this.#count(block);
      else this.others.push(block);
    }
  }

  #packetBlock(block: Uint8Array, type: number, row: Row): Uint8Array {
    const id = this.#map[row.interfaceId] ?? 0;
    const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
    if (type === BLOCK_SPB) return this.#made(block.subarray(TIME_AT, TIME_AT + row.capLen), row, id);
    view.setUint32(0, BLOCK_EPB, true);
    view.setUint32(8, id, true);
    return block;
  }

  #count(block: Uint8Array): void {
    const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
    const id = this.#map[this.#sectionBase + view.getUint32(8, true)];
    if (id === undefined) return;
    view.setUint32(8, id, true);
    this.statistics.push(block);
  }

  #pcap(piece: Uint8Array): void {
    const on = this.#parser.interfaces[0];
    if (on && this.#map.length === 0)
      this.others.push(this.#describe(interfaceDescription({ linkType: on.linkType, snaplen: on.snaplen })));
    const last = this.#rows.at(-1);
    const whole = new Uint8Array(this.#window.length + piece.length);
    whole.set(this.#window);
    whole.set(piece, this.#window.length);
    for (const row of this.#rows) {
      const start = row.offset - this.#windowAt;
      const bytes = whole.subarray(start, start + row.capLen);
      this.#queue.push({ block: this.#made(bytes, row, this.#map[0] ?? 0), timeNs: row.timeNs });
    }
    const used = last ? last.offset + last.capLen - this.#windowAt : 0;
    this.#window = whole.subarray(used);
    this.#windowAt += used;
  }

  /** A packet that had no enhanced block. Its interface's times are in ns, or the packet has none of its own. */
  #made(bytes: Uint8Array, { wireLen, timeNs, interfaceId, direction }: Row, id: number): Uint8Array {
    const epochNs = (this.baseNs ?? 0n) + BigInt(Math.round(timeNs));
    const on = this.#parser.format === 'pcap' ? undefined : this.#parser.interfaces[interfaceId];
    const ticks = on ? ((epochNs - on.offsetSeconds * 1_000_000_000n) * on.ticksPerSecond) / 1_000_000_000n : epochNs;
    return enhancedPacket({ interfaceId: id, epochNs: ticks, wireLen, bytes, ...(direction !== 0 && { direction }) });
  }
}
