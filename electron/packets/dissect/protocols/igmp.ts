/** Internet Group Management Protocol, versions 1 to 3 (RFC 1112, RFC 2236, RFC 3376). */
import { u16 } from '../bytes.ts';
import { checkSum } from '../checksum.ts';
import { emitChecksum } from '../checksum-fields.ts';
import { Cursor } from '../cursor.ts';
import { bit, f, protocol } from '../define.ts';
import type { Dissection, FieldSink, Layer, Protocol } from '../dissection.ts';
import { hex, ipv4Text } from '../text.ts';

const QUERY = 0x11;
const REPORT_1 = 0x12;
const REPORT_2 = 0x16;
const LEAVE = 0x17;
const REPORT_3 = 0x22;
const TYPES: Record<number, string> = {
  [QUERY]: 'Membership Query',
  [REPORT_1]: 'Membership Report',
  [REPORT_2]: 'Membership Report',
  [LEAVE]: 'Leave Group',
  [REPORT_3]: 'Membership Report',
};
const RECORDS: Record<number, string> = {
  1: 'Mode Is Include',
  2: 'Mode Is Exclude',
  3: 'Change To Include Mode',
  4: 'Change To Exclude Mode',
  5: 'Allow New Sources',
  6: 'Block Old Sources',
};

const F = {
  version: f.u8('igmp.version', 'IGMP Version'),
  type: f.x8('igmp.type', 'Type', { names: TYPES }),
  reserved: f.bytes('igmp.reserved', 'Reserved'),
  maxResp: f.u8('igmp.max_resp', 'Max Resp Time'),
  checksum: f.x16('igmp.checksum', 'Checksum'),
  status: f.u8('igmp.checksum.status', 'Checksum Status'),
  address: f.ip4('igmp.maddr', 'Multicast Address'),
  s: bit('igmp.s', 'S', 0x08, 8, ['Suppress router side processing', 'Do not suppress router side processing']),
  qrv: f.u8('igmp.qrv', 'QRV', { mask: 0x07, bits: 8 }),
  qqic: f.u8('igmp.qqic', 'QQIC'),
  sources: f.u16('igmp.num_src', 'Num Src'),
  source: f.ip4('igmp.saddr', 'Source Address'),
  records: f.u16('igmp.num_grp_recs', 'Num Group Records'),
  recordType: f.u8('igmp.record_type', 'Record Type', { names: RECORDS }),
  auxLength: f.u8('igmp.aux_data_len', 'Aux Data Len'),
  aux: f.bytes('igmp.aux_data', 'Aux Data'),
  data: f.bytes('igmp.data', 'Data'),
};

const typeOf = (d: Dissection, layer: Layer) => d.bytes[layer.start]!;
const size = (d: Dissection, layer: Layer) => d.capturedEnd(layer) - layer.start;

function version(d: Dissection, layer: Layer): number {
  const type = typeOf(d, layer);
  if (type === REPORT_3) return 3;
  if (type === REPORT_1) return 1;
  if (type !== QUERY) return 2;
  if (size(d, layer) >= 12) return 3;
  return d.bytes[layer.start + 1] === 0 ? 1 : 2;
}

function addressInfo(d: Dissection, layer: Layer): string {
  const text = ipv4Text(d.bytes, layer.start + 4);
  const type = typeOf(d, layer);
  if (type === QUERY) return text === '0.0.0.0' ? ', general' : `, specific for group ${text}${sourcesInfo(d, layer)}`;
  return type === LEAVE || type === REPORT_2 ? ` ${type === LEAVE ? '' : 'group '}${text}` : '';
}

function sourcesInfo(d: Dissection, layer: Layer): string {
  if (version(d, layer) < 3) return '';
  const sources: string[] = [];
  for (let i = 0; i < u16(d.bytes, layer.start + 10) && layer.start + 16 + 4 * i <= d.capturedEnd(layer); i++)
    sources.push(ipv4Text(d.bytes, layer.start + 12 + 4 * i));
  return sources.length > 0 ? `, source {${sources.join(', ')}}` : '';
}

