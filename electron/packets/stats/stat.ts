/** What every statistic shares: it is shown packets in order, once each, and can be asked at any time. */
import type { Dissection } from '../dissect/index.ts';

export interface StatPacket {
  d: Dissection;
  /** 1-based frame number. */
  number: number;
  /** ns since the first packet of the capture. */
  timeNs: number;
}

export interface Stat {
  see(packet: StatPacket): void;
}
