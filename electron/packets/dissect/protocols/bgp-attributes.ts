/** Path attributes of BGP updates (RFC 4271 §4.3, RFC 4760, RFC 1997, RFC 4456, RFC 8092) and the prefixes that they and updates carry. */
import type { Cursor } from '../cursor.ts';
import { bit, f } from '../define.ts';
import type { Field } from '../field.ts';
import { ipv4Text, ipv6Text } from '../text.ts';

const IPV4 = 1;
const IPV6 = 2;
const UNICAST = 1;
const MULTICAST = 2;
export const AFIS = { 1: 'IPv4', 2: 'IPv6', 25: 'Layer-2 VPN', 16388: 'BGP-LS' };
export const SAFIS = { 1: 'Unicast', 2: 'Multicast', 4: 'Labeled Unicast', 70: 'EVPN', 128: 'Labeled VPN Unicast' };
const ATTRIBUTES: Record<number, string> = {
  1: 'ORIGIN',
  2: 'AS_PATH',
  3: 'NEXT_HOP',
  4: 'MULTI_EXIT_DISC',
  5: 'LOCAL_PREF',
  6: 'ATOMIC_AGGREGATE',
  7: 'AGGREGATOR',
  8: 'COMMUNITIES',
  9: 'ORIGINATOR_ID',
  10: 'CLUSTER_LIST',
  14: 'MP_REACH_NLRI',
  15: 'MP_UNREACH_NLRI',
  16: 'EXTENDED_COMMUNITIES',
  17: 'AS4_PATH',
  18: 'AS4_AGGREGATOR',
  32: 'LARGE_COMMUNITY',
};
const SEGMENTS = { 1: 'AS_SET', 2: 'AS_SEQUENCE', 3: 'AS_CONFED_SEQUENCE', 4: 'AS_CONFED_SET' };
const WELL_KNOWN: Record<number, string> = {
  4294901760: 'GRACEFUL_SHUTDOWN',
  4294902426: 'BLACKHOLE',
  4294967041: 'NO_EXPORT',
  4294967042: 'NO_ADVERTISE',
  4294967043: 'NO_EXPORT_SUBCONFED',
  4294967044: 'NOPEER',
};
const u = 'bgp.update.path_attribute';

