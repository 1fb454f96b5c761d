/** Bidirectional Forwarding Detection control packets (RFC 5880). */
import { Cursor } from '../cursor.ts';
import { bit, f, protocol } from '../define.ts';
import type { Protocol } from '../dissection.ts';

const DIAGNOSTICS: Record<number, string> = {
  0: 'No Diagnostic',
  1: 'Control Detection Time Expired',
  2: 'Echo Function Failed',
  3: 'Neighbor Signaled Session Down',
  4: 'Forwarding Plane Reset',
  5: 'Path Down',
  6: 'Concatenated Path Down',
  7: 'Administratively Down',
  8: 'Reverse Concatenated Path Down',
  9: 'Mis-Connectivity Defect',
};
const STATES = ['AdminDown', 'Down', 'Init', 'Up'];
const F = {
  version: f.u8('bfd.version', 'Protocol Version', { mask: 0xe0, bits: 8 }),
  diagnostic: f.x8('bfd.diag', 'Diagnostic Code', { mask: 0x1f, bits: 8, names: DIAGNOSTICS }),
  state: f.x8('bfd.sta', 'Session State', { mask: 0xc0, bits: 8, names: (v) => STATES[v] }),
  flags: f.x8('bfd.flags', 'Message Flags'),
  poll: bit('bfd.flags.p', 'Poll', 0x20),
  final: bit('bfd.flags.f', 'Final', 0x10),
  independent: bit('bfd.flags.c', 'Control Plane Independent', 0x08, 6),
  authentication: bit('bfd.flags.a', 'Authentication Present', 0x04, 6),
  demand: bit('bfd.flags.d', 'Demand', 0x02),
  multipoint: bit('bfd.flags.m', 'Multipoint', 0x01, 6),
  multiplier: f.u8('bfd.detect_time_multiplier', 'Detect Time Multiplier'),
  length: f.u8('bfd.message_length', 'Message Length'),
  mine: f.x32('bfd.my_discriminator', 'My Discriminator'),
  yours: f.x32('bfd.your_discriminator', 'Your Discriminator'),
  minTx: f.u32('bfd.desired_min_tx_interval', 'Desired Min TX Interval'),
  minRx: f.u32('bfd.required_min_rx_interval', 'Required Min RX Interval'),
  minEcho: f.u32('bfd.required_min_echo_interval', 'Required Min Echo Interval'),
};

export const bfd: Protocol = protocol({
  name: 'bfd',
  column: 'BFD Control',
  title: 'BFD Control message',
  tint: 'udp',
  minLength: 24,
  binds: { 'udp.port': [3784, 4784] },
  fields: F,
  info(d, layer) {
    const [first, second] = [d.bytes[layer.start]!, d.bytes[layer.start + 1]!];
    return `Diag: ${DIAGNOSTICS[first & 31] ?? 'Unknown'}, State: ${STATES[second >> 6]}, Flags: 0x${(second & 0x3f).toString(16).padStart(2, '0')}`;
  },
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    c.bits(1, F.version, F.diagnostic);
    c.skip(1);
    c.bits(1, F.state);
    out.open(F.flags, c.at, 1, c.peek(1));
    c.bits(1, F.poll, F.final, F.independent, F.authentication, F.demand, F.multipoint);
    out.close();
    c.skip(1);
    c.u8(F.multiplier);
    c.u8(F.length);
    for (const field of [F.mine, F.yours, F.minTx, F.minRx, F.minEcho]) c.u32(field);
  },
});
