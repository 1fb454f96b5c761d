/** How keys are agreed on before TLS 1.3 (RFC 5246, 8422, 4279): parameters, signatures, and which certificates a server asks for. */
import type { Cursor } from '../../cursor.ts';
import { f } from '../../define.ts';
import type { Dissection } from '../../dissection.ts';
import type { Field } from '../../field.ts';
import { groupName, HASHES, isGrease, SIGNATURES, SIGNERS } from '../../names/tls.ts';
import { CIPHER_SUITES } from '../../names/tls-suites.ts';
import { distinguishedName } from '../x509.ts';

const h = (name: string) => `tls.handshake.${name}`;
export const EXCHANGE_FIELDS = {
  schemesLength: f.u16(h('sig_hash_alg_len'), 'Signature Hash Algorithms Length'),
  schemes: f.none(h('sig_hash_algs'), 'Signature Hash Algorithms'),
  scheme: f.x16(h('sig_hash_alg'), 'Signature Algorithm', {
    names: (v) => SIGNATURES[v] ?? (isGrease(v) ? 'Reserved (GREASE)' : undefined),
  }),
  schemeHash: f.u8(h('sig_hash_hash'), 'Signature Hash Algorithm Hash', { names: HASHES }),
  schemeSigner: f.u8(h('sig_hash_sig'), 'Signature Hash Algorithm Signature', { names: SIGNERS }),
  curveType: f.x8(h('server_curve_type'), 'Curve Type', { names: { 3: 'named_curve' } }),
  curve: f.x16(h('server_named_curve'), 'Named Curve', { names: groupName }),
  serverPointLength: f.u8(h('server_point_len'), 'Pubkey Length'),
  serverPoint: f.bytes(h('server_point'), 'Pubkey'),
  clientPointLength: f.u8(h('client_point_len'), 'Pubkey Length'),
  clientPoint: f.bytes(h('client_point'), 'Pubkey'),
  signatureLength: f.u16(h('sig_len'), 'Signature Length'),
  signature: f.bytes(h('sig'), 'Signature'),
  proofLength: f.u16(h('client_cert_vrfy.sig_len'), 'Signature length'),
  proof: f.bytes(h('client_cert_vrfy.sig'), 'Signature'),
  primeLength: f.u16(h('p_len'), 'p Length'),
  prime: f.bytes(h('p'), 'p'),
  generatorLength: f.u16(h('g_len'), 'g Length'),
  generator: f.bytes(h('g'), 'g'),
  serverKeyLength: f.u16(h('ys_len'), 'Pubkey Length'),
  serverKey: f.bytes(h('ys'), 'Pubkey'),
  clientKeyLength: f.u16(h('yc_len'), 'Pubkey Length'),
  clientKey: f.bytes(h('yc'), 'Pubkey'),
  premasterLength: f.u16(h('epms_len'), 'Encrypted PreMaster length'),
  premaster: f.bytes(h('epms'), 'Encrypted PreMaster'),
  hintLength: f.u16(h('hint_len'), 'Hint Length'),
  hint: f.bytes(h('hint'), 'Hint'),
  identityLength: f.u16(h('identity_len'), 'Identity Length'),
  identity: f.bytes(h('identity'), 'Identity'),
  certificateTypesCount: f.u8(h('cert_types_count'), 'Certificate types count'),
  certificateTypes: f.none(h('cert_types'), 'Certificate types'),
  certificateType: f.u8(h('cert_type'), 'Certificate type', {
    names: {
      1: 'RSA Sign',
      2: 'DSS Sign',
      3: 'RSA Fixed DH',
      4: 'DSS Fixed DH',
      21: 'GOST R 34.10-94',
      22: 'GOST R 34.10-2001',
      64: 'ECDSA Sign',
      65: 'RSA Fixed ECDH',
      66: 'ECDSA Fixed ECDH',
      80: 'IBC Params',
    },
  }),
  authoritiesLength: f.u16(h('dnames_len'), 'Distinguished Names Length'),
  authorities: f.none(h('dnames'), 'Distinguished Names'),
  authorityLength: f.u16(h('dname_len'), 'Distinguished Name Length'),
  authority: f.none(h('dname'), 'Distinguished Name'),
} satisfies Record<string, Field>;
const F = EXCHANGE_FIELDS;

const TLS12 = 0x0303;
const nameOf = (suite: number | undefined) => CIPHER_SUITES[suite ?? -1] ?? '';
const signsWithScheme = (version: number | undefined) => version !== undefined && version >= TLS12;

