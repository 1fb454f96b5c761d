/**
 * Statistics against tshark's, over one capture with all samples of Ethernet in it: the same counts for the same conversations, endpoints,
 * lengths, intervals and notes, and the same words in every stream that is followed.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { printFollow } from '../../electron/cli/statistics/print-follow.ts';
import { addressText, hasPorts } from '../../electron/packets/stats/ends.ts';
import { Follow } from '../../electron/packets/stats/follow.ts';
import { IoGraph } from '../../electron/packets/stats/io-graph.ts';
import { Overview } from '../../electron/packets/stats/overview.ts';
import { TcpStream } from '../../electron/packets/stats/tcp-stream.ts';
import { type IoLine, STAT_LAYERS } from '../../electron/shared/analysis.ts';
import { PROTOCOL_SAMPLES } from './protocol-samples.ts';
import { open, stateful } from './render.ts';
import { SAMPLES, type Sample, sampleFile } from './samples.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'xdpeek-statistics-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/**
 * cut, tcp_cut_options: wrong on purpose. fragments, ipv6: tshark taps no IPv6 packet that carries a fragment. snmp: tshark begins a UDP conversation anew with the
 * first answer. socks: what it carries lies on TCP here. openvpn: its TLS records are put together. call,
 * media: conversations begin anew with media that was announced.
 */
const LEFT_OUT = new Set([
  'cut',
  'tcp_cut_options',
  'fragments',
  'ipv6',
  'snmp',
  'snmp_v3',
  'socks',
  'openvpn',
  'call',
  'media',
]);

const all: Sample = {
  linkType: 1,
  frames: Object.entries({ ...SAMPLES, ...PROTOCOL_SAMPLES })
    .filter(([name, { linkType }]) => linkType === 1 && !LEFT_OUT.has(name))
    .flatMap(([, { frames }]) => frames),
};
const bytes = sampleFile(all);
const file = path.join(folder, 'all.pcapng');
writeFileSync(file, bytes);
const opened = open(bytes);
const dissections = stateful(opened);
const packets = dissections.map((d, row) => ({ d, number: row + 1, timeNs: opened.store.timeNs(row) }));

const overview = new Overview();
for (const packet of packets) overview.see(packet);

const CHECKS = ['tcp', 'udp', 'ip'].flatMap((name) => ['-o', `${name}.check_checksum:TRUE`]);

function tshark(...statistics: [string, ...string[]]): string[] {
  const wanted = statistics.flatMap((statistic) => ['-z', statistic]);
  return execFileSync('tshark', ['-n', '-q', '-r', file, ...CHECKS, ...wanted], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, TZ: 'UTC' },
  }).split('\n');
}

const endText = (address: Uint8Array, port: number, ports: boolean) =>
  ports ? `${addressText(address)}:${port}` : addressText(address);

describe('who talks to whom', () => {
  for (const layer of STAT_LAYERS) {
    const ports = hasPorts(layer);
    test(`${layer} conversations`, () => {
      const theirs = tshark(`conv,${layer}`).flatMap((line) => {
        const found = /^(\S+)\s+<-> (\S+)\s+(\d+) .*?\s(\d+) \d+ \S+\s+(\d+) \d+ \S+\s+([\d.]+)\s+([\d.]+)\s*$/.exec(
          line,
        );
        return found ? [found.slice(1).join(' ')] : [];
      });
      const ours = overview.ends.conversations[layer].rows.map((row) => {
        const { packetsAB, packetsBA, firstNs, lastNs } = row;
        const name = (text: string) =>
          layer === 'eth' ? text.replace(/^(..:..:..):/, '$1_').replace(/_/g, ':') : text;
        const [a, b] = [endText(row.a, row.portA, ports), endText(row.b, row.portB, ports)].map(name);
        const [start, duration] = [(firstNs / 1e9).toFixed(9), ((lastNs - firstNs) / 1e9).toFixed(4)];
        return `${a} ${b} ${packetsBA} ${packetsAB} ${packetsAB + packetsBA} ${start} ${duration}`;
      });
      assert.ok(theirs.length > 0);
      assert.deepEqual(ours.sort(), theirs.map((line) => line.replaceAll('_', ':')).sort());
    });

    test(`${layer} endpoints`, () => {
      const theirs = tshark(`endpoints,${layer}`).flatMap((line) => {
        const parts = line.trim().split(/\s+/);
        if (!/^\d+$/.test(parts.at(-1) ?? '') || parts.length !== (ports ? 8 : 7)) return [];
        const [address, ...numbers] = parts;
        return [ports ? `${address}:${numbers.join(' ')}` : `${address} ${numbers.join(' ')}`];
      });
      const ours = overview.ends.endpoints[layer].rows.map((row) => {
        const { packetsSent, bytesSent, packetsReceived, bytesReceived } = row;
        const sums = `${packetsSent + packetsReceived} ${bytesSent + bytesReceived}`;
        return `${endText(row.address, row.port, ports)} ${sums} ${packetsSent} ${bytesSent} ${packetsReceived} ${bytesReceived}`;
      });
      assert.ok(theirs.length > 0);
      assert.deepEqual(ours.sort(), theirs.map((line) => line.replaceAll('_', ':')).sort());
    });
  }
});

