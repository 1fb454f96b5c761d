/**
 * Packets that leave by mapped areas (bpf/area.h, native/src/area_source.*): the kernel's memory is lent to the pipe and filled again once its reader is
 * done with it, and what several CPUs see is put in order. Real programs send, a real pipe is read slowly.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, createReadStream, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, test } from 'node:test';
import { BlockFile } from '../../electron/session/files/block-file.ts';
import { outputPipe } from '../../electron/session/privileged/output-pipe.ts';
import { FRAME_HEADER_BYTES, FRAME_MAGIC, FrameType, PACKETS_HEADER_BYTES } from '../../electron/shared/wire.ts';
import type * as Pipe from '../../native/pipe/index.d.ts';
import { capturing, tsharkFields, withFolder } from './cli-lib.ts';
import { addon } from './lib/addon.ts';
import { AddonCapture, BPF_DIR, parsePackets } from './lib/addon-capture.ts';
import { udpFrame } from './lib/frames.ts';
import { generate } from './lib/generator.ts';
import { withPair } from './lib/network.ts';
import { eventually, run } from './lib/process.ts';

const PAIR = { prefix: 'xm', quiet: true };
const pipes = createRequire(import.meta.url)(
  path.resolve(import.meta.dirname, '../../dist/native/xdpeek-pipe.node'),
) as typeof Pipe;

test('auto takes mapped areas where the buffer is large enough for every CPU, else the ring buffer', () =>
  withPair(PAIR, async (_, b) => {
    const used = async (bufferBytes: number) => {
      const capture = new AddonCapture([{ ifname: b.ifname, netns: b.netns, hook: 'xdp' }], { bufferBytes });
      const { bufferUsed } = capture.capture;
      await capture.finish();
      return bufferUsed;
    };
    assert.equal(await used(0), 'mapped');
    assert.equal(await used(65_536), 'ring');
  }));

/** Enhanced packet blocks, without what two captures of one packet may differ in: the time, and the packet's id. */
function blocksOf(pcapng: Uint8Array): string[] {
  const bytes = Buffer.from(pcapng);
  const found: string[] = [];
  for (let at = 0, length: number; at < bytes.length; at += length) {
    length = bytes.readUInt32LE(at + 4);
    if (bytes.readUInt32LE(at) !== 6) continue;
    const block = Buffer.from(bytes.subarray(at, at + length));
    block.fill(0, 12, 20);
    const kept = block.readUInt32LE(20);
    for (let option = 28 + kept + (-kept & 3), size: number; block.readUInt16LE(option) !== 0; option += 4 + size) {
      size = (block.readUInt16LE(option + 2) + 3) & ~3;
      if (block.readUInt16LE(option) === 5) block.fill(0, option + 4, option + 12);
    }
    found.push(block.toString('hex'));
  }
  return found;
}

test('the blocks that the programs write are those that user space makes of records, whatever the snaplen', () =>
  withPair(PAIR, async (a, b) => {
    const payload = (length: number) => new Uint8Array(length).map((_, at) => at + 1);
    const others = ['ff:ff:ff:ff:ff:ff', '01:00:5e:00:00:01', '02:11:22:33:44:55'];
    const frames = [
      ...[0, 1, 2, 3, 60, 1400].map((length) => udpFrame(a, b, payload(length))),
      ...others.map((mac) => udpFrame(a, { ...b, mac }, payload(10))),
      udpFrame(a, b, payload(30), { tags: [{ id: 42, priority: 5 }] }),
      udpFrame(a, b, payload(31), { tags: [{ id: 7 }, { id: 42 }] }),
      udpFrame(a, b, payload(5), { family: 6 }),
    ];
    for (const snaplen of [1, 12, 13, 14, 15, 16, 17, 60, 262144]) {
      const [records, written] = (['ring', 'mapped'] as const).map(
        (buffer) => new AddonCapture([{ ifname: b.ifname, netns: b.netns, hook: 'tc-ingress' }], { buffer, snaplen }),
      );
      await addon.sendFrames({ ifname: a.ifname, netns: a.netns, frames });
      for (const each of [records!, written!])
        await eventually('all frames', () => each.capture.counters().matchedPackets >= frames.length);
      const wanted = blocksOf((await records!.finish()).pcapng);
      assert.equal(wanted.length, frames.length);
      assert.deepEqual(blocksOf((await written!.finish()).pcapng), wanted, `snaplen ${snaplen}`);
    }
  }));

