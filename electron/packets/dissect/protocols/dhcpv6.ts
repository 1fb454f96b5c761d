/** DHCP for IPv6 (RFC 8415) with the options of hosts, routers and relays; relayed messages lie inside each other. */
import { u16, u24 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { bit, f, protocol } from '../define.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';
import type { Field } from '../field.ts';
import { DUID_TYPES, MESSAGES, OPTIONS, STATUS } from '../names/dhcpv6.ts';
import { hex, hexText, ipv6Text, macText } from '../text.ts';

const RELAY_FORWARD = 12;
const RELAY_REPLY = 13;
/** Of a client or server; a relay's has two addresses. */
const HEADER = 4;
const RELAY_HEADER = 34;
/** A relay may not add to more hops than these (RFC 8415 §19.1.2). */
const MAX_HOPS = 32;
/** DUID times count from 2000. */
const EPOCH_2000 = 946_684_800n;
const CLIENT_ID = 1;
const IA_NA = 3;
const IA_TA = 4;
const IA_ADDRESS = 5;
const RELAYED = 9;
const IA_PD = 25;

const HARDWARE = { 1: 'Ethernet', 6: 'IEEE 802', 24: 'IEEE 1394.1995', 32: 'InfiniBand' };
const F = {
  message: f.u8('dhcpv6.msgtype', 'Message type', { names: MESSAGES }),
  xid: f.x24('dhcpv6.xid', 'Transaction ID'),
  hops: f.u8('dhcpv6.hopcount', 'Hopcount'),
  link: f.ip6('dhcpv6.linkaddr', 'Link address'),
  peer: f.ip6('dhcpv6.peeraddr', 'Peer address'),
  option: f.text('dhcpv6.option.type_str', 'Option'),
  type: f.u16('dhcpv6.option.type', 'Option', { names: OPTIONS }),
  length: f.u16('dhcpv6.option.length', 'Length'),
  duid: f.bytes('dhcpv6.duid.bytes', 'DUID'),
  duidType: f.u16('dhcpv6.duid.type', 'DUID Type', { names: DUID_TYPES }),
  lltHardware: f.u16('dhcpv6.duidllt.hwtype', 'Hardware type', { names: HARDWARE }),
  lltTime: f.time('dhcpv6.duidllt.time', 'DUID Time'),
  lltAddress: f.text('dhcpv6.duidllt.link_layer_addr', 'Link-layer address'),
  llHardware: f.u16('dhcpv6.duidll.hwtype', 'Hardware type', { names: HARDWARE }),
  llAddress: f.text('dhcpv6.duidll.link_layer_addr', 'Link-layer address'),
  enterprise: f.u32('dhcpv6.duiden.enterprise', 'Enterprise ID'),
  identifier: f.bytes('dhcpv6.duiden.identifier', 'Identifier'),
  uuid: f.bytes('dhcpv6.duiduuid.bytes', 'UUID'),
  iaid: f.text('dhcpv6.iaid', 'IAID'),
  t1: f.u32('dhcpv6.iaid.t1', 'T1'),
  t2: f.u32('dhcpv6.iaid.t2', 'T2'),
  iata: f.text('dhcpv6.iata', 'IATA'),
  address: f.ip6('dhcpv6.iaaddr.ip', 'IPv6 address'),
  preferred: f.u32('dhcpv6.iaaddr.pref_lifetime', 'Preferred lifetime'),
  valid: f.u32('dhcpv6.iaaddr.valid_lifetime', 'Valid lifetime'),
  prefixPreferred: f.u32('dhcpv6.iaprefix.pref_lifetime', 'Preferred lifetime'),
  prefixValid: f.u32('dhcpv6.iaprefix.valid_lifetime', 'Valid lifetime'),
  prefixLength: f.u8('dhcpv6.iaprefix.pref_len', 'Prefix length'),
  prefix: f.ip6('dhcpv6.iaprefix.pref_addr', 'Prefix address'),
  requested: f.u16('dhcpv6.requested_option_code', 'Requested Option code', { names: OPTIONS }),
  preference: f.u8('dhcpv6.option_preference', 'Pref-value'),
  elapsed: f.u16('dhcpv6.elapsed_time', 'Elapsed time', { unit: ['ms', 'ms'] }),
  authProtocol: f.u8('dhcpv6.auth.protocol', 'Protocol'),
  authAlgorithm: f.u8('dhcpv6.auth.algorithm', 'Algorithm'),
  authRdm: f.u8('dhcpv6.auth.rdm', 'RDM'),
  authReplay: f.bytes('dhcpv6.auth.replay_detection', 'Replay Detection'),
  authInfo: f.bytes('dhcpv6.auth.info', 'Authentication Information'),
  unicast: f.ip6('dhcpv6.unicast', 'IPv6 address'),
  status: f.u16('dhcpv6.status_code', 'Status Code', { names: STATUS }),
  statusText: f.text('dhcpv6.status_msg', 'Status Message'),
  userLength: f.u16('dhcpv6.userclass.length', 'Length'),
  userData: f.bytes('dhcpv6.userclass.opaque_data', 'Suboption'),
  classEnterprise: f.u32('dhcpv6.vendorclass.enterprise', 'Enterprise ID'),
  classData: f.text('dhcpv6.vendorclass.data', 'vendor-class-data'),
  vendorEnterprise: f.u32('dhcpv6.vendoropts.enterprise', 'Enterprise ID'),
  interface: f.bytes('dhcpv6.interface_id', 'Interface-ID'),
  reconfigure: f.u8('dhcpv6.reconf_msg', 'Reconfigure message type', { names: MESSAGES }),
  dns: f.ip6('dhcpv6.dns_server', 'DNS server address'),
  search: f.text('dhcpv6.search_list_entry', 'List entry'),
  sntp: f.ip6('dhcpv6.sntp_server', 'SNTP server address'),
  lifetime: f.u32('dhcpv6.lifetime', 'Lifetime'),
  remoteEnterprise: f.u32('dhcpv6.remoteid.enterprise', 'Enterprise ID'),
  remote: f.bytes('dhcpv6.remoteid_enterprise_id', 'Remote-ID'),
  subscriber: f.text('dhcpv6.subscriber_id', 'Subscriber-ID'),
  fqdnFlags: f.x8('dhcpv6.client_fqdn_flags', 'Flags'),
  fqdnN: bit('dhcpv6.clientfqdn.client.n', 'N bit', 4),
  fqdnS: bit('dhcpv6.clientfqdn.client.s', 'S bit', 1),
  serverN: bit('dhcpv6.clientfqdn.server.n', 'N bit', 4),
  serverO: bit('dhcpv6.clientfqdn.server.o', 'O bit', 2),
  serverS: bit('dhcpv6.clientfqdn.server.s', 'S bit', 1),
  domain: f.text('dhcpv6.client_domain', 'Client Domain Name'),
};

const isRelay = (type: number) => type === RELAY_FORWARD || type === RELAY_REPLY;

function* options({ bytes }: Dissection, from: number, end: number) {
  for (let at = from; at + 4 <= end; at += 4 + u16(bytes, at + 2))
    yield { code: u16(bytes, at), at: at + 4, end: Math.min(end, at + 4 + u16(bytes, at + 2)) };
}

/** Identities and addresses of a message, as its options come. */
function messageInfo(d: Dissection, start: number, end: number, hops = 0): string {
  const { bytes } = d;
  const type = bytes[start]!;
  const relay = isRelay(type);
  let text = `${MESSAGES[type] ?? `Message Type ${type}`} `;
  if (relay ? start + RELAY_HEADER > end : start + HEADER > end) return text;
  text += relay ? `L: ${ipv6Text(bytes, start + 2)} ` : `XID: ${hex(u24(bytes, start + 1), 6)} `;
  return text + optionsInfo(d, start + (relay ? RELAY_HEADER : HEADER), end, hops);
}

function optionsInfo(d: Dissection, from: number, end: number, depth: number): string {
  let text = '';
  if (depth > MAX_HOPS) return text;
  for (const { code, at, end: stop } of options(d, from, end)) {
    if (code === CLIENT_ID) text += `CID: ${hexText(d.bytes, at, stop)} `;
    else if (code === IA_ADDRESS && stop - at >= 24) text += `IAA: ${ipv6Text(d.bytes, at)} `;
    else if (code === IA_NA || code === IA_PD) text += optionsInfo(d, at + 12, stop, depth + 1);
    else if (code === IA_TA) text += optionsInfo(d, at + 4, stop, depth + 1);
    else if (code === RELAYED && stop > at) text += messageInfo(d, at, stop, depth + 1);
  }
  return text;
}

export const dhcpv6: Protocol = protocol({
  name: 'dhcpv6',
  column: 'DHCPv6',
  title: 'DHCPv6',
  tint: 'udp',
  minLength: 4,
  binds: { 'udp.port': [546, 547] },
  fields: F,
  info: (d, layer) => messageInfo(d, layer.start, d.capturedEnd(layer)),
  emit: (d, layer, out) => message(d, layer, Cursor.of(d, layer, out), 0),
});

function message(d: Dissection, layer: Layer, c: Cursor, depth: number): void {
  if (depth > MAX_HOPS) return;
  const type = c.u8(F.message);
  if (isRelay(type)) {
    c.u8(F.hops);
    c.item(F.link, 16);
    c.item(F.peer, 16);
  } else c.u24(F.xid);
  each(d, layer, c, type, depth);
}

function each(d: Dissection, layer: Layer, c: Cursor, type: number, depth: number): void {
  while (c.left >= 4) {
    const code = c.peek(2);
    const stop = c.at + 4 + c.peek(2, 2);
    const name = OPTIONS[code] ?? `DHCP option ${code}`;
    const inner = new Cursor(d, c.out, c.at, Math.min(c.end, stop));
    c.out.open(F.option, c.at, inner.left, name, { label: name });
    inner.u16(F.type);
    inner.u16(F.length);
    if (stop <= c.end) option(d, layer, inner, code, type, depth);
    c.out.close();
    c.at = stop;
  }
}

/** Options that are one value, or several of the same. */
const SIMPLE: Record<number, Field> = {
  6: F.requested,
  7: F.preference,
  12: F.unicast,
  18: F.interface,
  19: F.reconfigure,
  23: F.dns,
  31: F.sntp,
  32: F.lifetime,
  38: F.subscriber,
};

function option(d: Dissection, layer: Layer, c: Cursor, code: number, type: number, depth: number): void {
  const simple = SIMPLE[code];
  if (simple) {
    values(c, simple);
    return;
  }
  switch (code) {
    case CLIENT_ID:
    case 2:
      duid(c);
      break;
    case IA_NA:
    case IA_PD:
      c.out.value(F.iaid, c.at, 4, hexText(c.bytes, c.at, c.at + 4));
      c.skip(4);
      c.u32(F.t1);
      c.u32(F.t2);
      each(d, layer, c, type, depth);
      break;
    case IA_TA:
      c.out.value(F.iata, c.at, 4, hexText(c.bytes, c.at, c.at + 4));
      c.skip(4);
      each(d, layer, c, type, depth);
      break;
    case IA_ADDRESS:
      c.item(F.address, 16);
      c.u32(F.preferred);
      c.u32(F.valid);
      each(d, layer, c, type, depth);
      break;
    case 26:
      c.u32(F.prefixPreferred);
      c.u32(F.prefixValid);
      c.u8(F.prefixLength);
      c.item(F.prefix, 16);
      each(d, layer, c, type, depth);
      break;
    case RELAYED:
      c.group('DHCPv6', c.left, () => message(d, layer, c, depth + 1));
      break;
    default:
      more(c, code, type);
  }
}

function more(c: Cursor, code: number, type: number): void {
  switch (code) {
    case 8:
      c.out.value(F.elapsed, c.at, 2, 10 * c.peek(2)); // counted in hundredths of a second
      break;
    case 11:
      c.u8(F.authProtocol);
      c.u8(F.authAlgorithm);
      c.u8(F.authRdm);
      c.data(F.authReplay, 8);
      if (c.left > 0) c.data(F.authInfo);
      break;
    case 13:
      c.u16(F.status);
      if (c.left > 0) c.text(F.statusText);
      break;
    case 15:
      while (c.left >= 2) {
        const length = c.peek(2);
        c.group('User Class suboption', 2 + length, () => {
          c.u16(F.userLength);
          c.data(F.userData, Math.min(length, c.left));
        });
      }
      break;
    case 16:
      c.u32(F.classEnterprise);
      c.skip(2); // its data's length
      if (c.left > 0) c.text(F.classData);
      break;
    case 17:
      c.u32(F.vendorEnterprise);
      break;
    case 24:
      c.group('Domain name suffix search list', c.left, () => names(c, F.search));
      break;
    case 37:
      c.u32(F.remoteEnterprise);
      if (c.left > 0) c.data(F.remote);
      break;
    case 39:
      c.out.open(F.fqdnFlags, c.at, 1, c.peek(1));
      if (type === 2 || type === 7) c.bits(1, F.serverN, F.serverO, F.serverS);
      else c.bits(1, F.fqdnN, F.fqdnS);
      c.out.close();
      c.skip(1);
      names(c, F.domain);
      break;
  }
}

function values(c: Cursor, field: Field): void {
  if (field.type === 'bytes') c.data(field);
  else if (field.type === 'string') c.text(field);
  else {
    const width = { uint8: 1, uint16: 2, uint32: 4, ipv6: 16 }[field.type as 'ipv6'];
    while (c.left >= width) c.item(field, width);
  }
}

function duid(c: Cursor): void {
  c.out.value(F.duid, c.at, c.left, c.bytes.subarray(c.at, c.end));
  const type = c.u16(F.duidType);
  if (type === 1) {
    const hardware = c.u16(F.lltHardware);
    c.out.value(F.lltTime, c.at, 4, (BigInt(c.peek(4)) + EPOCH_2000) * 1_000_000_000n);
    c.skip(4);
    linkLayer(c, F.lltAddress, hardware);
  } else if (type === 3) linkLayer(c, F.llAddress, c.u16(F.llHardware));
  else if (type === 2) {
    c.u32(F.enterprise);
    if (c.left > 0) c.data(F.identifier);
  } else if (type === 4 && c.left > 0) c.data(F.uuid);
}

function linkLayer(c: Cursor, field: Field, hardware: number): void {
  if (c.left <= 0) return;
  const text = hardware === 1 && c.left === 6 ? macText(c.bytes, c.at) : hexText(c.bytes, c.at, c.end);
  c.out.value(field, c.at, c.left, text);
  c.skip(c.left);
}

/** Names in DNS encoding without compression (RFC 8415 §10): a name that has its end prints with a dot. */
function names(c: Cursor, field: Field): void {
  while (c.left > 0) {
    const start = c.at;
    let text = '';
    while (c.left > 0) {
      const length = c.peek(1);
      c.skip(1);
      if (length === 0 || length > c.left) break;
      for (let i = 0; i < length; i++) text += String.fromCharCode(c.bytes[c.at + i]!);
      c.skip(length);
      if (c.left > 0) text += '.';
    }
    c.out.value(field, start, c.at - start, text);
  }
}
