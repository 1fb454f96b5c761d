/** Slow protocols: Link Aggregation Control Protocol (IEEE 802.1AX), and a name for the others. */
import { u16 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { bit, f, protocol } from '../define.ts';
import type { Protocol } from '../dissection.ts';
import type { Field } from '../field.ts';
import { macText } from '../text.ts';
import { rest } from './data.ts';

const LACP = 1;
const SUBTYPES: Record<number, string> = {
  1: 'LACP',
  2: 'Marker Protocol',
  3: 'Operations, Administration, and Maintenance (OAM)',
  10: 'Organization Specific Slow Protocol',
};
const SF = { subtype: f.x8('slow.subtype', 'Slow Protocols subtype', { names: SUBTYPES }) };
const YES = ['Yes', 'No'] as const;

const F = {
  version: f.x8('lacp.version', 'LACP Version'),
  tlvType: f.x8('lacp.tlv_type', 'TLV Type', {
    names: { 0: 'Terminator', 1: 'Actor Information', 2: 'Partner Information', 3: 'Collector Information' },
  }),
  tlvLength: f.x8('lacp.tlv_length', 'TLV Length'),
  maxDelay: f.u16('lacp.collector.max_delay', 'Collector Max Delay'),
  collectorReserved: f.bytes('lacp.coll_reserved', 'Reserved'),
  pad: f.bytes('lacp.pad', 'Pad'),
};

function party(name: 'actor' | 'partner', title: string) {
  const p = `lacp.${name}`;
  return {
    priority: f.u16(`${p}.sys_priority`, `${title} System Priority`),
    system: f.mac(`${p}.sysid`, name === 'actor' ? 'Actor System ID' : 'Partner System'),
    key: f.u16(`${p}.key`, `${title} Key`),
    portPriority: f.u16(`${p}.port_priority`, `${title} Port Priority`),
    port: f.u16(`${p}.port`, `${title} Port`),
    state: f.x8(`${p}.state`, `${title} State`),
    activity: bit(`${p}.state.activity`, 'LACP Activity', 1, 8, ['Active', 'Passive']),
    timeout: bit(`${p}.state.timeout`, 'LACP Timeout', 2, 8, ['Short Timeout', 'Long Timeout']),
    aggregation: bit(`${p}.state.aggregation`, 'Aggregation', 4, 8, ['Aggregatable', 'Individual']),
    synchronization: bit(`${p}.state.synchronization`, 'Synchronization', 8, 8, ['In Sync', 'Out of Sync']),
    collecting: bit(`${p}.state.collecting`, 'Collecting', 16, 8, ['Enabled', 'Disabled']),
    distributing: bit(`${p}.state.distributing`, 'Distributing', 32, 8, ['Enabled', 'Disabled']),
    defaulted: bit(`${p}.state.defaulted`, 'Defaulted', 64, 8, YES),
    expired: bit(`${p}.state.expired`, 'Expired', 128, 8, YES),
    flags: f.text(`${p}.state_str`, `${title} State Flags`),
    reserved: f.bytes(`${p}.reserved`, 'Reserved'),
  };
}
const ACTOR = party('actor', 'Actor');
const PARTNER = party('partner', 'Partner');
const named = (prefix: string, fields: Record<string, Field>) =>
  Object.fromEntries(Object.entries(fields).map(([key, field]) => [prefix + key, field]));

export const slow: Protocol = protocol({
  name: 'slow',
  column: 'Slow Protocols',
  title: 'Slow Protocols',
  minLength: 1,
  binds: { ethertype: [0x8809] },
  fields: SF,
  walk(d, layer) {
    layer.headerLength = 1;
    const start = layer.start + 1;
    if (d.bytes[layer.start] !== LACP) return rest(d, start, layer.end);
    d.follow(start, layer.end);
    return lacp;
  },
  info: (d, layer) => SUBTYPES[d.bytes[layer.start]!] ?? 'Unknown',
  emit: (_d, layer, out) => out.item(SF.subtype, layer.start),
});

export const lacp: Protocol = protocol({
  name: 'lacp',
  column: 'LACP',
  title: 'Link Aggregation Control Protocol',
  minLength: 1,
  fields: { ...F, ...named('actor_', ACTOR), ...named('partner_', PARTNER) },
  info(d, layer) {
    const side = (letters: string, at: number) => {
      const state = flagText(d.bytes[at + 14]!);
      return `${letters} ${macText(d.bytes, at + 2)} P: ${u16(d.bytes, at + 12)} K: ${u16(d.bytes, at + 8)} ${state}`;
    };
    return `v${d.bytes[layer.start]} ${side('ACTOR', layer.start + 3)} ${side('PARTNER', layer.start + 23)}`;
  },
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    c.u8(F.version);
    emitParty(c, ACTOR);
    emitParty(c, PARTNER);
    c.u8(F.tlvType);
    c.u8(F.tlvLength);
    c.u16(F.maxDelay);
    c.data(F.collectorReserved, 12);
    c.u8(F.tlvType);
    c.u8(F.tlvLength);
    if (c.left > 0) c.data(F.pad);
  },
});

/** One place a flag, most significant first: "**DCSGSA". */
function flagText(state: number): string {
  const letters = 'EFDCSGSA';
  let text = '';
  for (let i = 0; i < 8; i++) text += (state >> (7 - i)) & 1 ? letters[i] : '*';
  return text;
}

function emitParty(c: Cursor, P: ReturnType<typeof party>): void {
  c.u8(F.tlvType);
  c.u8(F.tlvLength);
  c.u16(P.priority);
  c.item(P.system, 6);
  c.u16(P.key);
  c.u16(P.portPriority);
  c.u16(P.port);
  const state = c.peek(1);
  c.out.open(P.state, c.at, 1, state);
  c.bits(
    1,
    P.activity,
    P.timeout,
    P.aggregation,
    P.synchronization,
    P.collecting,
    P.distributing,
    P.defaulted,
    P.expired,
  );
  c.out.close();
  c.out.value(P.flags, c.at, 1, flagText(state), { generated: true });
  c.skip(1);
  c.data(P.reserved, 3);
}
