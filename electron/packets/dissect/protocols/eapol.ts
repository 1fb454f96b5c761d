/** 802.1X: EAP over LAN (IEEE 802.1X), EAP itself (RFC 3748), and the fields of WPA key frames (IEEE 802.11). */
import { u16 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { bit, f, protocol } from '../define.ts';
import type { Protocol } from '../dissection.ts';

const EAP = 0;
const KEY = 3;
const TYPES: Record<number, string> = {
  0: 'EAP Packet',
  1: 'Start',
  2: 'Logoff',
  3: 'Key',
  4: 'Encapsulated ASF Alert',
  5: 'MKA',
};
const RSN = 2;
const WPA = 254;
const F = {
  version: f.u8('eapol.version', 'Version', { names: { 1: '802.1X-2001', 2: '802.1X-2004', 3: '802.1X-2010' } }),
  type: f.u8('eapol.type', 'Type', { names: TYPES }),
  length: f.u16('eapol.len', 'Length'),
  descriptor: f.u8('eapol.keydes.type', 'Key Descriptor Type', {
    names: { 1: 'RC4 Descriptor', [RSN]: 'EAPOL RSN Key', [WPA]: 'EAPOL WPA Key' },
  }),
  keyLength: f.u16('eapol.keydes.key_len', 'Key Length'),
  replay: f.u64('eapol.keydes.replay_counter', 'Replay Counter'),
  iv: f.bytes('eapol.keydes.key_iv', 'Key IV'),
  info: f.x16('wlan_rsna_eapol.keydes.key_info', 'Key Information'),
  infoVersion: f.u16('wlan_rsna_eapol.keydes.key_info.keydes_version', 'Key Descriptor Version', { mask: 7, bits: 16 }),
  infoType: bit('wlan_rsna_eapol.keydes.key_info.key_type', 'Key Type', 8, 16, ['Pairwise Key', 'Group Key']),
  infoIndex: f.u16('wlan_rsna_eapol.keydes.key_info.key_index', 'Key Index', { mask: 0x30, bits: 16 }),
  install: bit('wlan_rsna_eapol.keydes.key_info.install', 'Install', 0x40, 16),
  ack: bit('wlan_rsna_eapol.keydes.key_info.key_ack', 'Key ACK', 0x80, 16),
  mic: bit('wlan_rsna_eapol.keydes.key_info.key_mic', 'Key MIC', 0x100, 16),
  secure: bit('wlan_rsna_eapol.keydes.key_info.secure', 'Secure', 0x200, 16),
  error: bit('wlan_rsna_eapol.keydes.key_info.error', 'Error', 0x400, 16),
  request: bit('wlan_rsna_eapol.keydes.key_info.request', 'Request', 0x800, 16),
  encrypted: bit('wlan_rsna_eapol.keydes.key_info.encrypted_key_data', 'Encrypted Key Data', 0x1000, 16),
  smk: bit('wlan_rsna_eapol.keydes.key_info.smk_message', 'SMK Message', 0x2000, 16),
  message: f.u8('wlan_rsna_eapol.keydes.msgnr', 'Message number'),
  nonce: f.bytes('wlan_rsna_eapol.keydes.nonce', 'WPA Key Nonce'),
  rsc: f.bytes('wlan_rsna_eapol.keydes.rsc', 'WPA Key RSC'),
  id: f.bytes('wlan_rsna_eapol.keydes.id', 'WPA Key ID'),
  keyMic: f.bytes('wlan_rsna_eapol.keydes.mic', 'WPA Key MIC'),
  dataLength: f.u16('wlan_rsna_eapol.keydes.data_len', 'WPA Key Data Length'),
  data: f.bytes('wlan_rsna_eapol.keydes.data', 'WPA Key Data'),
};

/** Which of the four messages of the handshake, by the flags (IEEE 802.11 §12.7.6). */
function handshake(bytes: Uint8Array, at: number): number {
  const info = u16(bytes, at + 1);
  if (!(info & 8)) return info & 0x80 ? 1 : 2;
  if (info & 0x80) return info & 0x40 ? 3 : 1;
  return u16(bytes, at + 93) === 0 || info & 0x200 ? 4 : 2;
}

export const eapol: Protocol = protocol({
  name: 'eapol',
  column: 'EAPOL',
  title: '802.1X Authentication',
  minLength: 4,
  binds: { ethertype: [0x888e] },
  fields: F,
  walk(d, layer) {
    layer.headerLength = 4;
    layer.end = Math.min(layer.end, layer.start + 4 + u16(d.bytes, layer.start + 2));
    if (d.bytes[layer.start + 1] === EAP) {
      d.follow(layer.start + 4, layer.end);
      return eap;
    }
    layer.headerLength = d.capturedEnd(layer) - layer.start;
    return undefined;
  },
  info(d, layer) {
    const type = d.bytes[layer.start + 1]!;
    const descriptor = d.bytes[layer.start + 4];
    if (type === KEY && (descriptor === RSN || descriptor === WPA)) {
      const pairwise = u16(d.bytes, layer.start + 5) & 8;
      const number = handshake(d.bytes, layer.start + 4);
      return pairwise ? `Key (Message ${number} of 4)` : `Key (Group Message ${number} of 2)`;
    }
    return TYPES[type] ?? `Unknown Type (0x${type.toString(16).padStart(2, '0')})`;
  },
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    c.u8(F.version);
    const type = c.u8(F.type);
    c.u16(F.length);
    if (type !== KEY || c.left < 1) return;
    const key = c.at;
    const descriptor = c.u8(F.descriptor);
    if (descriptor !== RSN && descriptor !== WPA) return;
    out.value(F.message, key, 0, handshake(d.bytes, key), { generated: true });
    out.open(F.info, c.at, 2, c.peek(2));
    c.bits(
      2,
      F.infoVersion,
      F.infoType,
      F.infoIndex,
      F.install,
      F.ack,
      F.mic,
      F.secure,
      F.error,
      F.request,
      F.encrypted,
      F.smk,
    );
    out.close();
    c.skip(2);
    c.u16(F.keyLength);
    c.u64(F.replay);
    c.data(F.nonce, 32);
    c.data(F.iv, 16);
    c.data(F.rsc, 8);
    c.data(F.id, 8);
    c.data(F.keyMic, 16);
    const length = c.u16(F.dataLength);
    if (length > 0) c.data(F.data, length);
  },
});

