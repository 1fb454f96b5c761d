/** Options of router advertisements that tell of names and routes (RFC 8106, RFC 4191), and the nonce of RFC 3971. */
import { u32 } from '../bytes.ts';
import { f } from '../define.ts';
import type { Dissection, FieldSink } from '../dissection.ts';
import type { Field } from '../field.ts';
import { ipv6Text } from '../text.ts';
import { readName } from './dns-message.ts';

const PREFERENCES: Record<number, string> = { 0: 'Medium', 1: 'High', 2: 'Reserved', 3: 'Low' };
const o = (name: string) => `icmpv6.opt.${name}`;
const F = {
  reserved: f.none(o('reserved'), 'Reserved'),
  nonce: f.bytes(o('nonce'), 'Nonce'),
  prefixLength: f.u8(o('prefix.length'), 'Prefix Length'),
  routeFlag: f.x8(o('route_info.flag'), 'Flag'),
  routePreference: f.u8(o('route_info.flag.route_preference'), 'Route Preference', {
    mask: 0x18,
    bits: 8,
    names: PREFERENCES,
  }),
  routeReserved: f.u8(o('route_info.flag.reserved'), 'Reserved', { mask: 0xe7, bits: 8 }),
  routeLifetime: f.u32(o('route_lifetime'), 'Route Lifetime'),
  prefix: f.ip6(o('prefix'), 'Prefix'),
  serverLifetime: f.u32(o('rdnss.lifetime'), 'Lifetime'),
  server: f.ip6(o('rdnss'), 'Recursive DNS Servers'),
  domainLifetime: f.u32(o('dnssl.lifetime'), 'Lifetime'),
  domain: f.text(o('dnssl'), 'Domain Names'),
} satisfies Record<string, Field>;

export const ND_OPTION_FIELDS: Record<string, Field> = Object.fromEntries(
  Object.entries(F).map(([key, field]) => [`option_${key}`, field as Field]),
);

const NONCE = 14;
const ROUTE = 24;
const SERVERS = 25;
const DOMAINS = 31;
const FOREVER = 0xffffffff;

interface Option {
  type: number;
  at: number;
  /** Type and length included. */
  length: number;
}

/** What its line says behind the name; undefined: it is not one of these. */
export function namedOptionText({ bytes }: Dissection, option: Option): string | undefined {
  const { type, at, length } = option;
  if (type === NONCE) return '';
  if (type === SERVERS)
    return servers(option)
      .map((server) => ` ${ipv6Text(bytes, server)}`)
      .join('');
  if (type === DOMAINS)
    return domains(bytes, option)
      .map(({ text }) => ` ${text}`)
      .join('');
  if (type !== ROUTE) return undefined;
  return ` : ${PREFERENCES[(bytes[at + 3]! >> 3) & 3]} ${ipv6Text(prefixOf(bytes, at, length), 0)}/${bytes[at + 2]}`;
}

/** False: it is not one of these. */
export function emitNamedOption({ bytes }: Dissection, option: Option, out: FieldSink): boolean {
  const { type, at, length } = option;
  const lifetime = (field: Field, from: number) =>
    out.item(
      field,
      from,
      4,
      u32(bytes, from) === FOREVER ? { label: `${field.title}: Infinity (${FOREVER})` } : undefined,
    );
  if (type === NONCE) out.item(F.nonce, at + 2, length - 2);
  else if (type === SERVERS) {
    out.item(F.reserved, at + 2, 2);
    lifetime(F.serverLifetime, at + 4);
    for (const server of servers(option)) out.item(F.server, server);
  } else if (type === DOMAINS) {
    out.item(F.reserved, at + 2, 2);
    lifetime(F.domainLifetime, at + 4);
    for (const { from, size, text } of domains(bytes, option)) out.value(F.domain, from, size, text);
  } else if (type === ROUTE) {
    out.item(F.prefixLength, at + 2);
    const flag = bytes[at + 3]!;
    out.open(F.routeFlag, at + 3, 1, flag, { suffix: `, Route Preference: ${PREFERENCES[(flag >> 3) & 3]}` });
    out.item(F.routePreference, at + 3);
    out.item(F.routeReserved, at + 3);
    out.close();
    lifetime(F.routeLifetime, at + 4);
    if (length > 8) out.value(F.prefix, at + 8, length - 8, ipv6Text(prefixOf(bytes, at, length), 0));
  } else return false;
  return true;
}

function servers({ at, length }: Option): number[] {
  return Array.from({ length: Math.max(0, (length - 8) >> 4) }, (_, i) => at + 8 + 16 * i);
}

/** The rest is zeros. */
function domains(bytes: Uint8Array, { at, length }: Option): { from: number; size: number; text: string }[] {
  const found: { from: number; size: number; text: string }[] = [];
  const end = at + length;
  for (let from = at + 8; from < end && bytes[from] !== 0; ) {
    const name = readName(bytes, from, from, end);
    if (!name) break;
    found.push({ from, size: name.length, text: name.text });
    from += name.length;
  }
  return found;
}

/** As much of it as is needed is in the option. */
function prefixOf(bytes: Uint8Array, at: number, length: number): Uint8Array {
  const prefix = new Uint8Array(16);
  prefix.set(bytes.subarray(at + 8, at + Math.min(length, 24)));
  return prefix;
}