test('packet lengths', () => {
  const theirs = tshark('plen,tree').flatMap((line) => {
    const found = /^ (\d+-\d+|\d+ and greater)\s+(\d+)\s+(\S+)\s+(\S+)\s+(\S+)/.exec(line);
    return found ? [found.slice(1).join(' ')] : [];
  });
  const ours = overview.lengths.classes.map(({ label, packets: count, bytes: sum, min, max }) =>
    [label, count, count > 0 ? (sum / count).toFixed(2) : '-', min ?? '-', max ?? '-'].join(' '),
  );
  assert.deepEqual(ours, theirs);
});

describe('the protocol hierarchy', () => {
  /** Steps that tshark counts as protocols, and that are nodes of another layer here: what is above them counts one step lower. */
  const THEIR_OWN = /^(_ws\..*|pkt_comment|tcp\.segments|websocket\.fragments|ftp\.current-working-directory)$/;
  /** Paths → why they differ. */
  const ON_PURPOSE: Record<string, string> = {
    'eth:ip:icmp:data': 'the data of an echo is a part of its ICMP node here',
    'eth:ipv6:icmpv6:data': 'as with ICMP',
    'eth:ip:udp:snmp': 'a value is no step of its own',
    'eth:ip:tcp:data': 'syslog over TCP is read here',
    'eth:ip:tcp:syslog': 'as above',
    'eth:ip:tcp:pgsql': 'the answer of one letter is a message',
    'eth:ip:udp:quic': 'all packets of a datagram are one step',
    'eth:mpls': 'all labels of a stack are one step',
    'eth:mpls:mpls': 'as above',
  };

  const differs = (name: string) => Object.keys(ON_PURPOSE).some((path) => `${name}:`.startsWith(`${path}:`));

  test('counts what tshark counts at the steps that both have', () => {
    const theirs = new Map<string, [frames: number, bytes: number]>();
    const at: string[] = [];
    for (const line of tshark('io,phs')) {
      const found = /^( *)(\S+) +frames:(\d+) bytes:(\d+)/.exec(line);
      if (!found) continue;
      at.length = found[1]!.length / 2;
      at.push(found[2]!);
      if (THEIR_OWN.test(found[2]!)) continue;
      const steps = at.filter((step) => !THEIR_OWN.test(step)).join(':');
      const [frames, sum] = theirs.get(steps) ?? [0, 0];
      theirs.set(steps, [frames + Number(found[3]), sum + Number(found[4])]);
    }
    const wrong: string[] = [];
    let same = 0;
    const walk = (node: typeof overview.hierarchy.root, here: string) => {
      for (const child of node.children) {
        const name = here ? `${here}:${child.name}` : child.name;
        const counts = `${child.packets} ${child.bytes}`;
        if (theirs.get(name)?.join(' ') === counts) same++;
        else if (!differs(name)) wrong.push(`${name}: ${counts}, tshark ${theirs.get(name) ?? 'has no such step'}`);
        theirs.delete(name);
        walk(child, name);
      }
    };
    walk(overview.hierarchy.root, '');
    const missing = [...theirs.keys()].filter((name) => !differs(name));
    assert.ok(same > 60, `only ${same} steps are alike`);
    assert.deepEqual({ wrong, missing }, { wrong: [], missing: [] });
  });
});

test('the I/O graph', () => {
  const interval = 0.002;
  const lines: IoLine[] = [
    { filter: 'tcp', fn: 'packets' },
    { filter: 'tcp', fn: 'bytes' },
    { filter: 'ip.src == 10.0.0.1', fn: 'packets' },
    { filter: 'ip.src == 10.0.0.1', fn: 'bytes' },
    { filter: 'tcp.len', fn: 'count', field: 'tcp.len' },
    { filter: 'tcp.len > 0', fn: 'sum', field: 'tcp.len' },
    { filter: 'frame.len', fn: 'max', field: 'frame.len' },
    { filter: 'tcp', fn: 'min', field: 'ip.ttl' },
  ];
  const graph = new IoGraph(lines, interval * 1e9);
  for (const [row, d] of dissections.entries()) graph.see(d, opened.frame(row));
  const columns =
    'tcp,ip.src == 10.0.0.1,COUNT(tcp.len)tcp.len,SUM(tcp.len)tcp.len > 0 && tcp.len,MAX(frame.len)frame.len,MIN(ip.ttl)ip.ttl && tcp';
  const theirs = tshark(`io,stat,${interval},${columns}`).flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    return /^\d+\.\d+ <> /.test(cells[1] ?? '') ? [cells.slice(2, -1).map(Number)] : [];
  });
  const ours = Array.from({ length: graph.count }, (_, i) => lines.map((_line, at) => graph.value(at, i) ?? 0));
  assert.ok(theirs.length > 20);
  assert.deepEqual(ours.slice(0, theirs.length), theirs);
});

