/**
 * Reads the file and finds its packets, for all threads: each piece into a slot of shared memory, with a row of numbers for each packet, the thread that
 * has it among them.
 */
import type { FileHandle } from 'node:fs/promises';
import { CaptureParser } from '../../packets/pcap/capture-parser.ts';
import { observedSide } from '../../packets/pcap/observed.ts';
import type { Damage, PacketSink } from '../../packets/pcap/types.ts';
import { shardOf } from '../../packets/state/address-pairs.ts';
import { Secrets } from '../../packets/state/secrets.ts';
import { HEADROOM, type News, type Slot, STRIDE } from './messages.ts';

/** Key logs in the capture, kept to be told. */
class SecretsHeard extends Secrets {
  readonly heard: Uint8Array[] = [];

  override add(log: Uint8Array): number {
    this.heard.push(log.slice());
    return super.add(log);
  }
}

export class PieceSource implements PacketSink {
  /** Packets of the piece that was read last, its slot's first byte in the file, and whether nothing comes behind it. */
  packets = 0;
  base = 0;
  over = false;
  readonly #secrets = new SecretsHeard();
  readonly #parser = new CaptureParser(this, this.#secrets);
  readonly #file: FileHandle | undefined;
  readonly #size: number;
  readonly #shards: number;
  /** Of the file: bytes that were asked for, and that were parsed. */
  #filled = 0;
  #at = 0;
  #slot!: Slot;
  /** Packets of all pieces before, and the first one behind the description of a second interface. */
  #before = 0;
  #severalFrom: number | undefined;
  /** What was told already. */
  #interfaces = 0;
  #baseNs: bigint | undefined;

  /** @param file read by position; not needed by who fills slots himself */
  constructor(file: FileHandle | undefined, size: number, shards: number) {
    this.#file = file;
    this.#size = size;
    this.#shards = shards;
  }

  get damage(): Damage | undefined {
    return this.#parser.damage;
  }

  /** Of the capture's only interface; -1 when there is none, or there are several. */
  get linkType(): number {
    const [only, another] = this.#parser.interfaces;
    return another ? -1 : (only?.linkType ?? -1);
  }

  /** Whether the capture has key logs so far. */
  get hasSecrets(): boolean {
    return this.#secrets.count > 0;
  }

  /** Reads the next bytes of the file into a slot, for `parse`; may be called again before that. Returns how many there are: 0 at the end. */
  async fill({ bytes }: Slot): Promise<number> {
    const from = this.#filled;
    const room = Math.min(bytes.length - HEADROOM, this.#size - from);
    this.#filled += room;
    for (let length = 0; length < room; ) {
      const { bytesRead } = await this.#file!.read(bytes, HEADROOM + length, room - length, from + length);
      if (bytesRead === 0) return length; // it became shorter
      length += bytesRead;
    }
    return room;
  }

  /** Finds the packets of the bytes that were filled in. Returns false where the threads cannot have them: one must go on. */
  parse(slot: Slot, length: number): boolean {
    const parser = this.#parser;
    this.#before += this.packets;
    this.packets = 0;
    if (parser.unfinished > HEADROOM) return false;
    this.#slot = slot;
    this.base = this.#at - HEADROOM;
    this.#at += length;
    if (length > 0) parser.push(slot.bytes.subarray(HEADROOM, HEADROOM + length), HEADROOM);
    else parser.end();
    this.over = length === 0 || parser.damage !== undefined;
    // What a program made of a packet may have other addresses than the packet had.
    return !parser.interfaces.slice(this.#interfaces).some(({ description }) => observedSide(description));
  }

  packet(
    offset: number,
    capLen: number,
    wireLen: number,
    interfaceId: number,
    timeNs: number,
    verdict: number,
    direction: number,
  ): void {
    const { rows, bytes, shards } = this.#slot;
    if (this.#parser.interfaces.length > 1) this.#severalFrom ??= this.#before + this.packets + 1;
    const at = this.packets * STRIDE;
    const start = offset - this.base;
    const linkType = this.#parser.interfaces[interfaceId]?.linkType ?? -1;
    rows[at] = start;
    rows[at + 1] = capLen;
    rows[at + 2] = wireLen;
    rows[at + 3] = interfaceId;
    rows[at + 4] = timeNs;
    rows[at + 5] = verdict;
    rows[at + 6] = direction;
    shards[this.packets++] = shardOf(bytes, start, start + capLen, linkType, this.#shards);
  }

  #several(): number {
    if (this.#parser.interfaces.length < 2) return Number.POSITIVE_INFINITY;
    this.#severalFrom ??= this.#before + this.packets + 1;
    return this.#severalFrom;
  }

  /** What there is to tell that was not told. */
  news(): News | undefined {
    const { interfaces, baseNs } = this.#parser;
    const { heard } = this.#secrets;
    if (interfaces.length === this.#interfaces && baseNs === this.#baseNs && heard.length === 0) return undefined;
    const severalFrom = this.#several();
    const news: News = {
      interfaces: interfaces.slice(this.#interfaces),
      severalFrom,
      baseNs,
      secrets: heard.splice(0),
    };
    this.#interfaces = interfaces.length;
    this.#baseNs = baseNs;
    return news;
  }
}
