/** What SNMP version 3 puts around its PDUs: the header, the parameters of the user-based security model, the context (RFC 3412, RFC 3414). */
import { decodeUtf8 } from '../../text/utf8.ts';
import { u32 } from '../bytes.ts';
import { bit, f } from '../define.ts';
import type { FieldSink } from '../dissection.ts';
import type { Field } from '../field.ts';
import { elements, type Tlv, tlv } from './x509.ts';

const FORMATS: Record<number, string> = {
  1: 'IPv4 address',
  2: 'IPv6 address',
  3: 'MAC address',
  4: 'Text, administratively assigned',
  5: 'Octets, administratively assigned',
};
const NET_SNMP = 8072;
const NET_SNMP_RANDOM = 128;

export const SNMP_V3_FIELDS = {
  msgVersion: { ...f.i32('snmp.msgVersion', 'msgVersion'), names: { 3: 'snmpv3' } },
  global: f.none('snmp.msgGlobalData_element', 'msgGlobalData'),
  msgId: f.u32('snmp.msgID', 'msgID'),
  maxSize: f.u32('snmp.msgMaxSize', 'msgMaxSize'),
  flags: f.bytes('snmp.msgFlags', 'msgFlags'),
  report: bit('snmp.v3.flags.report', 'Reportable', 0x04),
  crypt: bit('snmp.v3.flags.crypt', 'Encrypted', 0x02),
  auth: bit('snmp.v3.flags.auth', 'Authenticated', 0x01),
  model: f.u32('snmp.msgSecurityModel', 'msgSecurityModel', { names: { 0: 'Any', 1: 'V1', 2: 'V2C', 3: 'USM' } }),
  engine: f.bytes('snmp.msgAuthoritativeEngineID', 'msgAuthoritativeEngineID'),
  conform: bit('snmp.engineid.conform', 'Engine ID Conformance', 0x80, 8, ['RFC3411 (SNMPv3)', 'RFC1910 (Non-SNMPv3)']),
  enterprise: f.u32('snmp.engineid.enterprise', 'Engine Enterprise ID'),
  format: f.u8('snmp.engineid.format', 'Engine ID Format'),
  engine4: f.ip4('snmp.engineid.ipv4', 'Engine ID Data: IPv4 address'),
  engine6: f.ip6('snmp.engineid.ipv6', 'Engine ID Data: IPv6 address'),
  engineMac: f.mac('snmp.engineid.mac', 'Engine ID Data: MAC address'),
  engineText: f.text('snmp.engineid.text', 'Engine ID Data: Text'),
  engineTime: f.time('snmp.engineid.time', 'Engine ID Data: Creation Time'),
  engineData: f.bytes('snmp.engineid.data', 'Engine ID Data'),
  boots: f.u32('snmp.msgAuthoritativeEngineBoots', 'msgAuthoritativeEngineBoots'),
  engineClock: f.u32('snmp.msgAuthoritativeEngineTime', 'msgAuthoritativeEngineTime'),
  user: f.text('snmp.msgUserName', 'msgUserName'),
  authParameters: f.bytes('snmp.msgAuthenticationParameters', 'msgAuthenticationParameters'),
  privParameters: f.bytes('snmp.msgPrivacyParameters', 'msgPrivacyParameters'),
  msgData: f.u32('snmp.msgData', 'msgData', { names: { 0: 'plaintext', 1: 'encryptedPDU' } }),
  plaintext: f.none('snmp.plaintext_element', 'plaintext'),
  encrypted: f.bytes('snmp.encryptedPDU', 'encryptedPDU'),
  contextEngine: f.bytes('snmp.contextEngineID', 'contextEngineID'),
  contextName: f.text('snmp.contextName', 'contextName'),
} satisfies Record<string, Field>;
const F = SNMP_V3_FIELDS;

export interface Wrapper {
  version: Tlv;
  global: Tlv;
  security: Tlv;
  /** The scoped PDU, or what hides it. */
  data: Tlv;
}

const OCTETS = 0x04;
const SEQUENCE = 0x30;

/** @param parts of a message, the version first */
export function readWrapper([version, global, security, data]: readonly Tlv[]): Wrapper | undefined {
  if (!version || global?.tag !== SEQUENCE || security?.tag !== OCTETS || !data) return undefined;
  return { version, global, security, data };
}

/** Engine, name and PDU of what is not encrypted. */
export function scoped(bytes: Uint8Array, { data }: Wrapper): Tlv[] {
  return data.tag === SEQUENCE ? [...elements(bytes, data.at, data.end)] : [];
}