const CODES: Record<number, string> = {
  1: 'Request',
  2: 'Response',
  3: 'Success',
  4: 'Failure',
  5: 'Initiate',
  6: 'Finish',
};
const METHODS: Record<number, string> = {
  1: 'Identity',
  2: 'Notification',
  3: 'Legacy Nak (Response Only)',
  4: 'MD5-Challenge EAP (EAP-MD5-CHALLENGE)',
  5: 'One-Time Password EAP (EAP-OTP)',
  6: 'Generic Token Card EAP (EAP-GTC)',
  13: 'TLS EAP (EAP-TLS)',
  18: 'SIM EAP (EAP-SIM)',
  21: 'Tunneled TLS EAP (EAP-TTLS)',
  23: 'AKA EAP (EAP-AKA)',
  25: 'Protected EAP (EAP-PEAP)',
  26: 'MS-Authentication EAP (EAP-MS-AUTH)',
  43: 'Flexible Authentication via Secure Tunneling EAP (EAP-FAST)',
};
const E = {
  code: f.u8('eap.code', 'Code', { names: CODES }),
  id: f.u8('eap.id', 'Id'),
  length: f.u16('eap.len', 'Length'),
  type: f.u8('eap.type', 'Type', { names: METHODS }),
  identity: f.text('eap.identity', 'Identity'),
};

export const eap: Protocol = protocol({
  name: 'eap',
  column: 'EAP',
  title: 'Extensible Authentication Protocol',
  minLength: 4,
  fields: E,
  walk(d, layer) {
    layer.end = Math.min(layer.end, layer.start + u16(d.bytes, layer.start + 2));
    layer.headerLength = d.capturedEnd(layer) - layer.start;
    return undefined;
  },
  info(d, layer) {
    const code = d.bytes[layer.start]!;
    const type = d.bytes[layer.start + 4];
    const text = CODES[code] ?? `Unknown code (0x${code.toString(16).padStart(2, '0')})`;
    return code <= 2 && type !== undefined
      ? `${text}, ${METHODS[type] ?? `Unknown type (0x${type.toString(16).padStart(2, '0')})`}`
      : text;
  },
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    const code = c.u8(E.code);
    c.u8(E.id);
    c.u16(E.length);
    if (code > 2 || c.left < 1) return;
    const type = c.u8(E.type);
    if (type === 1 && c.left > 0) c.text(E.identity);
  },
});
