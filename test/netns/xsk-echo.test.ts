/** AF_XDP echo responder: `prog run-xsk-echo` as a person runs it, and the addon's XskEcho counted to the packet. The stack behind it never answers. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { XskEchoCounts } from '../../electron/shared/workbench.ts';
import type { XskEcho } from '../../native/index.d.ts';
import { MAIN, nothingAttached, xdpeek } from './cli-lib.ts';
import { addon } from './lib/addon.ts';
import { AddonCapture, BPF_DIR } from './lib/addon-capture.ts';
import { type EchoOptions, echoFrame, padded, replyTo } from './lib/echo-frames.ts';
import { type Bytes, udpFrame } from './lib/frames.ts';
import { type Network, type VethEnd, withPair } from './lib/network.ts';
import { FIVE_PINGS } from './lib/pings.ts';
import { attempt, eventually, type Running, start } from './lib/process.ts';

const PAIR = { prefix: 'xe' };
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const send = (end: VethEnd, frames: Uint8Array[], repeat = 1) =>
  addon.sendFrames({ ifname: end.ifname, netns: end.netns, frames, repeat });
const open = (end: VethEnd, threads: 'one' | 'each' = 'one'): XskEcho =>
  new addon.XskEcho({
    ifname: end.ifname,
    netns: end.netns,
    mode: 'auto',
    zeroCopy: 'auto',
    threads,
    bpfDir: BPF_DIR,
  });
const sum = (
  { queues }: XskEchoCounts,
  of: 'received' | 'answered' | 'ignored' | 'txFull' | 'rxDropped' | 'fillEmpty',
) => queues.reduce((total, queue) => total + queue[of], 0);

/** Neither ping of a stack is answered from now on: who answers is not the stack. */
const silent = (network: Network, { netns }: VethEnd) =>
  network.sysctl(netns, { 'net/ipv4/icmp_echo_ignore_all': 1, 'net/ipv6/icmp/echo_ignore_all': 1 });

const ping = (from: VethEnd, address: string, ...more: string[]) =>
  attempt('ping', [...FIVE_PINGS, ...more, address], { netns: from.netns });
/** Nobody answers. */
const unanswered = (from: VethEnd, address: string) => ping(from, address, '-c', '1', '-W', '1');

async function answering({ ifname, netns }: VethEnd, ...more: string[]): Promise<Running> {
  const running = start(process.execPath, [MAIN, 'prog', 'run-xsk-echo', '-i', ifname, '--netns', netns, ...more]);
  await running.waitFor(/answering pings on/);
  return running;
}

