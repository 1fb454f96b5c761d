/** What a cell of the list says, as a condition of the display filter; undefined where it says nothing of one packet. Pure. */
import type { PacketRow } from '../../../electron/shared/api.ts';
import type { Verdict } from '../../../electron/shared/capture.ts';

const quoted = (text: string) => `"${text.replace(/[\\"]/g, '\\$&')}"`;

/** XDP's and tc's actions under one word (linux/bpf.h, linux/pkt_cls.h). */
const VERDICTS: Record<Verdict, string> = {
  aborted: 'frame.verdict.ebpf_xdp == 0',
  drop: 'frame.verdict.ebpf_xdp == 1 || frame.verdict.ebpf_tc == 2',
  pass: 'frame.verdict.ebpf_xdp == 2 || frame.verdict.ebpf_tc in {-1, 0}',
  tx: 'frame.verdict.ebpf_xdp == 3',
  redirect: 'frame.verdict.ebpf_xdp == 4 || frame.verdict.ebpf_tc == 7',
};

/**
 * @param column its id: "source", "field:tcp.stream"
 * @param fields the names of the columns of one's own, in order
 * @param interfaceName of the row's interface
 */
export function cellFilter(
  column: string,
  row: PacketRow,
  fields: readonly string[],
  interfaceName: string | undefined,
): string | undefined {
  switch (column) {
    case 'number':
      return `frame.number == ${row.number}`;
    case 'verdict':
      return row.verdict && VERDICTS[row.verdict];
    case 'source':
      return addressFilter(row.source, 'src');
    case 'destination':
      return addressFilter(row.destination, 'dst');
    case 'protocol':
      return `_ws.col.protocol == ${quoted(row.protocol)}`;
    case 'length':
      return `frame.len == ${row.wireLen}`;
    case 'interface':
      return interfaceName === undefined ? undefined : `frame.interface_name == ${quoted(interfaceName)}`;
    case 'info':
      return row.info === '' ? undefined : `_ws.col.info == ${quoted(row.info)}`;
    default:
      return column.startsWith('field:') ? fieldFilter(column.slice('field:'.length), row, fields) : undefined;
  }
}

function addressFilter(address: string, side: 'src' | 'dst'): string | undefined {
  if (/^\d+(\.\d+){3}$/.test(address)) return `ip.${side} == ${address}`;
  if (/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(address)) return `eth.${side} == ${address}`;
  if (/^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(address)) return `ipv6.${side} == ${address}`;
  return address === '' ? undefined : `_ws.col.${side === 'src' ? 'source' : 'destination'} == ${quoted(address)}`;
}

/** A field that is there several times has its values joined by commas: then only that it is there is said. */
function fieldFilter(name: string, row: PacketRow, fields: readonly string[]): string | undefined {
  const value = row.fields?.[fields.indexOf(name)];
  if (!value) return undefined;
  if (value.includes(',')) return name;
  return `${name} == ${/^\w[\w.:-]*$/.test(value) ? value : quoted(value)}`;
}
