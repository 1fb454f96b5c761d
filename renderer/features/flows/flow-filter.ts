/** A flow as a display filter: both of its directions. */
import type { FlowRow } from '../../../electron/shared/api.ts';

const PORTS: Record<number, string> = { 6: 'tcp', 17: 'udp', 132: 'sctp' };

export function flowFilter({
  family,
  source,
  destination,
  sourcePort,
  destinationPort,
  protocolNumber,
}: FlowRow): string {
  const address = family === 6 ? 'ipv6.addr' : 'ip.addr';
  const ends = `${address} == ${source} && ${address} == ${destination}`;
  const transport = PORTS[protocolNumber];
  if (!transport) return `${ends} && ${family === 6 ? 'ipv6.nxt' : 'ip.proto'} == ${protocolNumber}`;
  return `${ends} && ${transport}.port == ${sourcePort} && ${transport}.port == ${destinationPort}`;
}
