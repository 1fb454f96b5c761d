/**
 * Syslog (RFC 3164, RFC 5424): a datagram is a message. Over TCP (RFC 6587) and TLS (RFC 5425) a message comes after its length in decimal digits, or
 * ends at a line feed.
 */
import { decodeUtf8 } from '../../text/utf8.ts';
import { f, protocol } from '../define.ts';
import type { Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import { GROUP } from '../field.ts';
import { PDU_MORE, PDU_REST } from '../tcp-payload.ts';

const FACILITIES = [
  'KERN',
  'USER',
  'MAIL',
  'DAEMON',
  'AUTH',
  'SYSLOG',
  'LPR',
  'NEWS',
  'UUCP',
  'CRON',
  'AUTHPRIV',
  'FTP',
  'NTP',
  'LOGAUDIT',
  'LOGALERT',
  'CRON',
  'LOCAL0',
  'LOCAL1',
  'LOCAL2',
  'LOCAL3',
  'LOCAL4',
  'LOCAL5',
  'LOCAL6',
  'LOCAL7',
];
const LEVELS = ['EMERG', 'ALERT', 'CRIT', 'ERR', 'WARNING', 'NOTICE', 'INFO', 'DEBUG'];
const F = {
  facility: f.u8('syslog.facility', 'Facility', { names: (v) => FACILITIES[v] }),
  level: f.u8('syslog.level', 'Level', { names: (v) => LEVELS[v] }),
  message: f.text('syslog.msg', 'Message'),
  version: f.text('syslog.version', 'Syslog version'),
  timestamp: f.time('syslog.timestamp', 'Syslog timestamp'),
  oldTimestamp: f.text('syslog.timestamp_rfc3164', 'Syslog timestamp (RFC3164)'),
  host: f.text('syslog.hostname', 'Syslog hostname'),
  app: f.text('syslog.appname', 'Syslog app name'),
  process: f.text('syslog.procid', 'Syslog process id'),
  id: f.text('syslog.msgid', 'Syslog message id'),
};

/** Collectors take a few KiB; what claims more is not counted. */
const MAX_MESSAGE = 1 << 20;
const COUNT_DIGITS = 7;
const [LF, SPACE, ZERO, NINE, PRIORITY] = [10, 32, 48, 57, 60];

/** "61 ": how long the message behind it is. Undefined when that is no count, `more` when digits may follow. */
function countAt(bytes: Uint8Array, at: number, end: number): { digits: number; length: number } | 'more' | undefined {
  let length = 0;
  for (let i = 0; at + i < end; i++) {
    const byte = bytes[at + i]!;
    if (byte === SPACE && i > 0) return length > 0 && length <= MAX_MESSAGE ? { digits: i, length } : undefined;
    if (byte < ZERO || byte > NINE || (i === 0 && byte === ZERO) || i >= COUNT_DIGITS) return undefined;
    length = 10 * length + byte - ZERO;
  }
  return 'more';
}

/** Of a stream: bytes of the frame at `at`. */
function frameSize(bytes: Uint8Array, at: number, end: number): number {
  const count = countAt(bytes, at, end);
  if (count === 'more') return PDU_MORE;
  if (count) return count.digits + 1 + count.length;
  const lf = bytes.subarray(at, Math.min(end, at + MAX_MESSAGE)).indexOf(LF);
  if (lf >= 0) return lf + 1;
  // Only what begins like a message is waited for.
  return bytes[at] === PRIORITY && end - at < MAX_MESSAGE ? PDU_MORE : PDU_REST;
}

interface Message {
  /** Of the frame in the stream; the same as `start` in a datagram. */
  at: number;
  start: number;
  end: number;
  text: string;
  priority: number | undefined;
  /** Bytes of the priority. */
  body: number;
}

function messageIn(d: Dissection, at: number, start: number, end: number): Message {
  const text = decodeUtf8(d.bytes.subarray(start, end));
  const priority = /^<(\d{1,3})>/.exec(text);
  return {
    at,
    start,
    end,
    text,
    priority: priority ? Number(priority[1]) : undefined,
    body: priority ? priority[0].length : 0,
  };
}

/** A layer of a stream is one frame; a segment that is looked at alone may hold several. */
function* messages(d: Dissection, layer: Layer): Generator<Message, void> {
  const end = d.capturedEnd(layer);
  if (layer.below?.protocol.name === 'udp') {
    yield messageIn(d, layer.start, layer.start, end);
    return;
  }
  for (let at = layer.start; at < end; ) {
    const count = countAt(d.bytes, at, end);
    const size = frameSize(d.bytes, at, end);
    const next = size > 0 ? Math.min(end, at + size) : end;
    const start = typeof count === 'object' ? at + count.digits + 1 : at;
    let stop = next;
    if (typeof count !== 'object') {
      if (d.bytes[stop - 1] === LF) stop--;
      if (stop > at && d.bytes[stop - 1] === 13) stop--;
    }
    yield messageIn(d, at, Math.min(start, stop), stop);
    at = next;
  }
}

const nameOf = (priority: number) => `${FACILITIES[priority >> 3] ?? 'Unknown'}.${LEVELS[priority & 7]}`;

export const syslog: Protocol = protocol({
  name: 'syslog',
  column: 'Syslog',
  title: 'Syslog Message',
  tint: 'udp',
  binds: { 'udp.port': [514], 'tcp.port': [514, 601] },
  fields: F,
  pdu: frameSize,
  info(d, layer) {
    const [first] = messages(d, layer);
    if (!first) return '';
    const { text, priority, body } = first;
    const said = text.slice(body).replace(/\n/g, '\\n');
    return priority === undefined ? said : `${nameOf(priority)}: ${said}`;
  },
  label(d, layer) {
    const [first] = messages(d, layer);
    return first?.priority === undefined
      ? 'Syslog message: (unknown)'
      : `Syslog message: ${nameOf(first.priority)}: ${first.text.slice(first.body)}`;
  },
  emit(d, layer, out) {
    for (const message of messages(d, layer)) emitMessage(message, out);
  },
});

function emitMessage({ at, start: from, end, text, priority, body }: Message, out: FieldSink): void {
  if (from > at) out.value(GROUP, at, from - at, null, { label: `Octet count: ${end - from}` });
  if (priority !== undefined) {
    out.value(F.facility, from, body, priority >> 3);
    out.value(F.level, from, body, priority & 7);
  }
  const said = text.slice(body);
  const start = from + body;
  out.open(F.message, start, end - start, said);
  const modern = /^(\d+) (\S+) (\S+) (\S+) (\S+) (\S+) /.exec(said);
  const old = /^([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) (?:(\S+) )?(?:([^\s:[]+)(?:\[(\d+)\])?: )?/.exec(said);
  let next = start;
  const part = (
    field: (typeof F)[keyof typeof F],
    value: string | undefined,
    shown: string | bigint | undefined = value,
  ) => {
    if (value === undefined || shown === undefined) return;
    const found = said.indexOf(value, next - start);
    out.value(field, start + found, value.length, shown);
    next = start + found + value.length;
  };
  if (modern) {
    part(F.version, modern[1]);
    part(F.timestamp, modern[2], timeOf(modern[2]!));
    for (const [i, field] of [F.host, F.app, F.process, F.id].entries()) part(field, modern[i + 3]);
  } else if (old) {
    part(F.oldTimestamp, old[1]);
    part(F.host, old[2]);
    part(F.process, old[4]);
  }
  out.close();
}

function timeOf(text: string): bigint | undefined {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return undefined;
  const fraction = /\.(\d{1,9})/.exec(text)?.[1] ?? '';
  return BigInt(Math.floor(ms / 1000)) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}
