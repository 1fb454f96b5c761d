/**
 * The built root process (dist/privileged/main.mjs) over its real pipes and on real interfaces: what it takes, what it refuses,
 * and that nothing of it is left attached however it ends.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { KEPT } from '../../electron/privileged/confine.ts';
import { BlockFile } from '../../electron/session/files/block-file.ts';
import { findLayout, privilegedEntry } from '../../electron/session/layout.ts';
import { LiveCapture, type LiveCaptureOptions } from '../../electron/session/live-capture.ts';
import { PrivilegedClient } from '../../electron/session/privileged/privileged-client.ts';
import { directPlan } from '../../electron/session/privileged/spawn-plan.ts';
import type { CaptureOptions } from '../../electron/shared/capture.ts';
import { FrameType, MAX_FRAME_BYTES } from '../../electron/shared/wire.ts';
import { encodeFrame, FrameDecoder } from '../../electron/transport/framing.ts';
import { withFolder } from './cli-lib.ts';
import { addon } from './lib/addon.ts';
import { numberedFrames } from './lib/frames.ts';
import { type VethEnd, withPair } from './lib/network.ts';
import { eventually } from './lib/process.ts';

const layout = findLayout();
const ENTRY = privilegedEntry(layout);
const prefix = 'xc';
const QUIET = { prefix, quiet: true };

/** The process by hand, without our own client. */
function raw(args = ['--role', 'capture'], options: { env?: NodeJS.ProcessEnv } = {}): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [ENTRY, ...args], { env: {}, ...options });
}

async function ended(child: ChildProcess): Promise<{ status: number | null; ms: number }> {
  const from = performance.now();
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return { status: child.exitCode, ms: performance.now() - from };
}

function text(stream: NodeJS.ReadableStream): () => string {
  let all = '';
  stream.on('data', (chunk) => {
    all += chunk;
  });
  return () => all;
}

const json = (value: unknown) => encodeFrame(FrameType.CONTROL, new TextEncoder().encode(JSON.stringify(value)));
const HELLO = json({ id: 1, method: 'hello', params: { protocol: 3 } });

/** Replies and events of a process by hand. */
function replies(child: ChildProcessWithoutNullStreams) {
  const seen: Record<string, unknown>[] = [];
  const rules = { maxPayload: MAX_FRAME_BYTES, types: Object.values(FrameType) };
  const decoder = new FrameDecoder(rules, (type, payload) => {
    if (type === FrameType.CONTROL) seen.push(JSON.parse(new TextDecoder().decode(payload)));
  });
  child.stdout.on('data', (chunk: Buffer) => decoder.push(chunk));
  return seen;
}

const attachedTo = ({ netns, ifname }: VethEnd) =>
  addon.interfaces(netns).find((info) => info.ifname === ifname)?.attached ?? [];
const nothingLeft = (end: VethEnd) =>
  eventually(`nothing is attached to ${end.ifname}`, () => attachedTo(end).length === 0);

const optionsFor = ({ netns, ifname }: VethEnd): CaptureOptions => ({
  targets: [{ ifname, netns, hook: 'xdp', mode: 'generic' }],
});

/** A capture on `end` over our own client; `stored` counts what arrives. */
async function capturing(
  end: VethEnd,
  onBlocks: LiveCaptureOptions['onBlocks'] = () => undefined,
  onPiped?: LiveCaptureOptions['onPiped'],
) {
  const client = await PrivilegedClient.start(directPlan(layout, 'capture'));
  const ended: { code: string; message: string }[] = [];
  const capture = await LiveCapture.start({
    client,
    options: optionsFor(end),
    onBlocks,
    ...(onPiped && { onPiped }),
    onEnded: (reason) => ended.push(reason),
  });
  return { client, capture, ended };
}

for (const args of [
  [],
  ['--role'],
  ['--role', 'root'],
  ['--role', ''],
  ['--role', 'capture', '--role', 'capture'],
  ['--role', 'capture', 'x'],
  ['--role=capture'],
  ['--role', 'c'.repeat(5000)],
  ['--help'],
])
  test(`arguments ${JSON.stringify(args).slice(0, 60)} end with status 2, one line and nothing on stdout`, async () => {
    const child = raw(args);
    const [out, err] = [text(child.stdout), text(child.stderr)];
    assert.equal((await ended(child)).status, 2);
    assert.equal(out(), '');
    assert.match(err(), /^usage: [^\n]+\n$/);
  });

