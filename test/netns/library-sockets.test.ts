/** The library's programs that go with sockets and with system calls: every second packet to AF_XDP, a UDP socket's own filter, programs started. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { withFolder, xdpeek } from './cli-lib.ts';
import { addon } from './lib/addon.ts';
import { numberedFrames, udpFrame } from './lib/frames.ts';
import { startTcpdump } from './lib/ground-truth.ts';
import { countersOf, u32Key, withLibrary } from './lib/library.ts';
import { withPair } from './lib/network.ts';
import { eventually, run, start } from './lib/process.ts';
import { filteredUdpSocket, xskSocket } from './lib/socket-helper.ts';

const MAIN = path.resolve(import.meta.dirname, '../../dist/cli/main.mjs');
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

for (const mode of ['native', 'generic'] as const)
  test(`xsk_alternate in ${mode} mode gives every second packet to the queue's socket and passes the others; all are counted`, () =>
    withPair({ prefix: 'xls', quiet: true }, (a, b) =>
      withFolder((folder) =>
        withLibrary(async (lab) => {
          const program = await lab.attach('xsk_alternate', b, {}, mode);
          const frames = [4, 6].flatMap((family) => numberedFrames(a, b, 20, 41, { family: family as 4 | 6 }));
          const send = (some: Uint8Array[]) => addon.sendFrames({ netns: a.netns, ifname: a.ifname, frames: some });
          const stack = await startTcpdump(b, path.join(folder, 'b.pcap'), { direction: 'in' });
          // Without a socket all pass.
          await send(frames.slice(0, 2));
          await eventually('two passed', () => program.verdicts()['pass'] === 2);
          const socket = await xskSocket(b, 0, program.maps['sockets']!);
          await send(frames);
          const even = frames.filter((_, i) => i % 2 === 0).map(hex);
          const odd = frames.filter((_, i) => i % 2 === 1).map(hex);
          assert.deepEqual(await socket.took(20), even);
          assert.deepEqual(
            (await stack.finish(22)).map(({ bytes }) => hex(bytes)),
            [...frames.slice(0, 2).map(hex), ...odd],
          );
          assert.deepEqual(countersOf(program.maps['queues']!, u32Key).get('0'), [42]);
          assert.deepEqual(program.verdicts(), { pass: 22, redirect: 20 });
          await socket.end();
          // The socket is gone, and with it its place in the map.
          await send(frames.slice(0, 4));
          await eventually('all pass again', () => program.verdicts()['pass'] === 26);
        }),
      ),
    ));

test('udp_local_only lets through what was sent to 127.0.0.1 and ::1, and counts what it refused', () =>
  withPair({ prefix: 'xls' }, async (a, b) => {
    const pin = `xls-${process.pid}`;
    const loaded = await xdpeek(['prog', 'load', 'udp_local_only', '--pin', pin, '--json']);
    assert.equal(loaded.status, 0, loaded.stderr);
    const { maps } = JSON.parse(loaded.stdout) as { maps: { name: string; id: number }[] };
    const counts = maps.find(({ name }) => name === 'packets')!.id;
    const socket = await filteredUdpSocket(b.netns, 7070, `/sys/fs/bpf/xdpeek/${pin}`);
    try {
      const say = (netns: string, address: string) => {
        const script = `const s = require('node:dgram').createSocket('udp${address.includes(':') ? 6 : 4}');
          s.send('to ${address}', 7070, '${address}', () => s.close());`;
        return run(process.execPath, ['-e', script], { netns });
      };
      // From outside, from inside to the outer address, and to this machine itself.
      await say(a.netns, b.ipv4);
      await say(a.netns, b.ipv6);
      await say(b.netns, b.ipv4);
      await say(b.netns, '127.0.0.2');
      await say(b.netns, '127.0.0.1');
      await say(b.netns, '::1');
      assert.deepEqual(await socket.took(2), ['to 127.0.0.1', 'to ::1']);
      await eventually('four are refused', () => countersOf(counts, u32Key).get('0')?.[0] === 4);
      assert.deepEqual(countersOf(counts, u32Key).get('1'), [2]);
    } finally {
      await socket.end();
      await xdpeek(['prog', 'unpin', pin]);
    }
  }));

test('prog attach --udp: a socket that listens, with the filter on it; datagrams are counted, and the port is free again', () =>
  withPair({ prefix: 'xls' }, async (_a, { netns, ipv4 }) => {
    const attach = ['prog', 'attach', 'udp_local_only', '--udp', '7071', '--netns', netns];
    const running = start(process.execPath, [MAIN, ...attach]);
    await running.waitFor(/attached udp_local_only .* to a UDP socket on port 7071/);
    const id = Number(/program (\d+)/.exec(running.stderr())![1]);
    const counts = addon.maps().find(({ name, programIds }) => name === 'packets' && programIds.includes(id))!.id;
    const second = await xdpeek(attach);
    assert.equal(second.status, 1);
    assert.match(second.stderr, /Address already in use. Somebody listens there already/);
    const say = (address: string) =>
      run(
        process.execPath,
        [
          '-e',
          `const s = require('node:dgram').createSocket('udp${address.includes(':') ? 6 : 4}'); s.send('x', 7071, '${address}', () => s.close());`,
        ],
        { netns },
      );
    for (const address of [ipv4, '127.0.0.1', '::1', '127.0.0.1']) await say(address);
    await eventually('all were seen', () => countersOf(counts, u32Key).get('1')?.[0] === 3);
    assert.deepEqual(countersOf(counts, u32Key).get('0'), [1]);
    const waiting = await run('ss', ['-Hlun', 'sport', '=', ':7071'], { netns });
    assert.match(waiting, /^UNCONN\s+0\s/, 'what came through was received');
    assert.equal((await running.stop('SIGINT')).status, 0);
    assert.equal((await run('ss', ['-Hlun', 'sport', '=', ':7071'], { netns })).trim(), '');
    const wrong = await xdpeek(['prog', 'attach', 'xdp_pass', '--udp', '7071']);
    assert.equal(wrong.status, 2);
    assert.match(wrong.stderr, /no filter of a socket/);
  }));

test('udp_local_only by a packet that is forged from outside: the destination counts, not the sender', () =>
  withPair({ prefix: 'xls' }, async (a, b) => {
    const pin = `xls-${process.pid}-f`;
    const loaded = await xdpeek(['prog', 'load', 'udp_local_only', '--pin', pin]);
    assert.equal(loaded.status, 0, loaded.stderr);
    const socket = await filteredUdpSocket(b.netns, 7070, `/sys/fs/bpf/xdpeek/${pin}`);
    try {
      const text = (words: string) => new TextEncoder().encode(words);
      const from = { ...a, ipv6: 'fd77:0::77' };
      await addon.sendFrames({
        netns: a.netns,
        ifname: a.ifname,
        frames: [
          udpFrame(from, b, text('four'), { destinationPort: 7070 }),
          udpFrame(from, b, text('six'), { family: 6, destinationPort: 7070 }),
        ],
      });
      const script =
        "const s = require('node:dgram').createSocket('udp4'); s.send('last', 7070, '127.0.0.1', () => s.close());";
      await run(process.execPath, ['-e', script], { netns: b.netns });
      assert.deepEqual(await socket.took(1), ['last']);
    } finally {
      await socket.end();
      await xdpeek(['prog', 'unpin', pin]);
    }
  }));

test('execve_count on the tracepoint of the system call counts every program that is started', () =>
  withLibrary(async (lab) => {
    const target = { kind: 'tracepoint', name: 'syscalls:sys_enter_execve' } as const;
    const program = await lab.attachTo('execve_count', target);
    const calls = () => countersOf(program.maps['calls']!, u32Key).get('0')![0]!;
    const before = calls();
    // Busybox-like shells have `true` built in: the path makes it an execve.
    await run('sh', ['-c', 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do /usr/bin/true; done']);
    const after = calls();
    // Others of this machine may start programs too.
    assert.ok(after - before >= 21, `${after - before} of 21`);
    await program.detach();
  }));
