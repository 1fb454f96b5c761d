/** Border Gateway Protocol 4 (RFC 4271): open with capabilities, update, notification, keepalive, route refresh. Attributes are in bgp-attributes.ts. */
import { u16 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { f, protocol } from '../define.ts';
import type { Dissection, Protocol } from '../dissection.ts';
import type { Field } from '../field.ts';
import { PDU_MORE, PDU_REST } from '../tcp-payload.ts';
import { AFIS, ATTRIBUTE_FIELDS, pathAttribute, prefixes, SAFIS } from './bgp-attributes.ts';

const HEADER = 19;
const TYPES: Record<number, string> = {
  1: 'OPEN Message',
  2: 'UPDATE Message',
  3: 'NOTIFICATION Message',
  4: 'KEEPALIVE Message',
  5: 'ROUTE-REFRESH Message',
};
const ERRORS = {
  1: 'Message Header Error',
  2: 'OPEN Message Error',
  3: 'UPDATE Message Error',
  4: 'Hold Timer Expired',
  5: 'Finite State Machine Error',
  6: 'Cease',
};
const CEASE = {
  1: 'Maximum Number of Prefixes Reached',
  2: 'Administratively Shutdown',
  3: 'Peer De-configured',
  4: 'Administratively Reset',
  5: 'Connection Rejected',
  6: 'Other Configuration Change',
  7: 'Connection Collision Resolution',
  8: 'Out of Resources',
};
const CAPABILITIES: Record<number, string> = {
  1: 'Multiprotocol extensions capability',
  2: 'Route refresh capability',
  5: 'Extended Next Hop Encoding',
  6: 'BGP-Extended Message',
  64: 'Graceful Restart capability',
  65: 'Support for 4-octet AS number capability',
  69: 'Support for Additional Paths',
  70: 'Enhanced route refresh capability',
  71: 'Long-Lived Graceful Restart (LLGR) Capability',
  73: 'FQDN Capability',
};
const F = {
  marker: f.bytes('bgp.marker', 'Marker'),
  length: f.u16('bgp.length', 'Length'),
  type: f.u8('bgp.type', 'Type', { names: TYPES }),
  version: f.u8('bgp.open.version', 'Version'),
  as: f.u16('bgp.open.myas', 'My AS'),
  hold: f.u16('bgp.open.holdtime', 'Hold Time'),
  identifier: f.ip4('bgp.open.identifier', 'BGP Identifier'),
  optionsLength: f.u8('bgp.open.opt.len', 'Optional Parameters Length'),
  parameters: f.none('bgp.open.opt', 'Optional Parameters'),
  parameter: f.none('bgp.open.opt.param', 'Optional Parameter'),
  parameterType: f.u8('bgp.open.opt.param.type', 'Parameter Type', { names: { 1: 'Authentication', 2: 'Capability' } }),
  parameterLength: f.u8('bgp.open.opt.param.len', 'Parameter Length'),
  capability: f.none('bgp.cap', 'Capability'),
  capabilityType: f.u8('bgp.cap.type', 'Type', { names: CAPABILITIES }),
  capabilityLength: f.u8('bgp.cap.length', 'Length'),
  mpAfi: f.u16('bgp.cap.mp.afi', 'AFI', { names: AFIS }),
  reserved: f.bytes('bgp.cap.reserved', 'Reserved'),
  mpSafi: f.u8('bgp.cap.mp.safi', 'SAFI', { names: SAFIS }),
  as4: f.u32('bgp.cap.4as', 'AS Number'),
  restart: f.x16('bgp.cap.gr.timers', 'Restart Timers'),
  restartTime: f.u16('bgp.cap.gr.timers.restart_time', 'Time', { mask: 0x0fff, bits: 16 }),
  restartAfi: f.u16('bgp.cap.gr.afi', 'AFI', { names: AFIS }),
  restartSafi: f.u8('bgp.cap.gr.safi', 'SAFI', { names: SAFIS }),
  restartFlag: f.x8('bgp.cap.gr.flag', 'Flag'),
  pathsAfi: f.u16('bgp.cap.ap.afi', 'AFI', { names: AFIS }),
  pathsSafi: f.u8('bgp.cap.ap.safi', 'SAFI', { names: SAFIS }),
  pathsSend: f.u8('bgp.cap.ap.sendreceive', 'Send/Receive', { names: { 1: 'Receive', 2: 'Send', 3: 'Both' } }),
  major: f.u8('bgp.notify.major_error', 'Major error Code', { names: ERRORS }),
  minorHeader: f.u8('bgp.notify.minor_error', 'Minor error Code (Message Header)'),
  minorOpen: f.u8('bgp.notify.minor_error_open', 'Minor error Code (Open Message)'),
  minorUpdate: f.u8('bgp.notify.minor_error_update', 'Minor error Code (Update Message)'),
  minorExpired: f.u8('bgp.notify.minor_error_expired', 'Minor error Code (Hold Timer Expired)'),
  minorState: f.u8('bgp.notify.minor_error_state', 'Minor error Code (State Machine)'),
  minorCease: f.u8('bgp.notify.minor_error_cease', 'Minor error Code (Cease)', { names: CEASE }),
  withdrawnLength: f.u16('bgp.update.withdrawn_routes.length', 'Withdrawn Routes Length'),
  withdrawnRoutes: f.none('bgp.update.withdrawn_routes', 'Withdrawn Routes'),
  attributesLength: f.u16('bgp.update.path_attributes.length', 'Total Path Attribute Length'),
  attributes: f.none('bgp.update.path_attributes', 'Path attributes'),
  reachable: f.none('bgp.update.nlri', 'Network Layer Reachability Information (NLRI)'),
  refreshAfi: f.u16('bgp.route_refresh.afi', 'Address family identifier (AFI)', { names: AFIS }),
  refreshType: f.u8('bgp.route_refresh.subtype', 'Subtype'),
  refreshSafi: f.u8('bgp.route_refresh.safi', 'Subsequent address family identifier (SAFI)', { names: SAFIS }),
};
const MINOR: Record<number, Field> = {
  1: F.minorHeader,
  2: F.minorOpen,
  3: F.minorUpdate,
  4: F.minorExpired,
  5: F.minorState,
  6: F.minorCease,
};

export const bgp: Protocol = protocol({
  name: 'bgp',
  column: 'BGP',
  title: 'Border Gateway Protocol',
  tint: 'tcp',
  joinInfo: ', ',
  minLength: HEADER,
  binds: { 'tcp.port': [179] },
  fields: {
    ...F,
    ...Object.fromEntries(Object.entries(ATTRIBUTE_FIELDS).map(([name, field]) => [`path ${name}`, field])),
  },
  pdu(bytes, at, end) {
    if (end - at < HEADER) return PDU_MORE;
    if (bytes[at] !== 0xff || bytes[at + 15] !== 0xff) return PDU_REST;
    const length = u16(bytes, at + 16);
    return length < HEADER || length > 65_535 ? PDU_REST : length;
  },
  info: (d, layer) => TYPES[d.bytes[layer.start + 18]!] ?? 'Unknown',
  label: (d, layer) => `Border Gateway Protocol - ${TYPES[d.bytes[layer.start + 18]!] ?? 'Unknown'}`,
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    c.data(F.marker, 16);
    c.u16(F.length);
    const type = c.u8(F.type);
    if (type === 1) open(d, c);
    else if (type === 2) update(c);
    else if (type === 3) {
      const major = c.u8(F.major);
      if (MINOR[major] && c.left > 0) c.u8(MINOR[major]);
    } else if (type === 5) {
      c.u16(F.refreshAfi);
      c.u8(F.refreshType);
      c.u8(F.refreshSafi);
    }
  },
});