/** Whole up to the PDU, which `pdu` shows below the context. */
export function emitWrapper(bytes: Uint8Array, wrapper: Wrapper, out: FieldSink, pdu: () => void): void {
  const number = (field: Field, part: Tlv | undefined) => {
    if (!part) return;
    let value = 0;
    for (let i = part.at; i < part.end; i++) value = value * 256 + bytes[i]!;
    out.value(field, part.at, part.end - part.at, value);
  };
  const { version, global, data } = wrapper;
  number(F.msgVersion, version);
  const [id, size, flags, model] = [...elements(bytes, global.at, global.end)];
  out.open(F.global, global.at, global.end - global.at, null);
  number(F.msgId, id);
  number(F.maxSize, size);
  if (flags) {
    out.open(F.flags, flags.at, flags.end - flags.at, bytes.subarray(flags.at, flags.end));
    for (const flag of [F.report, F.crypt, F.auth]) out.item(flag, flags.at);
    out.close();
  }
  number(F.model, model);
  out.close();
  emitSecurity(bytes, wrapper, out, number);
  const encrypted = data.tag === OCTETS;
  out.open(F.msgData, data.at, data.end - data.at, encrypted ? 1 : 0);
  if (encrypted) out.value(F.encrypted, data.at, data.end - data.at, bytes.subarray(data.at, data.end));
  else {
    const [engine, name] = scoped(bytes, wrapper);
    out.open(F.plaintext, data.at, data.end - data.at, null);
    if (engine) emitEngine(bytes, engine, F.contextEngine, out);
    if (name) out.value(F.contextName, name.at, name.end - name.at, text(bytes, name));
    pdu();
    out.close();
  }
  out.close();
}

const text = (bytes: Uint8Array, { at, end }: Tlv) => decodeUtf8(bytes.subarray(at, end));

function emitSecurity(
  bytes: Uint8Array,
  { security }: Wrapper,
  out: FieldSink,
  number: (field: Field, part: Tlv | undefined) => void,
): void {
  const inner = tlv(bytes, security.at, security.end);
  if (!inner) return;
  const [engine, boots, clock, user, auth, priv] = [...elements(bytes, inner.at, inner.end)];
  if (engine) emitEngine(bytes, engine, F.engine, out);
  number(F.boots, boots);
  number(F.engineClock, clock);
  if (user) out.value(F.user, user.at, user.end - user.at, text(bytes, user));
  for (const [field, part] of [
    [F.authParameters, auth],
    [F.privParameters, priv],
  ] as const)
    if (part) out.value(field, part.at, part.end - part.at, bytes.subarray(part.at, part.end));
}

/** RFC 3411 §5: whose it is, and what it is made of. */
function emitEngine(bytes: Uint8Array, { at, end }: Tlv, field: Field, out: FieldSink): void {
  const length = end - at;
  out.open(field, at, length, bytes.subarray(at, end));
  if (length >= 5) {
    const enterprise = u32(bytes, at) & 0x7fffffff;
    const format = bytes[at + 4]!;
    const ofNetSnmp = enterprise === NET_SNMP && format === NET_SNMP_RANDOM;
    out.item(F.conform, at);
    out.value(
      F.enterprise,
      at,
      4,
      enterprise,
      ofNetSnmp ? { label: `Engine Enterprise ID: net-snmp (${NET_SNMP})` } : undefined,
    );
    if (bytes[at]! & 0x80) {
      const known = FORMATS[format] ?? (format >= 128 ? 'Reserved/Enterprise-specific' : 'Reserved');
      const name = `${known} (${format})${ofNetSnmp ? ': Net-SNMP Random' : ''}`;
      out.item(F.format, at + 4, 1, { label: `Engine ID Format: ${name}` });
      emitEngineData(bytes, at + 5, end, format, ofNetSnmp, out);
    }
  }
  out.close();
}

function emitEngineData(
  bytes: Uint8Array,
  at: number,
  end: number,
  format: number,
  ofNetSnmp: boolean,
  out: FieldSink,
): void {
  const length = end - at;
  if (length === 0) return;
  if (format === 1 && length === 4) out.item(F.engine4, at);
  else if (format === 2 && length === 16) out.item(F.engine6, at);
  else if (format === 3 && length === 6) out.item(F.engineMac, at);
  else if (format === 4) out.value(F.engineText, at, length, decodeUtf8(bytes.subarray(at, end)));
  else if (ofNetSnmp && length === 12) {
    // A random number, and when it was drawn, in the byte order of most machines.
    out.item(F.engineData, at, 4);
    const seconds = bytes[at + 4]! | (bytes[at + 5]! << 8) | (bytes[at + 6]! << 16);
    out.value(F.engineTime, at + 4, 8, BigInt(seconds + bytes[at + 7]! * 2 ** 24) * 1_000_000_000n);
  } else out.item(F.engineData, at, length);
}
