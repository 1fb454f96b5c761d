/**
 * The addon of lines over frames: addresses, datagrams, what is between a pair besides plain frames, times, verdicts, and what a file may say later. What
 * TCP and its payloads say: native-lines-*.test.ts.
 */
import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import * as f from '../../electron/cli/demo/frames/index.ts';
import { Output } from '../../electron/cli/output/output.ts';
import { printInThreads } from '../../electron/cli/read-threads/threads.ts';
import { byOneThread, linesAddon, sameBothWays } from '../fixtures/both-ways.ts';
import { CaptureWriter } from '../fixtures/capture-writer.ts';
import { says } from '../fixtures/said.ts';
import { captureOf, inFrame, TcpScript, type TimedFrame } from '../fixtures/tcp-script.ts';
import { tlsSession } from '../fixtures/tls-session.ts';
import { PROTOCOL_SAMPLES } from '../golden/protocol-samples.ts';
import { SAMPLES, type Sample } from '../golden/samples.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'xdpeek-lines-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = path.join(folder, 'capture');

const LEFT = { left: ' UDP ' };
const HOSTS = ['10.0.0.1', '10.0.0.2'] as const;
const ENDS = { source: HOSTS[0], destination: HOSTS[1] };
const datagram = (payload: Uint8Array, ports: readonly [number, number] = [30_000, 30_001], ends: f.Ends = ENDS) =>
  inFrame(ends, 17, f.udp(ends, { sourcePort: ports[0], destinationPort: ports[1] }, payload));
const timed = (...list: Uint8Array[]): TimedFrame[] => list.map((bytes) => ({ bytes, gapNs: 1_000_000 }));

const sampleFrames = ({ frames }: Sample): TimedFrame[] =>
  frames.map(({ bytes, wireLen = bytes.length }) => ({ bytes, wireLen, gapNs: 1_000_001 }));
const ON_ETHERNET = Object.entries({ ...SAMPLES, ...PROTOCOL_SAMPLES }).filter(([, { linkType }]) => linkType === 1);

test('every sample of Ethernet, in pieces of any size, for one thread and for several', async () => {
  let [packets, here] = [0, 0];
  for (const [name, sample] of ON_ETHERNET)
    for (const ways of [{}, { piece: 300 }, { piece: 1000, shards: 3, room: 100 }]) {
      const printed = await sameBothWays(file, captureOf(sampleFrames(sample)), ways).catch((error: Error) => {
        throw new Error(`${name}: ${error.message}`, { cause: error });
      });
      packets += printed.here.length;
      here += printed.here.filter(Boolean).length;
    }
  assert.ok(packets > 3000 && here > packets / 4, `${here} of ${packets}`);
});

test('addresses of both versions, in VLANs, on links of other kinds', async () => {
  const addresses: [from: string, to: string, text: string][] = [
    ['1.2.3.4', '255.255.255.255', '     1.2.3.4 → 255.255.255.255 TCP'],
    ['::', '::1', '          :: → ::1          TCP'],
    ['fd00::1', 'fd00:0:0:1::', ' fd00::1 → fd00:0:0:1:: TCP'],
    ['1:0:2:0:3:0:4:0', '1:0:0:2:0:0:0:3', '1:0:2:0:3:0:4:0 → 1:0:0:2::3   TCP'],
    [
      '1:2:3:4:5:6:7:8',
      'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
      '1:2:3:4:5:6:7:8 → ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff TCP',
    ],
    ['::a01:203', '::ffff:a01:203', '  ::10.1.2.3 → ::ffff:10.1.2.3 TCP'],
    ['::fffe:a01:203', '::2:a01:203', '::fffe:a01:203 → ::2:a01:203  TCP'],
  ];
  for (const [from, to, text] of addresses)
    for (const tags of [[], [{ id: 7 }], [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }]])
      await says(new TcpScript(50_080, { hosts: [from, to], tags }).c('x').s(), [text, 'Len=0']);
  const five = new TcpScript(50_080, { tags: [1, 2, 3, 4, 5].map((id) => ({ id })) }).c('x');
  const { again } = await sameBothWays(file, captureOf(five.frames));
  assert.ok(again, 'more tags than are looked for');
  const { frames } = new TcpScript().open().c('x');
  const on = (linkType: number, change: (bytes: Uint8Array) => Uint8Array) =>
    captureOf(
      frames.map(({ bytes, gapNs }) => ({ bytes: change(bytes), gapNs })),
      linkType,
    );
  for (const capture of [
    on(101, (bytes) => bytes.subarray(14)),
    on(113, (bytes) => f.concat(new Uint8Array(14), bytes.subarray(12))),
    on(276, (bytes) => f.concat(bytes.subarray(12, 14), new Uint8Array(18), bytes.subarray(14))),
  ])
    await says(capture, ['[SYN]', '[SYN, ACK]', '[ACK]', 'Len=1']);
});

