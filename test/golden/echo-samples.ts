/** What ping and routers say on any network: echoes that carry the time, answered once and twice; time stamp options; names and routes that a router announces. */
import * as f from '../../electron/cli/demo/frames/index.ts';
import { AB, AB6, BA, BA6, eth, list, raw } from './sample-parts.ts';
import type { Sample } from './samples.ts';

/** The first packet of a sample is of this second. */
const SENT = 1_704_164_645;
const little = (value: number) => f.u32(value).reverse();
const LITTLE = f.concat(little(SENT), little(1500), f.pattern(8));
const DATA = f.pattern(12);
const BIG = f.concat(f.u32(SENT), f.u32(1500), f.pattern(8));

const ping = (type: number, sequence: number, data: Uint8Array, ends = AB, options?: Uint8Array) =>
  eth(
    0x0800,
    f.ipv4({ ...ends, protocol: 1, ...(options && { options }) }, f.icmp({ type, rest: f.echo(7, sequence) }, data)),
  );
const ping6 = (type: number, sequence: number, data: Uint8Array, ends = AB6) =>
  eth(0x86dd, f.ipv6({ ...ends, nextHeader: 58 }, f.icmpv6(ends, { type, rest: f.echo(7, sequence) }, data)));
const discovery = (type: number, rest: number, body: Uint8Array) => {
  const ends = { source: 'fe80::1', destination: 'ff02::1' };
  const message = f.icmpv6(ends, { type, rest: f.u32(rest) }, body);
  return eth(0x86dd, f.ipv6({ ...ends, nextHeader: 58, hopLimit: 255 }, message));
};

export const ECHO_SAMPLES: Record<string, Sample> = {
  echo_times: list(
    ping(8, 1, LITTLE),
    ping(0, 1, LITTLE, BA),
    ping(0, 1, LITTLE, BA),
    ping(8, 2, BIG),
    ping(8, 2, BIG),
    ping(0, 2, BIG, BA),
    ping(8, 3, raw('00000001 00000001 00')),
    ping(8, 4, LITTLE.subarray(0, 7)),
    ping6(128, 1, DATA),
    ping6(129, 1, DATA, BA6),
    ping6(129, 1, DATA, BA6),
    ping6(129, 9, raw(''), BA6),
  ),
  time_stamps: list(
    ping(8, 1, raw(''), AB, raw('44 14 15 01 0a000001 00000001 00000000 00000000')),
    ping(8, 2, raw(''), AB, raw('44 0c 09 50 00000001 80000002')),
    ping(8, 3, raw(''), AB, raw('44 0c 05 03 0a000002 00000000')),
  ),
  router_options: list(
    discovery(
      134,
      0x40c00708,
      f.concat(
        raw('00000000 00000000 19 05 0000 00000e10'),
        f.ipBytes('fd00::53'),
        f.ipBytes('fd00::54'),
        raw('1f 03 0000 ffffffff 07 6578616d706c65 00 01 61 00 00000000'),
        raw('18 03 38 08 00000e10 fd000000 00000000 00000000 00000000'),
        raw('18 01 00 18 ffffffff'),
        raw('18 02 40 10 00000e10 fd000000 00000001'),
      ),
    ),
    discovery(135, 0, f.concat(f.ipBytes('fe80::2'), raw('0e 01 010203040506'))),
  ),
};
