/**
 * The samples that dissectors are held to, made at run time from the frame builders: one a protocol, each frame there for a
 * reason. `sampleFile` wraps one into the capture file that our parser and tshark both read. First the sample, then the dissector.
 */
import * as f from '../../electron/cli/demo/frames/index.ts';
import * as pcap from '../../electron/packets/pcap/writer.ts';
import type { HeuristicName } from '../../electron/shared/decode.ts';

const A = { mac: '02:00:00:00:00:0a', ipv4: '10.0.0.1', ipv6: 'fd00::1' };
const B = { mac: '02:00:00:00:00:0b', ipv4: '10.0.0.2', ipv6: 'fd00::2' };
const V4 = { source: A.ipv4, destination: B.ipv4 };
const V6 = { source: A.ipv6, destination: B.ipv6 };
const LINKTYPE_ETHERNET = 1;
const LINKTYPE_RAW = 101;
const S = f.TCP_FLAG;

export interface Sample {
  linkType: number;
  /** `gapNs`: since the frame before; SAMPLE_STEP_NS when nobody says. */
  frames: { bytes: Uint8Array; wireLen?: number; gapNs?: bigint }[];
  /** Key log, in a decryption secrets block in front of the packets. */
  secrets?: string;
  /** What tshark must be told to see it as we do by default, or with these heuristics. */
  tshark?: readonly string[];
  heuristics?: readonly HeuristicName[];
}

type Tags = { tags?: readonly f.VlanTag[] };
const eth = (type: number, payload: Uint8Array, more: Tags = {}) =>
  f.ethernet({ source: A.mac, destination: B.mac, type, ...more }, payload);
const ip4 = (protocol: number, payload: Uint8Array, more: Partial<f.Ipv4Header> = {}) =>
  eth(0x0800, f.ipv4({ ...V4, protocol, identification: 0x1234, ...more }, payload));
const ip6 = (nextHeader: number, payload: Uint8Array, more: Partial<f.Ipv6Header> = {}) =>
  eth(0x86dd, f.ipv6({ ...V6, nextHeader, ...more }, payload));
const padded = (frame: Uint8Array, length = 60, fill = 0) =>
  f.concat(frame, new Uint8Array(Math.max(0, length - frame.length)).fill(fill));
let nextPort = 49152;
/** Every segment is a connection of its own: what tshark says of it then depends on nothing that came before. */
const tcp4 = (header: Partial<f.TcpHeader>, payload?: Uint8Array) =>
  ip4(6, f.tcp(V4, { sourcePort: nextPort++, destinationPort: 50080, flags: S.ack, ...header }, payload));
const udp4 = (sourcePort: number, destinationPort: number, payload: Uint8Array) =>
  ip4(17, f.udp(V4, { sourcePort, destinationPort }, payload));
const raw = (text: string) => Uint8Array.from(text.match(/[0-9a-f]{2}/gi) ?? [], (two) => Number.parseInt(two, 16));

const query = f.dnsQuery(0x1a2b, 'www.example.net', f.DNS_TYPE.a);
const quoted = f.ipv4(
  { ...V4, source: B.ipv4, destination: A.ipv4, protocol: 17, identification: 7 },
  f.udp({ source: B.ipv4, destination: A.ipv4 }, { sourcePort: 5000, destinationPort: 6000 }, f.ascii('quoted')),
);
const quotedTcp8 = f
  .ipv4(
    { ...V4, source: B.ipv4, destination: A.ipv4, protocol: 6 },
    f.tcp({ source: B.ipv4, destination: A.ipv4 }, { sourcePort: 5000, destinationPort: 6000, flags: 2, sequence: 99 }),
  )
  .subarray(0, 28);
const quoted6 = f.ipv6(
  { source: B.ipv6, destination: A.ipv6, nextHeader: 17 },
  f.udp({ source: B.ipv6, destination: A.ipv6 }, { sourcePort: 5000, destinationPort: 6000 }, f.ascii('quoted')),
);
const arp = (operation: number, senderIp: string, targetIp: string, targetMac = '00:00:00:00:00:00') =>
  f.arp({ operation, senderMac: A.mac, senderIp, targetMac, targetIp });