function open(d: Dissection, c: Cursor): void {
  c.u8(F.version);
  c.u16(F.as, c.peek(2) === 23_456 ? { suffix: ' (AS_TRANS)' } : undefined);
  c.u16(F.hold);
  c.item(F.identifier, 4);
  const length = Math.min(c.u8(F.optionsLength), c.left);
  if (length <= 0) return;
  c.under(F.parameters, length, null, () => {
    const inner = new Cursor(d, c.out, c.at, c.at + length);
    while (inner.left >= 2) parameter(d, inner);
  });
}

function parameter(d: Dissection, c: Cursor): void {
  const length = Math.min(2 + c.peek(1, 1), c.left);
  const capabilities = c.peek(1) === 2;
  c.under(
    F.parameter,
    length,
    null,
    () => {
      const inner = new Cursor(d, c.out, c.at, c.at + length);
      inner.u8(F.parameterType);
      inner.u8(F.parameterLength);
      while (capabilities && inner.left >= 2) capability(d, inner);
    },
    { label: `Optional Parameter: ${capabilities ? 'Capability' : 'Unknown'}` },
  );
}

function capability(d: Dissection, c: Cursor): void {
  const type = c.peek(1);
  const length = Math.min(2 + c.peek(1, 1), c.left);
  c.under(
    F.capability,
    length,
    null,
    () => {
      const inner = new Cursor(d, c.out, c.at, c.at + length);
      inner.u8(F.capabilityType);
      inner.u8(F.capabilityLength);
      capabilityValue(inner, type);
    },
    { label: `Capability: ${CAPABILITIES[type] ?? 'Unknown'}` },
  );
}

function capabilityValue(c: Cursor, type: number): void {
  if (type === 1 && c.left === 4) {
    c.u16(F.mpAfi);
    c.data(F.reserved, 1);
    c.u8(F.mpSafi);
  } else if (type === 65 && c.left === 4) c.u32(F.as4);
  else if (type === 64 && c.left >= 2) {
    c.under(F.restart, 2, c.peek(2), () => c.bits(2, F.restartTime));
    while (c.left >= 4) {
      c.u16(F.restartAfi);
      c.u8(F.restartSafi);
      c.u8(F.restartFlag);
    }
  } else if (type === 69)
    while (c.left >= 4) {
      c.u16(F.pathsAfi);
      c.u8(F.pathsSafi);
      c.u8(F.pathsSend);
    }
}

function update(c: Cursor): void {
  const withdrawn = Math.min(c.u16(F.withdrawnLength), c.left);
  if (withdrawn > 0)
    c.under(F.withdrawnRoutes, withdrawn, null, () => prefixes(c, c.at + withdrawn, ATTRIBUTE_FIELDS.withdrawn));
  const length = Math.min(c.u16(F.attributesLength), c.left);
  const stop = c.at + length;
  if (length > 0)
    c.under(F.attributes, length, null, () => {
      while (c.at + 3 <= stop) pathAttribute(c, stop);
    });
  if (c.left > 0) c.under(F.reachable, c.left, null, () => prefixes(c, c.end, ATTRIBUTE_FIELDS.prefix));
}