test('datagrams that nobody claims', async () => {
  const six = { source: 'fd00::1', destination: 'fd00::2' };
  const empty = datagram(new Uint8Array(0));
  const shorter = datagram(f.pattern(30));
  shorter.set(f.u16(8 + 10), 14 + 20 + 4);
  await says({ frames: timed(datagram(f.pattern(5)), datagram(f.pattern(7), [1, 65_535], six), empty, shorter) }, [
    '    10.0.0.1 → 10.0.0.2     UDP 47 30000 → 30001 Len=5',
    '     fd00::1 → fd00::2      UDP 69 1 → 65535 Len=7',
    'UDP 42 30000 → 30001 Len=0',
    'UDP 72 30000 → 30001 Len=10',
  ]);
  // Its length leads outside, or is none; its port is claimed.
  for (const length of [0, 7, 39]) {
    const wrong = datagram(f.pattern(30));
    wrong.set(f.u16(length), 14 + 20 + 4);
    await says({ frames: timed(datagram(f.pattern(5)), wrong) }, ['Len=5', LEFT]);
  }
  await says({ frames: timed(datagram(f.dnsQuery(1, 'a.example', 1), [30_000, 53])) }, [{ left: 'DNS' }]);
});

test('datagrams whose bytes tell what they are: the thread has those two ends from there on', async () => {
  const looks: [name: string, payload: Uint8Array][] = [
    [
      'QUIC',
      f.concat(
        Uint8Array.of(0xc3),
        f.u32(1),
        Uint8Array.of(8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0x44, 0x9e),
        f.pattern(1182),
      ),
    ],
    [
      'QUIC',
      f.concat(Uint8Array.of(0x80), f.u32(0), Uint8Array.of(4, 1, 2, 3, 4, 4, 5, 6, 7, 8), f.u32(1), f.u32(0x6b3343cf)),
    ],
    ['STUN', f.concat(f.u16(1), f.u16(8), f.u32(0x2112a442), f.pattern(12), f.u16(0x8022), f.u16(4), f.ascii('test'))],
    ['WireGuard', f.concat(Uint8Array.of(1, 0, 0, 0), f.pattern(144))],
    ['WireGuard', f.concat(Uint8Array.of(4, 0, 0, 0), f.pattern(28))],
    [
      'RTCP',
      f.concat(
        Uint8Array.of(0x80, 201),
        f.u16(1),
        f.u32(7),
        Uint8Array.of(0x81, 202),
        f.u16(3),
        f.u32(7),
        Uint8Array.of(1, 1, 97, 0, 0, 0, 0, 0),
      ),
    ],
  ];
  const other = datagram(f.pattern(5), [30_000, 30_002]);
  for (const [name, payload] of looks)
    await says({ frames: timed(datagram(f.pattern(5)), datagram(payload), datagram(f.pattern(6)), other) }, [
      'Len=5',
      { left: ` ${name} ` },
      { left: '10.0.0.1 → 10.0.0.2' },
      '30000 → 30002 Len=5',
    ]);
  const sip = f.ascii('OPTIONS sip:b@10.0.0.2 SIP/2.0\r\nCSeq: 1 OPTIONS\r\n\r\n');
  const { lines, here, again } = await sameBothWays(file, captureOf(timed(datagram(f.pattern(5)), datagram(sip))));
  assert.ok(again || (here[0] && !here[1] && lines[1]!.includes('SIP')));
});

const raw = (protocol: number, payload: Uint8Array) => inFrame(ENDS, protocol, payload);
const fragment = f.ethernet(
  { source: '02:00:00:00:00:0a', destination: '02:00:00:00:00:0b', type: 0x0800 },
  f.ipv4({ ...ENDS, protocol: 6, moreFragments: true }, f.pattern(24)),
);

