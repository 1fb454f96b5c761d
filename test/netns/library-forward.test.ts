/** The library's programs that forward: to an interface, through a devmap, by the kernel's routes. Source, middle and destination are three namespaces. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { withFolder } from './cli-lib.ts';
import { addon } from './lib/addon.ts';
import { ETHERTYPE, ethernet, ipv4, numberedFrames, PROTOCOL, udp, udpFrame } from './lib/frames.ts';
import { startTcpdump } from './lib/ground-truth.ts';
import { checkedFields, countersOf, type Lab, u32Key, withLibrary } from './lib/library.ts';
import { type Network, type VethEnd, withNetwork } from './lib/network.ts';
import { FIVE_PINGS } from './lib/pings.ts';
import { eventually, run } from './lib/process.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const send = (from: VethEnd, frames: Uint8Array[]) =>
  addon.sendFrames({ netns: from.netns, ifname: from.ifname, frames });

interface Line {
  network: Network;
  source: VethEnd;
  /** The middle's ends. */
  arrival: VethEnd;
  way: VethEnd;
  destination: VethEnd;
  folder: string;
  lab: Lab;
}

const withLine = (quiet: boolean, body: (line: Line) => Promise<void>) =>
  withNetwork({ prefix: 'xlf' }, async (network) => {
    const [s, m, d] = [await network.namespace('s'), await network.namespace('m'), await network.namespace('d')];
    const [source, arrival] = await network.veth(s, m, { ifname: 'in0', quiet });
    const [way, destination] = await network.veth(m, d, { ifname: 'out0', quiet });
    await withFolder((folder) =>
      withLibrary((lab) => body({ network, source, arrival, way, destination, folder, lab })),
    );
  });

const bothFamilies = (from: VethEnd, to: VethEnd, count: number) =>
  ([4, 6] as const).flatMap((family) => numberedFrames(from, to, count, 23, { family }));

function readdressed(frame: Uint8Array, mac: string): Uint8Array {
  const copy = Uint8Array.from(frame);
  copy.set(Buffer.from(mac.replaceAll(':', ''), 'hex'));
  return copy;
}

for (const mode of ['native', 'generic'] as const)
  test(`redirect in ${mode} mode sends every frame out of the other interface, to the MAC address that is set`, () =>
    withLine(true, async ({ source, arrival, destination, folder, lab }) => {
      if (mode === 'native') await lab.attach('redirect_receiver', destination);
      const program = await lab.attach('redirect', arrival, { to: 'out0', mac: destination.mac }, mode);
      const witness = await startTcpdump(destination, path.join(folder, 'd.pcap'), { direction: 'in' });
      const frames = bothFamilies(source, arrival, 40);
      await send(source, frames);
      assert.deepEqual(
        (await witness.finish(80)).map(({ bytes }) => hex(bytes)),
        frames.map((frame) => hex(readdressed(frame, destination.mac))),
      );
      assert.deepEqual(program.verdicts(), { redirect: 80 });
    }));

test('redirect without a MAC address leaves the frames as they are', () =>
  withLine(true, async ({ source, arrival, destination, folder, lab }) => {
    await lab.attach('redirect', arrival, { to: 'out0' }, 'generic');
    const witness = await startTcpdump(destination, path.join(folder, 'd.pcap'), { direction: 'in' });
    const frames = bothFamilies(source, arrival, 2);
    await send(source, frames);
    assert.deepEqual(
      (await witness.finish(4)).map(({ bytes }) => hex(bytes)),
      frames.map(hex),
    );
  }));

test('redirect_map forwards known senders through the devmap, passes others, and follows its maps while it runs', () =>
  withLine(true, async ({ source, arrival, destination, folder, lab }) => {
    await lab.attach('redirect_receiver', destination);
    const second = '02:77:00:00:aa:01';
    const program = await lab.attach('redirect_map', arrival, {
      to: 'out0',
      pairs: `${source.mac}=${destination.mac}, ${second}=02:00:00:00:00:99`,
    });
    const there = await startTcpdump(destination, path.join(folder, 'd.pcap'), { direction: 'in' });
    const here = await startTcpdump(arrival, path.join(folder, 'm.pcap'), { direction: 'in' });
    const known = bothFamilies(source, arrival, 10);
    const other = bothFamilies({ ...source, mac: second }, arrival, 10);
    const stranger = bothFamilies({ ...source, mac: '02:77:00:00:aa:02' }, arrival, 5);
    await send(source, [...known, ...stranger, ...other]);
    await eventually('all are judged', () => program.verdicts()['redirect'] === 40);
    // Of the two that were known one is taken out while it runs.
    await lab.workbench.request('mapDelete', {
      id: program.maps['destinations']!,
      key: Buffer.from(second.replaceAll(':', ''), 'hex').toString('base64'),
    });
    await send(source, other);
    assert.deepEqual(
      (await here.finish(30)).map(({ bytes }) => hex(bytes)),
      [...stranger, ...other].map(hex),
    );
    assert.deepEqual(
      (await there.finish(40)).map(({ bytes }) => hex(bytes)),
      [
        ...known.map((frame) => hex(readdressed(frame, destination.mac))),
        ...other.map((frame) => hex(readdressed(frame, '02:00:00:00:00:99'))),
      ],
    );
    assert.deepEqual(program.verdicts(), { pass: 30, redirect: 40 });
  }));

