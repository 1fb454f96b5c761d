/**
 * One of several data units that an 802.11 frame carries (A-MSDU, IEEE 802.11-2020 §9.3.2.2.2): its own addresses and length in front, filled up to four
 * bytes behind unless it is the last. A layer is one subframe.
 */
import { u16 } from '../bytes.ts';
import { f, protocol } from '../define.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';
import { lookup } from '../tables.ts';

const SOURCE = 6;
const LENGTH = 12;
const HEADER = 14;

const F = {
  subframe: f.none('wlan_aggregate.a_mdsu.subframe', 'A-MSDU Subframe'),
  destination: f.mac('wlan.da', 'Destination address'),
  source: f.mac('wlan.sa', 'Source address'),
  length: f.u16('wlan_aggregate.a_mdsu.length', 'A-MSDU Length'),
};

const numberOf = (layer: Layer) => layer.facts as number;

export const wlanAggregate: Protocol = protocol({
  name: 'wlan_aggregate',
  column: '802.11',
  title: 'IEEE 802.11 Aggregate MSDU',
  minLength: HEADER,
  fields: F,
  // Wireshark does not count it among the frame's protocols.
  path: () => '',
  walk(d, layer) {
    layer.headerLength = HEADER;
    layer.facts = 1 + d.layers.filter((other) => other !== layer && other.protocol === wlanAggregate).length;
    const end = layer.start + HEADER + u16(d.bytes, layer.start + LENGTH);
    if (end > layer.end) d.malformed(layer);
    else layer.end = end;
    if (layer.start + HEADER >= d.capturedEnd(layer)) return undefined;
    d.follow(layer.start + HEADER, layer.end);
    return lookup('llc.dsap', -1);
  },
  label: (_d, layer) => `IEEE 802.11 Aggregate MSDU, Subframe #${numberOf(layer)}`,
  emit(d, layer, out) {
    const at = layer.start;
    if (layer.short) return;
    out.open(F.subframe, at, HEADER, null, { label: `A-MSDU Subframe #${numberOf(layer)}` });
    out.item(F.destination, at);
    out.item(F.source, at + SOURCE);
    out.value(F.length, at + LENGTH, 2, u16(d.bytes, at + LENGTH));
    out.close();
  },
});

/** Takes a frame's body apart. Returns what to walk first. */
export function subframes(d: Dissection, layer: Layer, start: number): Protocol | undefined {
  const end = d.capturedEnd(layer);
  for (let at = start; at < end; ) {
    d.also(wlanAggregate, layer, at, layer.end);
    if (at + HEADER > end) break;
    const size = HEADER + u16(d.bytes, at + LENGTH);
    at += size + ((4 - (size % 4)) % 4);
  }
  return undefined;
}
