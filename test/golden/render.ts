/** A sample as text, as the golden files hold it: each packet's columns and its whole tree with byte ranges. */
import '../../electron/session/platform.ts';
import { DecodeAs } from '../../electron/packets/dissect/decode-as.ts';
import { detail } from '../../electron/packets/dissect/detail.ts';
import { type Dissection, dissect, type FrameInfo, summarize } from '../../electron/packets/dissect/index.ts';
import { CaptureParser } from '../../electron/packets/pcap/capture-parser.ts';
import { readPacketOptions } from '../../electron/packets/pcap/packet-options.ts';
import { CaptureState } from '../../electron/packets/state/capture-state.ts';
import { PacketStore } from '../../electron/packets/store/packet-store.ts';
import type { DetailNode } from '../../electron/shared/api.ts';
import { type Sample, sampleFile } from './samples.ts';

export interface Opened {
  store: PacketStore;
  parser: CaptureParser;
  frame(row: number): FrameInfo;
}

/** Opens a capture file's bytes as the session does. */
export function open(file: Uint8Array): Opened {
  const source = { read: (offset: number, length: number) => file.subarray(offset, offset + length) };
  const store = new PacketStore(source);
  const parser = new CaptureParser(store);
  parser.push(file);
  parser.end();
  store.baseNs = parser.baseNs;
  const frame = (row: number): FrameInfo => {
    const on = parser.interfaces[store.interfaceId(row)]!;
    const options = readPacketOptions(source, store.offset(row), store.capLen(row));
    return {
      number: row + 1,
      epochNs: store.epochNs(row),
      timeNs: store.timeNs(row),
      deltaNs: row === 0 ? 0 : store.timeNs(row) - store.timeNs(row - 1),
      interfaceId: on.id,
      ...(on.name !== undefined && { interfaceName: on.name }),
      ...(on.description !== undefined && { interfaceDescription: on.description }),
      ...(options && { options }),
    };
  };
  return { store, parser, frame };
}

function line(node: DetailNode, depth: number): string {
  const range = node.length > 0 ? ` @${node.offset}+${node.length}` : '';
  const value = node.value === undefined ? '' : ` {${node.value}}`;
  const severity = node.severity ? ` !${node.severity}` : '';
  const mask = node.mask === undefined ? '' : ` &${node.mask.toString(16)}`;
  return `${'  '.repeat(depth)}${node.name}: ${node.label}${value}${range}${mask}${severity}`;
}

function tree(nodes: readonly DetailNode[], depth: number): string[] {
  return nodes.flatMap((node) => [line(node, depth), ...tree(node.children ?? [], depth + 1)]);
}

/** Every packet in order, each with what came before it. */
export function stateful({ store, parser }: Opened, { heuristics }: Pick<Sample, 'heuristics'> = {}): Dissection[] {
  const state = new CaptureState(0, heuristics && new DecodeAs([], heuristics), parser.secrets);
  return Array.from({ length: store.count }, (_, row) =>
    dissect(store.packetBytes(row), parser.interfaces[store.interfaceId(row)]!.linkType, store.wireLen(row), {
      number: row + 1,
      timeNs: store.timeNs(row),
      baseNs: store.baseNs,
      state,
    }),
  );
}

function alone({ store, parser }: Opened): Dissection[] {
  return Array.from({ length: store.count }, (_, row) =>
    dissect(store.packetBytes(row), parser.interfaces[store.interfaceId(row)]!.linkType, store.wireLen(row)),
  );
}

/** @param inOrder packets know what came before them; else each is looked at alone */
export function render(sample: Sample, inOrder = false): string {
  const opened = open(sampleFile(sample));
  const { store, frame } = opened;
  const out: string[] = [];
  for (const [row, d] of (inOrder ? stateful(opened, sample) : alone(opened)).entries()) {
    const { source, destination, protocol, info, tint } = summarize(d);
    out.push(`#${row + 1} ${source} → ${destination} ${protocol} ${store.wireLen(row)} ${info} [${tint}]`);
    out.push(...tree(detail(d, frame(row)), 1), '');
  }
  return out.join('\n');
}
