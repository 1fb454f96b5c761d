/** What SIP header fields carry inside: addresses with display names and parameters, Via, digest credentials. Offsets are those of the field's value. */
import { f } from '../define.ts';
import type { FieldSink } from '../dissection.ts';
import type { Field } from '../field.ts';

export interface AddressFields {
  display: Field;
  uri: Field;
  user: Field;
  host: Field;
  port: Field;
  param: Field;
}

/** @param title as Wireshark words it: "SIP from address" */
const addressFields = (prefix: string, uri: string, titles: readonly [string, string, string]): AddressFields => ({
  display: f.text(`sip.${prefix}.display.info`, titles[0]),
  uri: f.text(`sip.${prefix}.${uri}`, titles[1]),
  user: f.text(`sip.${prefix}.user`, `${titles[2]} User Part`),
  host: f.text(`sip.${prefix}.host`, `${titles[2]} Host Part`),
  port: f.text(`sip.${prefix}.port`, `${titles[2]} Host Port`),
  param: f.text(`sip.${prefix}.param`, `${titles[2]} parameter`),
});
const named = (prefix: string, title: string) =>
  addressFields(prefix, 'addr', [`SIP ${title} display info`, `SIP ${title} address`, `SIP ${title} address`]);
const routed = (prefix: string) => addressFields(prefix, 'uri', [`${prefix} display info`, `${prefix} URI`, prefix]);

/** Header → fields of the addresses in it. */
export const ADDRESSES: Record<string, AddressFields> = {
  from: named('from', 'from'),
  to: named('to', 'to'),
  contact: addressFields('contact', 'uri', ['SIP C-URI display info', 'Contact URI', 'Contact URI']),
  route: routed('Route'),
  'record-route': routed('Record-Route'),
  'p-asserted-identity': named('pai', 'PAI'),
  'p-preferred-identity': named('ppi', 'PPI'),
};
export const REQUEST_URI: Omit<AddressFields, 'uri' | 'param'> & { uri: Field } = {
  display: f.text('sip.r-uri.display.info', 'Request-URI display info'),
  uri: f.text('sip.r-uri', 'Request-URI'),
  user: f.text('sip.r-uri.user', 'Request-URI User Part'),
  host: f.text('sip.r-uri.host', 'Request-URI Host Part'),
  port: f.text('sip.r-uri.port', 'Request-URI Host Port'),
};
export const PARTS = {
  anyDisplay: f.text('sip.display.info', 'SIP Display info'),
  fromTag: f.text('sip.from.tag', 'SIP from tag'),
  toTag: f.text('sip.to.tag', 'SIP to tag'),
  tag: f.text('sip.tag', 'SIP tag'),
  contactParameter: f.text('sip.contact.parameter', 'Contact parameter'),
  viaTransport: f.text('sip.Via.transport', 'Transport'),
  viaAddress: f.text('sip.Via.sent-by.address', 'Sent-by Address'),
  viaPort: f.u16('sip.Via.sent-by.port', 'Sent-by port'),
};
const via = (name: string, title: string) => f.text(`sip.Via.${name}`, title);
export const VIA_PARAMETERS: Record<string, Field> = {
  branch: via('branch', 'Branch'),
  maddr: via('maddr', 'Maddr'),
  rport: via('rport', 'RPort'),
  received: via('received', 'Received'),
  ttl: via('ttl', 'TTL'),
  comp: via('comp', 'Comp'),
};
const auth = (name: string, title: string) => f.text(`sip.auth.${name}`, title);
export const AUTH_SCHEME = auth('scheme', 'Authentication Scheme');
export const AUTH_PARAMETERS: Record<string, Field> = {
  response: auth('digest.response', 'Digest Authentication Response'),
  nc: auth('nc', 'Nonce Count'),
  username: auth('username', 'Username'),
  realm: auth('realm', 'Realm'),
  nonce: auth('nonce', 'Nonce Value'),
  algorithm: auth('algorithm', 'Algorithm'),
  opaque: auth('opaque', 'Opaque Value'),
  qop: auth('qop', 'QOP'),
  cnonce: auth('cnonce', 'CNonce Value'),
  uri: auth('uri', 'Authentication URI'),
  domain: auth('domain', 'Authentication Domain'),
  stale: auth('stale', 'Stale Flag'),
  rspauth: auth('rspauth', 'Response auth'),
  nextnonce: auth('nextnonce', 'Next Nonce'),
};

interface Part {
  text: string;
  /** Offset in the value. */
  at: number;
}

/** Splits at `by` outside of quotes and angle brackets. Parts keep their white space. */
export function splitOutside(text: string, by: string, from = 0): Part[] {
  const parts: Part[] = [];
  let quoted = false;
  let deep = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '\\' && quoted) i++;
    else if (c === '"') quoted = !quoted;
    else if (!quoted && c === '<') deep++;
    else if (!quoted && c === '>') deep--;
    else if (!quoted && deep <= 0 && c === by) {
      parts.push({ text: text.slice(start, i), at: from + start });
      start = i + 1;
    }
  }
  parts.push({ text: text.slice(start), at: from + start });
  return parts;
}

function trimmed({ text, at }: Part): Part {
  return { text: text.trim(), at: at + text.length - text.trimStart().length };
}

const show = (out: FieldSink, field: Field, base: number, { text, at }: Part) =>
  out.value(field, base + at, text.length, text);

