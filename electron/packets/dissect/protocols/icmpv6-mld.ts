/** Multicast Listener Discovery in ICMPv6: version 1 (RFC 2710), queries and reports of version 2 (RFC 3810). */
import { Cursor } from '../cursor.ts';
import { bit, f } from '../define.ts';
import type { Dissection, FieldSink, Layer } from '../dissection.ts';
import { ipv6Text } from '../text.ts';

export const MLD_QUERY = 130;
const REPORT = 131;
const DONE = 132;
const REPORT_2 = 143;
/** ICMPv6 header and address of a version 1 message: queries of version 2 have more (RFC 3810 §8.1). */
const VERSION_1 = 24;
const RECORD = 20;

const RECORDS: Record<number, string> = {
  1: 'Include',
  2: 'Exclude',
  3: 'Changed to include',
  4: 'Changed to exclude',
  5: 'Allow new sources',
  6: 'Block old sources',
};
const YES: readonly [string, string] = ['True', 'False'];

export const MLD_FIELDS = {
  mldDelay: f.u16('icmpv6.mld.maximum_response_delay', 'Maximum Response Delay [ms]'),
  mldCode: f.u32('icmpv6.mld.maximum_response_code', 'Maximum Response Code'),
  mldAddress: f.ip6('icmpv6.mld.multicast_address', 'Multicast Address'),
  mldFlags: f.x8('icmpv6.mld.flag', 'Flags'),
  mldSuppress: bit('icmpv6.mld.flag.s', 'Suppress Router-Side Processing', 0x08, 8, YES),
  mldRobustness: f.u8('icmpv6.mld.flag.qrv', "QRV (Querier's Robustness Variable)", { mask: 0x07, bits: 8 }),
  mldReserved: f.u8('icmpv6.mld.flag.reserved', 'Reserved', { mask: 0xf0, bits: 8 }),
  mldInterval: f.u16('icmpv6.mld.qqi', "QQIC (Querier's Query Interval Code)"),
  mldSources: f.u16('icmpv6.mld.nb_sources', 'Number of Sources'),
  mldSource: f.ip6('icmpv6.mld.source_address', 'Source Address'),
  mldReservedBytes: f.bytes('icmpv6.reserved', 'Reserved'),
  mldRecords: f.u16('icmpv6.mldr.nb_mcast_records', 'Number of Multicast Address Records'),
  mldRecord: f.none('icmpv6.mldr.mar', 'Multicast Address Record'),
  mldRecordType: f.u8('icmpv6.mldr.mar.record_type', 'Record Type', { names: RECORDS }),
  mldAuxLength: f.u8('icmpv6.mldr.mar.aux_data_len', 'Aux Data Len'),
  mldRecordSources: f.u16('icmpv6.mldr.mar.nb_sources', 'Number of Sources'),
  mldRecordAddress: f.ip6('icmpv6.mldr.mar.multicast_address', 'Multicast Address'),
  mldRecordSource: f.ip6('icmpv6.mldr.mar.source_address', 'Source Address'),
  mldAux: f.bytes('icmpv6.mldr.mar.auxiliary_data', 'Auxiliary Data'),
};
const F = MLD_FIELDS;

export const isMld = (type: number) => type === MLD_QUERY || type === REPORT || type === DONE || type === REPORT_2;

/** Codes from the top bit on are 1 eee mmmm…: a floating point number (RFC 3810 §5.1.3). */
function floating(code: number, bits: 8 | 16): number {
  const mantissaBits = bits === 8 ? 4 : 12;
  if (code < 1 << (bits - 1)) return code;
  const mantissa = (code & ((1 << mantissaBits) - 1)) | (1 << mantissaBits);
  return mantissa * 2 ** (((code >> mantissaBits) & 7) + 3);
}

export function emitMld(d: Dissection, layer: Layer, type: number, out: FieldSink): void {
  const c = Cursor.of(d, layer, out);
  c.skip(4);
  if (type === REPORT_2) {
    reports(c);
    return;
  }
  const second = type === MLD_QUERY && layer.end - layer.start > VERSION_1;
  if (second) {
    out.value(F.mldCode, c.at, 2, floating(c.peek(2), 16));
    c.skip(2);
  } else c.u16(F.mldDelay);
  c.data(F.mldReservedBytes, 2);
  c.item(F.mldAddress, 16);
  if (!second) return;
  const suffix = c.peek(1) & 8 ? ', Suppress Router-Side Processing' : '';
  out.open(F.mldFlags, c.at, 1, c.peek(1), { suffix });
  c.bits(1, F.mldSuppress, F.mldRobustness, F.mldReserved);
  out.close();
  c.skip(1);
  out.value(F.mldInterval, c.at, 1, floating(c.peek(1), 8));
  c.skip(1);
  for (let left = c.u16(F.mldSources); left > 0 && c.left >= 16; left--) c.item(F.mldSource, 16);
}

function reports(c: Cursor): void {
  c.data(F.mldReservedBytes, 2);
  for (let left = c.u16(F.mldRecords); left > 0 && c.left >= RECORD; left--) {
    const aux = c.peek(1, 1) * 4;
    const sources = c.peek(2, 2);
    const name = RECORDS[c.peek(1)] ?? 'Unknown';
    c.under(
      F.mldRecord,
      RECORD + 16 * sources + aux,
      null,
      () => {
        c.u8(F.mldRecordType);
        c.u8(F.mldAuxLength);
        c.u16(F.mldRecordSources);
        c.item(F.mldRecordAddress, 16);
        for (let i = 0; i < sources && c.left >= 16; i++) c.item(F.mldRecordSource, 16);
        if (aux > 0) c.data(F.mldAux, aux);
      },
      { label: `Multicast Address Record ${name}: ${ipv6Text(c.bytes, c.at + 4)}` },
    );
  }
}
