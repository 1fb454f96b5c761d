/** DNS parameters (IANA "Domain Name System (DNS) Parameters"), worded as Wireshark words them. */
export const DNS_TYPES: Readonly<Record<number, readonly [short: string, long: string]>> = {
  1: ['A', 'Host Address'],
  2: ['NS', 'authoritative Name Server'],
  5: ['CNAME', 'Canonical NAME for an alias'],
  6: ['SOA', 'Start Of a zone of Authority'],
  12: ['PTR', 'domain name PoinTeR'],
  13: ['HINFO', 'host information'],
  15: ['MX', 'Mail eXchange'],
  16: ['TXT', 'Text strings'],
  28: ['AAAA', 'IPv6 Address'],
  33: ['SRV', 'Server Selection'],
  35: ['NAPTR', 'Naming Authority Pointer'],
  41: ['OPT', ''],
  43: ['DS', 'Delegation Signer'],
  46: ['RRSIG', ''],
  47: ['NSEC', 'Next Secure'],
  48: ['DNSKEY', 'DNS Public Key'],
  64: ['SVCB', 'General Purpose Service Endpoints'],
  65: ['HTTPS', 'HTTPS Specific Service Endpoints'],
  251: ['IXFR', 'incremental transfer'],
  252: ['AXFR', 'transfer of an entire zone'],
  255: ['*', 'A request for some or all records the server has available'],
  257: ['CAA', 'Certification Authority Restriction'],
};

export const DNS_CLASSES: Readonly<Record<number, string>> = { 1: 'IN', 3: 'CH', 4: 'HS', 254: 'NONE', 255: 'ANY' };

export const DNS_OPCODES: Readonly<Record<number, string>> = {
  0: 'Standard query',
  1: 'Inverse query',
  2: 'Server status request',
  4: 'Zone change notification',
  5: 'Dynamic update',
  6: 'DNS Stateful operations (DSO)',
};

export const DNS_RCODES: Readonly<Record<number, string>> = {
  0: 'No error',
  1: 'Format error',
  2: 'Server failure',
  3: 'No such name',
  4: 'Not implemented',
  5: 'Refused',
  6: 'Name exists',
  7: 'RRset exists',
  8: 'RRset does not exist',
  9: 'Not authoritative',
  10: 'Name out of zone',
};

/** "A", "Unknown (65280)". */
export function dnsTypeText(type: number): string {
  return DNS_TYPES[type]?.[0] ?? `Unknown (${type})`;
}

export function dnsClassText(value: number): string {
  return DNS_CLASSES[value] ?? `Unknown (0x${value.toString(16).padStart(4, '0')})`;
}
