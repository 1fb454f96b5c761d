/**
 * Which group each packet belongs to, and the packet of that group before it: 8 bytes a packet, so that the packets of a group are found going backwards
 * from any of them, however many others lie between.
 */
import type { Dissection } from '../../packets/dissect/index.ts';
import { udpFacts } from '../../packets/dissect/protocols/udp.ts';
import { Column } from '../../packets/store/column.ts';

export class GroupRows {
  readonly #groups = new Column(Uint32Array);
  /** Row + 1 of the packet before in the same group, 0 = none. */
  readonly #before = new Column(Uint32Array);
  /** By group: row + 1 of its last packet. */
  readonly #last: number[] = [];
  /** Groups that had more in them than datagrams of one conversation that nobody reads. */
  readonly #telling = new Set<number>();

  /** Rows come in order. @param d what the row was found to be */
  add(row: number, group: number, d: Dissection): void {
    this.#groups.set(row, group);
    if (group === 0) return;
    this.#before.set(row, this.#last[group] ?? 0);
    this.#last[group] = row + 1;
    if (!this.#telling.has(group) && !isUnreadDatagram(d, group)) this.#telling.add(group);
  }

  /** 0 = it stands alone. */
  group(row: number): number {
    return this.#groups.get(row);
  }

  /** Whether no packet of the group has told the next ones more than when it was. */
  tellsOnlyTimes(group: number): boolean {
    return !this.#telling.has(group);
  }

  /** Rows of `row`'s group from `from` on and before `row`, in order: the last `most` of them. */
  before(row: number, from: number, most: number): number[] {
    const rows: number[] = [];
    for (let at = this.#before.get(row) - 1; at >= from && rows.length < most; at = this.#before.get(at) - 1)
      rows.push(at);
    return rows.reverse();
  }
}

function isUnreadDatagram({ layers }: Dissection, group: number): boolean {
  const last = layers.at(-1);
  const udp = last?.protocol.name === 'data' ? layers.at(-2) : last;
  return udp?.protocol.name === 'udp' && udpFacts(udp)?.conversation.group === group;
}
