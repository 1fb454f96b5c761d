/**
 * Endpoints that a session description promised media to: what comes from or to them is RTP or RTCP though no port says so. Append-only and with
 * frame numbers, so that one table serves every state of a capture: a packet sees what was announced before it. Bounded: the oldest goes.
 */

import type { Protocol } from '../dissect/dissection.ts';
import { forgetOldest } from './oldest.ts';
import { TransferTable } from './transfers.ts';

const MAX_ENDPOINTS = 20_000;

export interface Announced {
  protocol: Protocol;
  /** Frame that announced it. */
  number: number;
  method: string;
  callId: string | undefined;
  /** Names of dynamic payload types, shared by the ends of a call. */
  types: Map<number, string>;
  /** Encrypted: bytes of key identifier and authentication tag behind the payload. */
  secure?: { mki: number; tag: number };
}

export class MediaTable {
  /** What else goes on at another port than the one it began at. */
  readonly transfers = new TransferTable();
  readonly #byEndpoint = new Map<string, Announced[]>();

  /** @param endpoint address and port as text: "10.0.0.1:40000" */
  announce(endpoint: string, announced: Announced): void {
    const list = this.#byEndpoint.get(endpoint);
    if (!list) {
      forgetOldest(this.#byEndpoint, MAX_ENDPOINTS);
      this.#byEndpoint.set(endpoint, [announced]);
      return;
    }
    const last = list.at(-1)!;
    // A group that is dissected again says what it said before; a repeated offer changes nothing.
    if (announced.number <= last.number || (last.callId === announced.callId && last.protocol === announced.protocol))
      return;
    list.push(announced);
    if (list.length > 100) list.shift();
  }

  /** What was last announced for the endpoint before this frame. */
  find(endpoint: string, number: number): Announced | undefined {
    return this.#byEndpoint.get(endpoint)?.findLast((announced) => announced.number < number);
  }

  get empty(): boolean {
    return this.#byEndpoint.size === 0;
  }
}