export const ATTRIBUTE_FIELDS = {
  attribute: f.none(u, 'Path Attribute'),
  flags: f.x8(`${u}.flags`, 'Flags'),
  optional: bit(`${u}.flags.optional`, 'Optional', 0x80),
  transitive: bit(`${u}.flags.transitive`, 'Transitive', 0x40),
  partial: bit(`${u}.flags.partial`, 'Partial', 0x20),
  extended: bit(`${u}.flags.extended_length`, 'Extended-Length', 0x10),
  code: f.u8(`${u}.type_code`, 'Type Code', { names: ATTRIBUTES }),
  attributeLength: f.u16(`${u}.length`, 'Length'),
  origin: f.u8(`${u}.origin`, 'Origin', { names: { 0: 'IGP', 1: 'EGP', 2: 'INCOMPLETE' } }),
  segmentType: f.u8(`${u}.as_path_segment.type`, 'Segment type', { names: SEGMENTS }),
  segmentLength: f.u8(`${u}.as_path_segment.length`, 'Segment length (number of ASN)'),
  as2: f.u16(`${u}.as_path_segment.as2`, 'AS2'),
  as4: f.u32(`${u}.as_path_segment.as4`, 'AS4'),
  nextHop: f.ip4(`${u}.next_hop`, 'Next hop'),
  med: f.u32(`${u}.multi_exit_disc`, 'Multiple exit discriminator'),
  preference: f.u32(`${u}.local_pref`, 'Local preference'),
  aggregatorAs: f.u32(`${u}.aggregator_as`, 'Aggregator AS'),
  aggregator: f.ip4(`${u}.aggregator_origin`, 'Aggregator origin'),
  communityAs: f.u16(`${u}.community_as`, 'Community AS'),
  communityValue: f.u16(`${u}.community_value`, 'Community value'),
  wellKnown: f.x32(`${u}.community_wellknown`, 'Community Well-known', { names: WELL_KNOWN }),
  originator: f.ip4(`${u}.originator_id`, 'Originator identifier'),
  cluster: f.ip4('bgp.path_attribute.cluster_id', 'Cluster ID'),
  largeAdministrator: f.u32('bgp.large_communities.ga', 'Global Administrator'),
  large1: f.u32('bgp.large_communities.ldp1', 'Local Data Part 1'),
  large2: f.u32('bgp.large_communities.ldp2', 'Local Data Part 2'),
  reachAfi: f.u16(`${u}.mp_reach_nlri.afi`, 'Address family identifier (AFI)', { names: AFIS }),
  reachSafi: f.u8(`${u}.mp_reach_nlri.safi`, 'Subsequent address family identifier (SAFI)', { names: SAFIS }),
  mpNextHop: f.bytes(`${u}.mp_reach_nlri.next_hop`, 'Next hop'),
  nextHop4: f.ip4(`${u}.mp_reach_nlri.next_hop.ipv4`, 'IPv4 Address'),
  nextHop6: f.ip6(`${u}.mp_reach_nlri.next_hop.ipv6`, 'IPv6 Address'),
  nextHopLocal: f.ip6(`${u}.mp_reach_nlri.next_hop.ipv6.link_local`, 'Link-local Address'),
  attachments: f.u8(`${u}.mp_reach_nlri.nbr_snpa`, 'Number of Subnetwork points of attachment (SNPA)'),
  reach: f.none(`${u}.mp_reach_nlri`, 'Network Layer Reachability Information (NLRI)'),
  unreachAfi: f.u16(`${u}.mp_unreach_nlri.afi`, 'Address family identifier (AFI)', { names: AFIS }),
  unreachSafi: f.u8(`${u}.mp_unreach_nlri.safi`, 'Subsequent address family identifier (SAFI)', { names: SAFIS }),
  unreach: f.none(`${u}.mp_unreach_nlri`, 'Withdrawn Routes'),
  prefixLength: f.u8('bgp.prefix_length', 'Prefix Length'),
  prefix: f.ip4('bgp.nlri_prefix', 'NLRI prefix'),
  withdrawn: f.ip4('bgp.withdrawn_prefix', 'Withdrawn prefix'),
  reach4: f.ip4('bgp.mp_reach_nlri_ipv4_prefix', 'MP Reach NLRI IPv4 prefix'),
  reach6: f.ip6('bgp.mp_reach_nlri_ipv6_prefix', 'MP Reach NLRI IPv6 prefix'),
  unreach4: f.ip4('bgp.mp_unreach_nlri_ipv4_prefix', 'MP Unreach NLRI IPv4 prefix'),
  unreach6: f.ip6('bgp.mp_unreach_nlri_ipv6_prefix', 'MP Unreach NLRI IPv6 prefix'),
};
const F = ATTRIBUTE_FIELDS;

/** Prefixes up to `stop`; the field's type says of which family. */
export function prefixes(c: Cursor, stop: number, field: Field): void {
  const six = field.type === 'ipv6';
  while (c.at < stop) {
    const bits = c.peek(1);
    const size = (bits + 7) >> 3;
    if (bits > (six ? 128 : 32) || c.at + 1 + size > stop) return;
    const bytes = new Uint8Array(16);
    bytes.set(c.bytes.subarray(c.at + 1, c.at + 1 + size));
    const text = six ? ipv6Text(bytes, 0) : ipv4Text(bytes, 0);
    c.group(`${text}/${bits}`, 1 + size, () => {
      c.u8(F.prefixLength);
      c.out.value(field, c.at, size, text);
    });
  }
}

export function pathAttribute(c: Cursor, stop: number): void {
  const wide = (c.peek(1) & 0x10) !== 0;
  const stated = wide ? c.peek(2, 2) : c.peek(1, 2);
  const code = c.peek(1, 1);
  const head = 2 + (wide ? 2 : 1);
  const end = Math.min(stop, c.at + head + stated);
  const label = { label: `Path Attribute - ${ATTRIBUTES[code] ?? 'Unknown'}` };
  c.under(
    F.attribute,
    Math.max(head, end - c.at),
    null,
    () => {
      c.under(F.flags, 1, c.peek(1), () => c.bits(1, F.optional, F.transitive, F.partial, F.extended));
      c.u8(F.code);
      if (wide) c.u16(F.attributeLength);
      else c.u8(F.attributeLength);
      value(c, code, end);
    },
    label,
  );
}