test('odd frames between a pair: its conversations go to the thread with their past, others stay', async () => {
  const odd: [name: string, bytes: Uint8Array, wireLen?: number][] = [
    ['a fragment', fragment],
    ['another version', bent(datagram(f.pattern(20)), 14, 0x55)],
    ['a length that leads outside', bent(datagram(f.pattern(20)), 16, 0x7f)],
    ['a header that is too short', bent(datagram(f.pattern(20)), 14, 0x44)],
    ['a cut frame', datagram(f.pattern(40)).subarray(0, 50), 82],
    ['an authentication header', raw(51, f.concat(Uint8Array.of(59, 4), new Uint8Array(22)))],
    ['OSPF', raw(89, f.pattern(44))],
    ['a TCP header that is too short', raw(6, f.concat(f.pattern(12), Uint8Array.of(0x40, 2), f.pattern(6)))],
    ['a TCP header that is not all there', raw(6, f.concat(f.pattern(12), Uint8Array.of(0xf0, 2), f.pattern(6)))],
    ['a piece of a TCP header', raw(6, f.pattern(9))],
    ['a piece of a UDP header', raw(17, f.pattern(5))],
  ];
  for (const [name, bytes, wireLen = bytes.length] of odd) {
    const talk = new TcpScript().open().c('0123456789').s();
    const other = new TcpScript(50_080, { hosts: ['10.0.0.1', '10.0.0.3'] }).open().c('x');
    const script = [
      ...talk.frames,
      ...other.frames,
      { bytes, wireLen, gapNs: 1 },
      ...talk.c('0123456789', { shift: -10 }).c('more').frames.slice(5),
      ...other.s('y').frames.slice(4),
    ];
    for (const piece of [300, 1 << 16])
      for (const shards of [1, 2]) {
        const { here, lines, again } = await sameBothWays(file, captureOf(script), { piece, shards });
        assert.equal(again, false, name);
        assert.deepEqual(here, [...new Array(9).fill(true), false, false, false, true], name);
        assert.ok(lines[10]!.includes('[TCP Spurious Retransmission]'), name);
        assert.ok(lines[11]!.includes('Seq=11 Ack=1 Win=64128'), name);
      }
  }
});

function bent(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}

test('ICMP says nothing of conversations; IPv6 extension headers do; tunnels end it', async () => {
  const icmp = raw(1, f.icmp({ type: 8, rest: f.echo(1, 1) }, f.pattern(8)));
  await says({ frames: [...new TcpScript().c('x').frame(icmp).s('y').frames] }, ['Len=1', { left: 'ICMP' }, 'Len=1']);
  const hosts = ['fd00::1', 'fd00::2'] as const;
  const ends = { source: hosts[0], destination: hosts[1] };
  const inner = f.tcp(ends, { sourcePort: 40_000, destinationPort: 50_080, flags: 16, sequence: 1001 }, f.ascii('y'));
  const options = inFrame(ends, 0, f.optionsHeader(6, Uint8Array.of(1, 4, 0, 0, 0, 0), inner));
  await says({ frames: new TcpScript(50_080, { hosts }).c('x').frame(options).c('zz', { gapNs: 5e6 }).frames }, [
    'Len=1',
    { left: 'Seq=2 ' },
    { left: '[TCP Retransmission]' },
  ]);
  const tunnel = raw(
    4,
    f.ipv4(
      { source: '10.9.9.9', destination: '10.8.8.8', protocol: 17 },
      f.udp(ENDS, { sourcePort: 1, destinationPort: 2 }, f.pattern(3)),
    ),
  );
  const { again } = await sameBothWays(file, captureOf(new TcpScript().c('x').frame(tunnel).c('z').frames));
  assert.ok(again);
});

test('packets earlier than the first one, and so late that seconds are many', async () => {
  const script = new TcpScript()
    .c('a')
    .c('b', { gapNs: -2_500_000_001 })
    .c('c', { gapNs: 1 })
    .c('d', { gapNs: 12_345_678_900_000_000 });
  const { lines, here } = await says(script, ['    1 0.000000000  ', '    2 -2.500000001  ', '    3 -2.500000000  ']);
  assert.match(lines[3]!, /^ {4}4 12345676\.4/);
  assert.deepEqual(here, [true, true, true, false], 'numbers beyond doubles are for the thread');
});

const writer = new CaptureWriter(true);
const head = Buffer.concat([writer.section(), writer.interface(1)]);
const block = (bytes: Uint8Array, i: number, options: readonly (readonly [number, Uint8Array])[] = []) =>
  writer.packet(0, BigInt(i) * 1000n, bytes, options);

