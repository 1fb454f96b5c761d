/** PostgreSQL's frontend/backend protocol 3.0 (postgresql.org/docs, "Frontend/Backend Protocol"). */
import { own } from '../../state/conversations.ts';
import { u32 } from '../bytes.ts';
import { Cursor } from '../cursor.ts';
import { f, protocol } from '../define.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';
import { type Field, GROUP } from '../field.ts';
import { PDU_MORE, PDU_REST } from '../tcp-payload.ts';
import { tcpFacts } from './tcp-facts.ts';
import { fromServer } from './text-lines.ts';

const PORT = 5432;
const SSL_REQUEST = 80_877_103;
const CANCEL_REQUEST = 80_877_102;
const FRONTEND: Record<string, string> = {
  B: 'Bind',
  C: 'Close',
  d: 'Copy data',
  c: 'Copy completion',
  f: 'Copy failure',
  D: 'Describe',
  E: 'Execute',
  H: 'Flush',
  F: 'Function call',
  P: 'Parse',
  p: 'Password message',
  Q: 'Simple query',
  S: 'Sync',
  X: 'Termination',
};
const BACKEND: Record<string, string> = {
  R: 'Authentication request',
  K: 'Backend key data',
  '2': 'Bind completion',
  '3': 'Close completion',
  C: 'Command completion',
  d: 'Copy data',
  c: 'Copy completion',
  G: 'Copy in response',
  H: 'Copy out response',
  D: 'Data row',
  I: 'Empty query',
  E: 'Error',
  V: 'Function call response',
  n: 'No data',
  N: 'Notice',
  A: 'Notification',
  t: 'Parameter description',
  S: 'Parameter status',
  '1': 'Parse completion',
  s: 'Portal suspended',
  Z: 'Ready for query',
  T: 'Row description',
};
const AUTH = {
  0: 'Success',
  2: 'Kerberos V5',
  3: 'Plaintext password',
  5: 'MD5 password',
  7: 'GSSAPI',
  9: 'SSPI',
  10: 'SASL',
  11: 'SASL continue',
  12: 'SASL complete',
};
const ERROR_FIELDS: Record<string, Field> = {
  S: f.text('pgsql.severity', 'Severity'),
  C: f.text('pgsql.code', 'Code'),
  M: f.text('pgsql.message', 'Message'),
  D: f.text('pgsql.detail', 'Detail'),
  H: f.text('pgsql.hint', 'Hint'),
  P: f.text('pgsql.position', 'Position'),
  W: f.text('pgsql.where', 'Context'),
  F: f.text('pgsql.file', 'File'),
  L: f.text('pgsql.line', 'Line'),
  R: f.text('pgsql.routine', 'Routine'),
  V: f.text('pgsql.text', 'Text'),
};
const F = {
  frontend: { ...f.flag('pgsql.frontend', 'Frontend'), bits: 0 },
  type: f.text('pgsql.type', 'Type'),
  length: f.u32('pgsql.length', 'Length'),
  major: f.u16('pgsql.version_major', 'Protocol major version'),
  minor: f.u16('pgsql.version_minor', 'Protocol minor version'),
  parameter: f.text('pgsql.parameter_name', 'Parameter name'),
  parameterValue: f.text('pgsql.parameter_value', 'Parameter value'),
  query: f.text('pgsql.query', 'Query'),
  password: f.text('pgsql.password', 'Password'),
  auth: f.u32('pgsql.authtype', 'Authentication type', { names: AUTH }),
  salt: f.bytes('pgsql.salt', 'Salt value'),
  mechanism: f.text('pgsql.auth.sasl.mech', 'SASL authentication mechanism'),
  statement: f.text('pgsql.statement', 'Statement'),
  portal: f.text('pgsql.portal', 'Portal'),
  tag: f.text('pgsql.tag', 'Tag'),
  status: f.u8('pgsql.status', 'Status', {
    names: { 69: 'In a failed transaction', 73: 'Idle', 84: 'In a transaction' },
  }),
  pid: f.u32('pgsql.pid', 'PID'),
  key: f.u32('pgsql.key', 'Key'),
  fieldCount: f.u16('pgsql.field.count', 'Field count'),
  column: f.text('pgsql.col.name', 'Column name'),
  table: f.u32('pgsql.oid.table', 'Table OID'),
  columnIndex: f.u32('pgsql.col.index', 'Column index'),
  typeOid: f.u32('pgsql.oid.type', 'Type OID'),
  columnLength: f.i32('pgsql.val.length', 'Column length'),
  modifier: f.i32('pgsql.col.typemod', 'Type modifier'),
  format: f.u16('pgsql.format', 'Format', { names: { 0: 'Text', 1: 'Binary' } }),
  data: f.bytes('pgsql.val.data', 'Data'),
};

const STARTED = Symbol('pgsql');
/** Whether a client's messages have a type octet yet: the first has none. */
function started(layer: Layer): { value: boolean } | undefined {
  const tcp = layer.protocol.name === 'tcp' ? layer : layer.below;
  const facts = tcp && tcpFacts(tcp);
  return facts && own(facts.conversation, STARTED, () => ({ value: false }));
}

interface Facts {
  server: boolean;
  /** The first message, or an answer of one octet. */
  untyped: boolean;
}
const letter = (d: Dissection, layer: Layer) => String.fromCharCode(d.bytes[layer.start]!);

