/** Link state advertisements of OSPF version 2 (RFC 2328 §12, RFC 3101), and the headers of version 3's (RFC 5340 §A.4). */
import type { Cursor } from '../cursor.ts';
import { bit, f } from '../define.ts';

const HEADER = 20;
const ROUTER = 1;
const NETWORK = 2;
const SUMMARY = 3;
const ASBR = 4;
const EXTERNAL = 5;
const NSSA = 7;
export const LSA_TYPES: Record<number, string> = {
  [ROUTER]: 'Router-LSA',
  [NETWORK]: 'Network-LSA',
  [SUMMARY]: 'Summary-LSA (IP network)',
  [ASBR]: 'Summary-LSA (ASBR)',
  [EXTERNAL]: 'AS-External-LSA (ASBR)',
  [NSSA]: 'NSSA AS-External-LSA',
  9: 'Opaque LSA, Link-local scope',
  10: 'Opaque LSA, Area-local scope',
  11: 'Opaque LSA, AS scope',
};
const V3_TYPES: Record<number, string> = {
  1: 'Router-LSA',
  2: 'Network-LSA',
  3: 'Inter-Area-Prefix-LSA',
  4: 'Inter-Area-Router-LSA',
  5: 'AS-External-LSA',
  6: 'Group-Membership-LSA',
  7: 'NSSA-LSA',
  8: 'Link-LSA',
  9: 'Intra-Area-Prefix-LSA',
};
const LINKS: Record<number, string> = {
  1: 'Point-to-point connection to another router',
  2: 'Connection to a transit network',
  3: 'Connection to a stub network',
  4: 'Virtual link',
};
const SHORT_LINKS: Record<number, string> = { 1: 'PTP', 2: 'Transit', 3: 'Stub', 4: 'Virtual' };
const kind = (name: string, title: string) => ({ ...f.flag(`ospf.lsa.${name}`, title), bits: 0 });
const option = (name: string, title: string, mask: number) => bit(`ospf.v2.options.${name}`, title, mask);
const YES: readonly [string, string] = ['Yes', 'No'];

export const LSA_FIELDS = {
  age: f.u16('ospf.lsa.age', 'LS Age (seconds)', { mask: 0x7fff, bits: 16 }),
  doNotAge: bit('ospf.lsa.donotage', 'Do Not Age Flag', 0x8000, 16),
  options: f.x8('ospf.v2.options', 'Options'),
  dn: option('dn', 'DN', 0x80),
  opaque: option('o', 'O', 0x40),
  demand: option('dc', '(DC) Demand Circuits', 0x20),
  lls: option('l', '(L) LLS Data block', 0x10),
  nssa: option('n', '(N) NSSA', 0x08),
  propagate: option('p', '(P) Propagate', 0x08),
  multicast: option('mc', '(MC) Multicast', 0x04),
  external: option('e', '(E) External Routing', 0x02),
  topology: option('mt', '(MT) Multi-Topology Routing', 0x01),
  lsaType: f.u8('ospf.lsa', 'LS Type', { names: LSA_TYPES }),
  isRouter: kind('router', 'Router LSA'),
  isNetwork: kind('network', 'Network LSA'),
  isSummary: kind('summary', 'Summary LSA (IP Network)'),
  isAsbr: kind('asbr', 'Summary LSA (ASBR)'),
  isExternal: kind('asext', 'AS-External LSA (ASBR)'),
  isNssa: kind('nssa', 'NSSA AS-External LSA'),
  id: f.ip4('ospf.lsa.id', 'Link State ID'),
  stateId: f.ip4('ospf.link_state_id', 'Link State ID'),
  advertiser: f.ip4('ospf.advrouter', 'Advertising Router'),
  sequence: f.x32('ospf.lsa.seqnum', 'Sequence Number'),
  lsaChecksum: f.x16('ospf.lsa.chksum', 'Checksum'),
  lsaLength: f.u16('ospf.lsa.length', 'Length'),
  routerFlags: f.x8('ospf.v2.router.lsa.flags', 'Flags'),
  virtual: bit('ospf.v2.router.lsa.flags.v', '(V) Virtual link endpoint', 0x04, 8, YES),
  boundary: bit('ospf.v2.router.lsa.flags.e', '(E) AS boundary router', 0x02, 8, YES),
  border: bit('ospf.v2.router.lsa.flags.b', '(B) Area border router', 0x01, 8, YES),
  links: f.u16('ospf.lsa.number_of_links', 'Number of Links'),
  linkId: f.ip4('ospf.lsa.router.linkid', 'Link ID'),
  linkData: f.ip4('ospf.lsa.router.linkdata', 'Link Data'),
  linkType: f.u8('ospf.lsa.router.linktype', 'Link Type', { names: LINKS }),
  linkMetrics: f.u8('ospf.lsa.router.nummetrics', 'Number of Metrics'),
  linkMetric: f.u16('ospf.lsa.router.metric0', '0 Metric'),
  tosMetric: f.u16('ospf.ls.metric', 'Metric'),
  netmask: f.ip4('ospf.lsa.network.netmask', 'Netmask'),
  attached: f.ip4('ospf.lsa.network.attchrtr', 'Attached Router'),
  summaryMask: f.ip4('ospf.lsa.asbr.netmask', 'Netmask'),
  tos: f.u8('ospf.lsa.tos', 'TOS'),
  metric: f.u24('ospf.metric', 'Metric'),
  externalMask: f.ip4('ospf.lsa.asext.netmask', 'Netmask'),
  externalType: bit('ospf.lsa.asext.type', 'External Type', 0x80, 8, ['Type 2', 'Type 1']),
  externalTos: f.u8('ospf.lsa.tos', 'TOS', { mask: 0x7f, bits: 8 }),
  forward: f.ip4('ospf.lsa.asext.fwdaddr', 'Forwarding Address'),
  tag: f.u32('ospf.lsa.asext.extrttag', 'External Route Tag'),
  v3DoNotAge: bit('ospf.v3.lsa.do_not_age', 'Do Not Age', 0x8000, 16),
  v3Type: f.x16('ospf.v3.lsa', 'LS Type'),
  v3Unknown: bit('ospf.v3.lsa.u', 'LSA Handling', 0x8000, 16),
  v3Scope: f.x16('ospf.v3.lsa.s12', 'Flooding Scope', { mask: 0x6000, bits: 16 }),
  v3Function: f.u16('ospf.v3.lsa.fc', 'Function Code', { mask: 0x1fff, bits: 16, names: V3_TYPES }),
};
const F = LSA_FIELDS;
const KINDS: Record<number, typeof F.isRouter> = {
  [ROUTER]: F.isRouter,
  [NETWORK]: F.isNetwork,
  [SUMMARY]: F.isSummary,
  [ASBR]: F.isAsbr,
  [EXTERNAL]: F.isExternal,
  [NSSA]: F.isNssa,
};

