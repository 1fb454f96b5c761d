/**
 * The capture core on a kernel that is not this machine's: every hook, mode and transport takes each frame once, byte for byte, with flows and
 * statistics on; a kernel without TCX uses clsact and leaves nothing behind; filters give what bpf(4) says.
 */
import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { compileFilter } from '../../../electron/session/filter/index.ts';
import type { BufferKind, Hook, XdpMode } from '../../../electron/shared/capture.ts';
import { addon, addonFile } from '../../netns/lib/addon.ts';
import { AddonCapture, BPF_DIR } from '../../netns/lib/addon-capture.ts';
import { flat, fromFlat, interpret, random, randomProgram } from '../../netns/lib/classic-bpf.ts';
import { corpusPackets, FILTERS } from '../../netns/lib/filter-corpus.ts';
import { numberedFrames, pattern, udpFrame } from '../../netns/lib/frames.ts';
import { type VethEnd, withPair } from '../../netns/lib/network.ts';
import { attempt, eventually } from '../../netns/lib/process.ts';

const PAIR = { prefix: 'xv', quiet: true };
const { tcx } = addon.probe();
const send = (end: VethEnd, frames: Uint8Array[]) => addon.sendFrames({ ifname: end.ifname, netns: end.netns, frames });
const attachedTo = (end: VethEnd) => addon.interfaces(end.netns).find(({ ifname }) => ifname === end.ifname)!.attached;

const WAYS: [Hook, XdpMode | undefined, BufferKind][] = [
  ['xdp', 'native', 'mapped'],
  ['xdp', 'native', 'ring'],
  ['xdp', 'native', 'perf'],
  ['xdp', 'generic', 'ring'],
  ['tc-ingress', undefined, 'mapped'],
  ['tc-ingress', undefined, 'ring'],
  ['tc-ingress', undefined, 'perf'],
  ['tc-egress', undefined, 'ring'],
  ['socket', undefined, 'mapped'],
  ['socket', undefined, 'ring'],
  ['socket', undefined, 'perf'],
];
for (const [hook, mode, buffer] of WAYS)
  test(`${hook} ${mode ?? ''} over the ${buffer} buffer: each frame once, byte for byte, with a filter in front`, () =>
    withPair({ ...PAIR, mtu: 9000 }, async (a, b) => {
      const frames = [0, 1, 9, 17, 64, 200, 1000, 1472, 8000]
        .map((size) => udpFrame(a, b, pattern(size)))
        .concat(udpFrame(a, b, pattern(40), { family: 6, tags: [{ id: 7 }] }), numberedFrames(a, b, 100));
      const seenAt = hook === 'tc-egress' ? a : b;
      const filter = compileFilter('udp dst port 9 or (vlan 7 and udp)', [1]);
      const capture = new AddonCapture([{ ifname: seenAt.ifname, netns: seenAt.netns, hook, ...(mode && { mode }) }], {
        buffer,
        filter,
      });
      if (hook.startsWith('tc')) assert.equal(capture.capture.attachments[0]?.via, tcx ? 'tcx-link' : 'clsact');
      await send(a, [...frames, udpFrame(a, b, pattern(20), { destinationPort: 10 })]);
      await eventually(
        'all seen',
        () => {
          const { matchedPackets, filteredPackets } = capture.capture.counters();
          return matchedPackets >= frames.length && filteredPackets >= 1;
        },
        20_000,
      );
      assert.ok(capture.capture.readFlows().length >= 80);
      const { packets, counters } = await capture.finish();
      assert.deepEqual(
        packets.map(({ bytes }) => Buffer.from(bytes).toString('hex')),
        frames.map((frame) => Buffer.from(frame).toString('hex')),
      );
      assert.equal(counters.lostKernel + counters.lostPipe, 0);
      assert.deepEqual(attachedTo(seenAt), []);
    }));

test('AF_XDP: each frame once, byte for byte; one that this kernel cannot take in several buffers is counted, and was announced', () =>
  withPair({ ...PAIR, mtu: 9000 }, async (a, b) => {
    const capture = new AddonCapture([{ ifname: b.ifname, netns: b.netns, hook: 'afxdp' }]);
    const whole = !/several buffers/.test(capture.capture.attachments[0]?.note ?? '');
    const big = udpFrame(a, b, pattern(8000));
    const frames = [...numberedFrames(a, b, 100), udpFrame(a, b, pattern(1472))];
    await send(a, [...frames, big]);
    await eventually('all seen', () => capture.capture.counters().matchedPackets === frames.length + 1, 20_000);
    const { packets, counters } = await capture.finish();
    const expected = whole ? [...frames, big] : frames;
    assert.deepEqual(
      packets.map(({ bytes }) => Buffer.from(bytes).toString('hex')),
      expected.map((frame) => Buffer.from(frame).toString('hex')),
    );
    assert.equal(counters.lostKernel, whole ? 0 : 1);
    assert.deepEqual(attachedTo(b), []);
  }));

if (!tcx)
  test('killed with a clsact filter in place: the next start removes it, and nothing else', () =>
    withPair(PAIR, async (_, b) => {
      const journal = mkdtempSync(path.join(tmpdir(), 'xv-'));
      const config = {
        captureId: 1,
        targets: [{ ifname: b.ifname, netns: b.netns, hook: 'tc-ingress' }],
        snaplen: 100,
        buffer: 'auto',
        bufferBytes: 0,
        packets: true,
        flows: true,
        stats: true,
        maxFlows: 16,
        sample: 1,
        bpfDir: BPF_DIR,
        creditBytes: 1,
        application: '',
        journalDir: journal,
      };
      const child = `const addon = require(${JSON.stringify(addonFile)}); const writer = new addon.FrameWriter({ fd: require('fs').openSync('/dev/null', 'w'), queueBytes: 1 << 20 });
        new addon.Capture({ ...${JSON.stringify(config)}, writer }); process.kill(process.pid, 'SIGKILL');`;
      assert.equal((await attempt(process.execPath, ['-e', child])).signal, 'SIGKILL');
      assert.equal(attachedTo(b).length, 1, 'the kernel keeps a legacy filter');
      assert.equal(addon.cleanStale(journal).length, 1);
      assert.deepEqual(attachedTo(b), []);
    }));

test('filters: the corpus and random programs agree with the interpreter', () => {
  const packets = corpusPackets();
  for (const text of FILTERS) {
    const code = compileFilter(text, [1]).programs[0]!.code;
    const verdicts = addon.runFilter(code, 'xdp', packets);
    const expected = packets.map((packet, i) =>
      verdicts[i] === 255 ? 255 : interpret(fromFlat(code), packet) === 0 ? 0 : 1,
    );
    assert.deepEqual([...verdicts], expected, text);
  }
  const some = packets.filter((_, i) => i % 9 === 0);
  for (let seed = 1; seed <= 150; seed++) {
    const program = randomProgram(random(seed));
    const verdicts = addon.runFilter(flat(program), 'xdp', some);
    assert.deepEqual(
      [...verdicts],
      some.map((packet, i) => (verdicts[i] === 255 ? 255 : interpret(program, packet) === 0 ? 0 : 1)),
      `seed ${seed}`,
    );
  }
});
