/** `xdpeek flows`, `stats` and `ifaces` on real interfaces: what they count is what was sent. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { FlowRow, StatsSnapshot } from '../../electron/shared/api.ts';
import { capturing, nothingAttached, tcpExchange, xdpeek } from './cli-lib.ts';
import { addon } from './lib/addon.ts';
import { pattern, udpFrame, udpPacket } from './lib/frames.ts';
import { withNetwork, withPair } from './lib/network.ts';
import type { Running } from './lib/process.ts';
import { TunDevice } from './lib/tun.ts';

const PREFIX = { prefix: 'xl' };

function objects<T>(stdout: string): T[] {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as T);
}

/** The last line that `matches`, once there is one. */
async function lastLine<T>(running: Running, matches: (line: T) => boolean): Promise<T> {
  const deadline = performance.now() + 8000;
  for (;;) {
    const whole = running.stdout().slice(0, running.stdout().lastIndexOf('\n') + 1);
    const found = objects<T>(whole).findLast(matches);
    if (found || performance.now() > deadline) {
      assert.ok(found, running.stdout() + running.stderr());
      return found;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('flows', () => {
  test('packets and bytes of each flow, IPv4 and IPv6, are what was sent', () =>
    withPair({ ...PREFIX, quiet: true }, async (a, b) => {
      const flows = await capturing(['flows', '-i', b.ifname, '--interval', '0.2', '--json'], b.netns);
      const four = udpFrame(a, b, pattern(100), { sourcePort: 1111, destinationPort: 2222 });
      const six = udpFrame(a, b, pattern(50), { family: 6, sourcePort: 3333, destinationPort: 4444 });
      await addon.sendFrames({ ifname: a.ifname, netns: a.netns, frames: [four], repeat: 300 });
      await addon.sendFrames({ ifname: a.ifname, netns: a.netns, frames: [six], repeat: 200 });
      const first = await lastLine<FlowRow>(flows, (row) => row.sourcePort === 1111 && row.packets >= 300);
      assert.deepEqual(
        [first.source, first.destination, first.destinationPort, first.protocol, first.packets, first.bytes],
        [a.ipv4, b.ipv4, 2222, 'udp', 300, 300 * four.length],
      );
      const second = await lastLine<FlowRow>(flows, (row) => row.sourcePort === 3333 && row.packets >= 200);
      assert.deepEqual(
        [second.family, second.source, second.packets, second.bytes],
        [6, new URL(`http://[${a.ipv6}]`).hostname.slice(1, -1), 200, 200 * six.length],
      );
      assert.equal((await flows.stop('SIGINT')).status, 0);
      await nothingAttached(b.netns, b.ifname);
    }));

  test('--by source adds up the flows of an address; -c ends it; text is a table', () =>
    withPair({ ...PREFIX, quiet: true }, async (a, b) => {
      const talkers = await capturing(
        ['flows', '-i', b.ifname, '--by', 'source', '--interval', '0.3', '--json'],
        b.netns,
      );
      const frames = [1, 2, 3].map((port) => udpFrame(a, b, pattern(10), { sourcePort: port }));
      await addon.sendFrames({ ifname: a.ifname, netns: a.netns, frames, repeat: 10 });
      const row = await lastLine<{ source: string; flows: number; packets: number }>(
        talkers,
        ({ packets }) => packets >= 30,
      );
      assert.deepEqual([row.source, row.flows, row.packets], [a.ipv4, 3, 30]);
      await talkers.stop('SIGTERM');
      const text = await xdpeek(['flows', '-i', b.ifname, '--interval', '0.1', '-c', '2'], { netns: b.netns });
      assert.equal(text.status, 0);
      assert.equal(text.stdout.match(/^SOURCE +DESTINATION +PROTOCOL/gm)?.length, 2);
    }));

  test('a TCP connection is a flow with its state', () =>
    withPair(PREFIX, async (a, b) => {
      const flows = await capturing(['flows', '-i', b.ifname, '--interval', '0.2', '--json'], b.netns);
      await tcpExchange(a.netns, b.netns, b.ipv4);
      const row = await lastLine<FlowRow>(
        flows,
        ({ destinationPort, state }) => destinationPort === 7777 && state === 'closed',
      );
      assert.equal(row.tcpFlags & 0x13, 0x13, 'SYN, FIN and ACK were seen');
      await flows.stop();
    }));

  test('a tunnel counts both ways at tc', () =>
    withNetwork(PREFIX, async (network) => {
      const netns = await network.namespace('t');
      const tun = await TunDevice.open(netns, { addresses: ['10.9.0.1/24'] });
      const hooks = ['--hook', 'tc-ingress', '--hook', 'tc-egress'];
      const flows = await capturing(['flows', '-i', tun.ifname, ...hooks, '--interval', '0.2', '--json'], netns);
      const far = { mac: '', ipv4: '10.9.0.2', ipv6: '' };
      const near = { ...far, ipv4: '10.9.0.1' };
      tun.inject(Array.from({ length: 7 }, () => udpPacket(far, near, pattern(30), { sourcePort: 1234 })));
      const inward = await lastLine<FlowRow>(flows, (row) => row.sourcePort === 1234 && row.packets >= 7);
      assert.deepEqual([inward.direction, inward.packets, inward.bytes], ['in', 7, 7 * 58]);
      // Nobody listens on that port: the kernel answers, out of the tunnel.
      const outward = await lastLine<FlowRow>(flows, (row) => row.direction === 'out' && row.protocol === 'icmp');
      assert.deepEqual([outward.source, outward.state], ['10.9.0.1', 'unreachable']);
      await flows.stop();
      await tun.close();
    }));
});

describe('stats', () => {
  test('packets by verdict, in all and per CPU, over the exact period', () =>
    withPair({ ...PREFIX, quiet: true }, async (a, b) => {
      const stats = await capturing(['stats', '-i', b.ifname, '--interval', '0.5', '--per-cpu', '--json'], b.netns);
      const frame = udpFrame(a, b, pattern(100));
      type Line = Omit<StatsSnapshot, 'generation'>;
      const of = ({ byVerdict }: Pick<Line, 'byVerdict'>) => byVerdict.find(({ key }) => key === 'pass')!;
      // What the first period counts from is read before anything is sent.
      await lastLine<Line>(stats, (found) => of(found).packets === 0);
      await addon.sendFrames({ ifname: a.ifname, netns: a.netns, frames: [frame], repeat: 500 });
      const line = await lastLine<Line>(stats, (found) => of(found).packets >= 500);
      assert.deepEqual([of(line).packets, of(line).bytes], [500, 500 * frame.length]);
      assert.equal(
        line.perCpu.reduce((sum, cpu) => sum + of(cpu).packets, 0),
        500,
      );
      // A reading that came late makes the period after it shorter.
      assert.ok(line.periodNs > 0 && line.periodNs < 20e9, `${line.periodNs} ns`);
      const { pps, bitsPerSecond } = of(line);
      const earlier = objects<Line>(stats.stdout().slice(0, stats.stdout().lastIndexOf('\n') + 1));
      const before = earlier.findLast((other) => of(other).packets < 500)!;
      // The first line that has them all: what came since the line before, over the period.
      if (pps > 0) assert.equal(Math.round((pps * line.periodNs) / 1e9), 500 - of(before).packets);
      if (pps > 0) assert.ok(Math.abs(bitsPerSecond / pps - frame.length * 8) < 1e-6);
      assert.equal((await stats.stop('SIGINT')).status, 0);
      await nothingAttached(b.netns, b.ifname);
    }));

  test('text has one line a verdict and ends after -c snapshots', () =>
    withPair(PREFIX, async (_, b) => {
      const { status, stdout } = await xdpeek(['stats', '-i', b.ifname, '-c', '2', '--interval', '0.2', '--per-cpu'], {
        netns: b.netns,
      });
      assert.equal(status, 0);
      assert.equal(
        stdout.match(/^\S+ {2}period \d+\.\d{6} s\nVERDICT +PACKETS +PPS +MBIT\/S +BYTES\naborted/gm)?.length,
        2,
      );
    }));
});

test('ifaces shows namespaces, and our program while it is attached', () =>
  withPair(PREFIX, async (_, b) => {
    const dump = await capturing(['dump', '-i', b.ifname], b.netns);
    const { stdout } = await xdpeek(['ifaces']);
    const line = stdout.split('\n').find((row) => row.includes(b.netns) && row.startsWith(b.ifname));
    assert.match(line!, /veth .*xdp native: \d+ xdpeek_xdp/);
    const only = await xdpeek(['ifaces', '--json', '--netns', b.netns]);
    assert.deepEqual(
      objects<{ ifname: string }>(only.stdout)
        .map(({ ifname }) => ifname)
        .sort(),
      ['lo', b.ifname],
    );
    await dump.stop();
  }));