const record = (type: number, rdata: Uint8Array, name = raw('c00c'), ttl = 300) =>
  f.concat(name, f.u16(type), f.u16(1), f.u32(ttl), f.u16(rdata.length), rdata);
const firstPiece = f.udp(V4, { sourcePort: 4001, destinationPort: 4002 }, f.pattern(40)).subarray(0, 32);
const label = (text: string) => f.concat(Uint8Array.of(text.length), f.ascii(text));
const dnsReply = (flags: number, counts: [number, number, number], ...records: Uint8Array[]) =>
  f.concat(f.u16(0x1a2b), f.u16(flags), f.u16(1), ...counts.map(f.u16), query.subarray(12), ...records);
const nd = (type: number, rest: number, body: Uint8Array, source = A.ipv6, destination = B.ipv6) => {
  const ends = { source, destination };
  const message = f.icmpv6(ends, { type, rest: f.u32(rest) }, body);
  return eth(0x86dd, f.ipv6({ ...ends, nextHeader: 58, hopLimit: 255 }, message));
};

const withOctet = (frame: Uint8Array, at: number, value: number) => {
  const copy = frame.slice();
  copy[at] = value;
  return copy;
};

const list = (...frames: (Uint8Array | { bytes: Uint8Array; wireLen: number })[]): Sample => ({
  linkType: LINKTYPE_ETHERNET,
  frames: frames.map((frame) => (frame instanceof Uint8Array ? { bytes: frame } : frame)),
});
const rawIp = (...frames: Uint8Array[]): Sample => ({
  linkType: LINKTYPE_RAW,
  frames: frames.map((bytes) => ({ bytes })),
});

