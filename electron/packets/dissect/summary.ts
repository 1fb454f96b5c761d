/**
 * The packet list's columns from a dissection: the innermost layer with something to say gives protocol and info, the innermost
 * addresses win, quotations inside ICMP errors have no say. Wording is Wireshark's.
 */
import type { Columns, Dissection, Layer } from './dissection.ts';

export interface Summary {
  source: string;
  destination: string;
  protocol: string;
  info: string;
  /** Row tint token: 'tcp', 'udp', 'icmp', 'arp', 'dns', 'ipv6', 'error', 'other'… */
  tint: string;
}

function infoOf(d: Dissection, layer: Layer): string {
  const { protocol } = layer;
  if (layer.short) return protocol.shortInfo?.(d, layer) ?? '';
  if (protocol.joinInfo === undefined) return protocol.info?.(d, layer) ?? '';
  const isUnit = (other: Layer) => other.protocol === protocol && other.below === layer.below && !other.short;
  // Nearly always it is the only one.
  if (!d.layers.some((other) => other !== layer && isUnit(other))) return protocol.info!(d, layer);
  return d.layers
    .filter(isUnit)
    .map((unit) => {
      d.enter(unit);
      return protocol.info!(d, unit);
    })
    .join(protocol.joinInfo);
}

export function summarize(d: Dissection): Summary {
  const columns: Columns = { source: '', destination: '' };
  let speaker: Layer | undefined;
  let addressed = false;
  for (let i = d.layers.length - 1; i >= 0; i--) {
    const layer = d.layers[i]!;
    if (layer.quotedBy) continue;
    const { protocol } = layer;
    if (!speaker && (protocol.info || layer.short)) speaker = layer;
    if (!addressed && protocol.addresses && !layer.short) {
      d.enter(layer);
      protocol.addresses(d, layer, columns);
      addressed = columns.source !== '';
      if (speaker && addressed) break;
    }
  }
  const named = speaker ?? d.layers[0]!;
  d.enter(named);
  let protocol = named.protocol.columnOf && !named.short ? named.protocol.columnOf(d, named) : named.protocol.column;
  let info = infoOf(d, named);
  let tint = named.protocol.tint;
  if (d.bogus) tint = 'error';
  if (d.problem) {
    const { kind } = d.problem;
    if (kind !== 'deep') {
      const note = kind === 'truncated' ? '[Packet size limited during capture]' : '[Malformed Packet]';
      info = info ? info + note : note;
    }
    if (kind === 'malformed') tint = 'error';
    if (kind !== 'deep' && d.problem.layer !== named) protocol = d.problem.layer.protocol.column;
  }
  return { source: columns.source, destination: columns.destination, protocol, info, tint };
}