function typeText(d: Dissection, layer: Layer): string {
  const { server, untyped } = layer.facts as Facts;
  if (untyped) {
    if (server) return 'SSL response';
    const code = u32(d.bytes, layer.start + 4);
    return code === SSL_REQUEST ? 'SSL request' : code === CANCEL_REQUEST ? 'Cancel request' : 'Startup message';
  }
  return (server ? BACKEND : FRONTEND)[letter(d, layer)] ?? 'Unknown';
}

export const pgsql: Protocol = protocol({
  name: 'pgsql',
  column: 'PGSQL',
  title: 'PostgreSQL',
  tint: 'tcp',
  minLength: 1,
  binds: { 'tcp.port': [PORT] },
  fields: { ...F, ...Object.fromEntries(Object.entries(ERROR_FIELDS).map(([key, field]) => [`error${key}`, field])) },
  pdu(bytes, at, end, _memo, d, layer) {
    const server = fromServer(d, layer, [PORT]);
    const state = started(layer);
    if (server && end - at === 1) return 1;
    if (!server && bytes[at] === 0)
      return end - at < 4 ? PDU_MORE : u32(bytes, at) > 0x10000 ? PDU_REST : u32(bytes, at);
    if (state) state.value = true;
    if (end - at < 5) return PDU_MORE;
    const length = u32(bytes, at + 1);
    return length < 4 || length > 1 << 28 ? PDU_REST : 1 + length;
  },
  walk(d, layer) {
    const server = fromServer(d, layer, [PORT]);
    const end = d.capturedEnd(layer);
    layer.facts = { server, untyped: server ? end - layer.start === 1 : d.bytes[layer.start] === 0 } satisfies Facts;
    layer.headerLength = end - layer.start;
    return undefined;
  },
  joinInfo: '/',
  info(d, layer) {
    const { server, untyped } = layer.facts as Facts;
    const first = d.layers.find(({ protocol, below }) => protocol === pgsql && below === layer.below) === layer;
    const letterText = untyped ? '' : letter(d, layer);
    return `${first ? (server ? '<' : '>') : ''}${letterText}`;
  },
  emit(d, layer, out) {
    const { server, untyped } = layer.facts as Facts;
    const c = Cursor.of(d, layer, out);
    out.value(F.type, c.at, untyped ? 0 : 1, typeText(d, layer), untyped ? { generated: true } : undefined);
    if (untyped && server) return;
    if (!untyped) c.skip(1);
    c.u32(F.length);
    out.value(F.frontend, layer.start, 0, !server, { generated: true });
    if (untyped) startup(c);
    else if (server) backend(c, letter(d, layer));
    else frontend(c, letter(d, layer));
  },
});

function startup(c: Cursor): void {
  const code = c.peek(4);
  if (code === SSL_REQUEST || code === CANCEL_REQUEST) return;
  c.u16(F.major);
  c.u16(F.minor);
  while (c.left > 1 && c.peek(1) !== 0) {
    c.cstring(F.parameter);
    c.cstring(F.parameterValue);
  }
}

function frontend(c: Cursor, type: string): void {
  if (type === 'Q') c.cstring(F.query);
  else if (type === 'p') c.cstring(F.password);
  else if (type === 'P') {
    c.cstring(F.statement);
    c.cstring(F.query);
  } else if (type === 'B') {
    c.cstring(F.portal);
    c.cstring(F.statement);
  } else if (type === 'E') c.cstring(F.portal);
}

function backend(c: Cursor, type: string): void {
  switch (type) {
    case 'R': {
      const auth = c.u32(F.auth);
      if (auth === 5) c.data(F.salt, 4);
      else if (auth === 10) while (c.left > 1) c.cstring(F.mechanism);
      break;
    }
    case 'K':
      c.u32(F.pid);
      c.u32(F.key);
      break;
    case 'S':
      c.cstring(F.parameter);
      c.cstring(F.parameterValue);
      break;
    case 'Z':
      c.u8(F.status);
      break;
    case 'C':
      c.cstring(F.tag);
      break;
    case 'T':
      rowDescription(c);
      break;
    case 'D':
      dataRow(c);
      break;
    case 'E':
    case 'N':
      while (c.left > 1) {
        const field = ERROR_FIELDS[String.fromCharCode(c.peek(1))];
        c.skip(1);
        if (field) c.cstring(field);
        else c.cstring(GROUP);
      }
      break;
  }
}

function rowDescription(c: Cursor): void {
  const count = c.u16(F.fieldCount);
  for (let i = 0; i < count && c.left > 18; i++) {
    c.cstring(F.column);
    c.u32(F.table);
    c.out.value(F.columnIndex, c.at, 2, c.peek(2));
    c.skip(2);
    c.u32(F.typeOid);
    c.out.value(F.columnLength, c.at, 2, (c.peek(2) << 16) >> 16);
    c.skip(2);
    c.out.value(F.modifier, c.at, 4, c.peek(4) | 0);
    c.skip(4);
    c.u16(F.format);
  }
}

function dataRow(c: Cursor): void {
  const count = c.u16(F.fieldCount);
  for (let i = 0; i < count && c.left >= 4; i++) {
    const length = c.peek(4) | 0;
    c.out.value(F.columnLength, c.at, 4, length);
    c.skip(4);
    if (length > 0) c.data(F.data, length);
  }
}
