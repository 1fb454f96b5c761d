/** RADIUS (RFC 2865, RFC 2866): authentication and accounting with the attributes that are met most. */

import { own } from '../../state/conversations.ts';
import { RequestTable } from '../../state/requests.ts';
import { u16 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { f, protocol } from '../define.ts';
import type { Protocol } from '../dissection.ts';
import type { Field } from '../field.ts';
import { udpFacts } from './udp.ts';

const CODES: Record<number, string> = {
  1: 'Access-Request',
  2: 'Access-Accept',
  3: 'Access-Reject',
  4: 'Accounting-Request',
  5: 'Accounting-Response',
  11: 'Access-Challenge',
  12: 'Status-Server',
  40: 'Disconnect-Request',
  41: 'Disconnect-ACK',
  42: 'Disconnect-NAK',
  43: 'CoA-Request',
  44: 'CoA-ACK',
  45: 'CoA-NAK',
};
const REQUESTS = new Set([1, 4, 12, 40, 43]);
const F = {
  code: f.u8('radius.code', 'Code', { names: CODES }),
  id: f.u8('radius.id', 'Identifier'),
  length: f.u16('radius.length', 'Length'),
  authenticator: f.bytes('radius.authenticator', 'Authenticator'),
  request: { ...f.flag('radius.req', 'Request'), bits: 0 },
  response: { ...f.flag('radius.rsp', 'Response'), bits: 0 },
  requestFrame: f.u32('radius.reqframe', 'Request Frame'),
  time: f.span('radius.time', 'Time from request'),
  avp: f.bytes('radius.avp', 'AVP'),
  avpType: f.u8('radius.avp.type', 'Type'),
  avpLength: f.u8('radius.avp.length', 'Length'),
};
const a = (name: string) => `radius.${name}`;
const ATTRIBUTES: Record<number, [title: string, field?: Field]> = {
  1: ['User-Name', f.text(a('User_Name'), 'User-Name')],
  2: ['User-Password', f.bytes(a('User_Password_encrypted'), 'User-Password (encrypted)')],
  4: ['NAS-IP-Address', f.ip4(a('NAS_IP_Address'), 'NAS-IP-Address')],
  5: ['NAS-Port', f.u32(a('NAS_Port'), 'NAS-Port')],
  6: ['Service-Type', f.u32(a('Service_Type'), 'Service-Type')],
  7: ['Framed-Protocol', f.u32(a('Framed_Protocol'), 'Framed-Protocol')],
  8: ['Framed-IP-Address', f.ip4(a('Framed-IP-Address'), 'Framed-IP-Address')],
  18: ['Reply-Message', f.text(a('Reply_Message'), 'Reply-Message')],
  24: ['State', f.bytes(a('State'), 'State')],
  25: ['Class', f.bytes(a('Class'), 'Class')],
  27: ['Session-Timeout', f.u32(a('Session_Timeout'), 'Session-Timeout')],
  30: ['Called-Station-Id', f.text(a('Called_Station_Id'), 'Called-Station-Id')],
  31: ['Calling-Station-Id', f.text(a('Calling_Station_Id'), 'Calling-Station-Id')],
  32: ['NAS-Identifier', f.text(a('NAS_Identifier'), 'NAS-Identifier')],
  40: ['Acct-Status-Type', f.u32(a('Acct_Status_Type'), 'Acct-Status-Type')],
  44: ['Acct-Session-Id', f.text(a('Acct_Session_Id'), 'Acct-Session-Id')],
  46: ['Acct-Session-Time', f.u32(a('Acct_Session_Time'), 'Acct-Session-Time')],
  61: ['NAS-Port-Type', f.u32(a('NAS_Port_Type'), 'NAS-Port-Type')],
  79: ['EAP-Message'],
  80: ['Message-Authenticator', f.bytes(a('Message_Authenticator'), 'Message-Authenticator')],
};

export const radius: Protocol = protocol({
  name: 'radius',
  column: 'RADIUS',
  title: 'RADIUS Protocol',
  tint: 'udp',
  minLength: 20,
  binds: { 'udp.port': [1645, 1646, 1700, 1812, 1813, 3799] },
  fields: {
    ...F,
    ...Object.fromEntries(
      Object.entries(ATTRIBUTES).flatMap(([code, [, field]]) => (field ? [[`a${code}`, field]] : [])),
    ),
  },
  walk(d, layer) {
    layer.end = Math.min(layer.end, layer.start + u16(d.bytes, layer.start + 2));
    layer.headerLength = d.capturedEnd(layer) - layer.start;
    const { context } = d;
    const conversation = layer.below && udpFacts(layer.below)?.conversation;
    if (!context || !conversation) return undefined;
    const table = own(conversation, radius, () => new RequestTable());
    const key = String(d.bytes[layer.start + 1]);
    if (REQUESTS.has(d.bytes[layer.start]!)) table.ask(key, context);
    else layer.facts = table.answer(key, context);
    return undefined;
  },
  info: (d, layer) => `${CODES[d.bytes[layer.start]!] ?? 'Unknown Packet'} id=${d.bytes[layer.start + 1]}`,
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    const request = REQUESTS.has(c.u8(F.code));
    c.u8(F.id);
    c.u16(F.length);
    c.data(F.authenticator, 16);
    const at = layer.start;
    const answered = layer.facts as { number: number; sinceNs: number } | undefined;
    if (request) out.value(F.request, at, 0, true, { generated: true });
    else out.value(F.response, at, 0, true, { generated: true });
    if (answered) {
      out.value(F.requestFrame, at, 0, answered.number, { generated: true });
      out.value(F.time, at, 0, BigInt(Math.round(answered.sinceNs)), { generated: true });
    }
    while (c.left >= 2) {
      const type = c.peek(1);
      const length = c.peek(1, 1);
      if (length < 2 || length > c.left) return;
      const [title, field] = ATTRIBUTES[type] ?? ['Unknown-Attribute'];
      const inner = new Cursor(d, out, c.at, c.at + length);
      out.open(F.avp, c.at, length, c.bytes.subarray(c.at, c.at + length), {
        label: `AVP: t=${title}(${type}) l=${length}`,
      });
      inner.u8(F.avpType);
      inner.u8(F.avpLength);
      if (field && inner.left > 0) value(inner, field);
      out.close();
      c.skip(length);
    }
  },
});

function value(c: Cursor, field: Field): void {
  if (field.type === 'string') c.text(field);
  else if (field.type === 'bytes') c.data(field);
  else if (c.left === 4) c.item(field, 4);
}