test('packets that two CPUs send at the same time are in the file in the order of their times, each with an id of its own', () =>
  withPair(PAIR, (a, b) =>
    withFolder(async (folder) => {
      const file = path.join(folder, 'f.pcapng');
      const filter = ['-f', 'icmp[icmptype] == icmp-echo'];
      const dump = await capturing(['dump', '-i', a.ifname, '--hook', 'tc-egress', ...filter, '-w', file], a.netns);
      const COUNT = 4000;
      const flood = (cpu: number) =>
        run('taskset', ['-c', `${cpu}`, 'ping', '-q', '-f', '-c', `${COUNT}`, b.ipv4], { netns: a.netns });
      await Promise.all([flood(0), flood(1)]);
      const { status, stderr } = await dump.stop('SIGINT');
      assert.equal(status, 0, stderr);
      const packets = parsePackets(readFileSync(file));
      assert.equal(packets.length, 2 * COUNT);
      const backwards = packets.filter(({ epochNs }, i) => i > 0 && epochNs < packets[i - 1]!.epochNs);
      assert.equal(backwards.length, 0);
      const ids = (await tsharkFields(file, ['frame.packet_id'])).map(Number);
      assert.equal(new Set(ids).size, ids.length);
      assert.ok(new Set(ids.map((id) => Math.floor(id / 2 ** 40))).size > 1, 'both CPUs sent');
    }),
  ));

test('a slow reader of the pipe: the memory of a block is not filled again before it was read', () =>
  withPair(PAIR, async (a, b) => {
    await run('ethtool', ['-K', b.ifname, 'gro', 'on'], { netns: b.netns });
    const [from, to] = pipes.makePipe(1 << 20);
    const writer = new addon.FrameWriter({ fd: to, queueBytes: 64 << 20 });
    const capture = new addon.Capture({
      ...{ captureId: 1, snaplen: 262144, buffer: 'mapped', bufferBytes: 4 << 20, packets: true, flows: false },
      ...{ stats: false, maxFlows: 1, sample: 1, creditBytes: 1e12, application: 'xdpeek test', bpfDir: BPF_DIR },
      targets: [{ ifname: b.ifname, netns: b.netns, hook: 'xdp' }],
      writer,
    });
    // Small reads, each after packets were lost since the one before: the pipe and the areas are full, however fast the sender is.
    const pieces: Buffer[] = [];
    let sending = true;
    const read = (async () => {
      for await (const piece of createReadStream('', { fd: from, highWaterMark: 256 << 10 })) {
        pieces.push(piece as Buffer);
        const lost = sending ? capture.counters().lostPipe : 0;
        while (sending && capture.counters().lostPipe === lost) await new Promise((resolve) => setTimeout(resolve, 2));
      }
    })();
    const { sent } = await generate(a, { pps: 0, count: 600_000 }, b);
    sending = false;
    const counters = capture.stop();
    await writer.flush();
    capture.close();
    writer.close();
    closeSync(to);
    await read;
    const frames = Buffer.concat(pieces);
    const parts: Buffer[] = [];
    for (let at = 0; at < frames.length; ) {
      const end = at + FRAME_HEADER_BYTES + frames.readUInt32LE(at);
      assert.equal(frames[at + 4], FrameType.PACKETS);
      parts.push(frames.subarray(at + FRAME_HEADER_BYTES + PACKETS_HEADER_BYTES, end));
      at = end;
    }
    const packets = parsePackets(Buffer.concat(parts));
    assert.equal(packets.length, counters.capturedPackets);
    assert.equal(counters.capturedPackets + counters.lostKernel + counters.lostPipe, sent);
    assert.ok(counters.lostPipe > 0, 'the reader was too slow');
    let last = -1;
    for (const { bytes } of packets) {
      const number = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).readUInt32LE(42);
      assert.ok(number > last, `packet ${number} behind ${last}`);
      last = number;
    }
  }));