test('expert notes on TCP and HTTP', () => {
  const theirs = new Map<string, number>();
  let severity = '';
  for (const line of tshark('expert')) {
    const head = /^(Errors|Warns|Notes|Chats) \(/.exec(line);
    if (head) severity = head[1]!.toLowerCase().slice(0, -1);
    const found = /^\s+(\d+)\s+(\S+)\s+(TCP|HTTP)\s+(.*)$/.exec(line);
    if (found) theirs.set(`${severity} ${found[2]} ${found[3]} ${found[4]}`, Number(found[1]));
  }
  const ours = new Map(
    overview.expert.entries
      .filter(({ protocol }) => protocol === 'TCP' || protocol === 'HTTP')
      .map(({ severity: how, group, protocol, text, count }) => [`${how} ${group} ${protocol} ${text}`, count]),
  );
  const sorted = (notes: Map<string, number>) => Object.fromEntries([...notes].sort());
  assert.ok(theirs.size > 5);
  assert.deepEqual(sorted(ours), sorted(theirs));
});

describe('following streams', () => {
  const streams = (name: string) => new Set(tshark(`conv,${name}`).filter((line) => line.includes('<->'))).size;
  const plain = (text: string) => text.replaceAll('\r', '.').replace(/ +$/gm, '').trim();

  /** tshark counts its own words about a hole as what was said, with the NUL at their end; here a hole is no chunk. */
  const HOLE = /^(\t?)\d+\n\t?(\[\d+ bytes missing in capture file\])\.$/gm;

  /** By "kind,form,number": what tshark says of all streams, read at once. */
  function followed(kind: string, forms: readonly string[], numbers: readonly number[]): Map<string, string> {
    const [first, ...more] = numbers.flatMap((stream) => forms.map((form) => `follow,${kind},${form},${stream}`));
    const said = tshark(first!, ...more)
      .join('\n')
      .replaceAll('\r\n', '\n');
    const blocks = said.matchAll(/^Follow: (\S+)\nFilter: \S+ eq (\d+)\n[\s\S]*?^=+$/gm);
    return new Map([...blocks].map(([text, what, stream]) => [`${what},${stream}`, text]));
  }

  for (const [kind, forms, every, holes] of [
    ['tcp', ['ascii', 'hex', 'raw'], 1, 1],
    ['udp', ['hex'], 5, 0],
  ] as const)
    test(`${kind} streams say what tshark's say`, () => {
      const count = streams(kind);
      assert.ok(count > 10);
      const numbers = Array.from({ length: Math.ceil(count / every) }, (_, i) => i * every);
      const all = followed(kind, forms, numbers);
      assert.equal(all.size, numbers.length * forms.length);
      let withHoles = 0;
      for (const stream of numbers) {
        const follow = new Follow(kind, stream);
        for (const packet of packets) follow.see(packet);
        // What still waits at the end of the capture tshark leaves out; we show it behind its hole.
        const settled = follow.rest.length === 0 ? follow : Object.create(follow, { rest: { value: [] } });
        const whole = follow.chunks.every(({ missing }) => missing === 0);
        if (!whole) withHoles++;
        for (const form of whole ? forms : (['ascii'] as const)) {
          const ours = plain(printFollow(settled, form, false)).replace(/^=+\n/, '');
          const theirs = plain(all.get(`${kind},${form},${stream}`)!).replace(HOLE, '$1$2');
          assert.equal(ours, theirs, `${kind} stream ${stream}, ${form}`);
        }
      }
      assert.ok(withHoles >= holes);
    });
});

test('a TCP stream over time has what its packets say', () => {
  const longest = overview.ends.conversations.tcp.rows.reduce((a, b) =>
    a.packetsAB + a.packetsBA >= b.packetsAB + b.packetsBA ? a : b,
  );
  const graph = new TcpStream(longest.stream!);
  for (const packet of packets) graph.see(packet);
  assert.ok(graph.points.length > 10);
  const fields = ['frame.number', 'tcp.seq', 'tcp.len', 'tcp.ack', 'tcp.window_size', 'tcp.analysis.ack_rtt'];
  const filter = `tcp.stream == ${longest.stream}`;
  const theirs = execFileSync(
    'tshark',
    ['-n', '-r', file, '-Y', filter, '-T', 'fields', ...fields.flatMap((name) => ['-e', name])],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const ours = graph.points.map(({ number, seq, length, ack, window, rttNs }) =>
    [number, seq, length, ack ?? 0, window, rttNs === undefined ? '' : (rttNs / 1e9).toFixed(9)].join('\t'),
  );
  assert.deepEqual(ours, theirs.replace(/\n$/, '').split('\n'));
});
