/** Bodies of 802.11 management frames: fixed parameters and the elements that networks announce themselves with. Little-endian. */
import { decodeUtf8 } from '../../text/utf8.ts';
import { u16le } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { f } from '../define.ts';
import type { Dissection, FieldSink } from '../dissection.ts';
import type { Field } from '../field.ts';
import { AUTH_ALGORITHMS, CATEGORIES, CIPHERS, ELEMENTS, KEY_MANAGEMENT, REASONS, STATUSES } from '../names/wlan.ts';
import { hex } from '../text.ts';

const ASSOCIATION_REQUEST = 0;
const ASSOCIATION_RESPONSE = 1;
const REASSOCIATION_REQUEST = 2;
const REASSOCIATION_RESPONSE = 3;
const PROBE_REQUEST = 4;
const PROBE_RESPONSE = 5;
const BEACON = 8;
const DISASSOCIATION = 10;
const AUTHENTICATION = 11;
const DEAUTHENTICATION = 12;
const ACTION = 13;
/** Bytes of fixed parameters before the elements. */
const FIXED: Record<number, number> = {
  [ASSOCIATION_REQUEST]: 4,
  [ASSOCIATION_RESPONSE]: 6,
  [REASSOCIATION_REQUEST]: 10,
  [REASSOCIATION_RESPONSE]: 6,
  [PROBE_REQUEST]: 0,
  [PROBE_RESPONSE]: 12,
  [BEACON]: 12,
  [DISASSOCIATION]: 2,
  [AUTHENTICATION]: 6,
  [DEAUTHENTICATION]: 2,
};
const BLOCK_ACK = 3;
const OUI_RSN = 0x000fac;
const OUI_MICROSOFT = 0x0050f2;

const little = (mask: number) => ({ mask, bits: 16, little: true });
const capability = (name: string, title: string, mask: number): Field => ({
  ...f.flag(`wlan.fixed.capabilities.${name}`, title, { ...little(mask) }),
  bits: 16,
});
const ht = (name: string, title: string, mask: number): Field => ({
  ...f.flag(`wlan.ht.capabilities.${name}`, title, { ...little(mask) }),
  bits: 16,
});
const suite = (name: string, title: string, names: Readonly<Record<number, string>>) => ({
  whole: f.u32(`wlan.rsn.${name}`, title),
  oui: f.u24(`wlan.rsn.${name}.oui`, `${title} OUI`),
  type: f.u8(`wlan.rsn.${name}.type`, `${title} type`, { names }),
});
const GROUP_CIPHER = suite('gcs', 'Group Cipher Suite', CIPHERS);
const PAIRWISE = suite('pcs', 'Pairwise Cipher Suite', CIPHERS);
const AKM = suite('akms', 'Auth Key Management (AKM) Suite', KEY_MANAGEMENT);

