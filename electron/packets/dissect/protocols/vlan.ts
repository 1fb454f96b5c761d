/** VLAN tags: 802.1Q and 802.1ad service tags, stacked as they come (IEEE 802.1Q-2022 §9). */
import { u16 } from '../bytes.ts';
import type { Protocol } from '../dissection.ts';
import type { Field } from '../field.ts';
import { ETHERTYPES } from '../names/ethertypes.ts';
import { emitTrailer, ethertypeColumn, ethertypeInfo, followEthertype } from './ethernet.ts';

const TCI = 0;
const TYPE = 2;
const HEADER = 4;

const PRIORITIES = {
  0: 'Best Effort (default)',
  1: 'Background',
  2: 'Spare',
  3: 'Critical Applications',
  4: 'Video, < 100ms latency and jitter',
  5: 'Voice, < 10ms latency and jitter',
  6: 'Internetwork Control',
  7: 'Network Control',
};

const VLAN = {
  priority: { name: 'vlan.priority', title: 'Priority', type: 'uint16', mask: 0xe000, bits: 16, names: PRIORITIES },
  dei: { name: 'vlan.dei', title: 'DEI', type: 'boolean', mask: 0x1000, bits: 16, truth: ['Eligible', 'Ineligible'] },
  id: { name: 'vlan.id', title: 'ID', type: 'uint16', mask: 0x0fff, bits: 16 },
  type: { name: 'vlan.etype', title: 'Type', type: 'uint16', base: 'hex', names: ETHERTYPES },
  trailer: { name: 'vlan.trailer', title: 'Trailer', type: 'bytes' },
} satisfies Record<string, Field>;

const SERVICE = {
  priority: { name: 'ieee8021ad.priority', title: 'Priority', type: 'uint16', mask: 0xe000, bits: 16 },
  dei: { name: 'ieee8021ad.dei', title: 'DEI', type: 'uint16', mask: 0x1000, bits: 16 },
  id: { name: 'ieee8021ad.id', title: 'ID', type: 'uint16', mask: 0x0fff, bits: 16 },
  type: { name: 'ieee8021ah.etype', title: 'Type', type: 'uint16', base: 'hex', names: ETHERTYPES },
  trailer: { name: 'ieee8021ah.trailer', title: 'Trailer', type: 'bytes' },
} satisfies Record<string, Field>;

function tag(
  identity: Pick<Protocol, 'name' | 'title' | 'column' | 'binds' | 'label'>,
  fields: Record<keyof typeof VLAN, Field>,
): Protocol {
  return {
    ...identity,
    tint: 'other',
    minLength: HEADER,
    fields,
    path: () => `${identity.name}:ethertype`,

    walk(d, layer) {
      layer.headerLength = HEADER;
      return followEthertype(d, u16(d.bytes, layer.start + TYPE), layer.start + HEADER, layer.end);
    },
    columnOf: (d, layer) => ethertypeColumn(u16(d.bytes, layer.start + TYPE)),
    info: (d, layer) => ethertypeInfo(u16(d.bytes, layer.start + TYPE)),

    emit(d, layer, out) {
      out.item(fields.priority, layer.start + TCI);
      out.item(fields.dei, layer.start + TCI);
      out.item(fields.id, layer.start + TCI);
      out.item(fields.type, layer.start + TYPE);
      emitTrailer(d, layer, fields.trailer, out);
    },
  };
}

export const vlan: Protocol = tag(
  {
    name: 'vlan',
    column: 'VLAN',
    title: '802.1Q Virtual LAN',
    binds: { ethertype: [0x8100, 0x9100] },
    label(d, layer) {
      const tci = u16(d.bytes, layer.start + TCI);
      return `802.1Q Virtual LAN, PRI: ${tci >> 13}, DEI: ${(tci >> 12) & 1}, ID: ${tci & 0xfff}`;
    },
  },
  VLAN,
);

export const dot1ad: Protocol = tag(
  {
    name: 'ieee8021ad',
    column: '802.1ad',
    title: 'IEEE 802.1ad',
    binds: { ethertype: [0x88a8] },
    label: (d, layer) => `IEEE 802.1ad, ID: ${u16(d.bytes, layer.start + TCI) & 0xfff}`,
  },
  SERVICE,
);
