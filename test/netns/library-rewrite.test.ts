/** The library's programs that rewrite: ports, tags, echo requests. What arrives is compared byte by byte or judged by tshark with every checksum checked. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { withFolder } from './cli-lib.ts';
import { addon } from './lib/addon.ts';
import {
  type Bytes,
  concat,
  ETHERTYPE,
  echo,
  ethernet,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  PROTOCOL,
  TCP_FLAG,
  tcp,
  udpFrame,
  type VlanTag,
} from './lib/frames.ts';
import { startTcpdump } from './lib/ground-truth.ts';
import { checkedFields, type Lab, withLibrary } from './lib/library.ts';
import { type VethEnd, withPair } from './lib/network.ts';
import { FIVE_PINGS } from './lib/pings.ts';
import { run } from './lib/process.ts';

const quiet = { prefix: 'xlw', quiet: true } as const;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
/** tshark writes addresses as short as they go. */
const short = (address: string) => address.replace(':0::', '::');
const send = (a: VethEnd, frames: Uint8Array[]) => addon.sendFrames({ netns: a.netns, ifname: a.ifname, frames });

function ends(a: VethEnd, b: VethEnd, family: 4 | 6) {
  return family === 4 ? { source: a.ipv4, destination: b.ipv4 } : { source: a.ipv6, destination: b.ipv6 };
}

function framed(
  a: VethEnd,
  b: VethEnd,
  family: 4 | 6,
  protocol: number,
  segment: Uint8Array,
  tags: VlanTag[] = [],
): Bytes {
  const header = { source: a.mac, destination: b.mac, type: family === 4 ? ETHERTYPE.ipv4 : ETHERTYPE.ipv6, tags };
  const between = ends(a, b, family);
  return ethernet(
    header,
    family === 4 ? ipv4({ ...between, protocol }, segment) : ipv6({ ...between, nextHeader: protocol }, segment),
  );
}

const odd = new TextEncoder().encode('odd length');
const tcpSegment = (a: VethEnd, b: VethEnd, family: 4 | 6, destinationPort: number) =>
  tcp(ends(a, b, family), { sourcePort: 40_000, destinationPort, flags: TCP_FLAG.syn }, odd.subarray(0, 9));

const CHECKS = ['udp.dstport', 'udp.checksum.status', 'tcp.dstport', 'tcp.checksum.status', 'ieee8021ad.id', 'vlan.id'];

test('patch_ports decrements destination ports and keeps every checksum right: TCP and UDP, both families, tagged, odd lengths', () =>
  withPair(quiet, (a, b) =>
    withFolder((folder) =>
      withLibrary(async (lab) => {
        const program = await lab.attach('patch_ports', b);
        const file = path.join(folder, 'b.pcap');
        const witness = await startTcpdump(b, file, { direction: 'in' });
        const families = [4, 6] as const;
        const tags = [{ id: 3, tpid: 0x88a8 }, { id: 4 }];
        await send(a, [
          ...families.map((family) => udpFrame(a, b, odd, { family, destinationPort: 9000 })),
          ...families.map((family) => udpFrame(a, b, odd.subarray(1), { family, destinationPort: 256, tags })),
          ...families.map((family) => framed(a, b, family, PROTOCOL.tcp, tcpSegment(a, b, family, 9000))),
          ...families.map((family) => framed(a, b, family, PROTOCOL.tcp, tcpSegment(a, b, family, 0), tags)),
        ]);
        assert.equal((await witness.finish(8)).length, 8);
        assert.deepEqual(await checkedFields(file, CHECKS), [
          ['8999', '1', '', '', '', ''],
          ['8999', '1', '', '', '', ''],
          ['255', '1', '', '', '3', '4'],
          ['255', '1', '', '', '3', '4'],
          ['', '', '8999', '1', '', ''],
          ['', '', '8999', '1', '', ''],
          ['', '', '65535', '1', '3', '4'],
          ['', '', '65535', '1', '3', '4'],
        ]);
        assert.deepEqual(program.verdicts(), { pass: 8 });
      }),
    ),
  ));

