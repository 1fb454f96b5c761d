/** Rows of long conversations, looked at in any order: they show what a walk from the beginning shows, and cost no such walk where nothing is kept. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import '../../electron/session/platform.ts';
import * as f from '../../electron/cli/demo/frames/index.ts';
import { detail } from '../../electron/packets/dissect/detail.ts';
import { type Dissection, summarize } from '../../electron/packets/dissect/index.ts';
import { Analysis, budgetOf } from '../../electron/session/analysis/analysis.ts';
import { inSlices } from '../../electron/session/slices.ts';
import type { DetailNode } from '../../electron/shared/api.ts';
import { type Opened, open, stateful } from '../golden/render.ts';
import { type Sample, sampleFile } from '../golden/samples.ts';

const ENDS = { source: '192.0.2.1', destination: '192.0.2.2' };
const frame = (protocol: number, payload: Uint8Array) => ({
  bytes: f.ethernet(
    { source: '02:00:00:00:00:01', destination: '02:00:00:00:00:02', type: 0x0800 },
    f.ipv4({ ...ENDS, protocol }, payload),
  ),
});
const datagram = (sourcePort: number, destinationPort: number, payload: Uint8Array) =>
  f.udp(ENDS, { sourcePort, destinationPort }, payload);
const segment = (sequence: number, sourcePort = 41_000) =>
  f.tcp(
    ENDS,
    { sourcePort, destinationPort: 41_001, flags: f.TCP_FLAG.ack, sequence, acknowledgment: 1 },
    f.ascii('0123456789'),
  );
const error = (about: Uint8Array) => f.icmp({ type: 3, code: 3 }, f.ipv4({ ...ENDS, protocol: 17 }, about));
const inTunnel = (sequence: number) =>
  datagram(
    50_000,
    4789,
    f.concat(
      Uint8Array.of(8, 0, 0, 0, 0, 0, 100, 0),
      f.ethernet(
        { source: '02:00:00:00:00:03', destination: '02:00:00:00:00:04', type: 0x0800 },
        f.ipv4({ ...ENDS, protocol: 6 }, segment(sequence, 43_000)),
      ),
    ),
  );

const ROUNDS = 400;
const CONVERSATIONS = 40;

/** Datagrams that nobody reads, errors about some of them, a connection, and one in a tunnel whose datagrams all look alike from outside. */
function mixture(): Sample {
  const frames: Sample['frames'] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < CONVERSATIONS; i++) frames.push(frame(17, datagram(42_000 + i, 9999, f.ascii(`n ${round}`))));
    if (round % 3 === 0) frames.push(frame(1, error(datagram(42_000 + (round % CONVERSATIONS), 9999, f.ascii('n')))));
    // Each fifth segment comes twice.
    frames.push(frame(6, segment(10 * (round - (round % 5 === 4 ? 1 : 0)))));
    frames.push(frame(17, inTunnel(10 * (round - (round % 5 === 4 ? 1 : 0)))));
  }
  return { linkType: 1, frames };
}

const labels = (nodes: readonly DetailNode[]): string[] =>
  nodes.flatMap(({ label, children }) => [label, ...labels(children ?? [])]);
/** The number of a connection in a tunnel is not known to who walks the tunnel alone. */
const shown = ({ frame }: Opened, row: number, d: Dissection) =>
  [summarize(d).info, ...labels(detail(d, frame(row)))].filter(
    (label) => !label.startsWith('[Stream index') || !d.layers.some(({ protocol }) => protocol.name === 'vxlan'),
  );

async function analysed(opened: Opened): Promise<{ analysis: Analysis; reads(): number }> {
  const { store, parser } = opened;
  let reads = 0;
  const packetBytes = store.packetBytes.bind(store);
  store.packetBytes = (row) => {
    reads++;
    return packetBytes(row);
  };
  const table = { store, interfaces: parser.interfaces, secrets: parser.secrets };
  const analysis = new Analysis(table as unknown as ConstructorParameters<typeof Analysis>[0]);
  await new Promise<void>((resolve) => analysis.poke(resolve));
  return { analysis, reads: () => reads };
}

test('any row shows what the packets before it told, wherever it is looked at first', async () => {
  const opened = open(sampleFile(mixture()));
  const truth = stateful(opened);
  const { analysis } = await analysed(opened);
  const { count } = opened.store;
  assert.equal(analysis.analysed, count);
  for (let n = 0; n < 600; n++) {
    const row = (n * 7919 + 12_345) % count;
    assert.deepEqual(shown(opened, row, analysis.dissect(row)), shown(opened, row, truth[row]!), `row ${row}`);
  }
  // All kinds of them were among those.
  const infos = truth.map((d) => summarize(d).info);
  for (const kind of [/Destination unreachable/, /Retransmission/]) assert.ok(infos.some((info) => kind.test(info)));
  analysis.end();
});

test('a screenful of datagrams that nobody reads costs no walk through their conversations', async () => {
  const opened = open(sampleFile(mixture()));
  const { analysis, reads } = await analysed(opened);
  const last = opened.store.count - 10 * CONVERSATIONS;
  const before = reads();
  for (let row = last; row < last + CONVERSATIONS; row++) analysis.dissect(row);
  // Each and the one before it; the connection and the one in the tunnel are walked, once each.
  assert.ok(reads() - before < 3 * CONVERSATIONS + 2 * ROUNDS, `${reads() - before} packets were read`);
  analysis.end();
});

test('a walk stops when its time is over, says so, and goes on from there', async () => {
  const opened = open(sampleFile(mixture()));
  const truth = stateful(opened);
  const { analysis } = await analysed(opened);
  const row = truth.findLastIndex((d) => /Retransmission/.test(summarize(d).info));
  const none = budgetOf(-1);
  assert.doesNotMatch(summarize(analysis.dissect(row, none)).info, /Retransmission/);
  assert.equal(none.short, true);
  let asked = 0;
  for (;;) {
    const budget = budgetOf(0.05);
    const found = analysis.dissect(row, budget);
    if (!budget.short) {
      assert.equal(summarize(found).info, summarize(truth[row]!).info);
      break;
    }
    assert.ok(++asked < 10_000);
  }
  analysis.end();
});

test('slices hear how late their pause ended, so that they can stand back where the CPU is short', async () => {
  const heard: number[] = [];
  let steps = 0;
  await inSlices(
    () => {
      const end = performance.now() + 10;
      while (performance.now() < end);
      return ++steps < 3;
    },
    new AbortController().signal,
    (lateMs) => {
      heard.push(lateMs);
      // Somebody else has the CPU when the first pause is over.
      if (heard.length === 1)
        setTimeout(() => {
          const end = performance.now() + 60;
          while (performance.now() < end);
        }, 1);
      return 10;
    },
  );
  assert.equal(heard.length, 2);
  assert.equal(heard[0], 0);
  assert.ok(heard[1]! > 40, `${heard[1]} ms`);
});