for (const role of ['capture', 'workbench'] as const)
  test(`role ${role}: no thread has more capabilities than its role needs, none can gain any, system calls are filtered`, async () => {
    const client = await PrivilegedClient.start(directPlan(layout, role));
    try {
      const mask = KEPT[role].reduce((all, capability) => all | (1n << BigInt(capability)), 0n);
      const threads = readdirSync(`/proc/${client.pid}/task`);
      assert.ok(threads.length > 1);
      for (const thread of threads) {
        const status = readFileSync(`/proc/${client.pid}/task/${thread}/status`, 'utf8');
        const line = (name: string) => new RegExp(`^${name}:\\s*(\\w+)$`, 'm').exec(status)?.[1];
        for (const set of ['CapPrm', 'CapEff', 'CapBnd', 'CapInh', 'CapAmb'])
          assert.equal(BigInt(`0x${line(set)}`) & ~mask, 0n, `${set} of thread ${thread}`);
        assert.equal(line('NoNewPrivs'), '1');
        assert.equal(line('Seccomp'), '2');
      }
    } finally {
      await client.close();
    }
  });

test('the environment has no effect', async () => {
  const env = {
    NODE_OPTIONS: '',
    LD_LIBRARY_PATH: '/nonexistent',
    XDPEEK_BPF_DIR: '/nonexistent',
    HOME: '/nonexistent',
  };
  const child = raw(['--role', 'capture'], { env });
  const seen = replies(child);
  child.stdin.end(Buffer.concat([HELLO, json({ id: 2, method: 'capabilities', params: {} })]));
  assert.equal((await ended(child)).status, 0);
  assert.deepEqual(
    seen.map((message) => message['id'] ?? message['event']),
    ['hello', 1, 2],
  );
});