const F = {
  fixed: f.none('wlan.fixed.all', 'Fixed parameters'),
  timestamp: f.u64('wlan.fixed.timestamp', 'Timestamp'),
  interval: f.u16('wlan.fixed.beacon', 'Beacon Interval'),
  capabilities: f.x16('wlan.fixed.capabilities', 'Capabilities Information'),
  ess: capability('ess', 'ESS capabilities', 0x0001),
  ibss: capability('ibss', 'IBSS status', 0x0002),
  privacy: capability('privacy', 'Privacy', 0x0010),
  preamble: capability('short_preamble', 'Short Preamble', 0x0020),
  spectrum: capability('spec_man', 'Spectrum Management', 0x0100),
  qosCapable: capability('qos', 'QoS', 0x0200),
  slot: capability('short_slot_time', 'Short Slot Time', 0x0400),
  apsd: capability('apsd', 'Automatic Power Save Delivery', 0x0800),
  measurement: capability('radio_measurement', 'Radio Measurement', 0x1000),
  listen: f.x16('wlan.fixed.listen_ival', 'Listen Interval'),
  currentAp: f.mac('wlan.fixed.current_ap', 'Current AP'),
  algorithm: f.u16('wlan.fixed.auth.alg', 'Authentication Algorithm', { names: AUTH_ALGORITHMS }),
  authSequence: f.x16('wlan.fixed.auth_seq', 'Authentication SEQ'),
  status: f.x16('wlan.fixed.status_code', 'Status code', { names: STATUSES }),
  reason: f.x16('wlan.fixed.reason_code', 'Reason code', { names: REASONS }),
  association: f.x16('wlan.fixed.aid', 'Association ID', little(0x3fff)),
  category: f.u8('wlan.fixed.category_code', 'Category code', { names: CATEGORIES }),
  action: f.x8('wlan.fixed.action_code', 'Action code'),
  token: f.x8('wlan.fixed.dialog_token', 'Dialog token'),
  parameters: f.x16('wlan.fixed.baparams', 'Block Ack Parameters'),
  baTid: f.x16('wlan.fixed.baparams.tid', 'Traffic Identifier', little(0x003c)),
  baSize: f.u16('wlan.fixed.baparams.buffersize', 'Number of Buffers (1 Buffer = 2304 Bytes)', little(0xffc0)),
  timeout: f.x16('wlan.fixed.batimeout', 'Block Ack Timeout'),
  ssc: f.x16('wlan.fixed.ssc', 'Block Ack Starting Sequence Control (SSC)'),
  sscFragment: f.u16('wlan.fixed.ssc.fragment', 'Fragment', little(0x000f)),
  sscSequence: f.u16('wlan.fixed.ssc.sequence', 'Starting Sequence Number', little(0xfff0)),
  tagged: f.none('wlan.tagged.all', 'Tagged parameters'),
  tag: f.none('wlan.tag', 'Tag'),
  number: f.u8('wlan.tag.number', 'Tag Number', { names: ELEMENTS }),
  tagLength: f.u32('wlan.tag.length', 'Tag length'),
  tagData: f.bytes('wlan.tag.data', 'Tag Data'),
  ssid: f.bytes('wlan.ssid', 'SSID'),
  rate: f.x8('wlan.supported_rates', 'Supported Rates'),
  extendedRate: f.x8('wlan.extended_supported_rates', 'Extended Supported Rates'),
  channel: f.u8('wlan.ds.current_channel', 'Current Channel'),
  dtimCount: f.u8('wlan.tim.dtim_count', 'DTIM count'),
  dtimPeriod: f.u8('wlan.tim.dtim_period', 'DTIM period'),
  bitmapControl: f.x8('wlan.tim.bmapctl', 'Bitmap control'),
  bitmap: f.bytes('wlan.tim.partial_virtual_bitmap', 'Partial Virtual Bitmap'),
  country: f.text('wlan.country_info.code', 'Code'),
  firstChannel: f.u8('wlan.country_info.fnm.fcn', 'First Channel Number'),
  channels: f.u8('wlan.country_info.fnm.nc', 'Number of Channels'),
  maxPower: f.u8('wlan.country_info.fnm.mtpl', 'Maximum Transmit Power Level'),
  erp: f.x8('wlan.erp_info', 'ERP Information'),
  rsnVersion: f.u16('wlan.rsn.version', 'RSN Version'),
  groupCipher: GROUP_CIPHER.whole,
  groupOui: GROUP_CIPHER.oui,
  groupType: GROUP_CIPHER.type,
  pairwiseCount: f.u16('wlan.rsn.pcs.count', 'Pairwise Cipher Suite Count'),
  pairwise: PAIRWISE.whole,
  pairwiseOui: PAIRWISE.oui,
  pairwiseType: PAIRWISE.type,
  akmCount: f.u16('wlan.rsn.akms.count', 'Auth Key Management (AKM) Suite Count'),
  akm: AKM.whole,
  akmOui: AKM.oui,
  akmType: AKM.type,
  rsnCapabilities: f.x16('wlan.rsn.capabilities', 'RSN Capabilities'),
  pmfRequired: {
    ...f.flag('wlan.rsn.capabilities.mfpr', 'Management Frame Protection Required', little(0x40)),
    bits: 16,
  },
  pmfCapable: {
    ...f.flag('wlan.rsn.capabilities.mfpc', 'Management Frame Protection Capable', little(0x80)),
    bits: 16,
  },
  htCapabilities: f.x16('wlan.ht.capabilities', 'HT Capabilities Info'),
  ldpc: ht('ldpccoding', 'HT LDPC coding capability', 0x0001),
  width: ht('width', 'HT Support channel width', 0x0002),
  greenfield: ht('green', 'HT Green Field', 0x0010),
  short20: ht('short20', 'HT Short GI for 20MHz', 0x0020),
  short40: ht('short40', 'HT Short GI for 40MHz', 0x0040),
  primary: f.u8('wlan.ht.info.primarychannel', 'Primary Channel'),
  htInfo: f.x8('wlan.ht.info.delim1', 'HT Information Subset (1 of 3)'),
  offset: f.x8('wlan.ht.info.secchanoffset', 'Secondary channel offset', { mask: 0x03, bits: 8 }),
  oui: f.u24('wlan.tag.oui', 'OUI'),
  vendorType: f.u8('wlan.tag.vendor.oui.type', 'Vendor Specific OUI Type'),
};
export const MANAGEMENT_FIELDS = F;

