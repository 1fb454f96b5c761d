/** Linux cooked capture, v1 (LINKTYPE_LINUX_SLL) and v2 (LINKTYPE_LINUX_SLL2): what capturing on "any" writes in place of a link header. */
import { u16 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { f, protocol } from '../define.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';
import { ETHERTYPES } from '../names/ethertypes.ts';
import { macText } from '../text.ts';
import { rest } from './data.ts';
import { ethertypeColumn, ethertypeInfo, followEthertype } from './ethernet.ts';

const PACKET_TYPES = {
  0: 'Unicast to us',
  1: 'Broadcast',
  2: 'Multicast',
  3: 'Unicast to another host',
  4: 'Sent by us',
};
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;
const ARPHRD_IPGRE = 778;

const F = {
  type: f.u16('sll.pkttype', 'Packet type', { names: PACKET_TYPES }),
  hardware: f.u16('sll.hatype', 'Link-layer address type'),
  length: f.u16('sll.halen', 'Link-layer address length'),
  mac: f.mac('sll.src.eth', 'Source'),
  ip4: f.ip4('sll.src.ipv4', 'Source'),
  other: f.bytes('sll.src.other', 'Source'),
  unused: f.bytes('sll.unused', 'Unused'),
  ethertype: f.x16('sll.etype', 'Protocol', { names: ETHERTYPES }),
  ltype: f.x16('sll.ltype', 'Protocol'),
  ifindex: f.u32('sll.ifindex', 'Interface index'),
  trailer: f.bytes('sll.trailer', 'Trailer'),
};

interface Layout {
  protocolAt: number;
  hardwareAt: number;
  addressLengthAt: number;
  addressAt: number;
  header: number;
}
const V1: Layout = { protocolAt: 14, hardwareAt: 2, addressLengthAt: 4, addressAt: 6, header: 16 };
const V2: Layout = { protocolAt: 0, hardwareAt: 8, addressLengthAt: 11, addressAt: 12, header: 20 };

function follow(d: Dissection, layer: Layer, { protocolAt, header }: Layout): Protocol | undefined {
  layer.headerLength = header;
  const type = u16(d.bytes, layer.start + protocolAt);
  const start = layer.start + header;
  return type >= 0x600 ? followEthertype(d, type, start, layer.end) : rest(d, start, layer.end);
}

function address(c: Cursor, hardware: number, length: number): void {
  if (length === 6 && hardware !== ARPHRD_IPGRE) c.item(F.mac, 6);
  else if (length === 4) c.item(F.ip4, 4);
  else if (length > 0) c.data(F.other, Math.min(length, 8));
  const unused = 8 - Math.min(length, 8);
  if (unused > 0) c.data(F.unused, unused);
}

const cooked = (title: string, name: string, linkType: number, layout: Layout, emit: Protocol['emit']): Protocol =>
  protocol({
    name,
    column: 'SLL',
    title,
    minLength: layout.header,
    binds: { linktype: [linkType] },
    fields: F,
    path: (d, layer) => (u16(d.bytes, layer.start + layout.protocolAt) >= 0x600 ? `${name}:ethertype` : name),
    walk: (d, layer) => follow(d, layer, layout),
    columnOf: (d, layer) => ethertypeColumn(u16(d.bytes, layer.start + layout.protocolAt)),
    info: (d, layer) => ethertypeInfo(u16(d.bytes, layer.start + layout.protocolAt)),
    addresses(d, layer, columns) {
      const at = layer.start;
      const hardware = u16(d.bytes, at + layout.hardwareAt);
      if (hardware === ARPHRD_ETHER || hardware === ARPHRD_LOOPBACK)
        columns.source = macText(d.bytes, at + layout.addressAt);
    },
    emit,
  });

export const sll = cooked('Linux cooked capture v1', 'sll', 113, V1, (d, layer, out) => {
  const c = Cursor.of(d, layer, out);
  c.u16(F.type);
  const hardware = c.u16(F.hardware);
  const length = c.u16(F.length);
  address(c, hardware, length);
  c.u16(c.peek(2) >= 0x600 ? F.ethertype : F.ltype);
});

export const sll2 = cooked('Linux cooked capture v2', 'sll', 276, V2, (d, layer, out) => {
  const c = Cursor.of(d, layer, out);
  c.u16(c.peek(2) >= 0x600 ? F.ethertype : F.ltype);
  c.skip(2);
  c.u32(F.ifindex);
  const hardware = c.u16(F.hardware);
  c.u8(F.type);
  const length = c.u8(F.length);
  address(c, hardware, length);
});
