/** `xdpeek dump` and `read` on real traffic over a veth pair and a tunnel, against tcpdump and tshark as witnesses. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import {
  capturing,
  nothingAttached,
  packetsByTshark,
  tcpExchange,
  tsharkFields,
  withFolder,
  xdpeek,
} from './cli-lib.ts';
import { addon } from './lib/addon.ts';
import { pattern, udpFrame, udpPacket } from './lib/frames.ts';
import { startTcpdump } from './lib/ground-truth.ts';
import { type VethEnd, withNetwork, withPair } from './lib/network.ts';
import { run, start } from './lib/process.ts';
import { TunDevice } from './lib/tun.ts';

const PREFIX = { prefix: 'xl' };
const ping = (from: VethEnd, to: VethEnd, count: number) =>
  run('ping', ['-q', '-c', `${count}`, '-i', '0.02', '-W', '2', to.ipv4], { netns: from.netns });

describe('dump -w', () => {
  for (const mode of ['native', 'generic'])
    test(`${mode}: 20 frames of ping and TCP are the 20 that tcpdump took`, () =>
      withPair(PREFIX, (a, b) =>
        withFolder(async (folder) => {
          const file = path.join(folder, 'f.pcapng');
          const tcpdump = await startTcpdump(b, path.join(folder, 'truth.pcap'), { direction: 'in' });
          const dump = await capturing(['dump', '-i', b.ifname, '--mode', mode, '-c', '20', '-w', file], b.netns);
          await ping(a, b, 6);
          await tcpExchange(a.netns, b.netns, b.ipv4);
          await ping(a, b, 20);
          const result = await dump.ended;
          assert.equal(result.status, 0, result.stderr);
          assert.match(result.stderr, /^20 packets \(.* captured in /m);
          assert.match(result.stderr, /^0 packets lost$/m);
          assert.equal(statSync(file).mode & 0o777, 0o600);

          const packets = await packetsByTshark(file);
          assert.equal(packets.length, 20);
          // tcpdump listens first, so frames of the time before may come in front.
          const taken = await tcpdump.finish(26);
          const same = (at: number) =>
            packets.every(({ bytes }, i) => taken[at + i] && Buffer.compare(bytes, taken[at + i]!.bytes) === 0);
          const truth = taken.slice(
            Math.max(
              0,
              taken.findIndex((_, at) => same(at)),
            ),
          );
          const apartMs: number[] = [];
          for (const [at, packet] of packets.entries()) {
            assert.equal(packet.wireLen, truth[at]!.wireLen, `length of frame ${at + 1}`);
            assert.deepEqual(Buffer.from(packet.bytes), Buffer.from(truth[at]!.bytes), `bytes of frame ${at + 1}`);
            apartMs.push(Math.abs(Number(packet.epochNs - truth[at]!.epochNs)) / 1e6);
          }
          // A busy CPU may be taken away between the two that note a time, of one frame or another.
          assert.ok(apartMs.sort((x, y) => x - y)[10]! < 50, `times are ${apartMs.join(', ')} ms apart`);
          // epb_packetid: each packet has one of its own.
          const ids = (await tsharkFields(file, ['frame.packet_id'])).map(Number);
          assert.equal(new Set(ids).size, packets.length);
          assert.ok(ids.every((id) => id > 0));
          await nothingAttached(b.netns, b.ifname);
        }),
      ));

  test('ICMP shows type, code, id and sequence; a SYN its flags; read and tshark agree on every field', () =>
    withPair(PREFIX, (a, b) =>
      withFolder(async (folder) => {
        const file = path.join(folder, 'f.pcapng');
        const dump = await capturing(['dump', '-i', b.ifname, '-w', file], b.netns);
        await ping(a, b, 3);
        await tcpExchange(a.netns, b.netns, b.ipv4);
        const { status } = await dump.stop('SIGINT');
        assert.equal(status, 0);

        const fields = [
          'frame.number',
          'frame.len',
          'eth.src',
          'ip.src',
          'ip.dst',
          'icmp.type',
          'icmp.code',
          'icmp.ident',
          'icmp.seq',
        ];
        fields.push(
          'tcp.srcport',
          'tcp.dstport',
          'tcp.flags',
          'tcp.flags.syn',
          'tcp.window_size_value',
          'frame.interface_name',
        );
        const asked = fields.flatMap((field) => ['-e', field]);
        const own = await xdpeek(['read', file, '-T', 'fields', ...asked]);
        assert.equal(own.stderr, '');
        assert.deepEqual(own.stdout.split('\n').slice(0, -1), await tsharkFields(file, fields));

        const { stdout: text } = await xdpeek(['read', file]);
        assert.match(
          text,
          /pass +10\.77\.0\.1 → 10\.77\.0\.2 +ICMP 98 Echo \(ping\) request +id=0x[0-9a-f]{4}, seq=1\/256, ttl=64/,
        );
        assert.match(text, /TCP 74 \d+ → 7777 \[SYN\] Seq=/);
        const { stdout: tree } = await xdpeek(['read', file, '-c', '1', '-V', '-x']);
        assert.match(tree, /^Frame 1: /);
        assert.match(tree, /^0000 {2}(?:[0-9a-f]{2} ){6}02 77 00 00 00 01 /m);
      }),
    ));

  test('9 bytes of UDP have no padding behind them, 1514 bytes arrive whole, a snaplen cuts', () =>
    withPair({ ...PREFIX, quiet: true }, (a, b) =>
      withFolder(async (folder) => {
        const frame = (payload: number) => udpFrame(a, b, pattern(payload));
        const frames = [frame(9), frame(1472)];
        assert.deepEqual(
          frames.map(({ length }) => length),
          [51, 1514],
        );
        for (const [snaplen, kept] of [
          [[], [51, 1514]],
          [
            ['-s', '60'],
            [51, 60],
          ],
        ] as const) {
          const file = path.join(folder, `${kept[1]}.pcapng`);
          const dump = await capturing(['dump', '-i', b.ifname, '-c', '2', ...snaplen, '-w', file], b.netns);
          await addon.sendFrames({ ifname: a.ifname, netns: a.netns, frames });
          assert.equal((await dump.ended).status, 0);
          const packets = await packetsByTshark(file);
          assert.deepEqual(
            packets.map(({ wireLen }) => wireLen),
            [51, 1514],
          );
          assert.deepEqual(
            packets.map(({ bytes }) => bytes.length),
            [...kept],
          );
          for (const [at, { bytes }] of packets.entries())
            assert.deepEqual(Buffer.from(bytes), Buffer.from(frames[at]!.subarray(0, kept[at])));
        }
      }),
    ));
});

describe('dump on the terminal', () => {
  test('prints one line a packet with its verdict, hex when asked, JSON when asked', () =>
    withPair(PREFIX, async (a, b) => {
      const text = await capturing(['dump', '-i', b.ifname, '-x', '-c', '2'], b.netns);
      await ping(a, b, 3);
      const { stdout, status } = await text.ended;
      assert.equal(status, 0);
      assert.match(stdout, /^ {4}1 0\.000000000 pass {2}.* → .*\n0000 {2}/);
      const json = await capturing(['dump', '-i', b.ifname, '--json', '-c', '2'], b.netns);
      await ping(a, b, 3);
      const lines = (await json.ended).stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line));
      assert.equal(lines.length, 2);
      assert.equal(lines[0].interface, b.ifname);
      assert.equal(lines[0].verdict, 'pass');
      assert.match(lines[0].time, /^\d{10}\.\d{9}$/);
    }));

  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    test(`${signal} ends with a summary and detaches`, () =>
      withPair(PREFIX, async (a, b) => {
        const dump = await capturing(['dump', '-i', b.ifname], b.netns);
        await ping(a, b, 5);
        await dump.waitFor(/seq=5\//);
        const { status, stderr } = await dump.stop(signal);
        assert.equal(status, 0);
        assert.match(
          stderr,
          /^\d+ packets \([\d.]+ k?B\) captured in \d+\.\d{3} s\n\d+ packets \(.*\) seen by the kernel program\n0 packets lost$/m,
        );
        await nothingAttached(b.netns, b.ifname);
      }));

  test('a duration ends it; -q keeps it silent', () =>
    withPair(PREFIX, async (_, b) => {
      const { status, stderr } = await xdpeek(['dump', '-i', b.ifname, '--duration', '0.3', '-q'], { netns: b.netns });
      assert.equal(status, 0);
      assert.equal(stderr, '');
    }));

  test('--netns reaches another namespace', () =>
    withPair(PREFIX, async (a, b) => {
      const dump = await capturing(['dump', '-i', b.ifname, '--netns', b.netns, '-c', '1']);
      await ping(a, b, 2);
      assert.equal((await dump.ended).status, 0);
      await nothingAttached(b.netns, b.ifname);
    }));

  test('a reader that goes away (| head) ends it quietly, detached', () =>
    withPair(PREFIX, async (a, b) => {
      const main = path.resolve(import.meta.dirname, '../../dist/cli/main.mjs');
      const line = `"${process.execPath}" "${main}" dump -i ${b.ifname} | head -1`;
      const shell = start('bash', ['-o', 'pipefail', '-c', line], { netns: b.netns });
      await shell.waitFor(/watching/);
      await ping(a, b, 10);
      const { status, stdout, stderr } = await shell.ended;
      assert.equal(status, 0);
      assert.equal(stdout.split('\n').length, 2);
      assert.doesNotMatch(stderr, /EPIPE|Error|captured/);
      await nothingAttached(b.netns, b.ifname);
    }));

  test('a reader that stands still keeps neither the detach nor, a second time, the end waiting', () =>
    withPair({ ...PREFIX, quiet: true }, async (a, b) => {
      const main = path.resolve(import.meta.dirname, '../../dist/cli/main.mjs');
      const args = [`--net=/run/netns/${b.netns}`, '--', process.execPath, main, 'dump', '-i', b.ifname, '-x'];
      // Nobody reads this pipe: it is full after 64 KiB.
      const child = spawn('nsenter', args, { stdio: ['ignore', 'pipe', 'pipe'] });
      try {
        await new Promise((resolve) => child.stderr.once('data', resolve));
        await addon.sendFrames({
          ifname: a.ifname,
          netns: a.netns,
          frames: [udpFrame(a, b, pattern(1400))],
          repeat: 300,
        });
        await new Promise((resolve) => setTimeout(resolve, 300));
        child.kill('SIGINT');
        await nothingAttached(b.netns, b.ifname);
        assert.equal(child.exitCode, null, 'it still has packets to show');
        await new Promise((resolve) => setTimeout(resolve, 300));
        child.kill('SIGINT');
        await new Promise((resolve) => child.once('exit', resolve));
      } finally {
        child.kill('SIGKILL');
      }
    }));

  test('a signal that comes twice at once, as that of timeout(1) does, is one', () =>
    withPair(PREFIX, async (_, b) => {
      const dump = await capturing(['dump', '-i', b.ifname], b.netns);
      process.kill(dump.pid, 'SIGINT');
      // Time enough to have been heard, and not to be over.
      await new Promise((resolve) => setTimeout(resolve, 3));
      const { status, signal, stderr } = await dump.stop('SIGINT');
      assert.deepEqual([status, signal], [0, null]);
      assert.match(stderr, /0 packets lost\n/);
    }));

  test('-w - feeds another program', () =>
    withPair(PREFIX, async (a, b) => {
      const main = path.resolve(import.meta.dirname, '../../dist/cli/main.mjs');
      const line = `"${process.execPath}" "${main}" dump -i ${b.ifname} -c 4 -w - | tshark -n -r - -T fields -e frame.number -e _ws.col.Protocol`;
      const shell = start('bash', ['-o', 'pipefail', '-c', line], { netns: b.netns });
      await shell.waitFor(/watching/);
      await ping(a, b, 6);
      const { status, stdout } = await shell.ended;
      assert.equal(status, 0);
      assert.equal(stdout.split('\n').filter((row) => /^\d\t(ICMP|ARP|ICMPv6)/.test(row)).length, 4);
    }));
});

test('a tunnel: raw IP, both directions', () =>
  withNetwork(PREFIX, (network) =>
    withFolder(async (folder) => {
      const netns = await network.namespace('t');
      const tun = await TunDevice.open(netns, { addresses: ['10.9.0.1/24'] });
      const file = path.join(folder, 'tun.pcapng');
      const hooks = ['--hook', 'tc-ingress', '--hook', 'tc-egress'];
      const dump = await capturing(['dump', '-i', tun.ifname, ...hooks, '-w', file], netns);
      const far = { mac: '', ipv4: '10.9.0.2', ipv6: '' };
      const inbound = udpPacket(far, { ...far, ipv4: '10.9.0.1' }, pattern(40));
      tun.inject([inbound]);
      const pinging = start('ping', ['-q', '-c', '2', '-i', '0.1', '-W', '1', '10.9.0.2'], { netns });
      await tun.waitForReceived(2);
      await pinging.stop();
      assert.equal((await dump.stop('SIGINT')).status, 0);
      await tun.close();
      const packets = await packetsByTshark(file);
      assert.ok(packets.some(({ bytes }) => Buffer.from(bytes).equals(Buffer.from(inbound))));
      const { stdout } = await xdpeek(['read', file]);
      assert.match(stdout, / in .* 10\.9\.0\.2 → 10\.9\.0\.1 +/);
      assert.match(stdout, / out .* 10\.9\.0\.1 → 10\.9\.0\.2 +ICMP \d+ Echo \(ping\) request/);
    }),
  ));