describe('prog run-xsk-echo', () => {
  for (const mode of ['native', 'generic'])
    test(`${mode}: pings of both families are answered while the stack would not; Ctrl-C detaches`, () =>
      withPair(PAIR, async (a, b, network) => {
        await silent(network, b);
        assert.notEqual((await unanswered(a, b.ipv4)).status, 0, 'the stack is silent');
        const echo = await answering(b, '--mode', mode, '--interval', '0.2');
        for (const address of [b.ipv4, b.ipv6])
          for (const size of ['0', '1', '56', '57', '1400']) {
            const { status, stdout } = await ping(a, address, '-s', size);
            assert.equal(status, 0, stdout);
            assert.match(stdout, /5 packets transmitted, 5 received, 0% packet loss/);
            assert.doesNotMatch(stdout, /wrong data|DUP/);
          }
        await echo.waitFor(/^ +0 +copy +50 +50 /m);
        const { status, stdout } = await echo.stop('SIGINT');
        assert.equal(status, 0);
        assert.match(stdout, /^50 packets, 50 answered, 0 not to be answered, 0 not sent, 0 dropped$/m);
        await nothingAttached(b.netns, b.ifname);
        assert.notEqual((await unanswered(a, b.ipv4)).status, 0);
      }));

  test('IF@NS is an interface of another namespace, and --duration ends it', () =>
    withPair(PAIR, async (_a, b) => {
      const { status, stdout, stderr } = await xdpeek([
        'prog',
        'run-xsk-echo',
        '-i',
        `${b.ifname}@${b.netns}`,
        '--duration',
        '0.5',
      ]);
      assert.equal(status, 0, stderr);
      assert.match(stdout, /^\d+ packets, 0 answered/m);
      await nothingAttached(b.netns, b.ifname);
    }));

  test('--take every-second: half of the pings come to the socket, the other half to the stack', () =>
    withPair(PAIR, async (a, b, network) => {
      const echo = await answering(b, '--take', 'every-second', '--interval', '0.2');
      try {
        const TWENTY = ['-c', '20', '-l', '1', '-i', '0.05', '-W', '1'];
        // ARP and neighbour discovery count as well, so that a half is not exactly one.
        const received = async () => Number(/(\d+) received/.exec((await ping(a, b.ipv4, ...TWENTY)).stdout)![1]);
        assert.ok((await received()) >= 19, 'who answers is all the same');
        await silent(network, b);
        const half = await received();
        assert.ok(half >= 7 && half <= 13, `${half} of 20 without the stack`);
      } finally {
        const { status, stdout } = await echo.stop('SIGINT');
        assert.equal(status, 0);
        const [, answered] = /^\d+ packets, (\d+) answered/m.exec(stdout)!;
        assert.ok(Number(answered) >= 16 && Number(answered) <= 24, stdout);
      }
    }));

  test('killed outright, nothing stays', () =>
    withPair(PAIR, async (a, b, network) => {
      await silent(network, b);
      const echo = await answering(b);
      assert.equal((await ping(a, b.ipv4)).status, 0);
      await echo.stop('SIGKILL');
      await nothingAttached(b.netns, b.ifname);
    }));

  test('what cannot be is said: no interface, no zero-copy, one at a time on a queue', () =>
    withPair(PAIR, async (_a, b) => {
      const at = ['prog', 'run-xsk-echo', '--netns', b.netns, '-i'];
      const refused = async (args: string[], message: RegExp, status = 1) => {
        const result = await xdpeek(args);
        assert.match(result.stderr, message);
        assert.equal(result.status, status, result.stderr);
      };
      await refused([...at, 'nothing0'], /nothing0/);
      await refused([...at, 'lo/x'], /is not an interface name/, 2);
      await refused([...at, b.ifname, '--zero-copy', 'yes'], /without copies/);
      const first = open(b);
      try {
        await refused([...at, b.ifname], /Another|EBUSY|attached|in use|busy/i);
      } finally {
        first.close();
      }
    }));
});