for (const [name, bytes] of [
  ['text', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ['a length that exceeds the bound', Buffer.from([0x01, 0x00, 0x01, 0x00, 1, 0, 0x44, 0x58])],
  ['a frame type for the other direction', encodeFrame(FrameType.PACKETS, new Uint8Array(8))],
  ['a reserved byte', Buffer.from([0, 0, 0, 0, 1, 9, 0x44, 0x58])],
  ['no JSON', encodeFrame(FrameType.CONTROL, Buffer.from('{"id":1'))],
  ['no UTF-8', encodeFrame(FrameType.CONTROL, Uint8Array.of(0xff, 0xfe))],
  ['a request without an id', json({ method: 'hello', params: {} })],
  ['a request before hello', json({ id: 1, method: 'capabilities', params: {} })],
  ['half a frame', HELLO.subarray(0, 20)],
] as const)
  test(`garbage on stdin (${name}): one clear line, status 1`, async () => {
    const child = raw();
    const err = text(child.stderr);
    child.stdin.end(bytes);
    const { status, ms } = await ended(child);
    assert.equal(status, 1);
    assert.match(err(), /^xdpeek-privileged: stdin does not speak xdpeek's protocol: [^\n]+\n$/);
    assert.ok(ms < 10_000, `${ms} ms, the start of the process among them`);
  });

test('unknown methods, unknown members and wrong types are answered by name and change nothing', async () => {
  const child = raw();
  const seen = replies(child);
  const start = (options: unknown) => ({ method: 'captureStart', params: { captureId: 1, options, creditBytes: 1 } });
  const lo = { ifname: 'lo', hook: 'xdp' };
  const refused = [
    { method: 'exec', params: {} },
    { method: '__proto__', params: {} },
    { method: 'constructor', params: {} },
    { method: 'capabilities', params: { x: 1 } },
    { method: 'capabilities', params: [] },
    { method: 'capabilities' },
    { method: 'interfaces', params: { netns: '../../etc/passwd' } },
    { method: 'interfaces', params: { netns: 'a/b' } },
    { method: 'interfaces', params: { netns: 'pid:0' } },
    { method: 'interfaces', params: { netns: 'pid:1x' } },
    start({ targets: [] }),
    start({ targets: Array(9).fill(lo) }),
    start({ targets: [lo, lo] }),
    start({ targets: [{ ...lo, ifname: '../lo' }] }),
    start({ targets: [{ ...lo, ifname: 'lo%s' }] }),
    start({ targets: [{ ...lo, ifname: 'lo\n' }] }),
    start({ targets: [{ ...lo, ifname: 'sixteen-letters-' }] }),
    start({ targets: [{ ...lo, hook: 'kprobe' }] }),
    start({ targets: [{ ...lo, hook: 'tc-ingress', mode: 'native' }] }),
    start({ targets: [lo], snaplen: 0 }),
    start({ targets: [lo], snaplen: 1.5 }),
    start({ targets: [lo], bufferBytes: 2 ** 40 }),
    start({ targets: [lo], bpfDir: '/tmp' }),
    start({ targets: [lo], packets: false, flows: false, stats: false }),
    { method: 'credit', params: { captureId: 1, bytes: -1 } },
    { method: 'captureStop', params: { captureId: 0 } },
  ];
  child.stdin.end(Buffer.concat([HELLO, ...refused.map((request, index) => json({ id: index + 2, ...request }))]));
  assert.equal((await ended(child)).status, 0);
  const answers = seen.slice(2) as { id: number; error?: { code: string; message: string } }[];
  assert.equal(answers.length, refused.length);
  for (const { id, error } of answers) {
    assert.equal(error?.code, 'USAGE', JSON.stringify(refused[id - 2]));
    assert.match(error.message, /\S/);
  }
});

/** Resident memory, KB. */
function residentKb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

test('more requests than the rate allows wait their turn; none is lost', async () => {
  const child = raw();
  const seen = replies(child);
  const from = performance.now();
  const count = 3000;
  const requests = Array.from({ length: count }, (_, index) => json({ id: index + 2, method: 'nothing', params: {} }));
  child.stdin.write(Buffer.concat([HELLO, ...requests]));
  await eventually('all are answered', () => seen.length === count + 2);
  assert.ok(performance.now() - from > 500, 'a burst of 2000, then 1000 a second');
  child.stdin.end();
  assert.equal((await ended(child)).status, 0);
});

test('without privilege: EPERM in clear words, nothing loaded; interfaces can still be listed', async () => {
  const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all', '--ambient-caps=-all'];
  const child = spawn('setpriv', [...nobody, process.execPath, ENTRY, '--role', 'capture'], { env: {} });
  const seen = replies(child);
  const options = { targets: [{ ifname: 'lo', hook: 'xdp' }] };
  const start = { id: 2, method: 'captureStart', params: { captureId: 1, options, creditBytes: 1 } };
  child.stdin.end(Buffer.concat([HELLO, json(start), json({ id: 3, method: 'interfaces', params: {} })]));
  assert.equal((await ended(child)).status, 0);
  const error = seen.find(({ id }) => id === 2)?.['error'] as { code: string; message: string; hint: string };
  assert.equal(error.code, 'EPERM');
  assert.match(error.message, /no permission to attach eBPF programs to lo/);
  assert.match(error.hint, /root/);
  const list = seen.find(({ id }) => id === 3)?.['result'] as { ifname: string }[];
  assert.ok(list.some(({ ifname }) => ifname === 'lo'));
});

const WAYS_TO_END: [string, (client: ChildProcessWithoutNullStreams) => void][] = [
  ['stdin closed', (child) => child.stdin.end()],
  ['stdout closed', (child) => child.stdout.destroy()],
  ['SIGTERM', (child) => child.kill('SIGTERM')],
  ['SIGINT', (child) => child.kill('SIGINT')],
  ['SIGHUP', (child) => child.kill('SIGHUP')],
  ['SIGKILL', (child) => child.kill('SIGKILL')],
  ['garbage on stdin', (child) => child.stdin.write('garbage!garbage!')],
];
for (const [name, end] of WAYS_TO_END)
  test(`${name} in mid-capture: gone within 2 s, nothing left attached`, async () => {
    let tookMs = Number.POSITIVE_INFINITY;
    // A machine that others use as well may be late once or twice.
    for (let attempt = 0; attempt < 3 && tookMs >= 2000; attempt++)
      await withPair(QUIET, async (a, b) => {
        const child = raw();
        const seen = replies(child);
        child.stdin.on('error', () => {});
        const params = { captureId: 1, options: optionsFor(b), creditBytes: 1 << 24 };
        child.stdin.write(Buffer.concat([HELLO, json({ id: 2, method: 'captureStart', params })]));
        await eventually('it is attached', () => seen.some(({ id }) => id === 2));
        assert.equal(seen.find(({ id }) => id === 2)?.['error'], undefined);
        assert.equal(attachedTo(b).length, 1);
        // Packets on the way notice a closed stdout.
        const frames = numberedFrames(a, b, 100);
        const sending = addon.sendFrames({ ifname: a.ifname, netns: a.netns, frames, intervalUs: 2000 });
        end(child);
        tookMs = (await ended(child)).ms;
        await nothingLeft(b);
        await sending;
      });
    assert.ok(tookMs < 2000, `${tookMs} ms`);
  });

test('a full stdout (/dev/full): a clean end with a line that says so', async () => {
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [ENTRY, '--role', 'capture'], { env: {}, stdio: ['pipe', full, 'pipe'] });
  closeSync(full);
  const err = text(child.stderr!);
  assert.equal((await ended(child)).status, 1);
  assert.match(err(), /^xdpeek-privileged: stdout cannot be written: [^\n]+\n$/);
});

test('a client that asks and never reads: the process ends, its memory stays bounded', async () => {
  const child = raw();
  child.stdout.pause();
  child.stdin.on('error', () => {});
  const request = json({ id: 2, method: 'x'.repeat(30_000), params: {} });
  const asking = setInterval(() => child.stdin.writableNeedDrain || child.stdin.write(request), 1);
  child.stdin.write(HELLO);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.ok(residentKb(child.pid!) < 300_000);
  clearInterval(asking);
  child.stdin.end();
  assert.ok((await ended(child)).ms < 5000);
});

test('killed in mid-capture: told as such, nothing left attached, and a new capture starts', async () => {
  await withPair(QUIET, async (_a, b) => {
    const first = await capturing(b);
    process.kill(first.client.pid!, 'SIGKILL');
    await eventually('the end is told', () => first.ended.length === 1);
    assert.equal(first.ended[0]!.code, 'PRIVILEGED_GONE');
    assert.match(first.ended[0]!.message, /killed by SIGKILL/);
    await nothingLeft(b);
    const second = await capturing(b);
    assert.equal(attachedTo(b).length, 1);
    await second.capture.stop();
    await second.client.close();
    await nothingLeft(b);
  });
});

test('a slow reader costs counted drops (lostPipe), no memory: sent = captured + lost, exactly', async () => {
  await withPair(QUIET, async (a, b) => {
    const { promise: stalled, resolve: goOn } = Promise.withResolvers<void>();
    let arrived = 0;
    const { client, capture } = await capturing(b, () => {
      arrived++;
      return stalled;
    });
    const frames = numberedFrames(a, b, 500, 1400);
    const before = residentKb(client.pid!);
    // The credit of 32 MiB, three quarters of the kernel's 64 MiB, and more.
    const sent = await addon.sendFrames({ ifname: a.ifname, netns: a.netns, frames, repeat: 160 });
    const look = () => capture.snapshot({ flows: false, stats: false });
    await eventually('lost in the pipe', async () => (await look()).counters.lostPipe > 0);
    const memory = residentKb(client.pid!) - before;
    goOn();
    const counters = await capture.stop();
    assert.equal(counters.matchedPackets, sent);
    assert.ok(counters.lostPipe > 0, 'the credit of 32 MiB was used up');
    assert.equal(counters.capturedPackets + counters.lostKernel + counters.lostPipe, sent);
    assert.ok(arrived > 0);
    assert.ok(memory < 150_000, `${memory} kB`);
    await client.close();
    await nothingLeft(b);
  });
});

test('once blocks have gone from the pipe into the file there is credit for more, and more goes at once', () =>
  withFolder((folder) =>
    withPair(QUIET, async (a, b) => {
      const file = await BlockFile.create(path.join(folder, 'f'));
      const enough: number[] = [];
      let moved = 0;
      const { client, capture } = await capturing(
        b,
        (bytes, packets) => file.append(bytes, packets),
        async (blocks) => {
          enough.push(blocks.enough);
          const result = await file.appendPiped(blocks);
          moved += result.bytes;
          return result;
        },
      );
      let granted = 0;
      const request = client.request.bind(client);
      client.request = (method, params) => {
        if (method === 'credit' && 'bytes' in params) granted += params.bytes;
        return request(method, params);
      };
      const frames = numberedFrames(a, b, 500, 1400);
      let sent = 0;
      for (let burst = 1; burst <= 2; burst++) {
        sent += await addon.sendFrames({ ifname: a.ifname, netns: a.netns, frames, repeat: 20 });
        await eventually(`burst ${burst} is in the file`, () => moved > burst * 13_000_000);
      }
      const ahead = granted - moved;
      const counters = await capture.stop();
      assert.equal(counters.capturedPackets, sent);
      assert.deepEqual([enough[0], enough.at(-1)], [8 << 20, 64 << 20]);
      assert.ok(ahead > 200 << 20 && ahead < 256 << 20, `${ahead} bytes more than were moved`);
      await client.close();
      await file.close();
      await nothingLeft(b);
    }),
  ));

test('no namespace, link or program of these tests is left', () => {
  const left = readdirSync('/run/netns').filter((name) => name.startsWith(`${prefix}${process.pid}-`));
  assert.deepEqual(left, []);
});