export const SAMPLES: Record<string, Sample> = {
  ethernet: list(
    eth(0x88b5, f.ascii('local experimental')),
    padded(udp4(40000, 40001, f.ascii('short'))),
    padded(udp4(40000, 40001, f.ascii('short')), 60, 0xee),
    f.ethernet({ source: A.mac, destination: 'ff:ff:ff:ff:ff:ff', type: 0x0800 }, quoted),
    raw('02000000000b 02000000000a 0007 020203 01020304 00'),
    f.concat(
      raw('02000000000b 02000000000a 002a aaaa03 000000 0800'),
      f.ipv4({ ...V4, protocol: 17 }, f.udp(V4, { sourcePort: 1, destinationPort: 2 }, f.ascii('snap:)'))),
    ),
  ),
  vlan: list(
    eth(0x0800, f.ipv4({ ...V4, protocol: 1 }, f.icmp({ type: 8, rest: f.echo(1, 1) }, f.ascii('vlan'))), {
      tags: [{ id: 100, priority: 5, dropEligible: true }],
    }),
    eth(
      0x86dd,
      f.ipv6({ ...V6, nextHeader: 17 }, f.udp(V6, { sourcePort: 1000, destinationPort: 2000 }, f.ascii('q'))),
      {
        tags: [{ id: 200, tpid: 0x88a8, priority: 3 }, { id: 4095 }],
      },
    ),
    eth(0x0806, padded(arp(1, A.ipv4, B.ipv4), 46), { tags: [{ id: 1 }] }),
  ),
  arp: list(
    eth(0x0806, arp(1, A.ipv4, B.ipv4)),
    padded(eth(0x0806, arp(2, A.ipv4, B.ipv4, B.mac))),
    eth(0x0806, arp(1, A.ipv4, A.ipv4)),
    eth(0x0806, arp(1, '0.0.0.0', B.ipv4)),
    eth(0x0806, arp(3, A.ipv4, B.ipv4)),
    eth(0x0806, arp(2, A.ipv4, A.ipv4, 'ff:ff:ff:ff:ff:ff')),
  ),
  ipv4: list(
    ip4(17, f.udp(V4, { sourcePort: 1, destinationPort: 2 }, f.ascii('x')), { tos: 0xb9, ttl: 1, dontFragment: true }),
    ip4(17, firstPiece, { moreFragments: true }),
    ip4(17, f.pattern(16), { fragmentOffset: 32 }),
    ip4(1, f.icmp({ type: 8, rest: f.echo(1, 1) }, f.ascii('alert')), { options: raw('94040000') }),
    ip4(253, f.ascii('experiment')),
    ip4(4, f.ipv4({ ...V4, protocol: 17 }, f.udp(V4, { sourcePort: 9, destinationPort: 9 }, f.ascii('tunnel')))),
    ip4(1, f.icmp({ type: 8, rest: f.echo(2, 1) }, f.ascii('route')), {
      options: raw('01 070b08 0a000001 00000000 00'),
    }),
    (() => {
      const broken = ip4(17, f.udp(V4, { sourcePort: 1, destinationPort: 2 }, f.ascii('bad sum')));
      broken[24]! ^= 0xff;
      return broken;
    })(),
  ),
  ipv6: list(
    ip6(17, f.udp(V6, { sourcePort: 4007, destinationPort: 4008 }, f.ascii('six')), {
      trafficClass: 0xb9,
      flowLabel: 0xabcde,
    }),
    ip6(6, f.tcp(V6, { sourcePort: 49152, destinationPort: 50080, flags: S.syn, options: f.synOptions(1440, 1, 7) })),
    ip6(0, f.optionsHeader(58, raw('05020000'), f.icmpv6(V6, { type: 128, rest: f.echo(3, 4) }, f.ascii('hop')))),
    ip6(
      60,
      f.optionsHeader(17, raw('1e02abcd'), f.udp(V6, { sourcePort: 4007, destinationPort: 4008 }, f.ascii('dst'))),
    ),
    ip6(
      43,
      f.routingHeader(
        17,
        { type: 2, segmentsLeft: 1, addresses: ['fd00::3'] },
        f.udp({ ...V6, destination: 'fd00::3' }, { sourcePort: 4007, destinationPort: 4008 }, f.ascii('rt')),
      ),
    ),
    ip6(44, f.fragmentHeader(17, { identification: 0xdeadbeef, offset: 0, more: true }, firstPiece)),
    ip6(44, f.fragmentHeader(17, { identification: 0xdeadbeef, offset: 32, more: false }, f.pattern(16))),
    ip6(
      51,
      f.authenticationHeader(
        17,
        { spi: 0x100, sequence: 1 },
        f.udp(V6, { sourcePort: 4007, destinationPort: 4008 }, f.ascii('ah')),
      ),
    ),
    ip6(50, f.pattern(40)),
    ip6(59, f.ascii('nothing')),
    ip6(253, f.ascii('experiment')),
    ip6(41, f.ipv6({ source: '::ffff:a00:1', destination: '2001:db8::1:0:0:1', nextHeader: 59 }, f.ascii(''))),
  ),
  icmp: list(
    ip4(1, f.icmp({ type: 8, rest: f.echo(0x0102, 3) }, f.pattern(16))),
    ip4(1, f.icmp({ type: 0, rest: f.echo(0x0103, 3) }, f.pattern(16))),
    ip4(1, f.icmp({ type: 3, code: 3 }, quoted)),
    ip4(1, f.icmp({ type: 3, code: 4, rest: f.concat(f.u16(0), f.u16(1400)) }, quotedTcp8)),
    ip4(1, f.icmp({ type: 11, code: 0 }, quoted)),
    ip4(1, f.icmp({ type: 5, code: 1, rest: raw('0a0000fe') }, quoted)),
    ip4(1, f.icmp({ type: 12, code: 0, rest: raw('14000000') }, quoted)),
    ip4(1, f.icmp({ type: 13, rest: f.echo(5, 6) }, raw('000003e8000007d000000bb8'))),
    ip4(1, f.icmp({ type: 250, code: 9 }, f.ascii('??'))),
    (() => {
      const broken = ip4(1, f.icmp({ type: 8, rest: f.echo(1, 1) }, f.ascii('bad')));
      broken[36]! ^= 0xff;
      return broken;
    })(),
  ),
  icmpv6: list(
    ip6(58, f.icmpv6(V6, { type: 128, rest: f.echo(0x0102, 3) }, f.pattern(16))),
    ip6(58, f.icmpv6(V6, { type: 129, rest: f.echo(0x0103, 3) }, f.pattern(16))),
    eth(
      0x86dd,
      f.ipv6(
        { source: A.ipv6, destination: 'ff02::1:ff00:2', nextHeader: 58, hopLimit: 255 },
        f.neighborSolicitation({ source: A.ipv6, destination: 'ff02::1:ff00:2' }, B.ipv6, A.mac),
      ),
    ),
    ip6(58, f.neighborAdvertisement(V6, A.ipv6, A.mac), { hopLimit: 255 }),
    nd(133, 0, raw('0101 02000000000a'), 'fe80::a', 'ff02::2'),
    nd(
      134,
      0x40c00708,
      f.concat(
        raw('00007530 000003e8 0101 02000000000a 0501 0000 000005dc 0304 40c0 00278d00 00093a80 00000000'),
        f.ipBytes('fd00::'),
      ),
      'fe80::a',
      'ff02::1',
    ),
    ip6(58, f.icmpv6(V6, { type: 1, code: 4 }, quoted6)),
    ip6(58, f.icmpv6(V6, { type: 2, rest: f.u32(1280) }, quoted6)),
    ip6(58, f.icmpv6(V6, { type: 3, code: 0 }, quoted6)),
    ip6(58, f.icmpv6(V6, { type: 4, code: 1, rest: f.u32(40) }, quoted6)),
    ip6(58, f.icmpv6(V6, { type: 200 }, f.ascii('private'))),
  ),
  tcp: list(
    tcp4({ flags: S.syn, sequence: 1000, options: f.synOptions(1460, 111, 7) }),
    tcp4({
      flags: S.syn | S.ack,
      sequence: 9000,
      acknowledgment: 1001,
      options: f.synOptions(1460, 222, 7),
    }),
    tcp4({ sequence: 1001, acknowledgment: 9001, window: 502 }),
    tcp4({ flags: S.psh | S.ack, sequence: 1001, acknowledgment: 9001, window: 502 }, f.ascii('eighteen bytes: ok')),
    tcp4({
      sequence: 1019,
      acknowledgment: 9001,
      window: 502,
      options: raw('0101080a 00000001 00000002'),
    }),
    tcp4({ acknowledgment: 9001, options: raw('0101 0512 00002710 00002af8 00002ee0 000032c8') }),
    tcp4({ flags: S.fin | S.ack, sequence: 1019, acknowledgment: 9001 }),
    tcp4({ flags: S.rst, sequence: 1020, window: 0 }),
    tcp4({ flags: S.urg | S.ack | S.ece | S.cwr, urgentPointer: 5, sequence: 1 }, f.ascii('urgent')),
    tcp4({ flags: 0, sequence: 1 }),
    tcp4({ flags: S.ack | S.ae, sequence: 1, options: raw('fb041234 0000 0000') }),
    padded(tcp4({ sequence: 1, window: 1 })),
    tcp4({ sequence: 1, acknowledgment: 9001, options: raw('0207 0000 0300 0000') }),
  ),
  udp: list(
    udp4(40000, 40001, f.ascii('123456789')),
    ip4(
      17,
      (() => {
        const d = f.udp(V4, { sourcePort: 5, destinationPort: 6 }, f.ascii('no sum'));
        d.set([0, 0], 6);
        return d;
      })(),
    ),
    ip4(
      17,
      (() => {
        const d = f.udp(V4, { sourcePort: 5, destinationPort: 6 }, f.ascii('bad sum'));
        d[6]! ^= 0xff;
        return d;
      })(),
    ),
    udp4(40000, 40001, new Uint8Array()),
    ip4(
      17,
      (() => {
        const d = f.udp(V4, { sourcePort: 5, destinationPort: 6 }, f.ascii('too long'));
        d.set([0, 99], 4);
        return d;
      })(),
    ),
    ip6(17, f.udp(V6, { sourcePort: 40000, destinationPort: 40001 }, f.ascii('v6'))),
  ),
  dns: list(
    udp4(40000, 53, query),
    ip4(17, f.udp(V4, { sourcePort: 53, destinationPort: 40000 }, f.dnsAnswer(query, ['192.0.2.1', '192.0.2.2']))),
    ip6(17, f.udp(V6, { sourcePort: 40000, destinationPort: 53 }, f.dnsQuery(2, 'www.example.net', f.DNS_TYPE.aaaa))),
    udp4(53, 40000, f.dnsAnswer(f.dnsQuery(2, 'www.example.net', f.DNS_TYPE.aaaa), ['2001:db8::1'])),
    udp4(53, 40000, f.dnsAnswer(f.dnsQuery(3, 'no.such.name', f.DNS_TYPE.a), [])),
    udp4(
      53,
      40000,
      dnsReply(
        0x8580,
        [2, 1, 1],
        record(5, f.concat(label('alias'), raw('c010'))),
        record(1, raw('c0000201'), raw('c02d')),
        record(2, f.concat(label('ns1'), raw('c010')), raw('c010')),
        raw('00 0029 04d0 00000000 0000'),
      ),
    ),
    udp4(
      53,
      40000,
      dnsReply(
        0x8180,
        [4, 0, 0],
        record(15, f.concat(f.u16(10), label('mail'), raw('c010'))),
        record(16, f.concat(label('v=spf1 -all'), label('two'))),
        record(33, f.concat(f.u16(1), f.u16(2), f.u16(5060), label('sip'), raw('c010'))),
        record(6, f.concat(raw('c010'), label('root'), raw('c010'), f.u32(1), f.u32(2), f.u32(3), f.u32(4), f.u32(5))),
      ),
    ),
    udp4(53, 40000, dnsReply(0x8180, [2, 0, 0], record(12, raw('c00c')), record(65280, f.ascii('opaque')))),
    udp4(40000, 53, f.dnsQuery(4, '', 2)),
    udp4(53, 40000, dnsReply(0x8180, [1, 0, 0], record(5, raw('c02d')))),
  ),
  raw_ip: rawIp(
    f.ipv4({ ...V4, protocol: 17 }, f.udp(V4, { sourcePort: 1, destinationPort: 2 }, f.ascii('tun'))),
    f.ipv6({ ...V6, nextHeader: 6 }, f.tcp(V6, { sourcePort: 1, destinationPort: 2, flags: S.rst })),
  ),
  cut: list(
    { bytes: tcp4({ flags: S.syn, options: f.synOptions(1460, 1, 7) }).subarray(0, 40), wireLen: 74 },
    { bytes: tcp4({ flags: S.psh | S.ack }, f.pattern(100)).subarray(0, 64), wireLen: 154 },
    { bytes: udp4(40000, 40001, f.pattern(100)).subarray(0, 24), wireLen: 142 },
    { bytes: udp4(40000, 53, query).subarray(0, 60), wireLen: 75 },
    tcp4({}).subarray(0, 45),
    udp4(40000, 40001, f.ascii('cut')).subarray(0, 30),
    eth(0x0806, arp(1, A.ipv4, B.ipv4)).subarray(0, 30),
    tcp4({}).subarray(0, 9),
    ip6(17, f.udp(V6, { sourcePort: 1, destinationPort: 2 }, f.ascii('cut'))).subarray(0, 50),
    eth(0x0800, raw('4300')),
    withOctet(ip4(17, f.pattern(8)), 14, 0x44),
    withOctet(ip4(17, f.pattern(8)), 14, 0x95),
    withOctet(ip4(17, f.pattern(8)), 17, 10),
    withOctet(tcp4({ flags: S.syn }), 46, 0x10),
  ),
};

