/** Open Shortest Path First, version 2 (RFC 2328): packets, hello, database description, and link state headers. */
import { u16 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { f, protocol } from '../define.ts';
import type { Protocol } from '../dissection.ts';

const TYPES: Record<number, string> = {
  1: 'Hello Packet',
  2: 'DB Description',
  3: 'LS Request',
  4: 'LS Update',
  5: 'LS Acknowledge',
};
const LSA: Record<number, string> = {
  1: 'Router-LSA',
  2: 'Network-LSA',
  3: 'Summary-LSA (IP network)',
  4: 'Summary-LSA (ASBR)',
  5: 'AS-External-LSA (ASBR)',
  7: 'NSSA AS-External-LSA',
};
const HEADER = 24;
const F = {
  header: f.none('ospf.header', 'OSPF Header'),
  version: f.u8('ospf.version', 'Version'),
  type: f.u8('ospf.msg', 'Message Type', { names: TYPES }),
  length: f.u16('ospf.packet_length', 'Packet Length'),
  router: f.ip4('ospf.srcrouter', 'Source OSPF Router'),
  area: f.ip4('ospf.area_id', 'Area ID'),
  checksum: f.x16('ospf.checksum', 'Checksum'),
  authType: f.u16('ospf.auth.type', 'Auth Type', { names: { 0: 'Null', 1: 'Simple password', 2: 'Cryptographic' } }),
  authNone: f.bytes('ospf.auth.none', 'Auth Data (none)'),
  authSimple: f.text('ospf.auth.simple', 'Auth Data (Simple)'),
  hello: f.none('ospf.hello', 'OSPF Hello Packet'),
  mask: f.ip4('ospf.hello.network_mask', 'Network Mask'),
  helloInterval: f.u32('ospf.hello.hello_interval', 'Hello Interval [sec]'),
  priority: f.u8('ospf.hello.router_priority', 'Router Priority'),
  deadInterval: f.u32('ospf.hello.router_dead_interval', 'Router Dead Interval [sec]'),
  designated: f.ip4('ospf.hello.designated_router', 'Designated Router'),
  backup: f.ip4('ospf.hello.backup_designated_router', 'Backup Designated Router'),
  neighbor: f.ip4('ospf.hello.active_neighbor', 'Active Neighbor'),
  age: f.u16('ospf.lsa.age', 'LS Age (seconds)', { mask: 0x7fff, bits: 16 }),
  lsaType: f.u8('ospf.lsa', 'LS Type', { names: LSA }),
  lsaId: f.ip4('ospf.lsa.id', 'Link State ID'),
  advertiser: f.ip4('ospf.advrouter', 'Advertising Router'),
  sequence: f.x32('ospf.lsa.seqnum', 'Sequence Number'),
  lsaChecksum: f.x16('ospf.lsa.chksum', 'Checksum'),
  lsaLength: f.u16('ospf.lsa.length', 'Length'),
};

export const ospf: Protocol = protocol({
  name: 'ospf',
  column: 'OSPF',
  title: 'Open Shortest Path First',
  minLength: HEADER,
  binds: { 'ip.proto': [89] },
  fields: F,
  walk(d, layer) {
    layer.end = Math.min(layer.end, layer.start + u16(d.bytes, layer.start + 2));
    layer.headerLength = d.capturedEnd(layer) - layer.start;
    return undefined;
  },
  info: (d, layer) => TYPES[d.bytes[layer.start + 1]!] ?? 'Unknown',
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    const version = c.peek(1);
    let type = 0;
    c.under(F.header, HEADER, null, () => {
      c.u8(F.version);
      type = c.u8(F.type);
      c.u16(F.length);
      c.item(F.router, 4);
      c.item(F.area, 4);
      c.u16(F.checksum);
      if (version !== 2) return;
      const auth = c.u16(F.authType);
      if (auth === 0) c.data(F.authNone, 8);
      else if (auth === 1) c.text(F.authSimple, 8);
    });
    if (version !== 2) return;
    if (type === 1) hello(c);
    else if (type === 5) while (c.left >= 20) lsaHeader(c);
    else if (type === 2) {
      c.skip(8);
      while (c.left >= 20) lsaHeader(c);
    } else if (type === 4) {
      c.skip(4);
      while (c.left >= 20) {
        const length = c.peek(2, 18);
        const next = c.at + Math.max(20, length);
        lsaHeader(c);
        c.at = next;
      }
    }
  },
});

function hello(c: Cursor): void {
  c.under(F.hello, c.left, null, () => {
    c.item(F.mask, 4);
    const interval = c.peek(2);
    c.out.value(F.helloInterval, c.at, 2, interval);
    c.skip(3); // options
    c.u8(F.priority);
    c.u32(F.deadInterval);
    c.item(F.designated, 4);
    c.item(F.backup, 4);
    while (c.left >= 4) c.item(F.neighbor, 4);
  });
}

function lsaHeader(c: Cursor): void {
  const type = c.peek(1, 3);
  c.group(`LSA-type ${type} (${LSA[type] ?? 'Unknown'}), len ${c.peek(2, 18)}`, 20, () => {
    c.item(F.age, 2);
    c.skip(1);
    c.u8(F.lsaType);
    c.item(F.lsaId, 4);
    c.item(F.advertiser, 4);
    c.u32(F.sequence);
    c.u16(F.lsaChecksum);
    c.u16(F.lsaLength);
  });
}
