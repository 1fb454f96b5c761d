/**
 * One packet as one line of text, in tshark's order with the verdict after the time:
 *
 *     3 0.000184211 pass     10.1.0.1 → 10.1.0.2     ICMP 98 Echo (ping) request  id=0x0001, seq=1/256, ttl=64
 *
 * Everything that came out of a packet passes through `printable`.
 */

import type { Summary } from '../../packets/dissect/index.ts';
import { addressColumns } from '../../packets/lines/talk-texts.ts';
import { VERDICT_NONE } from '../../packets/pcap/types.ts';
import { XDP_VERDICTS } from '../../shared/capture.ts';
import type { FeedPacket } from '../packet-feed.ts';
import { hexDump } from './hex-dump.ts';
import { printable } from './printable.ts';

const DIRECTIONS = ['', 'in', 'out'] as const;

export interface LineOptions {
  readonly hex: boolean;
  /** Interface names by id, when there are several places to tell apart: shown with the direction. */
  readonly interfaceName?: (id: number) => string | undefined;
  /** Of an observed packet: its side, and what changed. */
  readonly pair?: { readonly side: string; readonly change: string };
}

export function packetLine(packet: FeedPacket, summary: Summary, { hex, interfaceName, pair }: LineOptions): string {
  const { source, destination, protocol, info } = summary;
  const from =
    interfaceName &&
    `${(interfaceName(packet.interfaceId) ?? '?').padEnd(8)} ${(directionOf(packet) ?? '').padEnd(3)} `;
  const where = `${from ?? ''}${pair ? `${pair.side}  ` : ''}`;
  const mark = (verdictOf(packet) ?? '').padEnd(5);
  const head = `${String(packet.number).padStart(5)} ${secondsOf(packet.timeNs)} ${where}${mark} `;
  const line = `${head}${addressColumns(source, destination)}${protocol} ${packet.wireLen} ${info}${pair?.change ? ` [${pair.change}]` : ''}`;
  return `${printable(line)}\n${hex ? `${hexDump(packet.bytes)}\n` : ''}`;
}

/** ns → "12.345678901" without losing digits where a double still holds them. */
export function secondsOf(ns: number): string {
  const sign = ns < 0 ? '-' : '';
  const whole = Math.abs(Math.round(ns));
  return `${sign}${Math.floor(whole / 1e9)}.${String(whole % 1e9).padStart(9, '0')}`;
}

/** Epoch ns as seconds, exactly. */
export function epochSeconds(ns: bigint): string {
  return `${ns / 1_000_000_000n}.${String(ns % 1_000_000_000n).padStart(9, '0')}`;
}

export const verdictText = (verdict: number): string => XDP_VERDICTS[verdict] ?? `verdict ${verdict}`;

export function verdictOf({ verdict }: FeedPacket): string | undefined {
  return verdict === VERDICT_NONE ? undefined : verdictText(verdict);
}

export function directionOf({ direction }: FeedPacket): string | undefined {
  return DIRECTIONS[direction] || undefined;
}