test('patch_ports where the checksum comes out as zero: 0xffff for UDP, where 0 says that there is none, 0 for TCP', () =>
  withPair(quiet, (a, b) =>
    withFolder((folder) =>
      withLibrary(async (lab) => {
        const program = await lab.attach('patch_ports', b);
        const witness = await startTcpdump(b, path.join(folder, 'b.pcap'), { direction: 'in' });
        const families = [4, 6] as const;
        const datagram = (family: 4 | 6, destinationPort: number, word: Uint8Array) =>
          udpFrame(a, b, word, { family, destinationPort });
        const segment = (family: 4 | 6, destinationPort: number, word: Uint8Array) =>
          framed(
            a,
            b,
            family,
            PROTOCOL.tcp,
            tcp(ends(a, b, family), { sourcePort: 40_000, destinationPort, flags: TCP_FLAG.syn }, word),
          );
        // Two bytes of payload that are what the checksum over zeros in their place is make the whole sum zero.
        const cases = families.flatMap((family) => {
          const at = 14 + (family === 4 ? 20 : 40);
          return [
            { make: datagram, checksum: at + 6, zero: 'ffff' },
            { make: segment, checksum: at + 16, zero: '0000' },
          ].map(({ make, checksum, zero }) => {
            const word = make(family, 8999, new Uint8Array(2)).slice(checksum, checksum + 2);
            return { frame: make(family, 9000, word), patched: make(family, 8999, word), checksum, zero };
          });
        });
        await send(
          a,
          cases.map(({ frame }) => frame),
        );
        const arrived = await witness.finish(4);
        for (const [i, { patched, checksum, zero }] of cases.entries()) {
          assert.equal(hex(arrived[i]!.bytes), hex(patched), `frame ${i}`);
          assert.equal(hex(arrived[i]!.bytes.subarray(checksum, checksum + 2)), zero, `frame ${i}`);
        }
        assert.deepEqual(program.verdicts(), { pass: 4 });
      }),
    ),
  ));

test('patch_ports leaves absent checksums absent and later fragments alone, and goes by the parameters', () =>
  withPair(quiet, (a, b) =>
    withFolder((folder) =>
      withLibrary(async (lab) => {
        const program = await lab.attach('patch_ports', b, { port: '5000', by: '1000' });
        const witness = await startTcpdump(b, path.join(folder, 'b.pcap'), { direction: 'in' });
        const between = ends(a, b, 4);
        const ethernetTo = (packet: Uint8Array) =>
          ethernet({ source: a.mac, destination: b.mac, type: ETHERTYPE.ipv4 }, packet);
        const unsummed = udpFrame(a, b, odd, { destinationPort: 5000 });
        unsummed.set([0, 0], 14 + 20 + 6);
        const other = udpFrame(a, b, odd, { destinationPort: 5001 });
        // Begins with what would be a UDP header to port 5000.
        const later = ethernetTo(
          ipv4({ ...between, protocol: PROTOCOL.udp, fragmentOffset: 1480 }, concat(unsummed.subarray(34), odd)),
        );
        const withOptions = ethernetTo(
          ipv4({ ...between, protocol: PROTOCOL.udp, options: Uint8Array.of(1, 1, 1, 0) }, unsummed.subarray(34)),
        );
        const cut = unsummed.subarray(0, 14 + 20 + 4);
        await send(a, [unsummed, other, later, withOptions, cut]);
        const patched = (frame: Uint8Array, at: number) =>
          concat(frame.subarray(0, at), Uint8Array.of(0x0f, 0xa0), frame.subarray(at + 2));
        assert.deepEqual(
          (await witness.finish(4)).map(({ bytes }) => hex(bytes)),
          [patched(unsummed, 36), other, later, patched(withOptions, 40)].map(hex),
        );
        assert.deepEqual(program.verdicts(), { pass: 4, aborted: 1 });
      }),
    ),
  ));

for (const mode of ['native', 'generic'] as const)
  test(`vlan_swap in ${mode} mode takes the outer tag off, and puts the chosen one on where there is none`, () =>
    withPair(quiet, (a, b) =>
      withFolder((folder) =>
        withLibrary(async (lab) => {
          const program = await lab.attach('vlan_swap', b, { vlan_id: '77' }, mode);
          const witness = await startTcpdump(b, path.join(folder, 'b.pcap'), { direction: 'in' });
          const frame = (family: 4 | 6, tags: VlanTag[]) => udpFrame(a, b, odd, { family, tags });
          const provider = { id: 9, tpid: 0x88a8, priority: 3 };
          await send(a, [
            ...([4, 6] as const).flatMap((family) => [
              frame(family, [{ id: 5 }]),
              frame(family, []),
              frame(family, [provider, { id: 6 }]),
            ]),
            frame(4, [{ id: 5 }]).subarray(0, 16),
          ]);
          assert.deepEqual(
            (await witness.finish(6)).map(({ bytes }) => hex(bytes)),
            ([4, 6] as const)
              .flatMap((family) => [frame(family, []), frame(family, [{ id: 77 }]), frame(family, [{ id: 6 }])])
              .map(hex),
          );
          assert.deepEqual(program.verdicts(), { pass: 6, aborted: 1 });
        }),
      ),
    ));

/** In native mode a veth takes what the program sends back only while its other end has a program too. */
async function echoing(lab: Lab, a: VethEnd, b: VethEnd, mode: 'native' | 'generic') {
  if (mode === 'native') await lab.attach('redirect_receiver', a);
  return lab.attach('icmp_echo', b, {}, mode);
}

