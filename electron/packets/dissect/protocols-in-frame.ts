/** frame.protocols: "eth:ethertype:ip:udp:dns". */
import type { Dissection } from './dissection.ts';

export function protocolsInFrame(d: Dissection): string {
  return d.layers
    .map((layer) => (layer.short ? undefined : layer.protocol.path?.(d, layer)) ?? layer.protocol.name)
    .join(':');
}
