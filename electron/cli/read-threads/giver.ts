/**
 * Reads the file piece by piece, ahead of the printing: the addon writes the lines that it can, on a thread of its own, and the other packets are given to the
 * threads.
 */
import { Gate } from './gate.ts';
import { GIVEN, NATIVE, type News, newsAt, packetsAt, SLOTS, type Slot } from './messages.ts';
import { LINK_TYPES, type NativeLines, type Place, pastOf } from './native-lines.ts';
import type { PieceSource } from './piece-source.ts';
import type { Shard } from './shard.ts';

/** A piece that was read and is not given yet. */
interface Read {
  slot: number;
  place: Place;
  news: Omit<News, 'past'> | undefined;
  /** What the addon can do with it: all, nothing, or nothing because of secrets that may be for packets it has printed. */
  native: 'all' | 'none' | 'secret';
}

/** Of a thread, what the giver needs. */
type Told = Pick<Shard, 'tell'>;

const NOTHING = new Float64Array(0);

export class Giver {
  /** Pieces that were given to the threads; closed behind the last one. */
  readonly given = new Gate();
  /** Pieces that were printed: their slots are free again. */
  readonly printed = new Gate();
  /** One thread must go on behind the last piece. */
  beyond = false;
  readonly #source: PieceSource;
  readonly #slots: readonly Slot[];
  readonly #control: Int32Array;
  readonly #shards: readonly Told[];
  readonly #native: NativeLines | undefined;
  /** Packets of the pieces that were read. */
  #read = 0;
  /** A piece cannot be given, and so none behind it. */
  #isLost = false;
  /** What the threads were told last. */
  #baseNs: bigint | undefined;
  #severalFrom = Number.POSITIVE_INFINITY;

  constructor(
    source: PieceSource,
    slots: readonly Slot[],
    control: Int32Array,
    shards: readonly Told[],
    native: NativeLines | undefined,
  ) {
    this.#source = source;
    this.#slots = slots;
    this.#control = control;
    this.#shards = shards;
    this.#native = native;
  }

  /** Gives all pieces, or those in front of the one that the threads cannot have. */
  async run(stop: AbortSignal): Promise<void> {
    let given = Promise.resolve();
    let filling = this.#fill(0);
    try {
      for (let pieces = 0; ; pieces++) {
        const length = await filling;
        if (length === undefined || this.printed.isClosed || stop.aborted) break;
        // Three at once: one is read, one is looked through here, one is printed by the addon.
        filling = this.#fill(pieces + 1);
        const piece = this.#parse(pieces % SLOTS, length);
        if (!piece) break;
        const printed = this.#print(piece, given);
        given = given.then(() => this.#give(piece, printed));
        // Nothing is printed any more that would make room: nobody may wait for it.
        given.catch(() => this.printed.close());
        if (this.#source.over) break;
      }
      await given;
    } finally {
      this.printed.close();
      await filling; // into our memory
      this.given.close();
    }
  }

  /** As soon as the slot is free. Returns bytes; undefined where nobody wants more, or they cannot be had. */
  async #fill(piece: number): Promise<number | undefined> {
    const isFree = await this.printed.reaches(piece + 1 - SLOTS);
    if (!isFree) return undefined;
    try {
      return await this.#source.fill(this.#slots[piece % SLOTS]!);
    } catch {
      this.beyond = true; // whoever reads it next will tell
      return undefined;
    }
  }

  #parse(slot: number, length: number): Read | undefined {
    const source = this.#source;
    const before = this.#read;
    if (this.beyond) return undefined;
    this.beyond = !source.parse(this.#slots[slot]!, length);
    if (this.beyond) return undefined;
    this.#read += source.packets;
    const { linkType } = source;
    const native = source.hasSecrets ? 'secret' : LINK_TYPES.includes(linkType) ? 'all' : 'none';
    const place = { packets: source.packets, before, offset: source.base, linkType };
    return { slot, place, news: source.news(), native };
  }

  /** @param printed what #print returned for it */
  async #give(piece: Read, printed: Promise<Float64Array | undefined>): Promise<void> {
    const past = await printed;
    if (this.#isLost || !past) {
      this.#isLost = true;
      this.beyond = true;
      this.printed.close(); // all slots may be taken by what nobody will print
      return;
    }
    const { slot, place, news } = piece;
    const isNews = news !== undefined || past.length > 0;
    if (isNews) this.#tell(news, past);
    const control = this.#control;
    control[newsAt(this.#shards.length, slot)] = isNews ? 1 : 0;
    control[packetsAt(this.#shards.length, slot)] = place.packets;
    Atomics.store(control, GIVEN, this.given.count + 1);
    Atomics.notify(control, GIVEN);
    this.given.advance();
  }

  /**
   * By the addon.
   * @param given settles when all pieces before are given
   * @returns what the threads must know of packets that were printed before; undefined where one thread must go on
   */
  async #print({ slot, place, native }: Read, given: Promise<void>): Promise<Float64Array | undefined> {
    const lines = this.#native;
    if (!lines) return NOTHING;
    if (native === 'all') {
      if (place.packets > 0) this.#control[NATIVE] = 1;
      return lines.write(slot, this.#slots[slot]!, place);
    }
    if (native === 'secret' && this.#control[NATIVE]) return undefined;
    await given;
    return lines.handOver();
  }

  #tell(news: Omit<News, 'past'> | undefined, past: Float64Array): void {
    if (news) {
      this.#baseNs = news.baseNs;
      this.#severalFrom = news.severalFrom;
    }
    const { interfaces, secrets } = news ?? { interfaces: [], secrets: [] };
    for (const [shard, thread] of this.#shards.entries())
      thread.tell({
        interfaces,
        severalFrom: this.#severalFrom,
        secrets,
        baseNs: this.#baseNs,
        past: pastOf(past, shard),
      });
  }
}
