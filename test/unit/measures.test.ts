/** What the session counts: charts, flow tables, statistics. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlowColumns, KEY, KEY_WORDS, kindWord, portsWord } from '../../electron/session/measures/flow-columns.ts';
import { FlowTable } from '../../electron/session/measures/flow-table.ts';
import { decodeFlows, LiveMeasures } from '../../electron/session/measures/live-measures.ts';
import { Timeline } from '../../electron/session/measures/timeline.ts';
import { topLists } from '../../electron/session/measures/top.ts';
import { COUNTER_BYTES, FLOW, FLOW_RECORD_BYTES, STATS_BYTES, STATS_GROUPS } from '../../electron/shared/abi.ts';
import type { FlowSortKey } from '../../electron/shared/api.ts';
import { BASE_NS } from '../fixtures/session.ts';

test('a chart holds exactly what was counted, however the samples fell', () => {
  const timeline = new Timeline(['a', 'b'], 100, 250);
  const startMs = 1_700_000_000_000;
  let total = 0;
  for (let index = 0, ms = startMs; index < 60; index++) {
    timeline.push(ms, [total, 0], [total * 100, 0]);
    ms += 200 + ((index * 37) % 100);
    total += 10 + ((index * 13) % 7);
  }
  for (const [seconds, points] of [
    [60, 300],
    [60, 20],
    [900, 300],
  ] as const) {
    const { keys, pps, timeMs, stepMs, bitsPerSecond } = timeline.chart(seconds, points, true);
    assert.deepEqual(keys, ['a'], 'b never counted anything');
    assert.ok(timeMs.length <= points && stepMs % 250 === 0 && timeMs.every((ms) => ms % stepMs === 0));
    const sum = pps[0]!.reduce((all, value) => all + (value * stepMs) / 1000, 0);
    const bits = bitsPerSecond[0]!.reduce((all, value) => all + (value * stepMs) / 1000, 0);
    const counted = total - (10 + ((59 * 13) % 7));
    assert.ok(Math.abs(sum - counted) < 1e-6 && Math.abs(bits - counted * 800) < 1e-3, `${sum} of ${counted}`);
  }
});

test('the timeline is a ring; an empty or short one gives an empty chart', () => {
  const timeline = new Timeline(['a'], 4, 1000);
  assert.deepEqual(timeline.chart(60, 60).timeMs, []);
  for (let second = 0; second < 50; second++) timeline.push(second * 1000, [second * 5], [0]);
  const { timeMs, pps } = timeline.chart(60, 60);
  assert.deepEqual(timeMs, [46_000, 47_000, 48_000]);
  assert.deepEqual(pps[0], [5, 5, 5]);
});

test('flow columns find what they hold, through growth', () => {
  const flows = new FlowColumns();
  const key = new Uint32Array(KEY_WORDS);
  const count = 20_000;
  for (let index = 0; index < count; index++) {
    key[KEY.source] = index % 500;
    key[KEY.ports] = portsWord(index, 443);
    assert.equal(flows.upsert(key), index);
  }
  for (let index = 0; index < count; index++) {
    key[KEY.source] = index % 500;
    key[KEY.ports] = portsWord(index, 443);
    assert.equal(flows.find(key), index);
    assert.equal(flows.upsert(key), index);
  }
  key[KEY.kind] = 1;
  assert.equal(flows.find(key), -1);
  assert.equal(flows.count, count);
});

/** A FLOWS frame's records: one flow a row [x, packets], bytes = 100 × packets, TCP from 10.0.0.x to 10.9.9.9:443. */
function flowRecords(rows: [x: number, packets: number][]): Uint8Array {
  const bytes = new Uint8Array(FLOW_RECORD_BYTES * rows.length);
  const view = new DataView(bytes.buffer);
  for (const [index, [x, packets]] of rows.entries()) {
    const at = index * FLOW_RECORD_BYTES;
    bytes.set([10, 0, 0, x], at + FLOW.source);
    bytes.set([10, 9, 9, 9], at + FLOW.destination);
    view.setUint32(at + FLOW.sourcePort, portsWord(40_000 + x, 443), true);
    view.setUint32(at + FLOW.family, kindWord(4, 6, 0, 1), true);
    view.setBigUint64(at + FLOW.packets, BigInt(packets), true);
    view.setBigUint64(at + FLOW.bytes, BigInt(packets * 100), true);
    view.setBigUint64(at + FLOW.firstNs, BASE_NS, true);
    view.setBigUint64(at + FLOW.lastNs, BASE_NS + 5_000_000_000n, true);
    view.setUint32(at + FLOW.tcpFlags, 0x12, true);
  }
  return bytes;
}

