/** Open Shortest Path First, version 2 with its link states (RFC 2328) and the packets of version 3 (RFC 5340). */
import { u16 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { bit, f, protocol } from '../define.ts';
import type { Protocol } from '../dissection.ts';
import { emitLsa2, emitLsa3, LSA_FIELDS, LSA_TYPES, options2, type3 } from './ospf-lsa.ts';

const HELLO = 1;
const DESCRIPTION = 2;
const REQUEST = 3;
const UPDATE = 4;
const ACKNOWLEDGE = 5;
const TYPES: Record<number, string> = {
  [HELLO]: 'Hello Packet',
  [DESCRIPTION]: 'DB Description',
  [REQUEST]: 'LS Request',
  [UPDATE]: 'LS Update',
  [ACKNOWLEDGE]: 'LS Acknowledge',
};
const HEADER_2 = 24;
const HEADER_3 = 16;
const LSA_HEADER = 20;
const message = (name: string, title: string) => ({ ...f.flag(`ospf.msg.${name}`, title), bits: 0 });

const F = {
  header: f.none('ospf.header', 'OSPF Header'),
  version: f.u8('ospf.version', 'Version'),
  type: f.u8('ospf.msg', 'Message Type', { names: TYPES }),
  isHello: message('hello', 'Hello'),
  isDescription: message('dbdesc', 'Database Description'),
  isRequest: message('lsreq', 'Link State Adv Request'),
  isUpdate: message('lsupdate', 'Link State Adv Update'),
  isAcknowledge: message('lsack', 'Link State Adv Acknowledgement'),
  length: f.u16('ospf.packet_length', 'Packet Length'),
  router: f.ip4('ospf.srcrouter', 'Source OSPF Router'),
  area: f.ip4('ospf.area_id', 'Area ID'),
  checksum: f.x16('ospf.checksum', 'Checksum'),
  authType: f.u16('ospf.auth.type', 'Auth Type', { names: { 0: 'Null', 1: 'Simple password', 2: 'Cryptographic' } }),
  authNone: f.bytes('ospf.auth.none', 'Auth Data (none)'),
  authSimple: f.text('ospf.auth.simple', 'Auth Data (Simple)'),
  keyId: f.u8('ospf.auth.crypt.key_id', 'Auth Crypt Key id'),
  authLength: f.u8('ospf.auth.crypt.data_length', 'Auth Crypt Data Length'),
  authSequence: f.u32('ospf.auth.crypt.seq_nbr', 'Auth Crypt Sequence Number'),
  instance: f.u8('ospf.instance_id', 'Instance ID'),
  reserved: f.bytes('ospf.reserved', 'Reserved'),
  hello: f.none('ospf.hello', 'OSPF Hello Packet'),
  mask: f.ip4('ospf.hello.network_mask', 'Network Mask'),
  interface: f.u32('ospf.hello.interface_id', 'Interface ID'),
  helloInterval: f.u32('ospf.hello.hello_interval', 'Hello Interval [sec]'),
  priority: f.u8('ospf.hello.router_priority', 'Router Priority'),
  deadInterval: f.u32('ospf.hello.router_dead_interval', 'Router Dead Interval [sec]'),
  designated: f.ip4('ospf.hello.designated_router', 'Designated Router'),
  backup: f.ip4('ospf.hello.backup_designated_router', 'Backup Designated Router'),
  neighbor: f.ip4('ospf.hello.active_neighbor', 'Active Neighbor'),
  options3: f.x24('ospf.v3.options', 'Options'),
  mtu: f.u16('ospf.db.interface_mtu', 'Interface MTU'),
  description: f.x8('ospf.dbd', 'DB Description'),
  resync: bit('ospf.dbd.r', '(R) OOBResync', 0x08),
  init: bit('ospf.dbd.i', '(I) Init', 0x04),
  more: bit('ospf.dbd.m', '(M) More', 0x02),
  master: bit('ospf.dbd.ms', '(MS) Master', 0x01, 8, ['Yes', 'No']),
  descriptionSequence: f.u32('ospf.db.dd_sequence', 'DD Sequence'),
  typeAsked: f.u32('ospf.lsa', 'LS Type', { names: LSA_TYPES }),
  count: f.u32('ospf.ls.number_of_lsas', 'Number of LSAs'),
  ...LSA_FIELDS,
};
const MESSAGES: Record<number, typeof F.isHello> = {
  [HELLO]: F.isHello,
  [DESCRIPTION]: F.isDescription,
  [REQUEST]: F.isRequest,
  [UPDATE]: F.isUpdate,
  [ACKNOWLEDGE]: F.isAcknowledge,
};

export const ospf: Protocol = protocol({
  name: 'ospf',
  column: 'OSPF',
  title: 'Open Shortest Path First',
  minLength: HEADER_3,
  binds: { 'ip.proto': [89] },
  fields: F,
  walk(d, layer) {
    layer.end = Math.min(layer.end, layer.start + u16(d.bytes, layer.start + 2));
    layer.headerLength = Math.max(0, d.capturedEnd(layer) - layer.start);
    return undefined;
  },
  info: (d, layer) => TYPES[d.bytes[layer.start + 1]!] ?? `Unknown (${d.bytes[layer.start + 1]})`,
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    const version = c.peek(1);
    const type = c.peek(1, 1);
    c.under(F.header, version === 3 ? HEADER_3 : HEADER_2, null, () => header(c, version));
    if (version !== 2 && version !== 3) return;
    if (type === HELLO) hello(c, version);
    else if (type === DESCRIPTION) {
      description(c, version);
      while (c.left >= LSA_HEADER) lsaHeader(c, version);
    } else if (type === REQUEST) while (c.left >= 12) request(c, version);
    else if (type === UPDATE) update(c, version);
    else if (type === ACKNOWLEDGE) while (c.left >= LSA_HEADER) lsaHeader(c, version);
  },
});

