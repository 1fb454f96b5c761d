/** Dynamic Host Configuration Protocol for IPv4, and BOOTP below it (RFC 2131, RFC 2132). */
import { u32 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { bit, f, protocol } from '../define.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';
import type { Field } from '../field.ts';
import { hex, macText } from '../text.ts';

const COOKIE = 0x63825363;
const OPTIONS_AT = 240;
const MESSAGE = 53;
const END = 255;
const MESSAGES: Record<number, string> = {
  1: 'Discover',
  2: 'Offer',
  3: 'Request',
  4: 'Decline',
  5: 'ACK',
  6: 'NAK',
  7: 'Release',
  8: 'Inform',
  9: 'Force Renew',
  10: 'Lease query',
  11: 'Lease Unassigned',
  12: 'Lease Unknown',
  13: 'Lease Active',
};
const F = {
  type: f.u8('dhcp.type', 'Message type', { names: { 1: 'Boot Request', 2: 'Boot Reply' } }),
  hwType: f.x8('dhcp.hw.type', 'Hardware type', { names: { 1: 'Ethernet' } }),
  hwLength: f.u8('dhcp.hw.len', 'Hardware address length'),
  hops: f.u8('dhcp.hops', 'Hops'),
  id: f.x32('dhcp.id', 'Transaction ID'),
  secs: f.u16('dhcp.secs', 'Seconds elapsed'),
  flags: f.x16('dhcp.flags', 'Bootp flags'),
  broadcast: bit('dhcp.flags.bc', 'Broadcast flag', 0x8000, 16, ['Broadcast', 'Unicast']),
  reserved: f.x16('dhcp.flags.reserved', 'Reserved flags', { mask: 0x7fff, bits: 16 }),
  client: f.ip4('dhcp.ip.client', 'Client IP address'),
  your: f.ip4('dhcp.ip.your', 'Your (client) IP address'),
  server: f.ip4('dhcp.ip.server', 'Next server IP address'),
  relay: f.ip4('dhcp.ip.relay', 'Relay agent IP address'),
  mac: f.mac('dhcp.hw.mac_addr', 'Client MAC address'),
  address: f.bytes('dhcp.hw.addr', 'Client hardware address'),
  padding: f.bytes('dhcp.hw.addr_padding', 'Client hardware address padding'),
  host: f.text('dhcp.server', 'Server host name'),
  file: f.text('dhcp.file', 'Boot file name'),
  cookie: f.ip4('dhcp.cookie', 'Magic cookie'),
  option: f.u8('dhcp.option.type', 'Option'),
  optionLength: f.u8('dhcp.option.length', 'Length'),
  value: f.bytes('dhcp.option.value', 'Value'),
  end: f.u8('dhcp.option.end', 'Option End'),
  optionPadding: f.bytes('dhcp.option.padding', 'Padding'),
  fqdnFlags: f.x8('dhcp.fqdn.flags', 'Flags'),
  fqdnA: f.u8('dhcp.fqdn.rcode1', 'A-RR result'),
  fqdnPtr: f.u8('dhcp.fqdn.rcode2', 'PTR-RR result'),
  fqdnName: f.text('dhcp.fqdn.name', 'Client name'),
  fqdnMbz: f.x8('dhcp.fqdn.mbz', 'Reserved flags', { mask: 0xf0, bits: 8 }),
  fqdnN: bit('dhcp.fqdn.n', 'Server DDNS', 8),
  fqdnE: bit('dhcp.fqdn.e', 'Encoding', 4),
  fqdnO: bit('dhcp.fqdn.o', 'Server overrides', 2),
  fqdnS: bit('dhcp.fqdn.s', 'Server', 1),
};

const o = (name: string) => `dhcp.option.${name}`;
/** Option → its name, the field of its values, one after the other. */
const OPTIONS: Record<number, [title: string, field?: Field]> = {
  1: ['Subnet Mask', f.ip4(o('subnet_mask'), 'Subnet Mask')],
  3: ['Router', f.ip4(o('router'), 'Router')],
  6: ['Domain Name Server', f.ip4(o('domain_name_server'), 'Domain Name Server')],
  12: ['Host Name', f.text(o('hostname'), 'Host Name')],
  15: ['Domain Name', f.text(o('domain_name'), 'Domain Name')],
  26: ['Interface MTU', f.u16(o('interface_mtu'), 'Interface MTU')],
  28: ['Broadcast Address', f.ip4(o('broadcast_address'), 'Broadcast Address')],
  42: ['Network Time Protocol Servers', f.ip4(o('ntp_server'), 'Network Time Protocol Server')],
  50: ['Requested IP Address', f.ip4(o('requested_ip_address'), 'Requested IP Address')],
  51: ['IP Address Lease Time', f.u32(o('ip_address_lease_time'), 'IP Address Lease Time')],
  [MESSAGE]: ['DHCP Message Type', f.u8(o('dhcp'), 'DHCP', { names: MESSAGES })],
  54: ['DHCP Server Identifier', f.ip4(o('dhcp_server_id'), 'DHCP Server Identifier')],
  55: ['Parameter Request List', f.u8(o('request_list_item'), 'Parameter Request List Item')],
  56: ['Message', f.text(o('message'), 'Message')],
  57: ['Maximum DHCP Message Size', f.u16(o('dhcp_max_message_size'), 'Maximum DHCP Message Size')],
  58: ['Renewal Time Value', f.u32(o('renewal_time_value'), 'Renewal Time Value')],
  59: ['Rebinding Time Value', f.u32(o('rebinding_time_value'), 'Rebinding Time Value')],
  60: ['Vendor class identifier', f.text(o('vendor_class_id'), 'Vendor class identifier')],
  61: ['Client identifier'],
  81: ['Client Fully Qualified Domain Name'],
  93: ['Client System Architecture', f.u16(o('client_system_architecture'), 'Client System Architecture')],
  116: ['DHCP Auto-Configuration', f.u8(o('dhcp_auto_configuration'), 'DHCP Auto-Configuration')],
};

function* options(d: Dissection, layer: Layer): Generator<{ code: number; at: number; length: number }> {
  const end = d.capturedEnd(layer);
  if (layer.start + OPTIONS_AT > end || u32(d.bytes, layer.start + 236) !== COOKIE) return;
  for (let at = layer.start + OPTIONS_AT; at < end; ) {
    const code = d.bytes[at]!;
    if (code === 0) {
      at++;
      continue;
    }
    const length = code === END ? 0 : (d.bytes[at + 1] ?? 0);
    yield { code, at, length };
    if (code === END) return;
    at += 2 + length;
  }
}

function message(d: Dissection, layer: Layer): number | undefined {
  for (const { code, at, length } of options(d, layer)) if (code === MESSAGE && length === 1) return d.bytes[at + 2];
  return undefined;
}

export const dhcp: Protocol = protocol({
  name: 'dhcp',
  column: 'DHCP',
  title: 'Dynamic Host Configuration Protocol',
  tint: 'udp',
  minLength: 44,
  binds: { 'udp.port': [67, 68] },
  fields: {
    ...F,
    ...Object.fromEntries(
      Object.entries(OPTIONS).flatMap(([code, [, field]]) => (field ? [[`option${code}`, field]] : [])),
    ),
  },
  columnOf: (d, layer) => (message(d, layer) === undefined ? 'BOOTP' : 'DHCP'),
  info(d, layer) {
    const id = hex(u32(d.bytes, layer.start + 4), 1);
    const kind = message(d, layer);
    if (kind !== undefined)
      return `DHCP ${(MESSAGES[kind] ?? 'Unknown Message Type (0x00)').padEnd(8)} - Transaction ID ${id}`;
    const request = d.bytes[layer.start] === 1;
    const mac = d.bytes[layer.start + 2] === 6 ? ` from ${macText(d.bytes, layer.start + 28)}` : '';
    return request ? `Boot Request${mac}` : 'Boot Reply';
  },
  label(d, layer) {
    const kind = message(d, layer);
    return kind === undefined
      ? 'Bootstrap Protocol'
      : `Dynamic Host Configuration Protocol (${MESSAGES[kind] ?? 'Unknown'})`;
  },
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    c.u8(F.type);
    c.u8(F.hwType);
    const length = c.u8(F.hwLength);
    c.u8(F.hops);
    c.u32(F.id);
    c.u16(F.secs);
    out.open(F.flags, c.at, 2, c.peek(2));
    c.bits(2, F.broadcast, F.reserved);
    out.close();
    c.skip(2);
    for (const field of [F.client, F.your, F.server, F.relay]) c.item(field, 4);
    if (length === 6) c.item(F.mac, 6);
    else if (length > 0 && length <= 16) c.data(F.address, length);
    if (length < 16) c.data(F.padding, 16 - length);
    for (const [field, size, absent] of [
      [F.host, 64, 'Server host name not given'],
      [F.file, 128, 'Boot file name not given'],
    ] as const) {
      if (c.peek(1) === 0) {
        out.value(field, c.at, size, '', { label: absent });
        c.skip(size);
      } else c.text(field, size);
    }
    if (c.left < 4) return;
    c.item(F.cookie, 4);
    let after = c.at;
    for (const { code, at, length: size } of options(d, layer)) {
      after = at + (code === END ? 1 : 2 + size);
      emitOption(new Cursor(d, out, at, after), code);
    }
    if (after < c.end && d.bytes[after - 1] === END) out.item(F.optionPadding, after, c.end - after);
  },
});

