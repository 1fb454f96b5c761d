/** Routing protocols as routers speak them: OSPF 2 and 3 with their link states, BGP with attributes of both families, VRRP 3 over IPv6. */
import * as f from '../../electron/cli/demo/frames/index.ts';
import { AB, AB6, ip4, ip6, list, raw, summed } from './sample-parts.ts';
import type { Sample } from './samples.ts';
import { Talk } from './talk.ts';

/** Header and body with the length put in; the checksum spares the 8 bytes of authentication. */
const ospf2 = (type: number, body: Uint8Array, auth = '0000 0000000000000000') => {
  const length = 24 + body.length;
  const head = f.concat(Uint8Array.of(2, type), f.u16(length), raw('0a000001 00000000 0000'));
  const sum =
    auth.startsWith('0000') || auth.startsWith('0001')
      ? f.internetChecksum(f.concat(head, raw(auth.slice(0, 4)), body))
      : 0;
  return ip4(89, f.concat(head.subarray(0, 12), f.u16(sum), raw(auth), body), { ttl: 1, destination: '224.0.0.5' });
};
const lsa = (type: string, id: string, body: Uint8Array, options = '02') =>
  f.concat(raw(`0001 ${options} ${type} ${id} 0a000001 80000001 1234`), f.u16(20 + body.length), body);
const ROUTER = raw(
  '03 00 0003 0a000002 0a000001 01 00 000a c0a80100 ffffff00 03 01 0005 00 00 0005 0a000003 00000004 02 00 0001',
);
const lsas = [
  lsa('01', '0a000001', ROUTER),
  lsa('02', '0a000002', raw('ffffff00 0a000001 0a000002')),
  lsa('03', 'c0a80200', raw('ffffff00 00 000014')),
  lsa('04', '0a000009', raw('00000000 00 000001')),
  lsa('05', 'c0a80300', raw('ffffff00 80 000014 00000000 00000007')),
  lsa('07', 'c0a80400', raw('ffffff00 00 000014 0a000002 00000000'), '08'),
];
const lsUpdate = f.concat(f.u32(lsas.length), ...lsas);

const ospf3 = (type: number, body: Uint8Array) => {
  const head = f.concat(Uint8Array.of(3, type), f.u16(16 + body.length), raw('0a000001 00000001 0000 00 00'));
  const packet = f.concat(head, body);
  const pseudo = f.concat(f.ipBytes(AB6.source), f.ipBytes(AB6.destination), f.u32(packet.length), f.u32(89));
  packet.set(f.u16(f.internetChecksum(f.concat(pseudo, packet))), 12);
  return ip6(89, packet, { hopLimit: 1 });
};

const MARKER = 'ffffffffffffffffffffffffffffffff';
const bgp = (type: number, body: Uint8Array) =>
  f.concat(raw(MARKER), f.u16(19 + body.length), Uint8Array.of(type), body);
const attribute = (flags: number, code: number, body: string) => {
  const bytes = raw(body);
  return flags & 0x10
    ? f.concat(Uint8Array.of(flags, code), f.u16(bytes.length), bytes)
    : f.concat(Uint8Array.of(flags, code, bytes.length), bytes);
};
const update = (withdrawn: string, attributes: Uint8Array[], reached: string) => {
  const gone = raw(withdrawn);
  const all = f.concat(...attributes);
  return bgp(2, f.concat(f.u16(gone.length), gone, f.u16(all.length), all, raw(reached)));
};
const capability = (code: string, body: string) => {
  const bytes = raw(body);
  return f.concat(
    raw(`02 ${(bytes.length + 2).toString(16).padStart(2, '0')} ${code}`),
    Uint8Array.of(bytes.length),
    bytes,
  );
};
const open = (...capabilities: Uint8Array[]) => {
  const all = f.concat(...capabilities);
  return bgp(1, f.concat(raw('04 5ba0 00b4 0a000001'), Uint8Array.of(all.length), all));
};
const CAPABILITIES = [
  capability('01', '0001 00 01'),
  capability('01', '0002 00 01'),
  capability('02', ''),
  capability('41', '000186a0'),
  capability('40', '0078 0001 01 00'),
  capability('45', '0001 01 03'),
];

/** A datagram of which an error quotes the first 128 bytes (RFC 4884 §3). */
const LONG = f
  .ipv4({ ...AB, protocol: 17 }, f.udp(AB, { sourcePort: 4001, destinationPort: 4002 }, f.pattern(300)))
  .subarray(0, 128);

