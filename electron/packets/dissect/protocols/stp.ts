/** Spanning Tree, Rapid Spanning Tree and the common part of Multiple Spanning Tree BPDUs (IEEE 802.1D, 802.1Q). */
import { u16, u32 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { bit, f, protocol } from '../define.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';
import { macText } from '../text.ts';

const CONFIG = 0;
const RAPID = 2;
const TCN = 0x80;
const ROLES = { 0: 'Unknown', 1: 'Alternate or Backup', 2: 'Root', 3: 'Designated' };
const YES = ['Yes', 'No'] as const;
const F = {
  protocol: f.x16('stp.protocol', 'Protocol Identifier', { names: { 0: 'Spanning Tree Protocol' } }),
  version: f.u8('stp.version', 'Protocol Version Identifier', {
    names: { 0: 'Spanning Tree', 2: 'Rapid Spanning Tree', 3: 'Multiple Spanning Tree', 4: 'SPB' },
  }),
  type: f.x8('stp.type', 'BPDU Type', {
    names: {
      [CONFIG]: 'Configuration',
      [RAPID]: 'Rapid/Multiple Spanning Tree',
      [TCN]: 'Topology Change Notification',
    },
  }),
  flags: f.x8('stp.flags', 'BPDU flags'),
  tcAck: bit('stp.flags.tcack', 'Topology Change Acknowledgment', 0x80, 8, YES),
  agreement: bit('stp.flags.agreement', 'Agreement', 0x40, 8, YES),
  forwarding: bit('stp.flags.forwarding', 'Forwarding', 0x20, 8, YES),
  learning: bit('stp.flags.learning', 'Learning', 0x10, 8, YES),
  role: f.u8('stp.flags.port_role', 'Port Role', { mask: 0x0c, bits: 8, names: ROLES }),
  proposal: bit('stp.flags.proposal', 'Proposal', 0x02, 8, YES),
  tc: bit('stp.flags.tc', 'Topology Change', 0x01, 8, YES),
  rootPriority: f.u16('stp.root.prio', 'Root Bridge Priority'),
  rootExt: f.u16('stp.root.ext', 'Root Bridge System ID Extension'),
  rootMac: f.mac('stp.root.hw', 'Root Bridge System ID'),
  cost: f.u32('stp.root.cost', 'Root Path Cost'),
  bridgePriority: f.u16('stp.bridge.prio', 'Bridge Priority'),
  bridgeExt: f.u16('stp.bridge.ext', 'Bridge System ID Extension'),
  bridgeMac: f.mac('stp.bridge.hw', 'Bridge System ID'),
  port: f.x16('stp.port', 'Port identifier'),
  age: f.text('stp.msg_age', 'Message Age'),
  maxAge: f.text('stp.max_age', 'Max Age'),
  hello: f.text('stp.hello', 'Hello Time'),
  forward: f.text('stp.forward', 'Forward Delay'),
  version1: f.u8('stp.version_1_length', 'Version 1 Length'),
  version3: f.u16('mstp.version_3_length', 'Version 3 Length'),
  format: f.u8('mstp.config_format_selector', 'MST Config ID format selector'),
  name: f.text('mstp.config_name', 'MST Config name'),
  revision: f.u16('mstp.config_revision_level', 'MST Config revision'),
  digest: f.bytes('mstp.config_digest', 'MST Config digest'),
  internalCost: f.u32('mstp.cist_internal_root_path_cost', 'CIST Internal Root Path Cost'),
  cistPriority: f.u16('mstp.cist_bridge.prio', 'CIST Bridge Priority'),
  cistExt: f.u16('mstp.cist_bridge.ext', 'CIST Bridge Identifier System ID Extension'),
  cistMac: f.mac('mstp.cist_bridge.hw', 'CIST Bridge Identifier System ID'),
  hops: f.u8('mstp.cist_remaining_hops', 'CIST Remaining hops'),
};

const typeOf = (d: Dissection, layer: Layer) => d.bytes[layer.start + 3]!;
const versionOf = (d: Dissection, layer: Layer) => d.bytes[layer.start + 2]!;

export const stp: Protocol = protocol({
  name: 'stp',
  column: 'STP',
  title: 'Spanning Tree Protocol',
  minLength: 4,
  binds: { 'llc.dsap': [0x42] },
  fields: F,
  info(d, layer) {
    const type = typeOf(d, layer);
    if (type === TCN) return 'Topology Change Notification';
    const at = layer.start;
    const kind = type === CONFIG ? 'Conf.' : versionOf(d, layer) >= 3 ? 'MST.' : 'RST.';
    const flags = d.bytes[at + 4]!;
    const change = flags & 1 ? ' TC +' : '';
    const root = `Root = ${u16(d.bytes, at + 5) & 0xf000}/${u16(d.bytes, at + 5) & 0xfff}/${macText(d.bytes, at + 7)}`;
    return `${kind}${change} ${root}  Cost = ${u32(d.bytes, at + 13)}  Port = 0x${u16(d.bytes, at + 25)
      .toString(16)
      .padStart(4, '0')}`;
  },
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    c.u16(F.protocol);
    const version = c.u8(F.version);
    const type = c.u8(F.type);
    if (type === TCN) return;
    out.open(F.flags, c.at, 1, c.peek(1));
    c.bits(1, F.tcAck);
    if (type === RAPID) c.bits(1, F.agreement, F.forwarding, F.learning, F.role, F.proposal);
    c.bits(1, F.tc);
    out.close();
    c.skip(1);
    bridge(c, 'Root Identifier', F.rootPriority, F.rootExt, F.rootMac);
    c.u32(F.cost);
    bridge(c, 'Bridge Identifier', F.bridgePriority, F.bridgeExt, F.bridgeMac);
    c.u16(F.port);
    for (const field of [F.age, F.maxAge, F.hello, F.forward]) seconds(c, field);
    if (type !== RAPID) return;
    c.u8(F.version1);
    if (version >= 3 && c.left >= 64) multiple(c);
  },
});

function bridge(
  c: Cursor,
  title: string,
  priority: typeof F.rootPriority,
  ext: typeof F.rootExt,
  mac: typeof F.rootMac,
): void {
  const id = c.peek(2);
  c.group(`${title}: ${id & 0xf000} / ${id & 0xfff} / ${macText(c.bytes, c.at + 2)}`, 8, () => {
    c.out.value(priority, c.at, 1, id & 0xf000);
    c.out.value(ext, c.at, 2, id & 0x0fff);
    c.skip(2);
    c.item(mac, 6);
  });
}

/** In 1/256 s. */
function seconds(c: Cursor, field: typeof F.age): void {
  c.out.value(field, c.at, 2, String(c.peek(2) / 256));
  c.skip(2);
}

function multiple(c: Cursor): void {
  c.u16(F.version3);
  c.u8(F.format);
  c.text(F.name, 32);
  c.u16(F.revision);
  c.data(F.digest, 16);
  c.u32(F.internalCost);
  bridge(c, 'CIST Bridge Identifier', F.cistPriority, F.cistExt, F.cistMac);
  c.u8(F.hops);
}
