/** Virtual Router Redundancy Protocol, version 2 (RFC 3768) and 3 (RFC 9568). */
import { carrier, checkSum, sumWords } from '../checksum.ts';
import { emitChecksum } from '../checksum-fields.ts';
import { Cursor } from '../cursor.ts';
import { f, protocol } from '../define.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';

const NUMBER = 112;
const F = {
  typeVersion: f.u8('vrrp.typever', 'VRRP message version and type'),
  version: f.u8('vrrp.version', 'VRRP protocol version', { mask: 0xf0, bits: 8 }),
  type: f.u8('vrrp.type', 'VRRP packet type', { mask: 0x0f, bits: 8, names: { 1: 'Advertisement' } }),
  router: f.u8('vrrp.virt_rtr_id', 'Virtual Rtr ID'),
  priority: f.u8('vrrp.prio', 'Priority', {
    names: (v) =>
      v === 255
        ? "This VRRP router owns the virtual router's IP address(es)"
        : v === 0
          ? 'Current Master has stopped participating in VRRP'
          : v === 100
            ? 'Default priority for a backup VRRP router'
            : 'Non-default backup priority',
  }),
  count: f.u8('vrrp.addr_count', 'Addr Count'),
  authType: f.u8('vrrp.auth_type', 'Auth Type', {
    names: {
      0: 'No Authentication',
      1: 'Simple Text Authentication [RFC 2338]',
      2: 'IP Authentication Header [RFC 2338]',
    },
  }),
  interval: f.u8('vrrp.adver_int', 'Adver Int'),
  reserved: f.u8('vrrp.reserved_mbz', 'Reserved', { mask: 0xf0, bits: 8 }),
  shortInterval: f.u16('vrrp.short_adver_int', 'Adver Int', { mask: 0x0fff, bits: 16 }),
  checksum: f.x16('vrrp.checksum', 'Checksum'),
  status: f.u8('vrrp.checksum.status', 'Checksum Status'),
  ip4: f.ip4('vrrp.ip_addr', 'IP Address'),
  ip6: f.ip6('vrrp.ipv6_addr', 'IPv6 Address'),
  password: f.text('vrrp.auth_string', 'Authentication String'),
};

/** Version 3 adds a pseudo-header. */
function verify(d: Dissection, layer: Layer, version: number) {
  const network = carrier(layer)?.network;
  let pseudo = 0;
  if (network && (version === 3 || network.protocol.name === 'ipv6')) {
    const six = network.protocol.name === 'ipv6';
    const [from, to] = six ? [8, 40] : [12, 20];
    pseudo = sumWords(d.bytes, network.start + from, network.start + to) + NUMBER + (layer.end - layer.start);
  }
  return checkSum(d.bytes, layer.start, layer.end, layer.start + 6, pseudo);
}

export const vrrp: Protocol = protocol({
  name: 'vrrp',
  column: 'VRRP',
  title: 'Virtual Router Redundancy Protocol',
  minLength: 8,
  binds: { 'ip.proto': [NUMBER] },
  fields: F,
  info(d, layer) {
    const type = d.bytes[layer.start]! & 15;
    return `${type === 1 ? 'Announcement' : `Unknown (${type})`} (v${d.bytes[layer.start]! >> 4})`;
  },
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    const version = c.peek(1) >> 4;
    out.open(F.typeVersion, c.at, 1, c.peek(1));
    c.bits(1, F.version, F.type);
    out.close();
    c.skip(1);
    c.u8(F.router);
    c.u8(F.priority);
    const count = c.u8(F.count);
    if (version === 3) {
      c.bits(1, F.reserved);
      c.bits(2, F.shortInterval);
      c.skip(2);
    } else {
      c.u8(F.authType);
      c.u8(F.interval);
    }
    emitChecksum(d, c.at, F, () => verify(d, layer, version), undefined, false, out);
    c.skip(2);
    const six = carrier(layer)?.network.protocol.name === 'ipv6';
    for (let i = 0; i < count && c.left >= (six ? 16 : 4); i++) c.item(six ? F.ip6 : F.ip4, six ? 16 : 4);
    if (version === 2 && d.bytes[layer.start + 4] === 1 && c.left >= 8) c.text(F.password, 8);
  },
});