export const ROUTING_SAMPLES: Record<string, Sample> = {
  ospf2: list(
    ospf2(1, raw('ffffff00 000a 02 01 00000028 0a000001 0a000002 0a000002')),
    ospf2(1, raw('ffffff00 000a 02 01 00000028 0a000001 0a000002'), '0001 7365637265740000'),
    ospf2(2, f.concat(raw('05dc 02 07 00000e10'), lsas[0]!.subarray(0, 20))),
    ospf2(3, raw('00000001 0a000002 0a000002 00000005 c0a80300 0a000003')),
    ospf2(4, lsUpdate),
    ospf2(5, f.concat(...lsas.slice(0, 2).map((one) => one.subarray(0, 20)))),
  ),
  ospf3: list(
    ospf3(1, raw('00000005 01 000013 000a 0028 0a000001 00000000 0a000002')),
    ospf3(2, f.concat(raw('00 000013 05dc 00 07 00000e10'), raw('0001 2001 00000000 0a000001 80000001 1234 0024'))),
    ospf3(3, raw('0000 2001 00000000 0a000002')),
    ospf3(5, raw('0001 2001 00000000 0a000001 80000001 1234 0024')),
  ),
  bgp4: new Talk(179)
    .c(open(...CAPABILITIES))
    .s(open(capability('41', '0000fde9')))
    .c(bgp(4, new Uint8Array()))
    .s(
      update(
        '18 c00002',
        [
          attribute(0x40, 1, '00'),
          attribute(0x50, 2, '02 02 000186a0 0000fde9 01 01 00000001'),
          attribute(0x40, 3, '0a000001'),
          attribute(0x80, 4, '00000064'),
          attribute(0x40, 5, '000000c8'),
          attribute(0x40, 6, ''),
          attribute(0xc0, 7, '000186a0 0a000001'),
          attribute(0xc0, 8, 'fde80001 ffffff01'),
          attribute(0x80, 9, '0a000009'),
          attribute(0x80, 10, '0a000001 0a000002'),
          attribute(0xc0, 32, '000186a0 00000001 00000002'),
        ],
        '18 c63364 10 0a01',
      ),
    )
    .s(
      update(
        '',
        [
          attribute(0x40, 1, '02'),
          attribute(0x40, 2, '02 01 000186a0'),
          attribute(0x90, 14, '0002 01 10 20010db8000000000000000000000001 00 20 20010db8 30 20010db80001'),
        ],
        '',
      ),
    )
    .s(update('', [attribute(0x80, 15, '0002 01 20 20010db8')], ''))
    .s(update('', [], ''))
    .c(bgp(5, raw('0001 00 01')))
    .s(bgp(3, raw('06 02'))).sample,
  vrrp3: list(
    ip6(112, raw('31 0a 64 01 0064 0000 fe800000000000000000000000000001'), { hopLimit: 255 }),
    ip4(112, summed(raw('21 01 00 02 00 01 0000 0a0000fe 0a0000fd 0000000000000000'), 6), { ttl: 255 }),
    ip4(112, raw('31 01 64 02 0064 0000 0a0000fe 0a0000fd'), { ttl: 255 }),
  ),
  ah_esp: list(
    ip4(
      51,
      f.concat(
        raw('01 04 0000 00000100 00000001 000102030405060708090a0b'),
        f.icmp({ type: 8, rest: f.echo(1, 1) }, f.ascii('in')),
      ),
    ),
    ip4(50, f.concat(raw('00000100 00000001'), f.pattern(64))),
    ip6(50, f.concat(raw('00000101 00000002'), f.pattern(32))),
    ip6(51, f.concat(raw('3b 04 0000 00000102 00000003 000102030405060708090a0b'))),
  ),
  icmp_extensions: list(
    ip4(
      1,
      summed(
        f.concat(
          raw('0b 00 0000 00 20 0000'),
          LONG,
          summed(raw('20 00 0000 000c 01 01 00020a3f 00021b3f 0008 02 07 01020304'), 2),
        ),
        2,
      ),
    ),
    ip4(1, summed(f.concat(raw('03 04 0000 00 20 0578'), LONG, summed(raw('20 00 0000 0008 01 01 00020b3f'), 2)), 2)),
    ip4(1, summed(f.concat(raw('0b 00 0000 0000 0000'), LONG, raw('20 00 1234 0008 01 01 00020b3f')), 2)),
  ),
};
