/**
 * Reads a capture file of any supported format from chunks of any size. Invariants: never throws on what a file holds,
 * memory stays within one block (16 MiB) plus one chunk, packets are delivered once and in file order, and damage is data:
 * what came before it has been delivered, what comes after is ignored.
 */
import { Secrets } from '../state/secrets.ts';
import { BlockBuffer } from './block-buffer.ts';
import { PcapReader } from './pcap-reader.ts';
import { pcapMagic } from './pcap-variant.ts';
import { BLOCK_SHB, PcapngReader } from './pcapng-reader.ts';
import type { CaptureInterface, Damage, FileFormat, PacketSink } from './types.ts';

const NO_INTERFACES: readonly CaptureInterface[] = [];

export class CaptureParser {
  /** Where and why reading ended early. Set by `push` or `end`. */
  damage: Damage | undefined;
  /** Known after the first four bytes. */
  format: FileFormat | undefined;
  /** Key logs that came with the packets before what is read now. */
  readonly secrets: Secrets;
  readonly #sink: PacketSink;
  readonly #buffer = new BlockBuffer();
  #reader: PcapReader | PcapngReader | undefined;

  constructor(sink: PacketSink, secrets = new Secrets()) {
    this.#sink = sink;
    this.secrets = secrets;
  }

  get interfaces(): readonly CaptureInterface[] {
    return this.#reader?.interfaces ?? NO_INTERFACES;
  }

  /** Epoch ns of the first packet; packets' times are relative to it. Undefined until a packet with a time came. */
  get baseNs(): bigint | undefined {
    return this.#reader?.clock.baseNs;
  }

  /** Bytes of a block or record whose rest has not come yet. */
  get unfinished(): number {
    return this.#buffer.available;
  }

  /** The program that wrote the file, as its section header says. */
  get application(): string | undefined {
    return this.#reader instanceof PcapngReader ? this.#reader.application : undefined;
  }

  /**
   * Takes the next bytes of the file. Of a chunk whose end cuts a block that part is needed until the next call.
   * @param headroom bytes in front of `chunk` in its memory that may be written over; spares a copy
   */
  push(chunk: Uint8Array, headroom = 0): void {
    if (this.damage || chunk.length === 0) return;
    this.#buffer.push(chunk, headroom);
    if (!this.#reader && !this.#detect()) return;
    const reason = this.#reader!.read(this.#buffer);
    if (reason) this.damage = { offset: this.#buffer.fileOffset, reason };
  }

  /** The file is over. Bytes that do not make up a whole block or record are damage. */
  end(): void {
    if (this.damage) return;
    const buffer = this.#buffer;
    if (!this.#reader) {
      const size = buffer.available;
      this.damage = { offset: 0, reason: size === 0 ? 'the file is empty' : `the file is too short (${size} bytes)` };
    } else if (buffer.missing > 0) {
      const { skipping } = buffer;
      this.damage = {
        offset: skipping.from,
        reason: `the file is cut short: a block of ${skipping.length} bytes lacks its last ${buffer.missing}`,
      };
    } else if (buffer.available > 0 || (this.format === 'pcap' && this.interfaces.length === 0)) {
      this.damage = { offset: buffer.fileOffset, reason: 'the file is cut short in the middle of a packet or block' };
    }
  }

  /** What comes next cannot be had: what it was read from is damaged. */
  fail(reason: string): void {
    this.damage ??= { offset: this.#buffer.fileOffset + this.#buffer.available, reason };
  }

  #detect(): boolean {
    const { view, at, available } = this.#buffer;
    if (available < 4) return false;
    if (view.getUint32(at, true) === BLOCK_SHB) {
      this.format = 'pcapng';
      this.#reader = new PcapngReader(this.#sink, this.secrets);
    } else if (pcapMagic(view, at)) {
      this.format = 'pcap';
      this.#reader = new PcapReader(this.#sink);
    } else {
      this.damage = { offset: 0, reason: 'this is not a pcap or pcapng file' };
      return false;
    }
    return true;
  }
}