describe('from the pipe into a file', () => {
  /** One enhanced packet block of `length` bytes in all. */
  const block = (length: number) => {
    const bytes = Buffer.alloc(length, 0x5a);
    bytes.writeUInt32LE(6, 0);
    bytes.writeUInt32LE(length, 4);
    bytes.writeUInt32LE(length - 32, 20);
    bytes.writeUInt32LE(length - 32, 24);
    bytes.writeUInt32LE(length, length - 4);
    return bytes;
  };
  const blocks = (count: number) => Buffer.concat(Array.from({ length: count }, () => block(1000)));

  /** The headers of a frame with so many bytes of blocks, and these many packets, of capture 7. */
  const headers = (bytes: number, packets: number) => {
    const both = Buffer.alloc(FRAME_HEADER_BYTES + PACKETS_HEADER_BYTES);
    both.writeUInt32LE(bytes + PACKETS_HEADER_BYTES, 0);
    both.writeUInt8(FrameType.PACKETS, 4);
    both.writeUInt16LE(FRAME_MAGIC, 6);
    both.writeUInt32LE(7, 8);
    both.writeUInt32LE(packets, 12);
    return both;
  };

  /** What a program writes into the pipe behind the headers of a frame of `bytes` bytes, moved into a file of `folder`. */
  async function moved(folder: string, written: Buffer, bytes: number, packets: number, enough?: number) {
    const source = path.join(folder, '..', `${path.basename(folder)}.source`);
    writeFileSync(source, written);
    const pipe = outputPipe();
    const cat = spawn('cat', [source], { stdio: ['ignore', pipe.theirs, 'inherit'] });
    const gone = once(cat, 'close');
    pipe.handedOver();
    try {
      const file = await BlockFile.create(path.join(folder, 'f'));
      const next = pipe.next(headers(bytes, packets).subarray(FRAME_HEADER_BYTES), bytes);
      if (enough !== undefined) next.enough = enough;
      const result = await file.appendPiped(next);
      await file.close();
      return { result, failed: file.failed, content: readFileSync(file.path) };
    } finally {
      pipe.stream.destroy(); // cat ends, with what it has left
      await gone;
      rmSync(source);
    }
  }

  test('all of it, more than the pipe holds, and the frames behind it up to one of another kind', () =>
    withFolder(async (folder) => {
      const written = [blocks(3000), headers(20_000, 20), blocks(20), headers(1000, 1), blocks(1)];
      const control = Buffer.from([4, 0, 0, 0, FrameType.CONTROL, 0, 0x44, 0x58, ...Buffer.from('null')]);
      // What is there is taken; whether the next frames are there by then is not known before.
      const { result, failed, content } = await moved(folder, Buffer.concat([...written, control]), 3_000_000, 3000);
      assert.equal(failed, undefined);
      const frames = [3000, 3020, 3021].slice(0, result.frames);
      assert.equal(result.packets, frames.at(-1));
      assert.equal(result.bytes, result.packets * 1000);
      assert.deepEqual([result.rest, result.lost, result.why], [0, 0, '']);
      assert.ok(content.equals(blocks(result.packets)));
      if (result.frames === 3) assert.deepEqual(result.read, control.subarray(0, result.read.byteLength));
    }));

  test('no frame more once it is enough', () =>
    withFolder(async (folder) => {
      const more = Array.from({ length: 20 }, () => Buffer.concat([headers(20_000, 20), blocks(20)]));
      const written = Buffer.concat([blocks(20), ...more]);
      const { result, content } = await moved(folder, written, 20_000, 20, 100_000);
      assert.ok(result.bytes >= 20_000 && result.bytes <= 100_000, `${result.bytes} bytes`);
      assert.deepEqual([result.packets, result.rest, result.why], [20 * result.frames, 0, '']);
      assert.ok(content.equals(blocks(result.packets)));
    }));

  test('a writer that goes in the middle of a block: the whole ones stay', () =>
    withFolder(async (folder) => {
      const written = blocks(10);
      const { result, failed, content } = await moved(folder, written.subarray(0, 4500), written.length, 10);
      assert.deepEqual([result.bytes, result.rest, result.lost, result.why], [4500, 5500, 6, 'EOF']);
      assert.equal(failed, undefined);
      assert.ok(content.equals(written.subarray(0, 4000)));
    }));

  test('a full disk: whole blocks stay, and the file says why', () =>
    withFolder(async (folder) => {
      await run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'xm', folder]);
      try {
        const written = blocks(200);
        const { result, failed, content } = await moved(folder, written, written.length, 200);
        assert.equal(failed?.code, 'ENOSPC');
        assert.equal(result.bytes + result.rest, written.length);
        assert.equal(content.length, (200 - result.lost) * 1000);
        assert.ok(content.length >= 60_000 && content.length <= 65_536, `${content.length} bytes of 64 KiB`);
      } finally {
        await run('umount', [folder]);
      }
    }));
});