function emitOption(c: Cursor, code: number): void {
  const [title, field] = OPTIONS[code] ?? [code === END ? 'End' : 'Unknown'];
  c.under(
    F.option,
    c.left,
    code === END ? 0 : code,
    () => {
      c.skip(1);
      if (code === END) {
        c.out.value(F.end, c.at - 1, 1, code);
        return;
      }
      c.u8(F.optionLength);
      if (c.left > 0) c.out.hidden(F.value, c.at, c.left);
      if (code === 61) clientIdentifier(c);
      else if (code === 81) fullName(c);
      else if (field) values(c, field);
    },
    { label: `Option: (${code}) ${title}` },
  );
}

function values(c: Cursor, field: Field): void {
  const width = { ipv4: 4, uint8: 1, uint16: 2, uint32: 4 }[field.type as 'ipv4'];
  if (width === undefined) c.text(field);
  else while (c.left >= width) c.item(field, width);
}

function clientIdentifier(c: Cursor): void {
  if (c.peek(1) !== 1 || c.left !== 7) return;
  c.u8(F.hwType);
  c.item(F.mac, 6);
}

function fullName(c: Cursor): void {
  const encoded = (c.peek(1) & 4) !== 0;
  c.out.open(F.fqdnFlags, c.at, 1, c.peek(1));
  c.bits(1, F.fqdnMbz, F.fqdnN, F.fqdnE, F.fqdnO, F.fqdnS);
  c.out.close();
  c.skip(1);
  c.u8(F.fqdnA);
  c.u8(F.fqdnPtr);
  if (c.left > 0 && !encoded) c.text(F.fqdnName);
}