for (const mode of ['native', 'generic'] as const)
  test(`icmp_echo in ${mode} mode answers ping and ping -6 while the stack is told to answer nothing`, () =>
    withPair({ prefix: 'xlw' }, (a, b, network) =>
      withLibrary(async (lab) => {
        await network.sysctl(b.netns, { 'net/ipv4/icmp_echo_ignore_all': 1, 'net/ipv6/icmp/echo_ignore_all': 1 });
        const program = await echoing(lab, a, b, mode);
        for (const [flag, address, size] of [
          ['-4', b.ipv4, 57],
          ['-6', b.ipv6, 1001],
        ] as const) {
          const out = await run('ping', [flag, ...FIVE_PINGS, '-s', `${size}`, address], {
            netns: a.netns,
          });
          assert.match(out, / 5 received, 0% packet loss/);
        }
        assert.equal(program.verdicts()['tx'], 10);
        await program.detach();
        await assert.rejects(run('ping', ['-c', '1', '-W', '1', b.ipv4], { netns: a.netns }), /100% packet loss/);
      }),
    ));

test('icmp_echo on an echo request of nothing but zeros: a checksum that holds', () =>
  withPair(quiet, (a, b) =>
    withFolder((folder) =>
      withLibrary(async (lab) => {
        await echoing(lab, a, b, 'native');
        const file = path.join(folder, 'a.pcap');
        const witness = await startTcpdump(a, file, { direction: 'in' });
        await send(a, [framed(a, b, 4, PROTOCOL.icmp, icmp({ type: 8, rest: echo(0, 0) }, new Uint8Array(18)))]);
        const [reply] = await witness.finish(1);
        assert.equal(hex(reply!.bytes.subarray(34, 38)), '0000ffff');
        assert.deepEqual(await checkedFields(file, ['icmp.type', 'icmp.checksum.status']), [['0', '1']]);
      }),
    ),
  ));

test('icmp_echo swaps addresses, keeps tags and payload, mends the checksum, and leaves groups and fragments to the stack', () =>
  withPair(quiet, (a, b) =>
    withFolder((folder) =>
      withLibrary(async (lab) => {
        const program = await echoing(lab, a, b, 'native');
        const file = path.join(folder, 'a.pcap');
        const witness = await startTcpdump(a, file, { direction: 'in' });
        const v4 = icmp({ type: 8, rest: echo(7, 1) }, odd.subarray(1));
        const v6 = icmpv6(ends(a, b, 6), { type: 128, rest: echo(7, 2) }, odd);
        const tags = [{ id: 11, tpid: 0x88a8 }, { id: 12 }];
        const group = { ...b, mac: '33:33:00:00:00:01', ipv6: 'ff02::1' };
        await send(a, [
          framed(a, b, 4, PROTOCOL.icmp, v4),
          framed(a, b, 6, PROTOCOL.icmpv6, v6, tags),
          framed(a, b, 4, PROTOCOL.icmp, icmp({ type: 13, rest: echo(7, 3) }, odd)),
          framed(a, group, 6, PROTOCOL.icmpv6, icmpv6(ends(a, group, 6), { type: 128, rest: echo(7, 4) }, odd)),
          ethernet(
            { source: a.mac, destination: b.mac, type: ETHERTYPE.ipv4 },
            ipv4({ ...ends(a, b, 4), protocol: PROTOCOL.icmp, moreFragments: true }, v4),
          ),
        ]);
        // The stack of b may answer the timestamp request by itself; nothing else comes back.
        const ours = (packets: { bytes: Uint8Array }[]) =>
          packets.filter(({ bytes }) => hex(bytes).includes(hex(odd.subarray(1))));
        assert.equal(ours(await witness.finish((packets) => ours(packets).length >= 2)).length, 2);
        assert.equal(program.verdicts()['tx'], 2);
        const fields = [
          'eth.src',
          'eth.dst',
          'ieee8021ad.id',
          'vlan.id',
          'ip.src',
          'ip.dst',
          'ip.checksum.status',
          'ipv6.src',
          'ipv6.dst',
        ];
        const rows = await checkedFields(file, [
          ...fields,
          'icmp.type',
          'icmp.checksum.status',
          'icmpv6.type',
          'icmpv6.checksum.status',
        ]);
        const [type, type6] = [9, 11];
        assert.deepEqual(
          rows.filter((row) => row[type] === '0' || row[type6] === '129'),
          [
            [b.mac, a.mac, '', '', b.ipv4, a.ipv4, '1', '', '', '0', '1', '', ''],
            [b.mac, a.mac, '11', '12', '', '', '', short(b.ipv6), short(a.ipv6), '', '', '129', '1'],
          ],
        );
      }),
    ),
  ));