/** "Join group 239.1.1.1 for any sources", as version 3 reports say it. */
function recordsInfo(d: Dissection, layer: Layer): string {
  const end = d.capturedEnd(layer);
  let text = '';
  let at = layer.start + 8;
  for (let left = u16(d.bytes, layer.start + 6); left > 0 && at + 8 <= end; left--) {
    const type = d.bytes[at]!;
    const count = u16(d.bytes, at + 2);
    const group = ipv4Text(d.bytes, at + 4);
    const sources: string[] = [];
    for (let i = 0; i < count && at + 12 + 4 * i <= end; i++) sources.push(ipv4Text(d.bytes, at + 8 + 4 * i));
    text += ` / ${recordInfo(type, group, sources)}`;
    at += 8 + 4 * count + 4 * d.bytes[at + 1]!;
  }
  return text;
}

function recordInfo(type: number, group: string, sources: string[]): string {
  const list = `{${sources.join(', ')}}`;
  if (sources.length === 0) {
    if (type === 1 || type === 3) return `Leave group ${group}`;
    if (type === 2 || type === 4) return `Join group ${group} for any sources`;
    return `Group ${group}, ${type === 5 ? 'ALLOW_NEW_SOURCES' : 'BLOCK_OLD_SOURCES'} ${list}`.replace(/ \{\}$/, ' {}');
  }
  switch (type) {
    case 1:
    case 3:
      return `Join group ${group} for source${sources.length > 1 ? 's in' : ''} ${list}`;
    case 2:
    case 4:
      return `Join group ${group}, for source${sources.length > 1 ? 's not in' : ' not in'} ${list}`;
    case 5:
      return `Group ${group}, new source${sources.length > 1 ? 's' : ''} ${list}`;
    default:
      return `Group ${group}, block source${sources.length > 1 ? 's' : ''} ${list}`;
  }
}

export const igmp: Protocol = protocol({
  name: 'igmp',
  column: 'IGMPv2',
  title: 'Internet Group Management Protocol',
  minLength: 8,
  binds: { 'ip.proto': [2] },
  fields: F,
  path: () => 'igmp:igmp',
  columnOf: (d, layer) => `IGMPv${version(d, layer)}`,
  info(d, layer) {
    const type = typeOf(d, layer);
    const name = TYPES[type] ?? `Unknown Type:0x${type.toString(16).padStart(2, '0')}`;
    return name + (type === REPORT_3 ? recordsInfo(d, layer) : addressInfo(d, layer));
  },
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    const kind = version(d, layer);
    out.value(F.version, c.at, 0, kind, { generated: true });
    const type = c.u8(F.type);
    if (type === REPORT_3) {
      report3(d, layer, c, out);
      return;
    }
    if (kind === 1) c.data(F.reserved, 1);
    else c.u8(F.maxResp);
    checksum(d, layer, c, out);
    c.item(F.address, 4);
    if (type === QUERY && kind === 3) {
      c.bits(1, F.s, F.qrv);
      c.skip(1);
      c.u8(F.qqic);
      let left = c.u16(F.sources);
      for (; left > 0 && c.left >= 4; left--) c.item(F.source, 4);
    }
    if (c.left > 0) c.data(F.data);
  },
});

function checksum(d: Dissection, layer: Layer, c: Cursor, out: FieldSink): void {
  emitChecksum(d, c.at, F, () => checkSum(d.bytes, layer.start, layer.end, layer.start + 2), undefined, false, out);
  c.skip(2);
}

function report3(d: Dissection, layer: Layer, c: Cursor, out: FieldSink): void {
  c.data(F.reserved, 1);
  checksum(d, layer, c, out);
  c.data(F.reserved, 2);
  let left = c.u16(F.records);
  for (; left > 0 && c.left >= 8; left--) {
    const count = c.peek(2, 2);
    const aux = c.peek(1, 1) * 4;
    const type = c.peek(1);
    const label = `Group Record : ${ipv4Text(c.bytes, c.at + 4)}  ${RECORDS[type] ?? `Unknown (${hex(type, 2)})`}`;
    c.group(label, 8 + 4 * count + aux, () => {
      c.u8(F.recordType);
      c.u8(F.auxLength);
      c.u16(F.sources);
      c.item(F.address, 4);
      for (let i = 0; i < count && c.left >= 4; i++) c.item(F.source, 4);
      if (aux > 0) c.data(F.aux, aux);
    });
  }
}