const quoted = (bytes: Uint8Array) => `"${decodeUtf8(bytes)}"`;
const isEmpty = (ssid: Uint8Array) => ssid.every((byte) => byte === 0);

/** The elements from `at` on: number and where the body lies. */
function* elements(bytes: Uint8Array, from: number, end: number) {
  for (let at = from; at + 2 <= end; at += 2 + bytes[at + 1]!)
    yield { number: bytes[at]!, at: at + 2, end: Math.min(end, at + 2 + bytes[at + 1]!) };
}

export function managementInfo({ bytes }: Dissection, at: number, end: number, kind: number): string {
  let text = '';
  if ((kind === BEACON || kind === PROBE_RESPONSE) && at + 12 <= end) text += `, BI=${u16le(bytes, at + 8)}`;
  if (kind === ACTION && bytes[at] === BLOCK_ACK && bytes[at + 1]! < 2 && at + 3 <= end)
    return `, Dialog Token=${bytes[at + 2]}`;
  const fixed = FIXED[kind];
  if (fixed === undefined) return text;
  for (const { number, at: from, end: stop } of elements(bytes, at + fixed, end)) {
    if (number !== 0) continue;
    const ssid = bytes.subarray(from, stop);
    return `${text}, SSID=${isEmpty(ssid) ? 'Wildcard (Broadcast)' : quoted(ssid)}`;
  }
  return text;
}

export function emitManagement(d: Dissection, at: number, end: number, kind: number, out: FieldSink): void {
  const c = new Cursor(d, out, at, end);
  c.group('IEEE 802.11 Wireless Management', end - at, () => {
    if (kind === ACTION) {
      action(c);
      return;
    }
    const fixed = FIXED[kind];
    if (fixed === undefined || c.left < fixed) return;
    if (fixed > 0)
      c.under(F.fixed, fixed, null, () => fixedParameters(c, kind), { label: `Fixed parameters (${fixed} bytes)` });
    const length = c.left;
    if (length > 0)
      c.under(
        F.tagged,
        length,
        null,
        () => {
          for (const { number, at: from, end: stop } of elements(c.bytes, c.at, c.end))
            element(new Cursor(d, out, from - 2, stop), number);
        },
        { label: `Tagged parameters (${length} bytes)` },
      );
  });
}

function fixedParameters(c: Cursor, kind: number): void {
  switch (kind) {
    case BEACON:
    case PROBE_RESPONSE:
      c.le64(F.timestamp);
      c.le16(F.interval, { suffix: ` (${((u16le(c.bytes, c.at) * 1024) / 1e6).toFixed(6)} s)` });
      capabilities(c);
      break;
    case ASSOCIATION_REQUEST:
    case REASSOCIATION_REQUEST:
      capabilities(c);
      c.le16(F.listen);
      if (kind === REASSOCIATION_REQUEST) c.item(F.currentAp, 6);
      break;
    case ASSOCIATION_RESPONSE:
    case REASSOCIATION_RESPONSE:
      capabilities(c);
      c.le16(F.status);
      c.item(F.association, 2);
      break;
    case AUTHENTICATION:
      c.le16(F.algorithm);
      c.le16(F.authSequence);
      c.le16(F.status);
      break;
    default:
      c.le16(F.reason);
  }
}

function capabilities(c: Cursor): void {
  c.under(F.capabilities, 2, u16le(c.bytes, c.at), () =>
    c.bits(2, F.ess, F.ibss, F.privacy, F.preamble, F.spectrum, F.qosCapable, F.slot, F.apsd, F.measurement),
  );
}

