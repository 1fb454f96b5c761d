/** Syslog (RFC 3164, RFC 5424). */
import { decodeUtf8 } from '../../text/utf8.ts';
import { f, protocol } from '../define.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';

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

function textOf(d: Dissection, layer: Layer): { text: string; priority: number | undefined; body: number } {
  const text = decodeUtf8(d.bytes.subarray(layer.start, d.capturedEnd(layer)));
  const priority = /^<(\d{1,3})>/.exec(text);
  return { text, priority: priority ? Number(priority[1]) : undefined, body: priority ? priority[0].length : 0 };
}

export const syslog: Protocol = protocol({
  name: 'syslog',
  column: 'Syslog',
  title: 'Syslog Message',
  tint: 'udp',
  binds: { 'udp.port': [514] },
  fields: F,
  info(d, layer) {
    const { text, priority, body } = textOf(d, layer);
    const said = text.slice(body).replace(/\n/g, '\\n');
    return priority === undefined ? said : `${FACILITIES[priority >> 3] ?? 'Unknown'}.${LEVELS[priority & 7]}: ${said}`;
  },
  label(d, layer) {
    const { priority, text, body } = textOf(d, layer);
    return priority === undefined
      ? 'Syslog message: (unknown)'
      : `Syslog message: ${FACILITIES[priority >> 3] ?? 'Unknown'}.${LEVELS[priority & 7]}: ${text.slice(body)}`;
  },
  emit(d, layer, out) {
    const { text, priority, body } = textOf(d, layer);
    const at = layer.start;
    if (priority !== undefined) {
      out.value(F.facility, at, body, priority >> 3);
      out.value(F.level, at, body, priority & 7);
    }
    const said = text.slice(body);
    const start = at + body;
    out.open(F.message, start, d.capturedEnd(layer) - start, said);
    const modern = /^(\d+) (\S+) (\S+) (\S+) (\S+) (\S+) /.exec(said);
    const old = /^([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d) (?:(\S+) )?(?:([^\s:[]+)(?:\[(\d+)\])?: )?/.exec(said);
    let from = start;
    const part = (
      field: (typeof F)[keyof typeof F],
      value: string | undefined,
      shown: string | bigint | undefined = value,
    ) => {
      if (value === undefined || shown === undefined) return;
      const found = said.indexOf(value, from - start);
      out.value(field, start + found, value.length, shown);
      from = start + found + value.length;
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
  },
});

function timeOf(text: string): bigint | undefined {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return undefined;
  const fraction = /\.(\d{1,9})/.exec(text)?.[1] ?? '';
  return BigInt(Math.floor(ms / 1000)) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}