test('verdicts stand in the line', async () => {
  const frames = new TcpScript().open().c('x').s().frames;
  const verdict = (i: number) => Uint8Array.of(2, i, 0, 0, 0, 0, 0, 0, 0);
  const capture = Buffer.concat([head, ...frames.map(({ bytes }, i) => block(bytes, i, [[7, verdict(i)]]))]);
  await says(capture, [' aborted     10.', ' drop      10.', ' pass      10.', ' tx        10.', ' redirect     10.']);
});

test('a second interface, and secrets, that come when packets were printed', async () => {
  const frames = new TcpScript(443).open().c('x'.repeat(300)).s('y'.repeat(300)).c('z').s().frames;
  const blocks = frames.map(({ bytes }, i) => block(bytes, i));
  const second = Buffer.concat([head, ...blocks.slice(0, 5), writer.interface(1), ...blocks.slice(5)]);
  const { here, again } = await sameBothWays(file, second, { piece: 400 });
  // How much is read at a time shows nowhere.
  assert.deepEqual(await byOneThread(second, 300), await byOneThread(second));
  assert.deepEqual([again, here.length], [false, frames.length]);
  assert.ok(here[0] && !here.at(-1));
  const { frames: session, secrets } = tlsSession();
  const talk = session.map(({ bytes }, i) => block(bytes, i));
  const log = writer.secrets(0x544c534b, Buffer.from(secrets));
  const half = talk.length >> 1;
  const first = await sameBothWays(file, Buffer.concat([head, log, ...talk]), { piece: 400 });
  assert.deepEqual([first.again, first.here.some(Boolean)], [false, false]);
  const small = { piece: 400, alone: 400 };
  const rest = talk.slice(half);
  // Often: one piece after the other is read ahead of the one that cannot be had.
  for (let times = 0; times < 20; times++) {
    const capture = Buffer.concat([head, ...talk.slice(0, half), log, ...rest, ...rest, ...rest]);
    const late = await sameBothWays(file, capture, small);
    assert.deepEqual([late.again, late.here.some(Boolean)], [true, true]);
  }
});

test('text that is longer than its room, from packets that are small and from one that is large', async () => {
  const small = new TcpScript();
  for (let i = 0; i < 2000; i++) small.both((i & 1) as 0 | 1);
  const { here } = await sameBothWays(file, captureOf(small.frames), { piece: 1 << 20, room: 1 });
  assert.ok(here.length === 2000 && here.every(Boolean));
  const many = f.concat(...new Array(9000).fill(Uint8Array.of(23, 3, 3, 0, 1, 0)));
  const large = await sameBothWays(file, captureOf(new TcpScript(443).c(many).frames), { piece: 1 << 20, room: 100 });
  assert.ok(large.here[0] && large.lines[0]!.length > 9000 * 16);
});

/** Through `read` itself, with its threads. */
async function inThreads(stop: AbortSignal, into: string) {
  const fd = openSync(into, 'w');
  try {
    const out = new Output(fd, () => {});
    const how = { filter: undefined, hex: false, worthBytes: 1, ...(linesAddon && { linesAddon }) };
    const end = await printInThreads(file, how, out, stop);
    await out.flush();
    return { end, text: readFileSync(into, 'utf8') };
  } finally {
    closeSync(fd);
  }
}

test('threads print it all, and stop in the middle when they are told to', async () => {
  const script = new TcpScript().open();
  for (let i = 0; i < 40_000; i++) script.both((i & 1) as 0 | 1, i % 7 ? 'x'.repeat(i % 900) : '');
  script.frame(fragment).close();
  const capture = captureOf(script.frames);
  writeFileSync(file, capture);
  const wanted = await byOneThread(capture);
  const all = await inThreads(new AbortController().signal, path.join(folder, 'all.txt'));
  assert.deepEqual(all.end, { packets: script.frames.length, damage: undefined, again: false });
  assert.ok(all.text === `${wanted.join('\n')}\n`);
  const stop = new AbortController();
  const stopping = inThreads(stop.signal, path.join(folder, 'some.txt'));
  setTimeout(() => stop.abort(), 150);
  const { end, text } = await stopping;
  assert.ok(end && !end.again && end.packets <= script.frames.length);
  assert.ok(`${wanted.join('\n')}\n`.startsWith(text));
});