/** @param lsa of this type; bit 3 means another thing in an NSSA's */
export function options2(c: Cursor, lsa = 0): void {
  c.under(F.options, 1, c.peek(1), () => {
    c.bits(
      1,
      F.dn,
      F.opaque,
      F.demand,
      F.lls,
      lsa === NSSA ? F.propagate : F.nssa,
      F.multicast,
      F.external,
      F.topology,
    );
  });
}

/** The header, and the body when `whole`. */
export function emitLsa2(c: Cursor, whole: boolean): void {
  const type = c.peek(1, 3);
  const length = Math.max(HEADER, c.peek(2, 18));
  const stop = c.at + (whole ? Math.min(length, c.left) : HEADER);
  c.group(`LSA-type ${type} (${LSA_TYPES[type] ?? 'Unknown'}), len ${c.peek(2, 18)}`, stop - c.at, () => {
    c.bits(2, F.age, F.doNotAge);
    c.skip(2);
    options2(c, type);
    c.u8(F.lsaType);
    if (KINDS[type]) c.out.value(KINDS[type], c.at - 1, 1, true, { hidden: true });
    c.item(F.id, 4);
    c.item(F.advertiser, 4);
    c.u32(F.sequence);
    c.u16(F.lsaChecksum);
    c.u16(F.lsaLength);
    if (whole) body(c, type, stop);
  });
}

function body(c: Cursor, type: number, stop: number): void {
  switch (type) {
    case ROUTER:
      c.under(F.routerFlags, 1, c.peek(1), () => c.bits(1, F.virtual, F.boundary, F.border));
      c.skip(1);
      for (let left = c.u16(F.links); left > 0 && c.at + 12 <= stop; left--) link(c, stop);
      break;
    case NETWORK:
      c.item(F.netmask, 4);
      while (c.at + 4 <= stop) c.item(F.attached, 4);
      break;
    case SUMMARY:
    case ASBR:
      c.item(F.summaryMask, 4);
      while (c.at + 4 <= stop) {
        c.u8(F.tos);
        c.u24(F.metric);
      }
      break;
    case EXTERNAL:
    case NSSA:
      c.item(F.externalMask, 4);
      while (c.at + 12 <= stop) {
        c.bits(1, F.externalType, F.externalTos);
        c.skip(1);
        c.u24(F.metric);
        c.item(F.forward, 4);
        c.u32(F.tag);
      }
      break;
  }
}

function link(c: Cursor, stop: number): void {
  const metrics = c.peek(1, 9);
  const size = Math.min(12 + 4 * metrics, stop - c.at);
  c.group(`Type: ${SHORT_LINKS[c.peek(1, 8)] ?? 'Unknown'}, Metric: ${c.peek(2, 10)}`, size, () => {
    c.item(F.linkId, 4);
    c.item(F.linkData, 4);
    c.u8(F.linkType);
    c.u8(F.linkMetrics);
    c.u16(F.linkMetric);
    for (let i = 0; i < metrics && c.at + 4 <= stop; i++) {
      c.out.value(F.tosMetric, c.at, 4, c.peek(2, 2), { label: `TOS: ${c.peek(1)}, Metric: ${c.peek(2, 2)}` });
      c.skip(4);
    }
  });
}

export function type3(c: Cursor): void {
  c.under(F.v3Type, 2, c.peek(2), () => c.bits(2, F.v3Unknown, F.v3Scope, F.v3Function));
}

export function emitLsa3(c: Cursor): void {
  const type = c.peek(2, 2) & 0x1fff;
  c.group(`LSA-type ${type} (${V3_TYPES[type] ?? 'Unknown'}), len ${c.peek(2, 18)}`, HEADER, () => {
    c.bits(2, F.age, F.v3DoNotAge);
    c.skip(2);
    type3(c);
    c.item(F.stateId, 4);
    c.item(F.advertiser, 4);
    c.u32(F.sequence);
    c.u16(F.lsaChecksum);
    c.u16(F.lsaLength);
  });
}