function value(c: Cursor, code: number, end: number): void {
  const length = end - c.at;
  switch (code) {
    case 1:
      if (length === 1) c.u8(F.origin);
      break;
    case 2:
    case 17:
      asPath(c, end, code === 17);
      break;
    case 3:
      if (length === 4) c.item(F.nextHop, 4);
      break;
    case 4:
      if (length === 4) c.u32(F.med);
      break;
    case 5:
      if (length === 4) c.u32(F.preference);
      break;
    case 7:
    case 18:
      if (length !== 6 && length !== 8) return;
      if (length === 8) c.u32(F.aggregatorAs);
      else c.u16(F.aggregatorAs);
      c.item(F.aggregator, 4);
      break;
    case 8:
      while (c.at + 4 <= end) community(c);
      break;
    case 9:
      if (length === 4) c.item(F.originator, 4);
      break;
    case 10:
      while (c.at + 4 <= end) c.item(F.cluster, 4);
      break;
    case 14:
      reach(c, end);
      break;
    case 15:
      unreach(c, end);
      break;
    case 32:
      while (c.at + 12 <= end)
        c.group(`Large communities: ${c.peek(4)}:${c.peek(4, 4)}:${c.peek(4, 8)}`, 12, () => {
          c.u32(F.largeAdministrator);
          c.u32(F.large1);
          c.u32(F.large2);
        });
      break;
  }
}

/** Whether segments of numbers of this width fill the attribute: the session's own agreement may not have been seen. */
function fills(c: Cursor, end: number, width: number): boolean {
  let at = c.at;
  while (at + 2 <= end) {
    const type = c.bytes[at]!;
    if (type < 1 || type > 4) return false;
    at += 2 + width * c.bytes[at + 1]!;
  }
  return at === end;
}

function asPath(c: Cursor, end: number, four: boolean): void {
  const width = four || fills(c, end, 4) ? 4 : 2;
  if (!fills(c, end, width)) return;
  while (c.at + 2 <= end) {
    const count = c.peek(1, 1);
    const numbers = Array.from({ length: count }, (_, i) => c.peek(width, 2 + width * i));
    const text = c.peek(1) === 1 ? `{${numbers.join(', ')}}` : numbers.join(' ');
    c.group(`AS Path segment: ${text}`, 2 + width * count, () => {
      c.u8(F.segmentType);
      c.u8(F.segmentLength);
      for (let i = 0; i < count; i++) {
        if (width === 4) c.u32(F.as4);
        else c.u16(F.as2);
      }
    });
  }
}

function community(c: Cursor): void {
  if (WELL_KNOWN[c.peek(4)]) {
    c.u32(F.wellKnown);
    return;
  }
  c.group(`Community: ${c.peek(2)}:${c.peek(2, 2)}`, 4, () => {
    c.u16(F.communityAs);
    c.u16(F.communityValue);
  });
}

function reach(c: Cursor, end: number): void {
  if (end - c.at < 5) return;
  const afi = c.u16(F.reachAfi);
  const safi = c.u8(F.reachSafi);
  const length = c.peek(1);
  const next = c.at + 1 + length;
  if (next >= end) return;
  c.under(F.mpNextHop, 1 + length, c.bytes.subarray(c.at, next), () => {
    c.skip(1);
    if (length === 4) c.item(F.nextHop4, 4);
    else if (length === 16 || length === 32) {
      c.item(F.nextHop6, 16);
      if (length === 32) c.item(F.nextHopLocal, 16);
    }
  });
  c.u8(F.attachments);
  const field = afi === IPV4 ? F.reach4 : F.reach6;
  routes(c, end, afi, safi, F.reach, field);
}

function unreach(c: Cursor, end: number): void {
  if (end - c.at < 3) return;
  const afi = c.u16(F.unreachAfi);
  const safi = c.u8(F.unreachSafi);
  routes(c, end, afi, safi, F.unreach, afi === IPV4 ? F.unreach4 : F.unreach6);
}

/** Of other families the routes are left as bytes. */
function routes(c: Cursor, end: number, afi: number, safi: number, list: Field, field: Field): void {
  const known = (afi === IPV4 || afi === IPV6) && (safi === UNICAST || safi === MULTICAST);
  if (known && c.at < end) c.under(list, end - c.at, null, () => prefixes(c, end, field));
}
