/** traffic_calls and traffic_tailcall: the same counts by function calls and by tail calls, equal to what was sent; the program array changed live. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addon } from './lib/addon.ts';
import {
  type Bytes,
  ETHERTYPE,
  ethernet,
  icmp,
  ipv4,
  ipv6,
  optionsHeader,
  PROTOCOL,
  TCP_FLAG,
  tcp,
  udp,
  udpFrame,
} from './lib/frames.ts';
import { type Attached, countersOf, u8Key, u16Key, withLibrary } from './lib/library.ts';
import { type VethEnd, withPair } from './lib/network.ts';
import { eventually } from './lib/process.ts';

const quiet = { prefix: 'xlt', quiet: true } as const;
const MAPS = { protocols: u8Key, tcp_ports: u16Key, udp_ports: u16Key } as const;
type Counts = Record<keyof typeof MAPS, Record<string, number[]>>;

interface Sent {
  frame: Bytes;
  protocol: number;
  port?: number;
}

function mixture(a: VethEnd, b: VethEnd): Sent[] {
  const [v4, v6] = [
    { source: a.ipv4, destination: b.ipv4 },
    { source: a.ipv6, destination: b.ipv6 },
  ];
  const link = (type: number, packet: Uint8Array, tags: { id: number }[] = []) =>
    ethernet({ source: a.mac, destination: b.mac, type, tags }, packet);
  const text = (length: number) => new Uint8Array(length).fill(0x61);
  const syn = (ends: typeof v4, destinationPort: number, length: number) =>
    tcp(ends, { sourcePort: 50_000, destinationPort, flags: TCP_FLAG.syn }, text(length));
  const { tcp: TCP, udp: UDP, icmp: ICMP } = PROTOCOL;
  return [
    ...[53, 53, 443, 9].map((port, i) => ({
      frame: udpFrame(a, b, text(7 + i), { family: i % 2 ? 6 : 4, destinationPort: port }),
      protocol: UDP,
      port,
    })),
    { frame: udpFrame(a, b, text(3), { destinationPort: 53, tags: [{ id: 1 }, { id: 2 }] }), protocol: UDP, port: 53 },
    ...[80, 443, 80].map((port, i) => ({
      frame: link(ETHERTYPE.ipv4, ipv4({ ...v4, protocol: TCP }, syn(v4, port, i))),
      protocol: TCP,
      port,
    })),
    {
      frame: link(ETHERTYPE.ipv6, ipv6({ ...v6, nextHeader: TCP }, syn(v6, 80, 5)), [{ id: 4 }]),
      protocol: TCP,
      port: 80,
    },
    {
      frame: link(
        ETHERTYPE.ipv4,
        ipv4(
          { ...v4, protocol: UDP, options: Uint8Array.of(1, 1, 1, 0) },
          udp(v4, { sourcePort: 1, destinationPort: 53 }, text(9)),
        ),
      ),
      protocol: UDP,
      port: 53,
    },
    { frame: link(ETHERTYPE.ipv4, ipv4({ ...v4, protocol: ICMP }, icmp({ type: 8 }, text(11)))), protocol: ICMP },
    // Of a later fragment the protocol is known and no port.
    { frame: link(ETHERTYPE.ipv4, ipv4({ ...v4, protocol: UDP, fragmentOffset: 1480 }, text(31))), protocol: UDP },
    {
      frame: link(ETHERTYPE.ipv6, ipv6({ ...v6, nextHeader: 0 }, optionsHeader(UDP, new Uint8Array(), text(16)))),
      protocol: 0,
    },
  ];
}

function expected(sent: readonly Sent[]): Counts {
  const counts: Counts = { protocols: {}, tcp_ports: {}, udp_ports: {} };
  const add = (map: keyof Counts, key: number, bytes: number) => {
    const [packets = 0, sum = 0] = counts[map][key] ?? [];
    counts[map][key] = [packets + 1, sum + bytes];
  };
  for (const { frame, protocol, port } of sent) {
    add('protocols', protocol, frame.length);
    if (port !== undefined) add(protocol === PROTOCOL.tcp ? 'tcp_ports' : 'udp_ports', port, frame.length);
  }
  return counts;
}

const counted = ({ maps }: Attached): Counts =>
  Object.fromEntries(
    Object.entries(MAPS).map(([map, nameOf]) => [map, Object.fromEntries(countersOf(maps[map]!, nameOf))]),
  ) as Counts;

async function send(a: VethEnd, program: Attached, sent: readonly Sent[]): Promise<void> {
  const before = program.verdicts()['pass'] ?? 0;
  await addon.sendFrames({ netns: a.netns, ifname: a.ifname, frames: sent.map(({ frame }) => frame) });
  await eventually('all passed', () => program.verdicts()['pass'] === before + sent.length);
}

for (const name of ['traffic_calls', 'traffic_tailcall'])
  test(`${name} counts what was sent, by protocol and port, both families, packets and bytes`, () =>
    withPair(quiet, (a, b) =>
      withLibrary(async (lab) => {
        const program = await lab.attach(name, b);
        const sent = mixture(a, b);
        await send(a, program, [...sent, ...sent, ...sent]);
        assert.deepEqual(counted(program), expected([...sent, ...sent, ...sent]));
        // A frame that is no IP is nobody's.
        await send(a, program, [
          { frame: ethernet({ source: a.mac, destination: b.mac, type: 0x88b5 }, new Uint8Array(46)), protocol: 0 },
        ]);
        assert.deepEqual(counted(program), expected([...sent, ...sent, ...sent]));
      }),
    ));

test('traffic_calls is made of real functions', () =>
  withPair(quiet, (_a, b) =>
    withLibrary(async (lab) => {
      const { programId } = await lab.attach('traffic_calls', b);
      // struct bpf_func_info: 8 bytes a function; the entry, three counters, two families.
      assert.equal(addon.programCode(programId).funcInfo.length / 8, 6);
    }),
  ));

test('a stage of traffic_tailcall is taken out and put back while packets go through', () =>
  withPair(quiet, (a, b) =>
    withLibrary(async (lab) => {
      const program = await lab.attach('traffic_tailcall', b);
      const sent = mixture(a, b);
      const key = (stage: number) => Buffer.from(Uint32Array.of(stage).buffer).toString('base64');
      const stages = program.maps['stages']!;
      await lab.workbench.request('mapDelete', { id: stages, key: key(2) });
      await send(a, program, sent);
      const all = expected(sent);
      assert.deepEqual(counted(program), { ...all, tcp_ports: {} });
      await lab.workbench.request('mapUpdate', {
        id: stages,
        key: key(2),
        value: Buffer.from(Uint32Array.of(program.programs['on_tcp']!).buffer).toString('base64'),
        mode: 'any',
      });
      await send(a, program, sent);
      assert.deepEqual(counted(program), { ...expected([...sent, ...sent]), tcp_ports: all.tcp_ports });
    }),
  ));