async function routed({ network, source, arrival, way, destination, lab }: Line) {
  const forwarding = { 'net/ipv4/ip_forward': 1, 'net/ipv6/conf/all/forwarding': 1 };
  await network.sysctl(arrival.netns, forwarding);
  await run('ip', ['-n', source.netns, 'route', 'add', 'default', 'via', arrival.ipv4]);
  await run('ip', ['-n', source.netns, '-6', 'route', 'add', 'default', 'via', arrival.ipv6]);
  await run('ip', ['-n', destination.netns, 'route', 'add', 'default', 'via', way.ipv4]);
  await run('ip', ['-n', destination.netns, '-6', 'route', 'add', 'default', 'via', way.ipv6]);
  for (const end of [source, destination]) await lab.attach('redirect_receiver', end);
  await lab.attach('router', way);
  const router = await lab.attach('router', arrival);
  for (const flag of ['-4', '-6'] as const) {
    const to = flag === '-4' ? destination.ipv4 : destination.ipv6;
    const out = await run('ping', [flag, ...FIVE_PINGS, to], { netns: source.netns });
    assert.match(out, / 5 received, 0% packet loss/);
  }
  return router;
}

test('router forwards both families in the driver: TTL and hop limit one less, checksums right, MAC addresses of the next hop', () =>
  withLine(false, async (line) => {
    const { source, arrival, way, destination, folder, lab } = line;
    const router = await routed(line);
    const before = router.verdicts()['redirect'] ?? 0;
    const found = () => countersOf(router.maps['lookups']!, u32Key).get('0')![0]!;
    const foundBefore = found();
    const file = path.join(folder, 'd.pcap');
    const witness = await startTcpdump(destination, file, { direction: 'in', filter: 'udp port 9' });
    const far = { ...destination, mac: arrival.mac };
    await send(source, bothFamilies(source, far, 25));
    assert.equal((await witness.finish(50)).length, 50);
    const rows = await checkedFields(file, [
      'eth.src',
      'eth.dst',
      'ip.ttl',
      'ip.checksum.status',
      'ipv6.hlim',
      'udp.checksum.status',
    ]);
    const macs = [way.mac, destination.mac];
    assert.deepEqual(rows, [
      ...Array(25).fill([...macs, '63', '1', '', '1']),
      ...Array(25).fill([...macs, '', '', '63', '1']),
    ]);
    assert.equal(router.verdicts()['redirect']! - before, 50);
    assert.equal(found() - foundBefore, 50);
    assert.ok(lab);
  }));

test('router leaves the end of a TTL, unknown destinations and IPv4 options to the stack, which answers; blackholes are dropped', () =>
  withLine(false, async (line) => {
    const { source, arrival, destination, folder } = line;
    const router = await routed(line);
    await run('ip', ['-n', arrival.netns, 'route', 'add', 'blackhole', '10.98.0.0/16']);
    await run('ip', ['-n', arrival.netns, '-6', 'route', 'add', 'blackhole', 'fd98::/16']);
    const file = path.join(folder, 's.pcap');
    const answers = await startTcpdump(source, file, { direction: 'in', filter: 'icmp or icmp6[0] <= 3' });
    const arrived = await startTcpdump(destination, path.join(folder, 'd.pcap'), {
      direction: 'in',
      filter: 'udp port 9',
    });
    const far = { ...destination, mac: arrival.mac };
    const before = router.verdicts();
    const say = new TextEncoder().encode('to whom');
    const between = { source: source.ipv4, destination: destination.ipv4 };
    const withOptions = ethernet(
      { source: source.mac, destination: arrival.mac, type: ETHERTYPE.ipv4 },
      ipv4(
        { ...between, protocol: PROTOCOL.udp, options: Uint8Array.of(1, 1, 1, 1) },
        udp(between, { sourcePort: 40_000, destinationPort: 9 }, say),
      ),
    );
    await send(source, [
      udpFrame(source, far, say, { family: 4, ttl: 1 }),
      udpFrame(source, far, say, { family: 6, ttl: 1 }),
      udpFrame(source, { ...far, ipv4: '10.99.0.1' }, say, { family: 4 }),
      udpFrame(source, { ...far, ipv6: 'fd99::1' }, say, { family: 6 }),
      udpFrame(source, { ...far, ipv4: '10.98.0.1' }, say, { family: 4 }),
      udpFrame(source, { ...far, ipv6: 'fd98::1' }, say, { family: 6 }),
      withOptions,
    ]);
    // The packet with options goes on by the stack, and its port is closed there: the last of the answers.
    assert.equal((await arrived.finish(1)).length, 1);
    assert.equal((await answers.finish(5)).length, 5);
    const rows = await checkedFields(file, ['icmp.type', 'icmp.code', 'icmpv6.type', 'icmpv6.code']);
    assert.deepEqual(rows.map((row) => row.join(' ').trim()).sort(), ['11 0', '3 0', '3 3', '1 0', '3 0'].sort());
    const after = router.verdicts();
    assert.equal((after['drop'] ?? 0) - (before['drop'] ?? 0), 2);
    assert.equal((after['redirect'] ?? 0) - (before['redirect'] ?? 0), 0);
  }));
