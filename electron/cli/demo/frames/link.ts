/** Link layer: Ethernet II, 802.1Q and 802.1ad tags, ARP. A frame is returned without its FCS, as captures see it. */
import { type Bytes, concat, ipBytes, macBytes, u16 } from './bytes.ts';

export const ETHERTYPE = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, ipv6: 0x86dd, qinq: 0x88a8 } as const;

export interface VlanTag {
  /** VLAN identifier, 0–4095. */
  id: number;
  /** Priority code point, 0–7. */
  priority?: number;
  dropEligible?: boolean;
  /** 0x8100 (802.1Q, the default) or 0x88a8 (802.1ad service tag). */
  tpid?: number;
}

export interface EthernetHeader {
  source: string;
  destination: string;
  /** EtherType after any tags. */
  type: number;
  /** Outermost first. */
  tags?: readonly VlanTag[];
}

export function ethernet(header: EthernetHeader, payload: Uint8Array): Bytes {
  const tags = (header.tags ?? []).map(({ id, priority = 0, dropEligible = false, tpid = ETHERTYPE.vlan }) =>
    concat(u16(tpid), u16((priority << 13) | (dropEligible ? 0x1000 : 0) | (id & 0xfff))),
  );
  return concat(macBytes(header.destination), macBytes(header.source), ...tags, u16(header.type), payload);
}

export interface ArpFields {
  /** 1 request, 2 reply. */
  operation: number;
  senderMac: string;
  senderIp: string;
  targetMac: string;
  targetIp: string;
}

/** RFC 826, Ethernet/IPv4. */
export function arp(fields: ArpFields): Bytes {
  return concat(
    u16(1),
    u16(ETHERTYPE.ipv4),
    Uint8Array.of(6, 4),
    u16(fields.operation),
    macBytes(fields.senderMac),
    ipBytes(fields.senderIp),
    macBytes(fields.targetMac),
    ipBytes(fields.targetIp),
  );
}