/** 2024-01-02 03:04:05.000000001 UTC; frames are 1.000001 ms apart. */
export const SAMPLE_EPOCH_NS = 1_704_164_645_000_000_001n;
export const SAMPLE_STEP_NS = 1_000_001n;

/** The sample as a pcapng file: one interface named sample0, alternating directions, XDP verdicts in turn. */
export function sampleFile(sample: Sample): Uint8Array {
  let epochNs = SAMPLE_EPOCH_NS;
  return f.concat(
    pcap.sectionHeader({ application: 'xdpeek test samples' }),
    pcap.interfaceDescription({ linkType: sample.linkType, name: 'sample0', snaplen: 262_144 }),
    ...(sample.secrets ? [pcap.decryptionSecrets(sample.secrets)] : []),
    ...sample.frames.map(({ bytes, wireLen, gapNs }, i) => {
      if (i > 0) epochNs += gapNs ?? SAMPLE_STEP_NS;
      return pcap.enhancedPacket({
        interfaceId: 0,
        epochNs,
        wireLen: wireLen ?? bytes.length,
        bytes,
        direction: 1 + (i % 2),
        xdpVerdict: i % 5,
        queue: i,
        ...(i === 2 && { dropCount: 3n, comment: 'three were lost' }),
      });
    }),
  );
}
