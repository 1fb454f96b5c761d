/**
 * Reads the file and finds its packets, for all threads: each piece into a slot of shared memory, with a row of numbers for each packet, the thread that
 * has it among them.
 */
import { readSync } from 'node:fs';
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
  /** Packets of the piece that was read last. */
  packets = 0;
  /** Nothing comes behind that piece. */
  over = false;
  readonly #secrets = new SecretsHeard();
  readonly #parser = new CaptureParser(this, this.#secrets);
  readonly #fd: number;
  readonly #size: number;
  readonly #shards: number;
  #at = 0;
  #slot!: Slot;
  /** File offset of the slot's first byte. */
  #base = 0;
  /** What was told already. */
  #interfaces = 0;
  #baseNs: bigint | undefined;

  /** @param fd open in this process; read by position */
  constructor(fd: number, size: number, shards: number) {
    this.#fd = fd;
    this.#size = size;
    this.#shards = shards;
  }

  get damage(): Damage | undefined {
    return this.#parser.damage;
  }

  /** Reads the next piece. Returns false where the threads cannot have it: one must go on. */
  read(slot: Slot): boolean {
    const parser = this.#parser;
    this.packets = 0;
    if (parser.unfinished > HEADROOM) return false;
    const room = Math.min(slot.bytes.length - HEADROOM, this.#size - this.#at);
    const length = readSync(this.#fd, slot.bytes, HEADROOM, room, this.#at);
    this.#slot = slot;
    this.#base = this.#at - HEADROOM;
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
    const at = this.packets * STRIDE;
    const start = offset - this.#base;
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

  /** What there is to tell that was not told. */
  news(): News | undefined {
    const { interfaces, baseNs } = this.#parser;
    const { heard } = this.#secrets;
    if (interfaces.length === this.#interfaces && baseNs === this.#baseNs && heard.length === 0) return undefined;
    const news: News = { interfaces: interfaces.slice(this.#interfaces), baseNs, secrets: heard.splice(0) };
    this.#interfaces = interfaces.length;
    this.#baseNs = baseNs;
    return news;
  }
}
