/**
 * `xdpeek filter` and `dump -f`, with tcpdump as the judge: its listing of the same expression, its count on the same file, and its
 * packets of the same traffic.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { pcapHeader, pcapRecord } from '../../electron/packets/pcap/writer.ts';
import { capturing, withFolder, xdpeek } from './cli-lib.ts';
import { addon } from './lib/addon.ts';
import { parsePackets } from './lib/addon-capture.ts';
import { corpusPackets, FILTERS } from './lib/filter-corpus.ts';
import { concat, pattern, udpPacket } from './lib/frames.ts';
import { readPcap, startTcpdump } from './lib/ground-truth.ts';
import { withNetwork, withPair } from './lib/network.ts';
import { attempt, run } from './lib/process.ts';
import { TunDevice } from './lib/tun.ts';

const hexOf = (packets: readonly { bytes: Uint8Array }[]) =>
  packets.map(({ bytes }) => Buffer.from(bytes).toString('hex'));
const untagged = (hex: string) => !['8100', '88a8'].includes(hex.slice(24, 28));

describe('filter', () => {
  test('-d lists classic BPF line for line as tcpdump -d does, then eBPF', async () => {
    for (const text of FILTERS.filter((_, i) => i % 10 === 0)) {
      const { stdout, status, stderr } = await xdpeek(['filter', '-d', text]);
      assert.equal(status, 0, stderr);
      const [classic, extended] = stdout.split('\n\n');
      assert.equal(`${classic}\n`, await run('tcpdump', ['-s', '262144', '-d', text]), text);
      assert.match(extended!, /^ {3}0: \(bf\) r6 = r1\n(?: *\d+: \([0-9a-f]{2}\) .+\n)+$/, text);
      assert.match(extended!, /\(95\) exit\n$/);
    }
    const raw = await xdpeek(['filter', '-d', '--linktype', '101', 'icmp', 'or', 'ip6']);
    assert.equal(
      `${raw.stdout.split('\n\n')[0]}\n`,
      await run('tcpdump', ['-s', '262144', '-y', 'RAW', '-d', 'icmp or ip6']),
    );
  });

  test('--count: the kernel counts what tcpdump does, in Ethernet and in raw-IP files', () =>
    withFolder(async (folder) => {
      const ethernet = corpusPackets();
      const raw = [20, 80, 600].flatMap((size) =>
        ([4, 6] as const).map((family) =>
          udpPacket(
            { mac: '02:00:00:00:00:01', ipv4: '10.0.0.1', ipv6: 'fd00::1' },
            { mac: '02:00:00:00:00:02', ipv4: '10.0.0.2', ipv6: 'fd00::2' },
            pattern(size),
            { family },
          ),
        ),
      );
      for (const [linkType, packets, filters] of [
        [1, ethernet, ['tcp', 'udp port 53', 'vlan and ip', 'ip6', 'arp or icmp', 'greater 500']],
        [101, raw, ['ip', 'ip6 and udp', 'host 10.0.0.2', 'greater 100', 'tcp']],
      ] as const) {
        const file = path.join(folder, `${linkType}.pcap`);
        writeFileSync(
          file,
          concat(pcapHeader(linkType), ...packets.map((bytes) => pcapRecord(0n, bytes.length, bytes))),
        );
        for (const text of filters) {
          const out = path.join(folder, 'judged.pcap');
          assert.equal((await attempt('tcpdump', ['-r', file, '-w', out, text])).status, 0);
          const { stdout, status, stderr } = await xdpeek(['filter', text, '--count', file]);
          assert.equal(status, 0, stderr);
          assert.match(stdout, new RegExp(`^${readPcap(out).length} of ${packets.length} packets match`), text);
        }
      }
    }));

  test('what is wrong is said with its place; without permission nothing is pretended', async () => {
    const { status, stderr } = await xdpeek(['filter', 'tcp', 'prot', '80']);
    assert.equal(status, 1);
    assert.match(stderr, /syntax error.*\n {2}tcp prot 80\n {6}\^+\n$/);
    assert.match(
      (await xdpeek(['filter', 'tcp'])).stdout,
      /^valid for Ethernet: \d+ classic BPF instructions, \d+ of eBPF\n$/,
    );
    assert.equal((await xdpeek(['filter', 'tcp', '--count', 'x', '--linktype', '1'])).status, 2);
    assert.match((await xdpeek(['filter', 'tcp', '--count', 'no-such.pcap'])).stderr, /no-such\.pcap/);
  });
});

describe('dump -f and tcpdump', () => {
  const filters = FILTERS.filter((_, i) => i % 3 !== 2).slice(0, 100);
  const BATCH = 10;

  test(`the same packets, byte for byte, for ${filters.length} filters on the same traffic`, { timeout: 180_000 }, () =>
    withPair({ prefix: 'xl', quiet: true, mtu: 9000 }, (a, b) =>
      withFolder(async (folder) => {
        assert.equal(filters.length, 100);
        const frames = corpusPackets().filter(({ length }) => length >= 14);
        let matches = 0;
        for (let from = 0; from < filters.length; from += BATCH) {
          const pairs = await Promise.all(
            filters.slice(from, from + BATCH).map(async (text, i) => {
              const file = path.join(folder, `${from + i}`);
              // One program fits the XDP hook; tc takes any number.
              const hook = i === 0 ? 'xdp' : 'tc-ingress';
              return {
                text,
                ours: `${file}.pcapng`,
                dump: await capturing(
                  ['dump', '-i', b.ifname, '--hook', hook, '-f', text, '-w', `${file}.pcapng`],
                  b.netns,
                ),
                tcpdump: await startTcpdump(b, `${file}.pcap`, { filter: text, direction: 'in' }),
              };
            }),
          );
          const whole = await startTcpdump(b, path.join(folder, 'all.pcap'), { direction: 'in' });
          await addon.sendFrames({ ifname: a.ifname, netns: a.netns, frames });
          assert.equal((await whole.finish(frames.length)).length, frames.length);
          for (const { text, ours, dump, tcpdump } of pairs) {
            assert.equal((await dump.stop('SIGINT')).status, 0);
            const found = hexOf(parsePackets(readFileSync(ours)));
            const judged = path.join(folder, 'judged.pcap');
            await run('tcpdump', ['-r', path.join(folder, 'all.pcap'), '-w', judged, text]);
            assert.deepEqual(found, hexOf(readPcap(judged)), text);
            // Live, the kernel hands tagged packets to tcpdump with the tag taken out: `ip` matches them there, and not in the file.
            const expected = found.filter(untagged);
            const some = (packets: { bytes: Uint8Array }[]) => hexOf(packets).filter(untagged);
            const live = await tcpdump.finish((packets) => some(packets).length >= expected.length);
            assert.deepEqual(some(live), expected, text);
            matches += found.length;
          }
        }
        assert.ok(matches > 1000, `${matches} packets matched in all`);
      }),
    ),
  );

  test('on a link without Ethernet: a tunnel, both directions', () =>
    withNetwork({ prefix: 'xl' }, (network) =>
      withFolder(async (folder) => {
        const netns = await network.namespace('a');
        const tun = await TunDevice.open(netns, { addresses: ['10.9.0.1/24'] });
        const file = path.join(folder, 'tun.pcapng');
        const dump = await capturing(
          ['dump', '-i', 'tun0', '--hook', 'tc', '-f', 'udp port 9 and host 10.9.0.7', '-w', file],
          netns,
        );
        const tcpdump = await startTcpdump({ netns, ifname: 'tun0' }, path.join(folder, 'tun.pcap'), {
          filter: 'udp port 9 and host 10.9.0.7',
        });
        const end = (ipv4: string) => ({ mac: '02:00:00:00:00:01', ipv4, ipv6: 'fd00::1' });
        tun.inject(
          ['10.9.0.7', '10.9.0.8'].flatMap((from) =>
            [9, 10].map((destinationPort) => udpPacket(end(from), end('10.9.0.1'), pattern(30), { destinationPort })),
          ),
        );
        const judged = await tcpdump.finish(1);
        await new Promise((resolve) => setTimeout(resolve, 200));
        assert.equal((await dump.stop('SIGINT')).status, 0);
        assert.deepEqual(hexOf(parsePackets(readFileSync(file))), hexOf(judged));
        assert.ok(judged.length >= 1);
        await tun.close();
      }),
    ));
});
