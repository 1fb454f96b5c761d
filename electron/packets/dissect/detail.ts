/**
 * The detail tree of one packet: Wireshark's labels, names and order, each node with its byte range. Made only when somebody
 * opens a packet. Ranges always lie inside the captured bytes.
 */
import type { DetailNode } from '../../shared/api.ts';
import type { DataSource, Dissection, Extra, Layer, Protocol } from './dissection.ts';
import type { Field, FieldValue } from './field.ts';
import { labelText, valueText } from './field-text.ts';
import type { FrameInfo } from './frame.ts';
import { emitFrame } from './frame-fields.ts';
import { protocolsInFrame } from './protocols-in-frame.ts';
import { CheckedSink } from './sink.ts';

class TreeSink extends CheckedSink {
  /** Of the layer at hand: 0 = the frame, and where that source's own bytes begin. */
  source = 0;
  prefix = 0;
  readonly sources: readonly DataSource[];
  #into: DetailNode[] = [];
  readonly #parents: DetailNode[][] = [];
  #last: DetailNode | undefined;

  constructor(d: Dissection, sources: readonly DataSource[]) {
    super(d);
    this.sources = sources;
  }

  protected override move(source: DataSource, inner: () => void): void {
    const { source: before, prefix } = this;
    this.source = this.sources.indexOf(source) + 1;
    this.prefix = source.prefix;
    inner();
    this.source = before;
    this.prefix = prefix;
  }

  /** Fields go into `children` until the next call. */
  into(children: DetailNode[]): void {
    this.#into = children;
    this.#parents.length = 0;
  }

  protected override wants(_field: Field, hidden: boolean): boolean {
    return !hidden;
  }

  protected override take(
    field: Field,
    offset: number,
    length: number,
    value: FieldValue,
    extra: Extra | undefined,
  ): void {
    let label = extra?.label ?? labelText(field, value, this.d.bytes, offset);
    if (extra?.suffix) label += extra.suffix;
    const node: DetailNode = {
      name: field.name,
      label: extra?.generated ? `[${label}]` : label,
      offset: Math.max(0, Math.min(offset, this.d.bytes.length) - this.prefix),
      length: extra?.generated || offset < this.prefix ? 0 : length,
    };
    if (this.source > 0) node.source = this.source;
    if (field.mask !== undefined && !field.little) node.mask = field.mask;
    if (value !== null) node.value = valueText(field, value);
    const filter = filterText(field, value);
    if (filter !== undefined) node.filter = filter;
    if (extra?.severity) node.severity = extra.severity;
    if (extra?.generated) node.generated = true;
    this.#into.push(node);
    this.#last = node;
  }

  protected override enter(): void {
    this.#parents.push(this.#into);
    this.#last!.children ??= [];
    this.#into = this.#last!.children;
  }

  protected override leave(): void {
    this.#into = this.#parents.pop() ?? this.#into;
  }
}

/** The bytes beside the frame's that layers lie in, in the order of the layers. */
export function dataSources(d: Dissection): DataSource[] {
  return [...new Set(d.layers.flatMap(({ source, parts = [] }) => (source ? [source, ...parts] : parts)))];
}

/** @param frame what is known besides the bytes; without it the tree has no "Frame" node. */
export function detail(d: Dissection, frame?: FrameInfo): DetailNode[] {
  const tree: DetailNode[] = [];
  const sources = dataSources(d);
  const sink = new TreeSink(d, sources);
  if (frame) {
    const node: DetailNode = {
      name: 'frame',
      label: frameLabel(d, frame),
      offset: 0,
      length: d.frame.length,
      children: [],
    };
    sink.into(node.children!);
    sink.begin(d.frame.length);
    emitFrame(d, frame, () => protocolsInFrame(d), sink);
    tree.push(node);
  }
  const nodes = new Map<Layer, DetailNode>();
  for (const layer of d.layers) {
    d.enter(layer);
    const node: DetailNode = {
      name: layer.protocol.name,
      filter: layer.protocol.name,
      label: layerLabel(d, layer),
      offset: Math.max(0, Math.min(layer.start, d.bytes.length) - (layer.source?.prefix ?? 0)),
      length: Math.max(0, Math.min(layer.headerLength, d.bytes.length - layer.start)),
      children: [],
    };
    sink.source = layer.source ? sources.indexOf(layer.source) + 1 : 0;
    sink.prefix = layer.source?.prefix ?? 0;
    if (sink.source > 0) node.source = sink.source;
    nodes.set(layer, node);
    sink.into(node.children!);
    sink.emit(layer);
    const holder = layer.within && nodes.get(layer.within);
    (holder?.children ?? tree).push(node);
  }
  if (d.problem) tree.push(problemNode(d));
  return tree;
}

/** Longest value that a filter repeats. */
const FILTER_BYTES = 64;

function filterText(field: Field, value: FieldValue): string | undefined {
  const { name, type } = field;
  if (name === 'text' || name.startsWith('_ws.')) return undefined;
  if (value === null) return name;
  if (typeof value === 'object') {
    if (value.length === 0 || value.length > FILTER_BYTES) return name;
    return `${name} == ${Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join(':')}`;
  }
  if (typeof value === 'string' && type === 'string')
    return value.length > FILTER_BYTES
      ? name
      : `${name} == "${value.replace(/[\\"]/g, '\\$&').replace(/\r/g, '\\r').replace(/\n/g, '\\n')}"`;
  if (type === 'absolute-time') return `${name} == "${valueText(field, value)}"`;
  return `${name} == ${valueText(field, value)}`;
}

export function layerLabel(d: Dissection, layer: Layer): string {
  const { protocol } = layer;
  return (layer.short ? protocol.shortLabel?.(d, layer) : protocol.label?.(d, layer)) ?? protocol.title;
}

function problemNode(d: Dissection): DetailNode {
  const { kind, layer } = d.problem!;
  const name = (protocol: Protocol) => protocol.column;
  if (kind === 'deep')
    return {
      name: '_ws.deep',
      label: `[Too many protocol layers: nothing above ${name(layer.protocol)} is looked at]`,
      offset: 0,
      length: 0,
      severity: 'warn',
      generated: true,
    };
  return kind === 'truncated'
    ? {
        name: '_ws.short',
        label: `[Packet size limited during capture: ${name(layer.protocol)} truncated]`,
        offset: d.bytes.length,
        length: 0,
        severity: 'warn',
        generated: true,
      }
    : {
        name: '_ws.malformed',
        label: `[Malformed Packet: ${name(layer.protocol)}]`,
        offset: Math.min(layer.start, d.bytes.length),
        length: 0,
        severity: 'error',
        generated: true,
      };
}

function frameLabel(d: Dissection, frame: FrameInfo): string {
  const captured = d.frame.length;
  const wire = `${d.wireLen} byte${d.wireLen === 1 ? '' : 's'} on wire (${d.wireLen * 8} bits)`;
  const kept = `${captured} byte${captured === 1 ? '' : 's'} captured (${captured * 8} bits)`;
  const on = frame.interfaceName ? ` on interface ${frame.interfaceName}, id ${frame.interfaceId}` : '';
  const flags = frame.options?.flags ?? 0;
  const way = (flags & 3) === 1 ? ' (inbound)' : (flags & 3) === 2 ? ' (outbound)' : '';
  return `Frame ${frame.number}: ${wire}, ${kept}${on}${way}`;
}
