/** Pure logic of the Monitor and the trace log: rates, names of interfaces, alarms; lines of old and new kernels, decoded numbers, bounded memory. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MonitorAlarms } from '../../electron/session/workbench/monitor-alarms.ts';
import { devicePair } from '../../electron/session/workbench/monitor-devices.ts';
import { MonitorMeter } from '../../electron/session/workbench/monitor-meter.ts';
import { readingOf } from '../../electron/session/workbench/monitor-reading.ts';
import { errorName, redirectWords } from '../../electron/session/workbench/monitor-words.ts';
import { TraceLog } from '../../electron/session/workbench/trace.ts';
import { decodeTrace } from '../../electron/session/workbench/trace-decode.ts';
import { parseTraceLine } from '../../electron/session/workbench/trace-line.ts';
import { bulkAverage } from '../../electron/shared/monitor-api.ts';
import type { MonitorCounts } from '../../electron/shared/workbench.ts';

const counts = (seconds: number, more: Partial<MonitorCounts> = {}): MonitorCounts => ({
  clockNs: String(1_000_000_000_000n + BigInt(Math.round(seconds * 1e9))),
  redirect: [],
  exceptions: [],
  cpumapEnqueue: [],
  cpumapKthread: [],
  devmap: [],
  drops: [],
  execs: 0,
  missing: [],
  ...more,
});

describe('rates', () => {
  test('over the exact period, summed over the CPUs and of each', () => {
    const meter = new MonitorMeter();
    const redirects = (a: number, b: number) => [
      { cpu: 1, error: 0, count: b },
      { cpu: 0, error: 0, count: a },
    ];
    const first = meter.take(counts(0, { redirect: redirects(5, 5) }));
    assert.deepEqual([first.periodNs, first.redirect[0]!.figures.count], [0, { total: 10, perSecond: 0 }]);
    const { periodNs, redirect } = meter.take(counts(2.5, { redirect: redirects(10, 25) }));
    assert.equal(periodNs, 2_500_000_000);
    assert.deepEqual(redirect[0]!.figures.count, { total: 35, perSecond: 10 });
    assert.deepEqual(
      redirect[0]!.perCpu.map(({ cpu, figures }) => [cpu, figures.count.perSecond]),
      [
        [0, 2],
        [1, 8],
      ],
    );
  });

  test('a counter that began anew counts from zero, and its total does not fall', () => {
    const meter = new MonitorMeter();
    const drop = (count: number) => ({
      drops: [{ reason: 3, reasonName: 'NO_SOCKET', place: 'x', protocol: 2048, count }],
    });
    meter.take(counts(0, drop(100)));
    assert.deepEqual(meter.take(counts(1, drop(30))).drops[0]!.figures.count, { total: 130, perSecond: 30 });
    assert.deepEqual(meter.take(counts(2)).drops, []);
  });

  test('the average of a batch is of the last period, and there is none without batches', () => {
    assert.equal(bulkAverage({ total: 900, perSecond: 80 }, { total: 9, perSecond: 10 }), 8);
    assert.equal(bulkAverage({ total: 900, perSecond: 0 }, { total: 9, perSecond: 0 }), undefined);
  });
});

describe('words', () => {
  test('errors have names and meanings; those that nobody knows stay numbers', () => {
    assert.deepEqual([6, 28, 100, 200].map(errorName), ['ENXIO', 'ENOSPC', 'ENETDOWN', 'error 200']);
    assert.match(redirectWords('ENXIO').hint, /peer of a veth/);
    assert.match(redirectWords('error 200').meaning, /driver/);
  });

  test('both ends of a pair are looked for in one namespace; what fits several says so, what fits none too', () => {
    const known = [
      { ifindex: 2, ifname: 'eth0' },
      { ifindex: 2, ifname: 'veth0', netns: 'blue' },
      { ifindex: 9, ifname: 'veth9', netns: 'blue' },
    ];
    assert.deepEqual(
      devicePair(2, 9, known).map(({ text }) => text),
      ['veth0 (netns blue)', 'veth9 (netns blue)'],
    );
    assert.deepEqual(
      devicePair(2, 77, known).map(({ text }) => text),
      ['eth0 or veth0 (netns blue)', '#77 (namespace unknown)'],
    );
  });
});

test('alarms say since when, are over after ten quiet seconds, and ordinary drops are none', () => {
  const meter = new MonitorMeter();
  const alarms = new MonitorAlarms();
  const at = (seconds: number, aborted: number, closed: number) => {
    const taken = meter.take(
      counts(seconds, {
        exceptions: [{ cpu: 0, action: 0, count: aborted }],
        drops: [
          { reason: 9, reasonName: 'SOCKET_CLOSE', place: 'unix_release_sock+0x1', protocol: 0, count: closed },
          { reason: 5, reasonName: 'UDP_CSUM', place: 'udp', protocol: 2048, count: closed },
        ],
      }),
    );
    alarms.take(readingOf(taken, 0, []));
    return alarms.list(taken.readMs).map(({ text, active, sinceMs }) => [text, active, (sinceMs - 1e6) / 1000]);
  };
  assert.deepEqual(at(0, 50, 0), [], 'the first reading has no rates');
  assert.deepEqual(at(1, 50, 5), [], 'a few drops are no alarm');
  assert.deepEqual(at(2, 62, 105), [
    ['XDP exceptions ABORTED: 12/s', true, 2],
    ['The stack drops packets, UDP_CSUM: 100/s', true, 2],
  ]);
  assert.deepEqual(at(4, 63, 105)[0], ['XDP exceptions ABORTED: 0.5/s', true, 2]);
  assert.deepEqual(at(20, 63, 105)[0], ['XDP exceptions ABORTED: 0.5/s', false, 2]);
  assert.deepEqual(at(21, 99, 105)[0], ['XDP exceptions ABORTED: 36/s', true, 21]);
});

describe('trace lines', () => {
  const parsed = (line: string) => {
    const { task, pid, cpu, flags, timeS, function: name, text } = parseTraceLine(line, 0);
    return [task, pid, cpu, flags, timeS, name, text];
  };
  test('of new kernels, of old ones, with the thread group, without flags', () => {
    const want = ['ping', 4711, 1, 'b.s31', 1234.56789, 'bpf_trace_printk', 'hello: 1'];
    assert.deepEqual(parsed('            ping-4711    [001] b.s31  1234.567890: bpf_trace_printk: hello: 1'), want);
    const old = ['ping', 4711, 1, 'd.s3', 1234.56789, 'bpf_trace_printk', 'hello: 1'];
    assert.deepEqual(parsed('            ping-4711  [001] d.s3  1234.567890: 0x00000001: hello: 1'), old);
    assert.deepEqual(parsed('            ping-4711  [001] d.s3  1234.567890: 0: hello: 1'), old);
    assert.deepEqual(
      parsed('            ping-4711    (   4711) [001] b.s31  1234.567890: bpf_trace_printk: hello: 1'),
      want,
    );
    assert.deepEqual(parsed('ping-4711    [001] b.s31  1234.567890: bpf_trace_printk: hello: 1'), want, 'cut blanks');
    assert.equal(parsed('            ping-4711    [001]  12.5: net_dev_xmit: dev=lo len=98')[5], 'net_dev_xmit');
    assert.deepEqual(parsed('          <idle>-0       [000] ..s2.   1.000001: bpf_trace_printk: x').slice(0, 2), [
      '<idle>',
      0,
    ]);
  });

  test('a task that is named like a line, a message of several lines, and what is no line at all', () => {
    assert.deepEqual(parsed('  a-1 [009] x 1:-77      [000] d..2.   3.000000: bpf_trace_printk: b').slice(0, 3), [
      'a-1 [009] x 1:',
      77,
      0,
    ]);
    assert.deepEqual(parsed('second line of it'), ['', 0, 0, '', 0, '', 'second line of it']);
    assert.deepEqual(parsed(''), ['', 0, 0, '', 0, '', '']);
  });
});

describe('decoding', () => {
  test('Ethernet addresses, protocols and IPv4 addresses, by the word before the number', () => {
    const mac = BigInt(`0x${'02:77:00:00:00:01'.split(':').reverse().join('')}`);
    assert.equal(
      decodeTrace(`src: ${mac}, dst: ${mac}, proto: 2048`),
      'src: 02:77:00:00:00:01, dst: 02:77:00:00:00:01, proto: IPv4 (0x0800)',
    );
    assert.equal(decodeTrace('dst: 281474976710655 proto: 34525'), 'dst: ff:ff:ff:ff:ff:ff proto: IPv6 (0x86dd)');
    assert.equal(decodeTrace('hello pkt ipv4: 16846858'), 'hello pkt ipv4: 10.16.1.1');
    assert.equal(decodeTrace('saddr=0x0101100a proto=17'), 'saddr=10.16.1.1 proto=UDP (17)');
    assert.equal(decodeTrace('proto: 8'), 'proto: EGP (8)');
    assert.match(
      decodeTrace(`src: ${mac}, proto: 8`),
      /proto: IPv4 \(0x0800\)$/,
      'an h_proto in the order of the wire',
    );
    assert.match(decodeTrace('h_proto: 1, proto: 56710'), /proto: IPv6 \(0x86dd\)$/);
  });
  test('numbers that are something else stay as they are', () => {
    for (const text of [
      'len: 2048',
      'src: 5 dst: 7',
      'proto: 9999999',
      'src: 10.0.0.1:80',
      'ip: 281474976710656000',
      'proto: 2048th',
      'src: 0xfffffffffffffffff',
      '',
    ])
      assert.equal(decodeTrace(text), text);
  });
});

describe('the log', () => {
  const line = (text: string) => `            ping-4711    [001] b.s31  1.000000: bpf_trace_printk: ${text}`;
  const texts = (log: TraceLog, ...at: Parameters<TraceLog['window']>) =>
    log.window(...at).lines.map(({ text }) => text);

  test('is searched in any case as it grows, and stands still at a line', () => {
    const log = new TraceLog();
    log.add([line('one A'), '', line('two'), line('three a')], 0);
    assert.deepEqual(texts(log, 0, 10, 'A'), ['one A', 'three a']);
    log.add([line('four A')], 2);
    assert.deepEqual(texts(log, -1, 2, 'a'), ['three a', 'four A']);
    const paused = log.window(-1, 10, 'a', 3);
    assert.deepEqual([paused.matching, paused.newer, log.lost], [2, 1, 2]);
    assert.deepEqual(texts(log, 0, 10, 'PING-4711').length, 4);
  });

  test('lets its oldest lines go and counts them', () => {
    const log = new TraceLog();
    for (let i = 0; i < 60; i++)
      log.add(
        Array.from({ length: 1000 }, (_, n) => line(`${i * 1000 + n}`)),
        0,
      );
    assert.equal(log.total, 60_000);
    const { matching } = log.window(0, 0);
    assert.ok(matching <= 50_000 && matching > 40_000);
    assert.equal(matching + log.forgotten, 60_000);
    assert.deepEqual(texts(log, -1, 1), ['59999']);
    const long = new TraceLog();
    for (let i = 0; i < 100; i++) long.add([line('x'.repeat(1 << 20))], 0);
    assert.ok(long.window(0, 0).matching <= 16, '16 MiB of text at most');
  });
});
