/** Everything that one walk over the packets tells: all statistics that need no choice, in one pass. */
import { Conversations } from './conversations.ts';
import { Expert } from './expert.ts';
import { Hierarchy } from './hierarchy.ts';
import { Lengths } from './lengths.ts';
import { ServiceTimes } from './response-times.ts';
import type { Stat, StatPacket } from './stat.ts';

export class Overview implements Stat {
  readonly hierarchy = new Hierarchy();
  readonly lengths = new Lengths();
  readonly ends = new Conversations();
  readonly expert = new Expert();
  readonly times = new ServiceTimes();
  packets = 0;
  bytes = 0;

  see(packet: StatPacket): void {
    this.packets++;
    this.bytes += packet.d.wireLen;
    this.hierarchy.see(packet);
    this.lengths.see(packet);
    this.ends.see(packet);
    this.expert.see(packet);
    this.times.see(packet);
  }
}
