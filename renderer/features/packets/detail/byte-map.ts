/**
 * Which field a byte belongs to, and which layer. Built once a packet from the field tree. Pure.
 *
 * Nodes are numbered in tree order (a parent before its children); the deepest and narrowest field that covers a byte wins it.
 */
import type { DetailNode } from '../../../../electron/shared/api.ts';

export interface FlatNode {
  id: number;
  node: DetailNode;
  /** 1 = protocol. */
  level: number;
  parent: number;
  /** Names from the root, which is what "open" is remembered by. */
  path: string;
  /** Number of the layer that it belongs to, from 0. */
  layer: number;
}

/** All nodes in tree order. */
export function flatten(layers: readonly DetailNode[]): FlatNode[] {
  const out: FlatNode[] = [];
  const walk = (node: DetailNode, level: number, parent: number, path: string, layer: number) => {
    const id = out.length;
    const own = path === '' ? node.name : `${path}/${node.name}`;
    out.push({ id, node, level, parent, path: own, layer });
    for (const child of node.children ?? []) walk(child, level + 1, id, own, layer);
  };
  for (const [layer, node] of layers.entries()) walk(node, 1, -1, '', layer);
  return out;
}

export interface ByteMap {
  /** Id of the field that owns the byte, -1 = none. */
  field: Int32Array;
  /** Layer of the byte, -1 = none. */
  layer: Int16Array;
}

/** @param source whose bytes: 0 = the packet's (DetailNode.source) */
export function mapBytes(nodes: readonly FlatNode[], length: number, source = 0): ByteMap {
  const field = new Int32Array(length).fill(-1);
  const layer = new Int16Array(length).fill(-1);
  const width = new Uint32Array(length).fill(0xffffffff);
  const depth = new Uint8Array(length);
  for (const { id, node, level, layer: owner } of nodes) {
    if ((node.source ?? 0) !== source) continue;
    const end = Math.min(length, node.offset + node.length);
    // The frame's own node covers everything and says nothing about a byte.
    const whole = level === 1 && node.name === 'frame';
    for (let at = node.offset; at < end; at++) {
      if (!whole) layer[at] = owner;
      const better = node.length < width[at]! || (node.length === width[at] && level > depth[at]!);
      // A bit field inside a byte that several share: the first one stands for it, its siblings are a key press away.
      if (!better || (node.mask !== undefined && node.length === width[at])) continue;
      field[at] = id;
      width[at] = node.length;
      depth[at] = level;
    }
  }
  return { field, layer };
}

/** The node and all above it. */
export function ancestry(nodes: readonly FlatNode[], id: number): FlatNode[] {
  const out: FlatNode[] = [];
  for (let at = id; at >= 0; at = nodes[at]!.parent) out.unshift(nodes[at]!);
  return out;
}

/** What is on the screen: nodes all of whose parents are open. */
export function visible(nodes: readonly FlatNode[], open: ReadonlySet<string>): FlatNode[] {
  const out: FlatNode[] = [];
  let closedBelow = Number.POSITIVE_INFINITY;
  for (const flat of nodes) {
    if (flat.level > closedBelow) continue;
    out.push(flat);
    closedBelow = flat.node.children?.length && !open.has(flat.path) ? flat.level : Number.POSITIVE_INFINITY;
  }
  return out;
}
