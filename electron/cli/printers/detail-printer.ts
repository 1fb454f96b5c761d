/** `-V`: the whole detail tree of each packet, indented as tshark does; as JSON the tree itself. */
import { detail } from '../../packets/dissect/detail.ts';
import type { DetailNode } from '../../shared/api.ts';
import type { Feed } from '../feed.ts';
import { hexDump } from '../output/hex-dump.ts';
import { jsonLine } from '../output/json-line.ts';
import { printable } from '../output/printable.ts';
import type { FrameInfos } from './frame-info.ts';
import type { PacketPrinter, PrintOptions } from './packet-printer.ts';

export function detailPrinter({ type, hex }: PrintOptions, feed: Feed, info: FrameInfos): PacketPrinter {
  return {
    head: '',
    packet(packet) {
      const tree = detail(feed.dissect(packet), info(packet));
      if (type === 'json')
        return jsonLine({
          number: packet.number,
          layers: tree,
          ...(hex ? { hex: Buffer.from(packet.bytes).toString('hex') } : {}),
        });
      return `${lines(tree, 0)}\n${hex ? `${hexDump(packet.bytes)}\n` : ''}`;
    },
  };
}

function lines(nodes: readonly DetailNode[], depth: number): string {
  return nodes
    .map(({ label, children }) => `${'    '.repeat(depth)}${printable(label)}\n${lines(children ?? [], depth + 1)}`)
    .join('');
}