function action(c: Cursor): void {
  const category = c.u8(F.category);
  if (category !== BLOCK_ACK) return;
  const kind = c.u8(F.action);
  if (kind > 1) return; // DELBA
  c.u8(F.token);
  if (kind === 1) c.le16(F.status);
  c.under(F.parameters, 2, u16le(c.bytes, c.at), () => c.bits(2, F.baTid, F.baSize));
  c.le16(F.timeout);
  if (kind === 0) c.under(F.ssc, 2, u16le(c.bytes, c.at), () => c.bits(2, F.sscFragment, F.sscSequence));
}

/** "5.5(B)": basic rates carry the top bit. */
const rateText = (octet: number) => `${(octet & 0x7f) / 2}${octet & 0x80 ? '(B)' : ''}`;

function elementLabel(c: Cursor, number: number): string {
  const body = c.bytes.subarray(c.at + 2, c.end);
  const name = `Tag: ${ELEMENTS[number] ?? 'Unknown'}`;
  if (number === 0) return `${name}: ${isEmpty(body) ? 'Wildcard SSID' : quoted(body)}`;
  if (number === 1 || number === 50) return `${name} ${[...body].map(rateText).join(', ')}, [Mbit/sec]`;
  if (number === 3) return `${name}: Current Channel: ${body[0] ?? 0}`;
  if (number === 7) return `${name}: Country Code ${decodeUtf8(body.subarray(0, 2))}`;
  return name;
}

function element(c: Cursor, number: number): void {
  c.out.open(F.tag, c.at, c.left, null, { label: elementLabel(c, number) });
  c.u8(F.number);
  c.u8(F.tagLength);
  elementBody(c, number);
  c.out.close();
}

function elementBody(c: Cursor, number: number): void {
  switch (number) {
    case 0:
      c.out.value(F.ssid, c.at, c.left, c.bytes.subarray(c.at, c.end));
      break;
    case 1:
    case 50:
      while (c.left > 0)
        c.u8(number === 1 ? F.rate : F.extendedRate, { label: `Supported Rates: ${rateText(c.peek(1))}` });
      break;
    case 3:
      c.u8(F.channel);
      break;
    case 5:
      c.u8(F.dtimCount);
      c.u8(F.dtimPeriod);
      c.u8(F.bitmapControl);
      if (c.left > 0) c.data(F.bitmap);
      break;
    case 7:
      country(c);
      break;
    case 42:
      c.u8(F.erp);
      break;
    case 45:
      c.under(F.htCapabilities, 2, u16le(c.bytes, c.at), () =>
        c.bits(2, F.ldpc, F.width, F.greenfield, F.short20, F.short40),
      );
      break;
    case 48:
      rsn(c);
      break;
    case 61:
      c.u8(F.primary);
      c.under(F.htInfo, 1, c.peek(1), () => c.bits(1, F.offset));
      break;
    case 221:
      if (c.left < 4) return;
      c.u24(F.oui, { suffix: c.peek(3) === OUI_MICROSOFT ? ' (Microsoft)' : ` (${hex(c.peek(3), 6)})` });
      c.u8(F.vendorType);
      break;
  }
}

function country(c: Cursor): void {
  c.text(F.country, 2);
  c.skip(1); // environment
  while (c.left >= 3) {
    c.u8(F.firstChannel);
    c.u8(F.channels);
    c.u8(F.maxPower);
  }
}

function suiteOf(c: Cursor, { whole, oui, type }: typeof GROUP_CIPHER): void {
  const known = c.peek(3) === OUI_RSN;
  c.under(whole, 4, c.peek(4), () => {
    c.u24(oui, { suffix: known ? ' (Ieee 802.11)' : '' });
    c.u8(type);
  });
}

function rsn(c: Cursor): void {
  c.le16(F.rsnVersion);
  if (c.left < 4) return;
  suiteOf(c, GROUP_CIPHER);
  for (const [count, of] of [
    [F.pairwiseCount, PAIRWISE],
    [F.akmCount, AKM],
  ] as const) {
    if (c.left < 2) return;
    for (let left = c.le16(count); left > 0 && c.left >= 4; left--) suiteOf(c, of);
  }
  if (c.left < 2) return;
  c.under(F.rsnCapabilities, 2, u16le(c.bytes, c.at), () => c.bits(2, F.pmfRequired, F.pmfCapable));
}