function header(c: Cursor, version: number): void {
  c.u8(F.version);
  const type = c.u8(F.type);
  if (MESSAGES[type]) c.out.value(MESSAGES[type], c.at - 1, 1, true, { hidden: true });
  c.u16(F.length);
  c.item(F.router, 4);
  c.item(F.area, 4);
  c.u16(F.checksum);
  if (version === 3) {
    c.u8(F.instance);
    c.data(F.reserved, 1);
    return;
  }
  if (version !== 2) return;
  const auth = c.u16(F.authType);
  if (auth === 0) c.data(F.authNone, 8);
  else if (auth === 1) c.text(F.authSimple, 8);
  else if (auth === 2) {
    c.skip(2);
    c.u8(F.keyId);
    c.u8(F.authLength);
    c.u32(F.authSequence);
  }
}

const lsaHeader = (c: Cursor, version: number) => (version === 2 ? emitLsa2(c, false) : emitLsa3(c));

function hello(c: Cursor, version: number): void {
  c.under(F.hello, c.left, null, () => {
    if (version === 2) {
      c.item(F.mask, 4);
      c.u16(F.helloInterval);
      options2(c);
      c.u8(F.priority);
      c.u32(F.deadInterval);
    } else {
      c.u32(F.interface);
      c.u8(F.priority);
      c.u24(F.options3);
      c.u16(F.helloInterval);
      c.u16(F.deadInterval);
    }
    c.item(F.designated, 4);
    c.item(F.backup, 4);
    while (c.left >= 4) c.item(F.neighbor, 4);
  });
}

function description(c: Cursor, version: number): void {
  c.group('OSPF DB Description', version === 2 ? 8 : 12, () => {
    if (version === 2) {
      c.u16(F.mtu);
      options2(c);
    } else {
      c.data(F.reserved, 1);
      c.u24(F.options3);
      c.u16(F.mtu);
      c.data(F.reserved, 1);
    }
    c.under(F.description, 1, c.peek(1), () => c.bits(1, F.resync, F.init, F.more, F.master));
    c.u32(F.descriptionSequence);
  });
}

function request(c: Cursor, version: number): void {
  c.group('Link State Request', 12, () => {
    if (version === 2) c.u32(F.typeAsked);
    else {
      c.data(F.reserved, 2);
      type3(c);
    }
    c.item(F.stateId, 4);
    c.item(F.advertiser, 4);
  });
}

function update(c: Cursor, version: number): void {
  c.group('LS Update Packet', c.left, () => {
    let left = c.u32(F.count);
    for (; left > 0 && c.left >= LSA_HEADER; left--) {
      const next = c.at + Math.max(LSA_HEADER, c.peek(2, 18));
      if (version === 2) emitLsa2(c, true);
      else emitLsa3(c);
      c.at = next;
    }
  });
}
