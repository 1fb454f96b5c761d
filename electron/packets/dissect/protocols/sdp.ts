/** Session Description Protocol (RFC 8866), as SIP carries it; the media that it promises is announced to whoever meets it. */
import { decodeUtf8 } from '../../text/utf8.ts';
import { f, protocol } from '../define.ts';
import type { Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import type { Field } from '../field.ts';
import { PAYLOAD_TYPES } from '../names/rtp.ts';
import { rtcp } from './rtcp.ts';
import { rtp } from './rtp.ts';
import { headerValue, type SipMessage } from './sip-message.ts';

const MAX_LINES = 2000;

const F = {
  version: f.text('sdp.version', 'Session Description Protocol Version (v)'),
  owner: f.text('sdp.owner', 'Owner/Creator, Session Id (o)'),
  name: f.text('sdp.session_name', 'Session Name (s)'),
  info: f.text('sdp.session_info', 'Session Information (i)'),
  uri: f.text('sdp.uri', 'URI of Description (u)'),
  email: f.text('sdp.email', 'E-mail Address (e)'),
  phone: f.text('sdp.phone', 'Phone Number (p)'),
  connection: f.text('sdp.connection_info', 'Connection Information (c)'),
  bandwidth: f.text('sdp.bandwidth', 'Bandwidth Information (b)'),
  timezone: f.text('sdp.timezone', 'Time Zone Adjustments (z)'),
  key: f.text('sdp.encryption_key', 'Encryption Key (k)'),
  sessionAttribute: f.text('sdp.session_attr', 'Session Attribute (a)'),
  mediaAttribute: f.text('sdp.media_attr', 'Media Attribute (a)'),
  time: f.text('sdp.time', 'Time Description, active time (t)'),
  repeat: f.text('sdp.repeat_time', 'Repeat Time (r)'),
  media: f.text('sdp.media', 'Media Description, name and address (m)'),
  mediaTitle: f.text('sdp.media_title', 'Media Title (i)'),
  ownerUser: f.text('sdp.owner.username', 'Owner Username'),
  ownerSession: f.text('sdp.owner.sessionid', 'Session ID'),
  ownerVersion: f.text('sdp.owner.version', 'Session Version'),
  ownerNetwork: f.text('sdp.owner.network_type', 'Owner Network Type'),
  ownerType: f.text('sdp.owner.address_type', 'Owner Address Type'),
  ownerAddress: f.text('sdp.owner.address', 'Owner Address'),
  connectionNetwork: f.text('sdp.connection_info.network_type', 'Connection Network Type'),
  connectionType: f.text('sdp.connection_info.address_type', 'Connection Address Type'),
  connectionAddress: f.text('sdp.connection_info.address', 'Connection Address'),
  connectionTtl: f.text('sdp.connection_info.ttl', 'Connection TTL'),
  bandwidthModifier: f.text('sdp.bandwidth.modifier', 'Bandwidth Modifier'),
  bandwidthValue: f.text('sdp.bandwidth.value', 'Bandwidth Value'),
  timeStart: f.text('sdp.time.start', 'Session Start Time'),
  timeStop: f.text('sdp.time.stop', 'Session Stop Time'),
  sessionField: f.text('sdp.session_attr.field', 'Session Attribute Fieldname'),
  sessionValue: f.text('sdp.session_attr.value', 'Session Attribute Value'),
  mediaField: f.text('sdp.media_attribute.field', 'Media Attribute Fieldname'),
  mediaValue: f.text('sdp.media_attribute.value', 'Media Attribute Value'),
  mediaType: f.text('sdp.media.media', 'Media Type'),
  port: f.u16('sdp.media.port', 'Media Port'),
  portText: f.text('sdp.media.port_string', 'Media Port'),
  portCount: f.text('sdp.media.portcount', 'Media Port Count'),
  mediaProtocol: f.text('sdp.media.proto', 'Media Protocol'),
  format: f.text('sdp.media.format', 'Media Format'),
  mime: f.text('sdp.mime.type', 'MIME Type'),
  rate: f.text('sdp.sample_rate', 'Sample Rate'),
  parameter: f.text('sdp.fmtp.parameter', 'Media format specific parameters'),
  cryptoTag: f.u32('sdp.crypto.tag', 'tag'),
  cryptoSuite: f.text('sdp.crypto.crypto_suite', 'Crypto suite'),
  callId: f.text('sip.call_id_generated', 'Generated Call-ID'),
};

/** Tag, suite, key and salt, key identifier's length (RFC 4568); lifetime is between them. */
const CRYPTO = /^crypto:(\d+) (\S+) inline:([^|\s;]+)(?:\|[^|:\s]+)?(?:\|\d+:(\d+))?/;

interface Line {
  type: string;
  value: string;
  at: number;
  length: number;
}

function linesOf(d: Dissection, layer: Layer): Line[] {
  const end = d.capturedEnd(layer);
  const lines: Line[] = [];
  for (let at = layer.start; at < end && lines.length < MAX_LINES; ) {
    const lf = d.bytes.indexOf(10, at);
    const next = lf < 0 || lf >= end ? end : lf + 1;
    let stop = lf < 0 || lf >= end ? end : lf;
    if (stop > at && d.bytes[stop - 1] === 13) stop--;
    const text = decodeUtf8(d.bytes.subarray(at, stop));
    if (text[1] === '=') lines.push({ type: text[0]!, value: text.slice(2), at, length: stop - at });
    at = next;
  }
  return lines;
}

const sipOf = (layer: Layer): SipMessage | undefined =>
  layer.below?.protocol.name === 'sip' ? (layer.below.facts as { message: SipMessage }).message : undefined;

interface Stream {
  address: string;
  port: number;
  control: number;
  rtp: boolean;
  muxed: boolean;
  secure: { mki: number; tag: number } | undefined;
}

function streamsOf(lines: readonly Line[]): { streams: Stream[]; types: Map<number, string> } {
  const streams: Stream[] = [];
  const types = new Map<number, string>();
  let address = '';
  let at: Stream | undefined;
  for (const { type, value } of lines) {
    if (type === 'c') {
      const given = value.split(' ')[2]?.split('/')[0] ?? '';
      if (at) at.address = given;
      else address = given;
    } else if (type === 'm') {
      const [, port = '', over = ''] = value.split(' ');
      const number = Number.parseInt(port, 10) || 0;
      at = {
        address,
        port: number,
        control: number + 1,
        rtp: /RTP\/S?AVPF?$/.test(over),
        muxed: false,
        secure: undefined,
      };
      streams.push(at);
    } else if (type === 'a') {
      const map = /^rtpmap:(\d+) ([^/\s]+)/.exec(value);
      if (map) types.set(Number(map[1]), map[2]!);
      const control = /^rtcp:(\d+)(?: IN IP[46] (\S+))?/.exec(value);
      if (control && at) at.control = Number(control[1]);
      if (value === 'rtcp-mux' && at) at.muxed = true;
      const suite = CRYPTO.exec(value);
      if (suite && at) at.secure = { mki: Number(suite[4] ?? 0) & 0xff, tag: /_32$/.test(suite[2]!) ? 4 : 10 };
    }
  }
  return { streams, types };
}

function announce(d: Dissection, layer: Layer): void {
  const { context } = d;
  if (!context || d.quoting) return;
  const message = sipOf(layer);
  const callId = message && headerValue(message, 'call-id')?.trim();
  const { streams, types } = streamsOf(linesOf(d, layer));
  const common = { number: context.number, method: 'SDP', types };
  for (const { address, port, control, rtp: media, muxed, secure } of streams) {
    if (!media || port === 0 || address === '' || address === '0.0.0.0') continue;
    const table = context.state.media;
    const about = { ...common, callId, ...(secure && { secure }) };
    table.announce(`${address}:${port}`, { ...about, protocol: rtp });
    if (!muxed) table.announce(`${address}:${control}`, { ...about, protocol: rtcp });
  }
}

export const sdp: Protocol = protocol({
  name: 'sdp',
  column: 'SDP',
  title: 'Session Description Protocol',
  tint: 'udp',
  fields: F,
  walk(d, layer) {
    layer.headerLength = d.capturedEnd(layer) - layer.start;
    announce(d, layer);
    return undefined;
  },
  emit(d, layer, out) {
    let inMedia = false;
    const types = new Map<string, string>();
    for (const line of linesOf(d, layer)) {
      if (line.type === 'm') inMedia = true;
      emitLine(line, inMedia, types, out);
    }
    const message = sipOf(layer);
    const callId = message && headerValue(message, 'call-id');
    if (callId !== undefined) out.value(F.callId, layer.start, 0, callId, { generated: true });
  },
});

/** Letter → field, and those of its parts. */
const LINES: Record<string, [field: Field, ...parts: Field[]]> = {
  v: [F.version],
  o: [F.owner, F.ownerUser, F.ownerSession, F.ownerVersion, F.ownerNetwork, F.ownerType, F.ownerAddress],
  s: [F.name],
  i: [F.info],
  u: [F.uri],
  e: [F.email],
  p: [F.phone],
  c: [F.connection, F.connectionNetwork, F.connectionType],
  b: [F.bandwidth],
  t: [F.time, F.timeStart, F.timeStop],
  r: [F.repeat],
  z: [F.timezone],
  k: [F.key],
  m: [F.media],
};
const MODIFIERS: Record<string, string> = {
  CT: ' [Conference Total(total bandwidth of RTP session)]',
  AS: ' [Application Specific (RTP session bandwidth)]',
  TIAS: ' [Transport Independent Application Specific maximum]',
};

function emitLine(line: Line, inMedia: boolean, types: Map<string, string>, out: FieldSink): void {
  const { type, value, at, length } = line;
  if (type === 'a') {
    attribute(line, inMedia, types, out);
    return;
  }
  const [field, ...parts] = type === 'i' && inMedia ? [F.mediaTitle] : (LINES[type] ?? []);
  if (!field) return;
  out.open(field, at, length, value);
  const words = wordsOf(line);
  for (const [i, part] of parts.entries())
    if (words[i]) out.value(part, words[i].at, words[i].text.length, words[i].text);
  if (type === 'c' && words[2]) connection(words[2], out);
  else if (type === 'b') bandwidth(line, out);
  else if (type === 'm') media(words, types, out);
  out.close();
}

interface Word {
  text: string;
  at: number;
}
function wordsOf({ value, at }: Line, from = 0): Word[] {
  const words: Word[] = [];
  for (const match of value.slice(from).matchAll(/\S+/g))
    words.push({ text: match[0], at: at + 2 + from + match.index });
  return words;
}

function connection({ text, at }: Word, out: FieldSink): void {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  out.value(F.connectionAddress, at, address.length, address);
  if (slash >= 0) out.value(F.connectionTtl, at + slash + 1, text.length - slash - 1, text.slice(slash + 1));
}

function bandwidth({ value, at }: Line, out: FieldSink): void {
  const colon = value.indexOf(':');
  if (colon < 0) return;
  const modifier = value.slice(0, colon);
  const amount = value.slice(colon + 1);
  out.value(F.bandwidthModifier, at + 2, colon, modifier, { suffix: MODIFIERS[modifier] ?? '' });
  out.value(F.bandwidthValue, at + 3 + colon, amount.length, amount, {
    suffix: modifier === 'TIAS' ? ' b/s' : ' kb/s',
  });
}

function media(words: readonly Word[], types: Map<string, string>, out: FieldSink): void {
  const [kind, port, over, ...formats] = words;
  if (kind) out.value(F.mediaType, kind.at, kind.text.length, kind.text);
  if (port) {
    const [number = '', count] = port.text.split('/');
    out.value(F.portText, port.at, number.length, number, { hidden: true });
    out.value(F.port, port.at, number.length, Number.parseInt(number, 10) & 0xffff);
    if (count !== undefined) out.value(F.portCount, port.at + number.length + 1, count.length, count);
  }
  if (over) out.value(F.mediaProtocol, over.at, over.text.length, over.text);
  types.clear();
  const rtp = /RTP\//.test(over?.text ?? '');
  for (const { text, at } of formats) {
    const name = rtp && /^\d+$/.test(text) ? (PAYLOAD_TYPES[Number(text)] ?? 'Unknown') : text;
    out.value(F.format, at, text.length, name);
  }
}

function attribute(line: Line, inMedia: boolean, types: Map<string, string>, out: FieldSink): void {
  const { value, at, length } = line;
  const colon = value.indexOf(':');
  out.open(inMedia ? F.mediaAttribute : F.sessionAttribute, at, length, value);
  if (colon >= 0) {
    const name = value.slice(0, colon);
    out.value(inMedia ? F.mediaField : F.sessionField, at + 2, colon, name);
    const words = wordsOf(line, colon + 1);
    if (inMedia && name === 'rtpmap') map(words, types, out);
    else if (inMedia && name === 'fmtp') parameters(line, words, types, out);
    else if (inMedia && name === 'crypto') crypto(words, out);
    else {
      const given = value.slice(colon + 1);
      out.value(inMedia ? F.mediaValue : F.sessionValue, at + 3 + colon, given.length, given);
    }
  }
  out.close();
}

function map([format, encoding]: readonly Word[], types: Map<string, string>, out: FieldSink): void {
  if (format) out.value(F.format, format.at, format.text.length, format.text);
  if (!format || !encoding) return;
  const [mime = '', rate] = encoding.text.split('/');
  types.set(format.text, mime);
  out.value(F.mime, encoding.at, mime.length, mime);
  if (rate !== undefined) out.value(F.rate, encoding.at + mime.length + 1, rate.length, rate);
}

function parameters(line: Line, [format]: readonly Word[], types: Map<string, string>, out: FieldSink): void {
  if (!format) return;
  const mime = types.get(format.text);
  out.value(F.format, format.at, format.text.length, format.text, { suffix: mime ? ` [${mime}]` : '' });
  let at = format.at + format.text.length + 1;
  for (const part of line.value.slice(at - line.at - 2).split(';')) {
    const text = part.trim();
    if (text !== '') out.value(F.parameter, at + part.length - part.trimStart().length, text.length, text);
    at += part.length + 1;
  }
}

/** Its key stays in the attribute's own text. */
function crypto([tag, suite]: readonly Word[], out: FieldSink): void {
  if (tag) out.value(F.cryptoTag, tag.at, tag.text.length, Number.parseInt(tag.text, 10) >>> 0);
  if (suite) out.value(F.cryptoSuite, suite.at, suite.text.length, suite.text);
}
