/** Records that hold keys, signatures and fingerprints (RFC 4034, 5155, 4255, 6698, 4398), and the signature of a transaction (RFC 8945). */
import { u16, u32 } from '../bytes.ts';
import { bit, f } from '../define.ts';
import type { Dissection, FieldSink } from '../dissection.ts';
import type { Field } from '../field.ts';
import { DIGEST_TYPES, DNS_RCODES, DNSSEC_ALGORITHMS, dnsLongName, NSEC3_HASHES } from '../names/dns.ts';
import { type DnsRecord, nameAt } from './dns-message.ts';
import { durationText } from './dns-text.ts';

const n = (name: string) => `dns.${name}`;
const F = {
  dsKey: f.x16(n('ds.key_id'), 'Key id'),
  dsAlgorithm: f.u8(n('ds.algorithm'), 'Algorithm', { names: DNSSEC_ALGORITHMS }),
  dsDigestType: f.u8(n('ds.digest_type'), 'Digest Type', { names: DIGEST_TYPES }),
  dsDigest: f.bytes(n('ds.digest'), 'Digest'),
  sshAlgorithm: f.u8(n('sshfp.algorithm'), 'Algorithm', {
    names: { 0: 'Reserved', 1: 'RSA', 2: 'DSA', 3: 'ECDSA', 4: 'Ed25519', 5: 'XMSS' },
  }),
  sshType: f.u8(n('sshfp.fingerprint.type'), 'Fingerprint type', { names: { 0: 'Reserved', 1: 'SHA1', 2: 'SHA256' } }),
  sshPrint: f.bytes(n('sshfp.fingerprint'), 'Fingerprint'),
  keyFlags: f.x16(n('dnskey.flags'), 'Flags'),
  zoneKey: bit(n('dnskey.flags.zone_key'), 'Zone Key', 0x0100, 16, [
    'This is the zone key for specified zone',
    'This it not a zone key',
  ]),
  revoked: bit(n('dnskey.flags.key_revoked'), 'Key Revoked', 0x0080, 16, ['Yes', 'No']),
  entryPoint: bit(n('dnskey.flags.secure_entry_point'), 'Key Signing Key', 0x0001, 16, ['Yes', 'No']),
  keyReserved: f.x16(n('dnskey.flags.reserved'), 'Key Signing Key', { mask: 0xfe7e, bits: 16 }),
  keyProtocol: f.u8(n('dnskey.protocol'), 'Protocol'),
  keyAlgorithm: f.u8(n('dnskey.algorithm'), 'Algorithm', { names: DNSSEC_ALGORITHMS }),
  keyTag: f.u16(n('dnskey.key_id'), 'Key id'),
  publicKey: f.bytes(n('dnskey.public_key'), 'Public Key'),
  covered: f.u16(n('rrsig.type_covered'), 'Type Covered', { names: dnsLongName }),
  signAlgorithm: f.u8(n('rrsig.algorithm'), 'Algorithm', { names: DNSSEC_ALGORITHMS }),
  labels: f.u8(n('rrsig.labels'), 'Labels'),
  originalTtl: f.u32(n('rrsig.original_ttl'), 'Original TTL'),
  expiration: f.time(n('rrsig.signature_expiration'), 'Signature Expiration'),
  inception: f.time(n('rrsig.signature_inception'), 'Signature Inception'),
  signKey: f.u16(n('rrsig.key_tag'), 'Key Tag'),
  signer: f.text(n('rrsig.signers_name'), "Signer's name"),
  signature: f.bytes(n('rrsig.signature'), 'Signature'),
  next: f.text(n('nsec.next_domain_name'), 'Next Domain Name'),
  /** As the type of a record: both answer the same question. */
  hasType: f.u16(n('resp.type'), 'Type', { names: dnsLongName }),
  hash: f.u8(n('nsec3.algo'), 'Hash algorithm', { names: NSEC3_HASHES }),
  hashFlags: f.u8(n('nsec3.flags'), 'NSEC3 flags'),
  optOut: bit(n('nsec3.flags.opt_out'), 'NSEC3 Opt-out flag', 1, 8, [
    'Additional insecure delegations allowed',
    'Additional insecure delegations forbidden',
  ]),
  iterations: f.u16(n('nsec3.iterations'), 'NSEC3 iterations'),
  saltLength: f.u8(n('nsec3.salt_length'), 'Salt length'),
  salt: f.bytes(n('nsec3.salt_value'), 'Salt value'),
  hashLength: f.u8(n('nsec3.hash_length'), 'Hash length'),
  hashedNext: f.text(n('nsec3.hash_value'), 'Next hashed owner'),
  tlsaUsage: f.u8(n('tlsa.certificate_usage'), 'Certificate Usage', {
    names: {
      0: 'CA constraint (PKIX-TA)',
      1: 'Service certificate constraint (PKIX-EE)',
      2: 'Trust anchor assertion (DANE-TA)',
      3: 'Domain-issued certificate (DANE-EE)',
    },
  }),
  tlsaSelector: f.u8(n('tlsa.selector'), 'Selector', {
    names: { 0: 'Full certificate (Cert)', 1: 'SubjectPublicKeyInfo (SPKI)' },
  }),
  tlsaMatching: f.u8(n('tlsa.matching_type'), 'Matching Type', {
    names: {
      0: 'No Hash Used (Full)',
      1: '256 bit hash by SHA2 (SHA2-256)',
      2: '512 bit hash by SHA2 (SHA2-512)',
    },
  }),
  tlsaData: f.bytes(n('tlsa.certificate_association_data'), 'Certificate Association Data'),
  certType: f.u16(n('cert.type'), 'Type', {
    names: {
      1: 'PKIX',
      2: 'SPKI',
      3: 'PGP',
      4: 'IPKIX',
      5: 'ISPKI',
      6: 'IPGP',
      7: 'ACPKIX',
      8: 'IACPKIX',
      253: 'Private, URI',
      254: 'Private, OID',
    },
  }),
  certKey: f.x16(n('cert.key_tag'), 'Key Tag'),
  certAlgorithm: f.u8(n('cert.algorithm'), 'Algorithm', { names: DNSSEC_ALGORITHMS }),
  certificate: f.bytes(n('cert.certificate'), 'Certificate (or CRL)'),
  tsigAlgorithm: f.text(n('tsig.algorithm_name'), 'Algorithm Name'),
  tsigTime: f.time(n('tsig.time_signed'), 'Time Signed'),
  tsigFudge: f.u16(n('tsig.fudge'), 'Fudge'),
  tsigMacSize: f.u16(n('tsig.mac_size'), 'MAC Size'),
  tsigMac: f.none(n('tsig.mac'), 'MAC'),
  tsigId: f.u16(n('tsig.original_id'), 'Original Id'),
  tsigError: f.u16(n('tsig.error'), 'Error', {
    names: {
      ...DNS_RCODES,
      16: 'Bad OPT Version or TSIG Signature Failure',
      17: 'Key not recognized',
      18: 'Signature out of time window',
    },
  }),
  tsigOtherLength: f.u16(n('tsig.other_len'), 'Other Len'),
  tsigOther: f.bytes(n('tsig.other_data'), 'Other Data'),
} satisfies Record<string, Field>;

