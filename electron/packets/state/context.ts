/** What a packet's dissection may know besides its bytes: which packet it is, and the state that the packets before it left. */
import type { CaptureState } from './capture-state.ts';

export interface PacketContext {
  /** 1-based frame number. */
  number: number;
  /** ns since the first packet of the capture. */
  timeNs: number;
  /** When the first one was, ns since the epoch; undefined where nobody knows. */
  baseNs?: bigint | undefined;
  state: CaptureState;
}
