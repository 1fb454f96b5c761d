/**
 * Protocol hierarchy (`-z io,phs`): which protocols are in which, and how much of the traffic each is. A packet counts once at every step of its
 * stack; a protocol that occurs in itself is a step of its own. Quotations in ICMP errors are not the packet's protocols.
 */
import type { Layer } from '../dissect/index.ts';
import type { Stat, StatPacket } from './stat.ts';

export interface HierarchyNode {
  /** Filter name. */
  name: string;
  title: string;
  packets: number;
  /** Bytes on the wire of the whole packets. */
  bytes: number;
  /** Packets in which nothing follows. */
  endPackets: number;
  endBytes: number;
  children: HierarchyNode[];
}

/** Bytes with many random ports could otherwise make a tree without end: layers are 40 deep at most, paths are bounded here. */
const MAX_NODES = 10_000;

export class Hierarchy implements Stat {
  readonly root: HierarchyNode = node('frame', 'Frame');
  #nodes = 0;

  see({ d }: StatPacket): void {
    let at = this.root;
    count(at, d.wireLen);
    for (const layer of d.layers) {
      if (!counts(layer)) continue;
      const next = this.#child(at, layer.protocol.name, layer.protocol.title);
      if (!next) break;
      at = next;
      count(at, d.wireLen);
    }
    at.endPackets++;
    at.endBytes += d.wireLen;
  }

  #child(of: HierarchyNode, name: string, title: string): HierarchyNode | undefined {
    const known = of.children.find((child) => child.name === name);
    if (known || this.#nodes >= MAX_NODES) return known;
    this.#nodes++;
    const made = node(name, title);
    of.children.push(made);
    return made;
  }
}

/** Whether a layer is a step of its packet's stack: parts of another layer's node are not. */
function counts({ quotedBy, within }: Layer): boolean {
  return !quotedBy && !within;
}

function node(name: string, title: string): HierarchyNode {
  return { name, title, packets: 0, bytes: 0, endPackets: 0, endBytes: 0, children: [] };
}

function count(to: HierarchyNode, bytes: number): void {
  to.packets++;
  to.bytes += bytes;
}
