/** What an OPT record carries (RFC 6891): options of EDNS, each with its data and, where its meaning is known, that too. */
import { decodeUtf8 } from '../../text/utf8.ts';
import { u16 } from '../bytes.ts';
import { f } from '../define.ts';
import type { Dissection, FieldSink } from '../dissection.ts';
import type { Field } from '../field.ts';
import { DIGEST_TYPES, DNSSEC_ALGORITHMS, NSEC3_HASHES } from '../names/dns.ts';
import { ipv4Text, ipv6Text } from '../text.ts';
import type { DnsRecord } from './dns-message.ts';

const CODES: Record<number, string> = {
  0: 'Reserved',
  1: 'LLQ - Long-lived query',
  2: 'UL - Update lease',
  3: 'NSID - Name Server Identifier',
  4: 'Owner (reserved)',
  5: 'DAU - DNSSEC Algorithm Understood (RFC6975)',
  6: 'DHU - DS Hash Understood (RFC6975)',
  7: 'N3U - NSEC3 Hash Understood (RFC6975)',
  8: 'CSUBNET - Client subnet',
  9: 'EDNS EXPIRE (RFC7314)',
  10: 'COOKIE',
  11: 'EDNS TCP Keepalive',
  12: 'PADDING',
  13: 'CHAIN',
  15: 'Extended DNS Error',
  20730: 'Experimental - CSUBNET - Client subnet',
};
/** RFC 8914. */
const ERRORS: Record<number, string> = {
  0: 'Other Error',
  1: 'Unsupported DNSKEY Algorithm',
  2: 'Unsupported DS Digest Type',
  3: 'Stale Answer',
  4: 'Forged Answer',
  5: 'DNSSEC Indeterminate',
  6: 'DNSSEC Bogus',
  7: 'Signature Expired',
  8: 'Signature Not Yet Valid',
  9: 'DNSKEY Missing',
  10: 'RRSIGs Missing',
  11: 'No Zone Key Bit Set',
  12: 'NSEC Missing',
  13: 'Cached Error',
  14: 'Not Ready',
  15: 'Blocked',
  16: 'Censored',
  17: 'Filtered',
  18: 'Prohibited',
  19: 'Stale NXDOMAIN Answer',
  20: 'Not Authoritative',
  21: 'Not Supported',
  22: 'No Reachable Authority',
  23: 'Network Error',
  24: 'Invalid Data',
};

const F = {
  option: f.none('dns.opt', 'Option'),
  code: f.u16('dns.opt.code', 'Option Code', { names: CODES }),
  length: f.u16('dns.opt.len', 'Option Length'),
  data: f.bytes('dns.opt.data', 'Option Data'),
  algorithms: f.u8('dns.opt.dau', 'DAU', { names: DNSSEC_ALGORITHMS }),
  digests: f.u8('dns.opt.dhu', 'DHU', { names: DIGEST_TYPES }),
  hashes: f.u8('dns.opt.n3u', 'N3U', { names: NSEC3_HASHES }),
  family: f.u16('dns.opt.client.family', 'Family', { names: { 1: 'IPv4', 2: 'IPv6' } }),
  sourceMask: f.u8('dns.opt.client.netmask', 'Source Netmask'),
  scopeMask: f.u8('dns.opt.client.scope', 'Scope Netmask'),
  subnet: f.bytes('dns.opt.client.addr', 'Client Subnet'),
  subnet4: f.ip4('dns.opt.client.addr4', 'Client Subnet'),
  subnet6: f.ip6('dns.opt.client.addr6', 'Client Subnet'),
  clientCookie: f.bytes('dns.opt.cookie.client', 'Client Cookie'),
  serverCookie: f.bytes('dns.opt.cookie.server', 'Server Cookie'),
  timeout: f.u16('dns.opt.edns_tcp_keepalive.timeout', 'Timeout'),
  padding: f.bytes('dns.opt.padding', 'Padding'),
  trustPoint: f.text('dns.opt.chain.fqdn', 'Closest Trust Point'),
  error: f.u16('dns.opt.ext_error.info_code', 'Info Code', { names: ERRORS }),
  errorText: f.text('dns.opt.ext_error.extra_text', 'Extra Text'),
} satisfies Record<string, Field>;

export const DNS_OPTION_FIELDS: Record<string, Field> = Object.fromEntries(
  Object.entries(F).map(([key, field]) => [`opt_${key}`, field as Field]),
);

const CLIENT_COOKIE = 8;

export function emitOptions(d: Dissection, { dataAt, end }: DnsRecord, out: FieldSink): void {
  for (let at = dataAt; at + 4 <= end; ) {
    const code = u16(d.bytes, at);
    const length = Math.min(u16(d.bytes, at + 2), end - at - 4);
    out.open(F.option, at, 4 + length, null, { label: `Option: ${CODES[code] ?? `Unknown (${code})`}` });
    out.item(F.code, at);
    out.item(F.length, at + 2);
    out.value(F.data, at + 4, length, d.bytes.subarray(at + 4, at + 4 + length));
    emitMeaning(d.bytes, code, at + 4, at + 4 + length, out);
    out.close();
    at += 4 + length;
  }
}

function emitMeaning(bytes: Uint8Array, code: number, at: number, end: number, out: FieldSink): void {
  const octets = (field: Field) => {
    for (let i = at; i < end; i++) out.item(field, i);
  };
  switch (code) {
    case 5:
      octets(F.algorithms);
      return;
    case 6:
      octets(F.digests);
      return;
    case 7:
      octets(F.hashes);
      return;
    case 8:
    case 20730:
      emitSubnet(bytes, at, end, out);
      return;
    case 10: {
      const split = Math.min(end, at + CLIENT_COOKIE);
      out.value(F.clientCookie, at, split - at, bytes.subarray(at, split));
      out.value(F.serverCookie, split, end - split, bytes.subarray(split, end));
      return;
    }
    case 11:
      if (end - at === 2) out.item(F.timeout, at);
      return;
    case 12:
      out.value(F.padding, at, end - at, bytes.subarray(at, end));
      return;
    case 13:
      out.value(F.trustPoint, at, end - at, decodeUtf8(bytes.subarray(at, end), true));
      return;
    case 15:
      if (end - at < 2) return;
      out.item(F.error, at);
      if (end - at > 2) out.value(F.errorText, at + 2, end - at - 2, decodeUtf8(bytes.subarray(at + 2, end), true));
  }
}

/** RFC 7871: as many octets of the address as the mask needs. */
function emitSubnet(bytes: Uint8Array, at: number, end: number, out: FieldSink): void {
  if (end - at < 4) return;
  const family = u16(bytes, at);
  out.item(F.family, at);
  out.item(F.sourceMask, at + 2);
  out.item(F.scopeMask, at + 3);
  const given = bytes.subarray(at + 4, end);
  const address = new Uint8Array(16);
  address.set(given.subarray(0, 16));
  if (family === 1) out.value(F.subnet4, at + 4, given.length, ipv4Text(address, 0));
  else if (family === 2) out.value(F.subnet6, at + 4, given.length, ipv6Text(address, 0));
  else out.value(F.subnet, at + 4, given.length, given);
}
