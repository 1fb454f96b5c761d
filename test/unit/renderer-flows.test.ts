/** Logic of the flow table: which columns a width leaves, how a flow is written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlowRow } from '../../electron/shared/api.ts';
import {
  FLOW_COLUMNS,
  firstDescending,
  flagWords,
  flowText,
  flowTitle,
} from '../../renderer/features/flows/columns.ts';

const flow: FlowRow = {
  key: 'k',
  family: 6,
  source: 'fd00::1',
  sourcePort: 40000,
  destination: 'fd00::2',
  destinationPort: 443,
  protocolNumber: 6,
  protocol: 'tcp',
  interfaceName: 'veth0',
  direction: 'in',
  packets: 3,
  bytes: 300,
  pps: 0,
  bitsPerSecond: 0,
  firstMs: 0,
  lastMs: 1000,
  tcpFlags: 0x12,
  state: 'established',
};

test('a narrow window leaves out the columns that matter least, in order', () => {
  const ids = (width: number) => FLOW_COLUMNS.filter(({ leavesBelow = 0 }) => width >= leavesBelow).map(({ id }) => id);
  assert.equal(ids(1400).length, 13);
  assert.ok(!ids(1100).includes('firstMs') && ids(1100).includes('pps'));
  assert.ok(!ids(900).includes('direction') && ids(900).includes('bitsPerSecond'));
});

test('numbers sort largest first, words from A', () => {
  assert.deepEqual([firstDescending('bytes'), firstDescending('source')], [true, false]);
});

test('a flow in words, with brackets where a port follows IPv6', () => {
  assert.equal(flowTitle(flow), 'TCP [fd00::1]:40000 → [fd00::2]:443');
  assert.equal(
    flowTitle({ ...flow, protocol: 'icmpv6', sourcePort: 0, destinationPort: 0 }),
    'ICMPv6 fd00::1 → fd00::2',
  );
  assert.equal(flagWords(0x12), 'SYN ACK');
  assert.match(flowText(flow), /^TCP .*\testablished\t3\t300\t1970-/);
});
