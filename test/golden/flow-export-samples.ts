/** Flow records on their way to a collector: NetFlow version 5, version 9 and IPFIX, templates before and after the data they describe. */
import * as f from '../../electron/cli/demo/frames/index.ts';
import { list, raw, udp4 } from './sample-parts.ts';
import type { Sample } from './samples.ts';

const v5Record = (source: string, destination: string, ports: string) =>
  f.concat(
    f.ipBytes(source),
    f.ipBytes(destination),
    f.ipBytes('10.0.0.254'),
    raw(`0001 0002 0000000a 00000384 00000064 000000c8 ${ports} 00 1b 06 00 fde8 fde9 18 10 0000`),
  );
const exportTo = (port: number, ...parts: Uint8Array[]) => udp4(52_000, port, f.concat(...parts));
const set = (id: number, ...parts: Uint8Array[]) => {
  const body = f.concat(...parts);
  const padding = new Uint8Array((4 - (body.length % 4)) % 4);
  return f.concat(f.u16(id), f.u16(4 + body.length + padding.length), body, padding);
};
const fields = (...pairs: [type: number, length: number][]) =>
  f.concat(...pairs.map(([type, length]) => f.concat(f.u16(type), f.u16(length))));
const v9 = (count: number, sequence: number, ...sets: Uint8Array[]) =>
  f.concat(raw('0009'), f.u16(count), raw('0000ea60 65000000'), f.u32(sequence), raw('00000001'), ...sets);
const ipfix = (sequence: number, ...sets: Uint8Array[]) => {
  const body = f.concat(...sets);
  return f.concat(raw('000a'), f.u16(16 + body.length), raw('65000000'), f.u32(sequence), raw('00000007'), body);
};

const V9_FIELDS: [number, number][] = [
  [8, 4],
  [12, 4],
  [15, 4],
  [10, 2],
  [14, 2],
  [2, 4],
  [1, 4],
  [22, 4],
  [21, 4],
  [7, 2],
  [11, 2],
  [6, 1],
  [4, 1],
  [5, 1],
  [16, 2],
  [17, 2],
  [9, 1],
  [13, 1],
  [61, 1],
  [48, 1],
  [60, 1],
];
const v9Flow = f.concat(
  f.ipBytes('10.1.0.1'),
  f.ipBytes('10.2.0.2'),
  f.ipBytes('10.0.0.254'),
  raw('0001 0002 0000000a 00000384 00000064 000000c8 c000 01bb 1b 06 00 fde8 fde9 18 10 00 01 04'),
);
const V6_FIELDS: [number, number][] = [
  [27, 16],
  [28, 16],
  [62, 16],
  [31, 3],
  [29, 1],
  [30, 1],
  [4, 1],
  [7, 2],
  [11, 2],
  [2, 8],
  [1, 8],
];
const v6Flow = f.concat(
  f.ipBytes('2001:db8::1'),
  f.ipBytes('2001:db8::2'),
  f.ipBytes('fe80::1'),
  raw('012345 40 30 11 1388 0035 0000000000000005 0000000000000190'),
);
const IPFIX_FIELDS: [number, number][] = [
  [8, 4],
  [12, 4],
  [4, 1],
  [7, 2],
  [11, 2],
  [152, 8],
  [153, 8],
  [150, 4],
  [151, 4],
  [2, 4],
  [1, 8],
  [136, 1],
  [6, 2],
  [58, 2],
  [56, 6],
  [80, 6],
  [225, 4],
  [226, 4],
  [227, 2],
  [228, 2],
  [32, 2],
  [10, 4],
  [14, 4],
];
const ipfixFlow = f.concat(
  f.ipBytes('10.1.0.1'),
  f.ipBytes('10.2.0.2'),
  raw('06 c000 01bb 0000018bcfe56800 0000018bcfe56be8 65000000 65000001 0000000a 0000000000000384 03 001b 0064'),
  raw('02000000000a 02000000000b c0000201 0a020002 d000 01bb 0000 00000001 00000002'),
);

export const FLOW_EXPORT_SAMPLES: Record<string, Sample> = {
  netflow5: list(
    exportTo(
      2055,
      raw('0005 0002 0000ea60 65000000 000f4240 00000001 01 02 4064'),
      v5Record('10.1.0.1', '10.2.0.2', 'c000 01bb'),
      v5Record('10.2.0.2', '10.1.0.1', '01bb c000'),
    ),
    exportTo(9996, raw('0005 0000 0000ea60 65000000 00000000 00000003 00 00 0000')),
  ),
  netflow9: list(
    exportTo(2055, v9(1, 1, set(256, v9Flow))),
    exportTo(
      2055,
      v9(
        3,
        2,
        set(
          0,
          f.u16(256),
          f.u16(V9_FIELDS.length),
          fields(...V9_FIELDS),
          f.u16(257),
          f.u16(V6_FIELDS.length),
          fields(...V6_FIELDS),
        ),
        set(1, f.u16(258), f.u16(4), f.u16(8), fields([1, 4], [34, 4], [35, 1])),
      ),
    ),
    exportTo(2055, v9(2, 3, set(256, v9Flow, v9Flow), set(257, v6Flow))),
    exportTo(2055, v9(1, 4, set(258, raw('00000001 00000064 01')))),
    udp4(52_001, 2055, v9(1, 5, set(256, v9Flow))),
  ),
  ipfix: list(
    exportTo(
      4739,
      ipfix(
        0,
        set(2, f.u16(256), f.u16(IPFIX_FIELDS.length), fields(...IPFIX_FIELDS)),
        set(2, f.u16(257), f.u16(3), fields([82, 0xffff], [10, 4]), raw('8001 0004 00001234')),
        set(3, f.u16(258), f.u16(2), f.u16(1), fields([149, 4], [41, 8])),
      ),
    ),
    exportTo(4739, ipfix(0, set(256, ipfixFlow))),
    exportTo(4739, ipfix(1, set(257, raw('04 65746830 00000001 0a0b0c0d ff 0003 6c6f30 00000002 01020304')))),
    exportTo(4739, ipfix(2, set(258, raw('00000007 0000000000000064')), set(300, raw('01020304')))),
  ),
};
