/** One more unit of the same protocol in the same bytes. */
function again(layer: Layer, before: Layer | undefined): boolean {
  return (
    before?.protocol === layer.protocol &&
    before.below === layer.below &&
    before.source === layer.source &&
    layer.protocol.pdu !== undefined
  );
}

/** frame.protocols: "eth:ethertype:ip:udp:dns". */
import type { Dissection, Layer } from './dissection.ts';

export function protocolsInFrame(d: Dissection): string {
  return d.layers
    .filter((layer, i) => !again(layer, d.layers[i - 1]))
    .map((layer) => (layer.short ? undefined : layer.protocol.path?.(d, layer)) ?? layer.protocol.name)
    .filter((name) => name !== '')
    .join(':');
}