export const DNS_SECURITY_FIELDS: Record<string, Field> = Object.fromEntries(
  Object.entries(F).map(([key, field]) => [`sec_${key}`, field as Field]),
);

type Emit = (d: Dissection, start: number, record: DnsRecord, out: FieldSink) => void;
interface Kind {
  /** Shorter data is shown as bytes. */
  least: number;
  emit: Emit;
}

/** Single numbers, and the rest as bytes. */
function row(numbers: readonly Field[], widths: readonly number[], tail: Field): Kind {
  return {
    least: widths.reduce((sum, width) => sum + width, 0),
    emit(_d, _start, { dataAt, end }, out) {
      let at = dataAt;
      for (const [i, field] of numbers.entries()) {
        out.item(field, at);
        at += widths[i]!;
      }
      if (at < end) out.item(tail, at, end - at);
    },
  };
}

const delegation = row([F.dsKey, F.dsAlgorithm, F.dsDigestType], [2, 1, 1], F.dsDigest);
const key: Kind = { least: 4, emit: emitKey };
const signature: Kind = { least: 19, emit: emitSignature };

const KINDS: Record<number, Kind> = {
  24: signature,
  25: key,
  37: row([F.certType, F.certKey, F.certAlgorithm], [2, 2, 1], F.certificate),
  43: delegation,
  44: row([F.sshAlgorithm, F.sshType], [1, 1], F.sshPrint),
  46: signature,
  47: {
    least: 1,
    emit(d, start, record, out) {
      const { text, length } = nameAt(d.bytes, start, record.dataAt, record);
      out.value(F.next, record.dataAt, length, text);
      emitTypes(d.bytes, record.dataAt + length, record.end, out);
    },
  },
  48: key,
  50: { least: 6, emit: (d, _start, record, out) => emitHashed(d, record, true, out) },
  51: { least: 5, emit: (d, _start, record, out) => emitHashed(d, record, false, out) },
  52: row([F.tlsaUsage, F.tlsaSelector, F.tlsaMatching], [1, 1, 1], F.tlsaData),
  59: delegation,
  60: key,
  250: { least: 17, emit: emitTransaction },
  32769: delegation,
};

/** False: not one of these. */
export function emitSecurity(d: Dissection, start: number, record: DnsRecord, out: FieldSink): boolean {
  const kind = KINDS[record.type];
  if (!kind || record.dataLength < kind.least) return false;
  kind.emit(d, start, record, out);
  return true;
}