export function scheme(c: Cursor): void {
  const value = c.peek(2);
  c.out.open(F.scheme, c.at, 2, value);
  c.out.value(F.schemeHash, c.at, 1, value >> 8);
  c.out.value(F.schemeSigner, c.at + 1, 1, value & 0xff);
  c.out.close();
  c.skip(2);
}

export function schemes(c: Cursor): void {
  const length = c.u16(F.schemesLength);
  const stop = Math.min(c.end, c.at + length);
  const label = `Signature Hash Algorithms (${length >> 1} algorithm${length === 2 ? '' : 's'})`;
  c.under(
    F.schemes,
    length,
    null,
    () => {
      while (c.at + 2 <= stop) scheme(c);
    },
    { label },
  );
}

/** What is behind its own length. */
function counted(c: Cursor, lengthField: Field, field: Field): void {
  const length = lengthField.type === 'uint8' ? c.u8(lengthField) : c.u16(lengthField);
  if (length > 0) c.data(field, length);
}

/** The algorithm has been agreed on otherwise before TLS 1.2. */
function signed(c: Cursor, version: number | undefined, lengthField: Field, field: Field): void {
  if (c.left < 4) return;
  if (signsWithScheme(version)) scheme(c);
  counted(c, lengthField, field);
}

export function certificateVerify(c: Cursor, version: number | undefined): void {
  signed(c, version, F.proofLength, F.proof);
}

export function serverKeyExchange(c: Cursor, suite: number | undefined, version: number | undefined): void {
  const name = nameOf(suite);
  const signs = /_(RSA|DSS|ECDSA)_WITH/.test(name);
  if (/_ECDHE_(RSA|ECDSA)_/.test(name) && c.peek(1) === 3)
    c.group('EC Diffie-Hellman Server Params', c.left, () => {
      c.u8(F.curveType);
      c.u16(F.curve);
      counted(c, F.serverPointLength, F.serverPoint);
      signed(c, version, F.signatureLength, F.signature);
    });
  else if (/^TLS_(DHE_(RSA|DSS)|DH_anon)_/.test(name))
    c.group('Diffie-Hellman Server Params', c.left, () => {
      counted(c, F.primeLength, F.prime);
      counted(c, F.generatorLength, F.generator);
      counted(c, F.serverKeyLength, F.serverKey);
      if (signs) signed(c, version, F.signatureLength, F.signature);
    });
  else if (/^TLS_PSK_/.test(name)) c.group('PSK Server Params', c.left, () => counted(c, F.hintLength, F.hint));
}

export function clientKeyExchange(c: Cursor, suite: number | undefined): void {
  const name = nameOf(suite);
  if (/_ECDHE?_(RSA|ECDSA|anon)_/.test(name) && c.peek(1) === c.left - 1)
    c.group('EC Diffie-Hellman Client Params', c.left, () => counted(c, F.clientPointLength, F.clientPoint));
  else if (/^TLS_(DHE_(RSA|DSS)|DH_anon)_/.test(name))
    c.group('Diffie-Hellman Client Params', c.left, () => counted(c, F.clientKeyLength, F.clientKey));
  else if (/^TLS_RSA_WITH/.test(name))
    c.group('RSA Encrypted PreMaster Secret', c.left, () => counted(c, F.premasterLength, F.premaster));
  else if (/^TLS_PSK_/.test(name)) c.group('PSK Client Params', c.left, () => counted(c, F.identityLength, F.identity));
}

export function certificateRequest(d: Dissection, c: Cursor, version: number | undefined): void {
  const count = c.u8(F.certificateTypesCount);
  c.under(
    F.certificateTypes,
    count,
    null,
    () => {
      for (let i = 0; i < count && c.left > 0; i++) c.u8(F.certificateType);
    },
    { label: `Certificate types (${count} type${count === 1 ? '' : 's'})` },
  );
  if (signsWithScheme(version)) schemes(c);
  authorities(d, c);
}

/** Whose certificates are good. */
export function authorities(d: Dissection, c: Cursor): void {
  if (c.left < 2) return;
  const length = c.u16(F.authoritiesLength);
  const stop = Math.min(c.end, c.at + length);
  if (length === 0) return;
  c.under(
    F.authorities,
    length,
    null,
    () => {
      while (c.at + 2 <= stop) {
        const size = c.u16(F.authorityLength);
        distinguishedName(d, c.out, c.at, Math.min(stop, c.at + size), F.authority);
        c.skip(size);
      }
    },
    { label: `Distinguished Names (${length} byte${length === 1 ? '' : 's'})` },
  );
}