/** User, host, port (and parameters, inside angle brackets) of a URI. */
function emitUri(uri: Part, fields: Omit<AddressFields, 'display'>, bracketed: boolean, base: number, out: FieldSink) {
  out.open(fields.uri, base + uri.at, uri.text.length, uri.text);
  const [, scheme = '', user = '', host = '', port = ''] =
    /^([a-z]+:)(?:([^@;?]*)@)?(\[[^\]]*\]|[^:;?]*)(?::(\d+))?/i.exec(uri.text) ?? [];
  if (/^sips?:$/i.test(scheme)) {
    let at = uri.at + scheme.length;
    // As Wireshark does: a user of one letter does not show.
    if (user.length > 1) show(out, fields.user, base, { text: user, at });
    if (user !== '' || uri.text[scheme.length] === '@') at += user.length + 1;
    show(out, fields.host, base, { text: host, at });
    at += host.length;
    if (port !== '') {
      show(out, fields.port, base, { text: port, at: at + 1 });
      at += port.length + 1;
    }
    const rest = uri.text.slice(at - uri.at);
    if (bracketed && rest.startsWith(';'))
      for (const param of splitOutside(rest.slice(1), ';', at + 1)) show(out, fields.param, base, param);
  }
  out.close();
}

export function emitRequestUri(text: string, base: number, out: FieldSink): void {
  emitUri({ text, at: 0 }, { ...REQUEST_URI, param: REQUEST_URI.uri }, false, base, out);
}

/** Each address of the header with its parameters. */
export function emitAddresses(name: string, value: string, base: number, out: FieldSink): void {
  const fields = ADDRESSES[name]!;
  const several = name !== 'from' && name !== 'to';
  const whole = [{ text: value, at: 0 }];
  for (const one of several ? splitOutside(value, ',') : whole) {
    const part = trimmed(one);
    if (part.text === '*' || part.text === '') continue;
    const open = openBracket(part.text);
    let after: Part;
    if (open < 0) {
      const [uri, ...more] = splitOutside(part.text, ';', part.at);
      emitUri(trimmed(uri!), fields, false, base, out);
      after = { text: more.map((parameter) => `;${parameter.text}`).join(''), at: uri!.at + uri!.text.length };
    } else {
      emitDisplay(part, open, fields, base, out);
      const close = part.text.indexOf('>', open);
      const stop = close < 0 ? part.text.length : close;
      emitUri({ text: part.text.slice(open + 1, stop), at: part.at + open + 1 }, fields, true, base, out);
      after = { text: part.text.slice(stop + 1), at: part.at + stop + 1 };
    }
    emitParameters(name, after, base, out);
  }
}

function openBracket(text: string): number {
  const quoted = /^"(?:[^"\\]|\\.)*"/.exec(text)?.[0].length ?? 0;
  return text.indexOf('<', quoted);
}

function emitDisplay(part: Part, open: number, fields: AddressFields, base: number, out: FieldSink): void {
  const before = part.text.slice(0, open);
  const text = before.startsWith('"') ? before.trimEnd() : before;
  if (text === '') return;
  show(out, fields.display, base, { text, at: part.at });
  out.value(PARTS.anyDisplay, base + part.at, text.length, text, { hidden: true });
}

function emitParameters(name: string, after: Part, base: number, out: FieldSink): void {
  if (after.text.trim() === '') return;
  for (const parameter of splitOutside(after.text, ';', after.at).slice(1)) {
    const { text, at } = trimmed(parameter);
    if (name === 'contact') show(out, PARTS.contactParameter, base, { text, at });
    else if (/^tag=/i.test(text) && (name === 'from' || name === 'to')) {
      const tag = { text: text.slice(4), at: at + 4 };
      show(out, name === 'from' ? PARTS.fromTag : PARTS.toTag, base, tag);
      out.value(PARTS.tag, base + tag.at, tag.text.length, tag.text, { hidden: true });
    }
  }
}

export function emitVia(value: string, base: number, out: FieldSink): void {
  for (const one of splitOutside(value, ',')) {
    const [sent, ...parameters] = splitOutside(one.text, ';', one.at);
    const match = /^(\s*SIP\s*\/\s*\S+?\s*\/\s*)(\S+)(\s+)(\[[^\]]*\]|[^:\s]*)(?::(\d+))?/i.exec(sent!.text);
    if (!match) continue;
    const [, before = '', transport = '', space = '', host = '', port] = match;
    let at = sent!.at + before.length;
    show(out, PARTS.viaTransport, base, { text: transport, at });
    at += transport.length + space.length;
    const six = host.startsWith('[');
    show(out, PARTS.viaAddress, base, six ? { text: host.slice(1, -1), at: at + 1 } : { text: host, at });
    if (port) out.value(PARTS.viaPort, base + at + host.length + 1, port.length, Number(port) & 0xffff);
    for (const parameter of parameters) {
      const { text, at: from } = trimmed(parameter);
      const equals = text.indexOf('=');
      const field = VIA_PARAMETERS[(equals < 0 ? text : text.slice(0, equals)).toLowerCase()];
      if (field) show(out, field, base, { text: text.slice(equals + 1), at: from + equals + 1 });
    }
  }
}

export function emitCredentials(value: string, base: number, out: FieldSink): void {
  const scheme = /^\S+/.exec(value)?.[0] ?? '';
  show(out, AUTH_SCHEME, base, { text: scheme, at: 0 });
  for (const one of splitOutside(value.slice(scheme.length), ',', scheme.length)) {
    const { text, at } = trimmed(one);
    const equals = text.indexOf('=');
    const field = equals < 0 ? undefined : AUTH_PARAMETERS[text.slice(0, equals).trim().toLowerCase()];
    if (field) show(out, field, base, { text: text.slice(equals + 1).trim(), at: at + equals + 1 });
  }
}