describe('the responder', () => {
  test('each request is answered as a stack would, byte for byte: sizes, tags, both families; all else goes to the stack', () =>
    withPair({ ...PAIR, quiet: true, mtu: 3400 }, async (a, b) => {
      const stack = new AddonCapture([{ ifname: b.ifname, netns: b.netns, hook: 'tc-ingress' }]);
      const back = new AddonCapture([{ ifname: a.ifname, netns: a.netns, hook: 'tc-ingress' }]);
      const echo = open(b);
      const asked: EchoOptions[] = ([4, 6] as const).flatMap((family) =>
        [
          ...[0, 1, 2, 3, 7, 55, 56, 1400, 1472, 3300].map((payload) => ({ payload })),
          { tags: [{ id: 5 }] },
          { tags: [{ type: 0x88a8, id: 7 }, { id: 42 }] },
        ].map((options, sequence) => ({ ...options, family, sequence })),
      );
      // Not to this machine: its stack has nothing to say about them.
      const elsewhere = { ...b, mac: '02:77:00:00:00:99' };
      const others: Bytes[] = [
        ...([4, 6] as const).map((family) => udpFrame(a, elsewhere, new Uint8Array(40), { family })),
        ...([4, 6] as const).map((family) => replyTo(b, a, { family })),
      ];
      try {
        await send(a, [...asked.map((options) => echoFrame(a, b, options)), ...others]);
        await eventually('all are answered', () => sum(echo.counts(), 'answered') === asked.length);
        await eventually('the others passed', () => stack.capture.counters().matchedPackets === others.length);
        await eventually('replies came back', () => back.capture.counters().matchedPackets === asked.length);
      } finally {
        echo.close();
      }
      const replies = (await back.finish()).packets.map(({ bytes }) => hex(bytes));
      // What tags were on a frame is in its bytes again, or beside them: tc sees the outer one in metadata and puts it back.
      const expected = asked.map((options) => hex(replyTo(a, b, options)));
      assert.deepEqual([...replies].sort(), [...expected].sort());
      assert.deepEqual((await stack.finish()).packets.map(({ bytes }) => hex(bytes)).sort(), others.map(hex).sort());
      await nothingAttached(b.netns, b.ifname);
    }));

  test('data of nothing but zeros: a checksum that holds', () =>
    withPair({ ...PAIR, quiet: true }, async (a, b) => {
      const back = new AddonCapture([{ ifname: a.ifname, netns: a.netns, hook: 'tc-ingress' }]);
      const echo = open(b);
      const request = echoFrame(a, b, { payload: 18 });
      request.fill(0, 34);
      request.set([8, 0, 0xf7, 0xff], 34);
      try {
        await send(a, [padded(request)]);
        await eventually('it came back', () => back.capture.counters().matchedPackets === 1);
      } finally {
        echo.close();
      }
      const [reply] = (await back.finish()).packets;
      assert.equal(hex(reply!.bytes.subarray(34, 38)), '0000ffff');
    }));

  for (const threads of ['one', 'each'] as const)
    test(`four queues, ${threads === 'one' ? 'one thread' : 'a thread each'}: 100,000 requests, every one accounted for`, () =>
      withPair({ ...PAIR, quiet: true, queues: 4 }, async (a, b) => {
        const back = new AddonCapture([{ ifname: a.ifname, netns: a.netns, hook: 'tc-ingress' }], { packets: false });
        const echo = open(b, threads);
        assert.equal(echo.counts().queues.length, 4);
        // The sender's queue is chosen by the hash of the addresses; it is the receiver's too.
        const frames = Array.from({ length: 500 }, (_, i) =>
          echoFrame({ ...a, ipv4: `10.77.0.${10 + (i % 200)}` }, b, { sequence: i, payload: 10 + (i % 400) }),
        );
        const sent = await send(a, frames, 200);
        assert.equal(sent, 100_000);
        // What has arrived may not be answered yet. What found no free frame (fillEmpty) is among what was dropped.
        const settled = (counts: XskEchoCounts) =>
          sum(counts, 'received') + sum(counts, 'rxDropped') >= sent &&
          sum(counts, 'received') === sum(counts, 'answered') + sum(counts, 'ignored') + sum(counts, 'txFull');
        await eventually('all arrived or were counted as lost', () => settled(echo.counts()), 20_000);
        const counts = echo.counts();
        const [received, answered, ignored, txFull] = (['received', 'answered', 'ignored', 'txFull'] as const).map(
          (of) => sum(counts, of),
        );
        assert.equal(received! + sum(counts, 'rxDropped'), sent, JSON.stringify(counts));
        assert.equal(received, answered! + ignored! + txFull!, JSON.stringify(counts));
        assert.equal(ignored, 0);
        for (const queue of counts.queues) assert.equal(queue.received, queue.answered + queue.ignored + queue.txFull);
        const came = () => back.capture.counters().matchedPackets;
        await eventually(`${answered} answers came back`, () => came() >= answered!);
        assert.equal(came(), answered, JSON.stringify(counts));
        // It still works after its rings went around many times.
        await send(a, [echoFrame(a, b, { sequence: 7 })]);
        await eventually('one more', () => sum(echo.counts(), 'answered') === answered! + 1);
        const used = counts.queues.filter((queue) => queue.received > 0).length;
        assert.ok(used >= 2, `the requests came on ${used} queue`);
        echo.close();
        echo.close();
        assert.throws(() => echo.counts(), /closed/);
        await back.finish();
        await nothingAttached(b.netns, b.ifname);
      }));
});