function emitKey({ bytes }: Dissection, _start: number, { dataAt: at, end }: DnsRecord, out: FieldSink): void {
  out.open(F.keyFlags, at, 2, u16(bytes, at));
  for (const flag of [F.zoneKey, F.revoked, F.entryPoint, F.keyReserved]) out.item(flag, at);
  out.close();
  out.item(F.keyProtocol, at + 2);
  out.item(F.keyAlgorithm, at + 3);
  out.value(F.keyTag, at, 0, keyTag(bytes, at, end), { generated: true });
  if (end > at + 4) out.item(F.publicKey, at + 4, end - at - 4);
}

/** RFC 4034, appendix B; B.1 for RSA/MD5. */
function keyTag(bytes: Uint8Array, at: number, end: number): number {
  if (bytes[at + 3] === 1) return end - at >= 7 ? u16(bytes, end - 3) : 0;
  let sum = 0;
  for (let i = at; i < end; i++) sum += (i - at) & 1 ? bytes[i]! : bytes[i]! << 8;
  return (sum + Math.floor(sum / 0x10000)) & 0xffff;
}

function emitSignature(d: Dissection, start: number, record: DnsRecord, out: FieldSink): void {
  const at = record.dataAt;
  const seconds = (from: number) => BigInt(u32(d.bytes, from)) * 1_000_000_000n;
  out.item(F.covered, at);
  out.item(F.signAlgorithm, at + 2);
  out.item(F.labels, at + 3);
  out.item(F.originalTtl, at + 4, 4, { suffix: ` (${durationText(u32(d.bytes, at + 4))})` });
  out.value(F.expiration, at + 8, 4, seconds(at + 8));
  out.value(F.inception, at + 12, 4, seconds(at + 12));
  out.item(F.signKey, at + 16);
  const signer = nameAt(d.bytes, start, at + 18, record);
  out.value(F.signer, at + 18, signer.length, signer.text);
  const rest = at + 18 + signer.length;
  if (rest < record.end) out.item(F.signature, rest, record.end - rest);
}

function emitHashed({ bytes }: Dissection, { dataAt: at, end }: DnsRecord, next: boolean, out: FieldSink): void {
  out.item(F.hash, at);
  out.open(F.hashFlags, at + 1, 1, bytes[at + 1]!);
  if (next) out.item(F.optOut, at + 1);
  out.close();
  out.item(F.iterations, at + 2);
  const salt = bytes[at + 4]!;
  out.item(F.saltLength, at + 4);
  if (at + 5 + salt > end) return;
  out.value(F.salt, at + 5, salt, bytes.subarray(at + 5, at + 5 + salt));
  const hashAt = at + 6 + salt;
  if (!next || hashAt > end) return;
  const size = bytes[hashAt - 1]!;
  out.item(F.hashLength, hashAt - 1);
  if (hashAt + size > end) return;
  out.value(F.hashedNext, hashAt, size, base32(bytes.subarray(hashAt, hashAt + size)));
  emitTypes(bytes, hashAt + size, end, out);
}

/** Which types a name has: windows of 256, each with as much of its bit map as is needed (RFC 4034 §4.1.2). */
function emitTypes(bytes: Uint8Array, from: number, end: number, out: FieldSink): void {
  for (let at = from; at + 2 <= end; ) {
    const stop = Math.min(end, at + 2 + bytes[at + 1]!);
    for (let octet = at + 2; octet < stop; octet++)
      for (let i = 0; i < 8; i++) {
        if (!(bytes[octet]! & (0x80 >> i))) continue;
        const type = bytes[at]! * 256 + (octet - at - 2) * 8 + i;
        out.value(F.hasType, octet, 1, type, { label: `RR type in bit map: ${dnsLongName(type) ?? 'Unknown'}` });
      }
    at = stop;
  }
}

/** RFC 4648, with the digits that keep the order. */
function base32(bytes: Uint8Array): string {
  let text = '';
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += ((held >> (bits - 5)) & 31).toString(32);
    held &= 31;
  }
  return bits > 0 ? text + ((held << (5 - bits)) & 31).toString(32) : text;
}

function emitTransaction(d: Dissection, start: number, record: DnsRecord, out: FieldSink): void {
  const { bytes } = d;
  const algorithm = nameAt(bytes, start, record.dataAt, record);
  out.value(F.tsigAlgorithm, record.dataAt, algorithm.length, algorithm.text);
  let at = record.dataAt + algorithm.length;
  if (at + 10 > record.end) return;
  out.value(F.tsigTime, at, 6, BigInt(u16(bytes, at) * 2 ** 32 + u32(bytes, at + 2)) * 1_000_000_000n);
  out.item(F.tsigFudge, at + 6);
  const size = u16(bytes, at + 8);
  out.item(F.tsigMacSize, at + 8);
  at += 10;
  if (at + size + 6 > record.end) return;
  out.value(F.tsigMac, at, size, null);
  at += size;
  out.item(F.tsigId, at);
  out.item(F.tsigError, at + 2);
  out.item(F.tsigOtherLength, at + 4);
  if (at + 6 < record.end) out.item(F.tsigOther, at + 6, record.end - at - 6);
}
