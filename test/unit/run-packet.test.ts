/** What a run is told with: hexadecimal text read as people write it, verdicts by name, fields that changed, lines of one thread, cases. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { packetChanges } from '../../electron/packets/bpf/packet-changes.ts';
import { verdictOf, verdictValue } from '../../electron/packets/bpf/verdicts.ts';
import { printedBy } from '../../electron/session/workbench/run-printed.ts';
import { bytesToHex, HexError, hexToBytes } from '../../electron/shared/hex-text.ts';
import { caseText, readCase } from '../../electron/shared/run-case.ts';
import { echoFrame, replyTo } from '../netns/lib/echo-frames.ts';

const A = { mac: '02:77:00:00:00:01', ipv4: '10.77.0.1', ipv6: 'fd77::1' };
const B = { mac: '02:77:00:00:00:02', ipv4: '10.77.0.2', ipv6: 'fd77::2' };

describe('hexadecimal text', () => {
  test('digits with anything that people put between them', () => {
    for (const text of [
      '0a0b0c',
      '0A 0b\n0c',
      '0a:0b:0c',
      '0x0a, 0x0b, 0x0c',
      '\\x0a\\x0b\\x0c',
      '0a0b # two\n0c // one',
    ])
      assert.equal(bytesToHex(hexToBytes(text)), '0a0b0c', text);
    assert.equal(hexToBytes('').length, 0);
  });

  test('dumps of xxd, hexdump -C, tshark -x: offsets and characters are no bytes', () => {
    const bytes = '000102030405060708090a0b0c0d0e0f4142';
    for (const dump of [
      '00000000: 0001 0203 0405 0607 0809 0a0b 0c0d 0e0f  ................\n00000010: 4142                                     AB\n',
      '00000000  00 01 02 03 04 05 06 07  08 09 0a 0b 0c 0d 0e 0f  |................|\n00000010  41 42                                             |AB|\n00000012\n',
      '0000  00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f   ................\n0010  41 42                                             AB\n',
    ])
      assert.equal(bytesToHex(hexToBytes(dump)), bytes, dump);
  });

  test('what is none is said with its place', () => {
    const refused = (text: string, message: RegExp) => {
      assert.throws(
        () => hexToBytes(text),
        (error: Error) => error instanceof HexError && message.test(error.message),
      );
    };
    refused('0a 0g', /"g" is no hexadecimal digit/);
    refused('0a\nxx', /"x" in line 2/);
    refused('0a 0', /3 digits: the last byte is half/);
  });
});

test('verdicts by type, and back', () => {
  assert.deepEqual(verdictOf('xdp', 3, 98), { name: 'XDP_TX', fate: 'tx' });
  assert.deepEqual(verdictOf('xdp', 77, 98), { name: '77', fate: 'other' });
  assert.deepEqual(verdictOf('sched_cls', 0xffffffff, 98), { name: 'TC_ACT_UNSPEC', fate: 'pass' });
  assert.deepEqual(verdictOf('sched_cls', 7, 98), { name: 'TC_ACT_REDIRECT', fate: 'redirect' });
  assert.deepEqual(verdictOf('socket_filter', 0, 98), { name: 'dropped', fate: 'drop' });
  assert.deepEqual(verdictOf('socket_filter', 0xffff, 98), { name: '98 of 98 bytes let through', fate: 'pass' });
  for (const [type, text, value] of [
    ['xdp', 'XDP_TX', 3],
    ['xdp', 'drop', 1],
    ['sched_cls', 'unspec', 0xffffffff],
    ['sched_cls', 'TC_ACT_SHOT', 2],
    ['sched_cls', '-1', 0xffffffff],
    ['socket_filter', '20', 20],
    ['xdp', 'TC_ACT_OK', undefined],
    ['xdp', 'perhaps', undefined],
  ] as const)
    assert.equal(verdictValue(type, text), value, `${type} ${text}`);
});

test('changed fields: by name, with both values and their bytes; none of what is the same', () => {
  const changes = packetChanges(echoFrame(A, B), replyTo(A, B));
  assert.deepEqual(
    changes.map(({ field }) => field),
    ['eth.dst', 'eth.src', 'ip.src', 'ip.dst', 'icmp.type', 'icmp.checksum'],
  );
  assert.deepEqual(changes[4], {
    field: 'icmp.type',
    label: 'Type',
    before: '8 (Echo (ping) request)',
    after: '0 (Echo (ping) reply)',
    beforeAt: [34, 1],
    afterAt: [34, 1],
  });
  assert.deepEqual(packetChanges(echoFrame(A, B), echoFrame(A, B)), []);
  const tagged = packetChanges(echoFrame(A, B), echoFrame(A, B, { tags: [{ id: 5 }] }));
  const id = tagged.find(({ field }) => field === 'vlan.id');
  assert.deepEqual([id?.before, id?.after, id?.afterAt], [undefined, '5', [14, 2]]);
});

test('printed lines: those of one thread, whatever the kernel writes in front', () => {
  const lines = [
    '            node-1234    [001] b..21   123.456789: bpf_trace_printk: length 72',
    '            node-12345   [001] b..21   123.456790: bpf_trace_printk: another',
    '           <...>-1234    [000] ....1  1123.456789: bpf_trace_printk: a: b',
    '  odd name-1-1234    (1200) [000] d..31  1123.456789: 0x00000001: old kernels',
    'CPU:1 [LOST 12 EVENTS]',
  ];
  assert.deepEqual(printedBy(lines, 1234), ['length 72', 'a: b', 'old kernels']);
});

test('cases: written and read, and nothing else taken', () => {
  const one = { program: 'icmp_echo', packet: '00', verdict: 'XDP_TX', out: '01', mask: 'ff', set: ['a=1'] };
  assert.deepEqual(readCase(caseText(one)), one);
  const inFile = { program: './a.o:main', packet: { file: 'a.pcapng', number: 3 }, verdict: '2' };
  assert.deepEqual(readCase(JSON.stringify({ ...inFile, verdict: 2 })), inFile);
  for (const wrong of [
    { ...one, more: 1 },
    { ...one, program: '' },
    { ...one, packet: 1 },
    { ...one, verdict: -2 },
    {},
  ])
    assert.throws(() => readCase(JSON.stringify(wrong)), { code: 'USAGE' }, JSON.stringify(wrong));
  assert.throws(() => readCase('{'), SyntaxError);
});
