/** The column store: what goes in comes out, batches and single packets alike, and it stays within its bytes a packet. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concat } from '../../electron/cli/demo/frames/index.ts';
import { CaptureParser } from '../../electron/packets/pcap/capture-parser.ts';
import * as write from '../../electron/packets/pcap/writer.ts';
import { blockColumns, indexBlocks } from '../../electron/packets/store/index-blocks.ts';
import { PacketStore } from '../../electron/packets/store/packet-store.ts';

const EPOCH = 1_704_164_645_123_456_789n;
const NOWHERE = { read: () => new Uint8Array() };

function batch(count: number): Uint8Array {
  const blocks = Array.from({ length: count }, (_, i) =>
    write.enhancedPacket({
      interfaceId: i % 3,
      epochNs: EPOCH + BigInt(i * 1000),
      wireLen: 100 + i,
      bytes: new Uint8Array(1 + (i % 90)).fill(i),
      direction: i % 3,
      ...(i % 2 === 0 && { xdpVerdict: i % 5 }),
      ...(i % 7 === 0 && { queue: 1, dropCount: 2n, comment: 'x' }),
    }),
  );
  return concat(...blocks);
}

function rows(store: PacketStore): number[][] {
  return Array.from({ length: store.count }, (_, row) => [
    store.offset(row),
    store.capLen(row),
    store.wireLen(row),
    store.interfaceId(row),
    store.timeNs(row),
    store.verdict(row),
    store.direction(row),
  ]);
}

test('indexBlocks and CaptureParser say the same of the same blocks', () => {
  const head = concat(
    write.sectionHeader(),
    ...[0, 1, 2].map((i) => write.interfaceDescription({ linkType: 1, name: `if${i}` })),
  );
  const blocks = batch(1000);
  const parsed = new PacketStore(NOWHERE);
  const parser = new CaptureParser(parsed);
  parser.push(concat(head, blocks));
  parser.end();
  const columns = blockColumns(2000);
  const count = indexBlocks(blocks, EPOCH, columns);
  const indexed = new PacketStore(NOWHERE);
  indexed.appendIndexed(columns, count, head.length);
  assert.equal(count, 1000);
  assert.deepEqual(rows(indexed), rows(parsed));
  assert.equal(indexed.wireBytes, parsed.wireBytes);
});

test('indexBlocks passes over other blocks, stops at its capacity and at what does not fit', () => {
  const head = concat(write.sectionHeader(), write.interfaceDescription({ linkType: 1 }));
  assert.equal(indexBlocks(concat(head, batch(5)), EPOCH, blockColumns(10)), 5);
  assert.equal(indexBlocks(batch(5), EPOCH, blockColumns(3)), 3);
  assert.equal(indexBlocks(batch(5).subarray(0, -1), EPOCH, blockColumns(10)), 4);
  assert.equal(indexBlocks(new Uint8Array(100), EPOCH, blockColumns(10)), 0);
});

test('columns cross their chunks in batches of any size', () => {
  const columns = blockColumns(50_000);
  for (let i = 0; i < 50_000; i++) columns.wireLen[i] = i;
  const store = new PacketStore(NOWHERE);
  for (let i = 0; i < 5; i++) store.appendIndexed(columns, 50_000, i * 1e6);
  store.packet(7, 8, 9, 10, 11, 12, 13);
  assert.equal(store.count, 250_001);
  for (const row of [0, 65_535, 65_536, 131_071, 131_072, 249_999])
    assert.equal(store.wireLen(row), row % 50_000, `row ${row}`);
  assert.deepEqual(rows(store).at(-1), [7, 8, 9, 10, 11, 12, 13]);
});

test('at most 40 bytes a packet, over a hundred thousand of them', () => {
  const store = new PacketStore(NOWHERE, true);
  assert.ok(store.bytesPerPacket <= 40, `${store.bytesPerPacket}`);
  for (let i = 0; i < 100_000; i++) store.packet(i, 60, 60, 0, i, 255, 0);
  const held = Object.values(store.columns)
    .flatMap((column) => column.chunks as { byteLength: number }[])
    .reduce((sum, chunk) => sum + chunk.byteLength, 0);
  assert.ok(held <= 40 * 131_072);
  assert.ok(store.columns.offset.chunks[0]!.buffer instanceof SharedArrayBuffer);
});

test('packet bytes come from the source, rows outside the table give none, times are exact', () => {
  const file = Uint8Array.from({ length: 100 }, (_, i) => i);
  const store = new PacketStore({ read: (offset, length) => file.subarray(offset, offset + length) });
  store.baseNs = EPOCH;
  store.packet(10, 4, 60, 0, 1_000_000_000_000_001, 255, 0);
  store.packet(98, 4, 60, 0, -1, 255, 0);
  assert.deepEqual([...store.packetBytes(0)], [10, 11, 12, 13]);
  assert.deepEqual([...store.packetBytes(1)], [98, 99], 'the file ends early');
  assert.equal(store.packetBytes(2).length, 0);
  assert.equal(store.packetBytes(-1).length, 0);
  assert.equal(store.epochNs(0), EPOCH + 1_000_000_000_000_001n);
  assert.equal(store.epochNs(1), EPOCH - 1n);
  store.clear();
  assert.equal(store.count, 0);
  assert.equal(store.wireBytes, 0);
});