test('flow rates are differences over the exact period; a flow that was evicted never has a negative one', () => {
  // At an odd offset of a larger buffer, as frames are.
  const at = (records: Uint8Array) => Buffer.concat([Buffer.alloc(13), records]).subarray(13);
  const first = decodeFlows(
    at(
      flowRecords([
        [1, 100],
        [2, 50],
      ]),
    ),
    new FlowColumns(),
    0,
  );
  assert.deepEqual([first.pps[0], first.packets[0]], [0, 100]);
  const second = decodeFlows(
    at(
      flowRecords([
        [2, 10],
        [1, 180],
        [3, 7],
      ]),
    ),
    first,
    800_000_000,
  );
  assert.deepEqual([...second.pps.subarray(0, 3)], [0, 100, 8.75]);
  assert.equal(second.bitsPerSecond[1], 80_000);
  assert.equal(second.firstMs[0], Number(BASE_NS) / 1e6);
});

test('flows sort by every column, search, and keep their keys between snapshots', () => {
  const columns = decodeFlows(
    flowRecords([
      [9, 5],
      [10, 50],
      [100, 20],
    ]),
    new FlowColumns(),
    0,
  );
  const table = new FlowTable(columns, () => 'veth0');
  const order = (sort: FlowSortKey, descending = false, search?: string) =>
    table
      .window({ sort, descending, start: 0, count: 10, search })
      .flows.map(({ source }) => Number(source.split('.')[3]));
  assert.deepEqual(order('source'), [9, 10, 100], 'as addresses, not as text');
  assert.deepEqual(order('source', true), [100, 10, 9]);
  assert.deepEqual(order('packets', true), [10, 100, 9]);
  assert.deepEqual(order('sourcePort'), [9, 10, 100]);
  for (const sort of [
    'destination',
    'destinationPort',
    'protocol',
    'interfaceName',
    'direction',
    'bytes',
    'pps',
    'bitsPerSecond',
    'firstMs',
    'lastMs',
    'state',
  ] as const)
    assert.equal(order(sort).length, 3, sort);
  assert.deepEqual(order('source', false, '0.100:'), [100]);
  assert.deepEqual(order('source', false, 'ESTABLISHED tcp'), []);
  assert.deepEqual(order('source', false, ' Established '), [9, 10, 100]);
  const { total, flows } = table.window({ sort: 'source', descending: false, start: 1, count: 1, search: undefined });
  assert.deepEqual([total, flows.length, flows[0]?.state, flows[0]?.tcpFlags], [3, 1, 'established', 0x12]);
  const again = new FlowTable(decodeFlows(flowRecords([[10, 51]]), columns, 1e9), () => 'veth0');
  assert.equal(again.row(0).key, flows[0]?.key);
  const top = topLists(table, 2);
  assert.deepEqual(
    top.talkers.map(({ label }) => label),
    ['10.0.0.10', '10.0.0.100'],
  );
  assert.deepEqual(top.ports, [{ key: '443/tcp', label: '443/tcp', packets: 75, bytes: 7500, bitsPerSecond: 0 }]);
  assert.equal(top.protocols[0]?.label, 'tcp');
});

test('64k flows in one snapshot are taken in a moment', () => {
  const records = flowRecords(Array.from({ length: 65_536 }, (_, n) => [n & 255, n]));
  const view = new DataView(records.buffer);
  for (let n = 0; n < 65_536; n++) view.setUint32(n * FLOW_RECORD_BYTES + FLOW.sourcePort, portsWord(n, 443), true);
  const before = decodeFlows(records, new FlowColumns(), 0);
  const after = decodeFlows(records, before, 1e9);
  assert.equal(after.count, 65_536);
});

test('statistics: rates over the kernel clock, CPU by CPU; after the end totals stay and nothing flows', () => {
  const stats = (packets: number[]) => {
    const bytes = new Uint8Array(STATS_BYTES * packets.length);
    const view = new DataView(bytes.buffer);
    for (const [cpu, count] of packets.entries())
      for (const group of Object.values(STATS_GROUPS)) {
        const at = cpu * STATS_BYTES + (group + (group === 0 ? 2 : 1)) * COUNTER_BYTES;
        view.setBigUint64(at, BigInt(count), true);
        view.setBigUint64(at + 8, BigInt(count * 60), true);
      }
    return bytes;
  };
  const measures = new LiveMeasures(() => 'eth0');
  assert.deepEqual(measures.statistics().byVerdict, []);
  measures.takeStats({ clockNs: BASE_NS, bytes: stats([0, 0]) });
  measures.takeStats({ clockNs: BASE_NS + 500_000_000n, bytes: stats([100, 300]) });
  const { periodNs, byVerdict, byProtocol, perCpu } = measures.statistics();
  assert.equal(periodNs, 500_000_000);
  assert.deepEqual(byVerdict[2], { key: 'pass', packets: 400, bytes: 24_000, pps: 800, bitsPerSecond: 384_000 });
  assert.deepEqual(byProtocol[1]?.key, 'udp');
  assert.deepEqual(
    perCpu.map(({ byVerdict: own }) => own[2]?.pps),
    [200, 600],
  );
  measures.end();
  const ended = measures.statistics();
  assert.deepEqual([ended.byVerdict[2]?.packets, ended.byVerdict[2]?.pps], [400, 0]);
});
