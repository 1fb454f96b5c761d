/**
 * bpf/events.h has one reader in TypeScript, electron/shared/abi.ts. A C program that includes the header writes one record of each
 * kind with a different value in every field; the decoder's offsets must find them all.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import * as abi from '../../electron/shared/abi.ts';

const root = path.resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'xdpeek-abi-'));
after(() => rmSync(folder, { recursive: true }));

const PROGRAM = `
#include <stdio.h>
#include "events.h"
int main(void) {
  struct xdpeek_flow_record flow = { .key = { .source = { 10, 1, 2, 3 }, .destination = { 10, 4, 5, 6 }, .source_port = 40001, .destination_port = 443,
    .family = 4, .protocol = 6, .target = 7, .direction = 2 },
    .value = { .packets = 0x100000002ull, .bytes = 0x200000003ull, .first_ns = 1700000000000000001ull, .last_ns = 1700000000000000002ull, .tcp_flags = 0x1b } };
  struct xdpeek_stats stats;
  struct xdpeek_counter *counter = (struct xdpeek_counter *)&stats;
  for (unsigned i = 0; i < sizeof(stats) / sizeof(*counter); i++) counter[i] = (struct xdpeek_counter){ .packets = i + 1, .bytes = (i + 1) * 1000 };
  stats.protocol[XDPEEK_PROTO_ARP].packets = 77;
  fwrite(&flow, sizeof(flow), 1, stdout);
  fwrite(&stats, sizeof(stats), 1, stdout);
  return 0;
}`;

function goldenBlob(): DataView {
  const source = path.join(folder, 'golden.c');
  const binary = path.join(folder, 'golden');
  writeFileSync(source, PROGRAM);
  execFileSync('gcc', ['-Wall', '-Werror', '-I', path.join(root, 'bpf'), '-o', binary, source]);
  const bytes = execFileSync(binary);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const blob = goldenBlob();

test('the blob has exactly the sizes that the decoder expects', () => {
  assert.equal(blob.byteLength, abi.FLOW_RECORD_BYTES + abi.STATS_BYTES);
});

test('every field of a flow record is where the decoder looks', () => {
  const { FLOW } = abi;
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((at) => blob.getUint8(FLOW.source + at)),
    [10, 1, 2, 3, 0],
  );
  assert.deepEqual(
    [0, 1, 2, 3].map((at) => blob.getUint8(FLOW.destination + at)),
    [10, 4, 5, 6],
  );
  assert.equal(blob.getUint16(FLOW.sourcePort, true), 40001);
  assert.equal(blob.getUint16(FLOW.destinationPort, true), 443);
  assert.equal(blob.getUint8(FLOW.family), 4);
  assert.equal(blob.getUint8(FLOW.protocol), 6);
  assert.equal(blob.getUint8(FLOW.target), 7);
  assert.equal(blob.getUint8(FLOW.direction), 2);
  assert.equal(abi.readU64(blob, FLOW.packets), 0x100000002);
  assert.equal(abi.readU64(blob, FLOW.bytes), 0x200000003);
  assert.equal(blob.getBigUint64(FLOW.firstNs, true), 1700000000000000001n);
  assert.equal(blob.getBigUint64(FLOW.lastNs, true), 1700000000000000002n);
  assert.equal(blob.getUint32(FLOW.tcpFlags, true), 0x1b);
});

test('every counter of the statistics is where the decoder looks', () => {
  const base = abi.FLOW_RECORD_BYTES;
  const arp = abi.STATS_GROUPS.protocol + abi.PROTOCOL_KEYS.indexOf('arp');
  for (let i = 0; i < abi.STATS_COUNTERS; i++) {
    assert.equal(abi.readU64(blob, base + i * abi.COUNTER_BYTES), i === arp ? 77 : i + 1);
    assert.equal(abi.readU64(blob, base + i * abi.COUNTER_BYTES + 8), (i + 1) * 1000);
  }
  assert.equal(abi.STATS_GROUPS.size, abi.STATS_GROUPS.protocol + abi.PROTOCOL_KEYS.length);
  assert.equal(abi.STATS_COUNTERS, abi.STATS_GROUPS.size + abi.SIZE_KEYS.length);
});
