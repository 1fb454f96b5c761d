/** The addon of lines over TCP: every word of the analysis, options, windows, connections that begin anew. Beside what one thread prints, byte for byte. */
import { test } from 'node:test';
import * as f from '../../electron/cli/demo/frames/index.ts';
import { says } from '../fixtures/said.ts';
import { TcpScript } from '../fixtures/tcp-script.ts';

const S = f.TCP_FLAG;
const MS = 1_000_000;
const opened = () => new TcpScript().open();
const OPEN = [
  '[SYN] Seq=0 Win=501 Len=0 MSS=1460 SACK_PERM TSval=1 TSecr=0 WS=128',
  '[SYN, ACK] Seq=0 Ack=1',
  '[ACK] Seq=1',
];
/** The same number with the same window: it repeats what was acknowledged. */
const dup = (script: TcpScript) => script.s('', { ackShift: -10 });

test('segments of no protocol: numbers, windows, flags', async () => {
  const script = opened()
    .c('hello')
    .s('world', { flags: S.ack })
    .c('!', { flags: S.ack | S.urg | S.ece | S.cwr | S.ae | S.psh })
    .c('', { flags: 0 })
    .c('', { flags: S.rst });
  await says(script, [
    ...OPEN,
    '40000 → 50080 [PSH, ACK] Seq=1 Ack=1 Win=64128 Len=5',
    '50080 → 40000 [ACK] Seq=1 Ack=6 Win=64128 Len=5',
    '[PSH, ACK, URG, ECE, CWR, AE] Seq=6 Ack=6 Win=64128 Urg=7 Len=1',
    '[<None>] Seq=7 Win=64128 Len=0',
    '[RST] Seq=7 Win=64128 Len=0',
  ]);
});

test('a connection without its beginning, and both ways to end', async () => {
  await says(new TcpScript().c('abc').s('def').close(), [
    'Seq=1 Ack=1 Win=501 Len=3',
    'Seq=1 Ack=4',
    '[FIN, ACK] Seq=4 Ack=4',
    '[FIN, ACK] Seq=4 Ack=5',
    '[ACK] Seq=5 Ack=5',
  ]);
  await says(opened().c('', { flags: S.rst | S.ack }), [...OPEN, '[RST, ACK] Seq=1 Ack=1']);
});

test('retransmission, out-of-order, spurious and fast retransmission', async () => {
  await says(
    opened()
      .c('0123456789')
      .c('0123456789', { shift: -10, gapNs: 300 * MS }),
    [...OPEN, 'Seq=1', '[TCP Retransmission] 40000 → 50080 [PSH, ACK] Seq=1'],
  );
  await says(opened().lost(0, 10).c('later', { gapNs: 0 }).c('0123456789', { shift: -15, gapNs: 100 }), [
    ...OPEN,
    '[TCP Previous segment not captured] 40000 → 50080 [PSH, ACK] Seq=11',
    '[TCP Out-Of-Order] 40000 → 50080 [PSH, ACK] Seq=1',
  ]);
  await says(opened().c('0123456789').s().c('0123456789', { shift: -10 }), [
    ...OPEN,
    'Seq=1',
    'Ack=11',
    '[TCP Spurious Retransmission] 40000 → 50080 [PSH, ACK] Seq=1',
  ]);
  const fast = opened().c('0123456789').c('0123456789');
  for (let i = 0; i < 3; i++) dup(fast);
  await says(fast.c('0123456789', { shift: -10, gapNs: MS }), [
    ...OPEN,
    'Seq=1',
    'Seq=11',
    'Ack=11',
    '[TCP Dup ACK 6#1] ',
    '[TCP Dup ACK 6#2] ',
    '[TCP Fast Retransmission] 40000 → 50080 [PSH, ACK] Seq=11',
  ]);
});

test('how late a segment is tells whether it was overtaken or sent again', async () => {
  const late = (gapNs: number) =>
    new TcpScript().c('ab').lost(0, 5).c('later', { gapNs: 0 }).c('12345', { shift: -10, gapNs });
  const found = async (gapNs: number, text: string) =>
    says(late(gapNs), ['Seq=1 ', '[TCP Previous segment not captured]', text]);
  await found(2_999_999, '[TCP Out-Of-Order]');
  await found(3_000_000, '[TCP Retransmission]');
  // A handshake tells how long the way is.
  const measured = (gapNs: number) => opened().lost(0, 5).c('later', { gapNs: 0 }).c('12345', { shift: -10, gapNs });
  await says(measured(1_999_999), [...OPEN, '[TCP Previous', '[TCP Out-Of-Order]']);
  await says(measured(2_000_000), [...OPEN, '[TCP Previous', '[TCP Retransmission]']);
});

test('an acknowledgment of what the capture lacks', async () => {
  await says(opened().s('', { ackShift: 100 }).s(), [...OPEN, '[TCP ACKed unseen segment] ', 'Ack=1 ']);
});

test('window update and window full', async () => {
  const script = opened()
    .c('', { window: 100 })
    .s('x'.repeat(12_800 - 1))
    .s('y');
  await says(script, [...OPEN, '[TCP Window Update] ', 'Len=12799', '[TCP Window Full] 50080 → 40000']);
});

test('keep-alive, with a byte and without, and the answer', async () => {
  await says(opened().c('a').s().c('', { shift: -1 }).s().c('a', { shift: -1 }).s(), [
    ...OPEN,
    'Len=1',
    'Ack=2',
    '[TCP Keep-Alive] 40000 → 50080 [ACK] Seq=1',
    '[TCP Keep-Alive ACK] ',
    '[TCP Keep-Alive] 40000 → 50080 [PSH, ACK] Seq=1',
    '[TCP Keep-Alive ACK] ',
  ]);
});

test('zero window, the probe and its answer', async () => {
  const script = opened().c('a').s('', { window: 0 }).c('b', { stays: true }).s('', { window: 0 }).s();
  await says(script, [
    ...OPEN,
    'Len=1',
    '[TCP ZeroWindow] 50080 → 40000',
    '[TCP ZeroWindowProbe] 40000 → 50080',
    '[TCP ZeroWindowProbeAck] [TCP ZeroWindow] ',
    '[TCP Window Update] ',
  ]);
});

test('windows are scaled only where both sides offered it', async () => {
  const syn = (scale?: number) =>
    f.concat(f.u32(0x02040400), ...(scale === undefined ? [] : [Uint8Array.of(3, 3, scale, 1)]));
  const opening = (client?: number, server?: number) =>
    new TcpScript()
      .c('', { flags: S.syn, options: syn(client) })
      .s('', { flags: S.syn | S.ack, options: syn(server) })
      .c('x');
  await says(opening(3, 9), [' MSS=1024 WS=8', ' WS=512', ' Win=4008 ']);
  await says(opening(3), [' WS=8', '[SYN, ACK]', ' Win=501 ']);
  await says(opening(undefined, 9), ['[SYN]', ' WS=512', ' Win=501 ']);
  await says(opening(200, 14), [' WS=16384', ' WS=16384', ` Win=${501 << 14} `]);
});

test('options of every kind, in any order, and what makes no sense', async () => {
  const options: [bytes: number[], text: string][] = [
    [[1, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8], ' TSval=9 TSecr=8'],
    [[8, 10, 0, 0, 0, 9, 0, 0, 0, 8, 1, 1], ' TSval=9 TSecr=8'],
    [[1, 1, 8, 10, 0, 0, 0, 9, 0, 0, 0, 8, 2, 4, 5, 180], ' TSval=9 TSecr=8 MSS=1460'],
    [[2, 4, 5, 180, 4, 2, 3, 3, 15], ' MSS=1460 SACK_PERM WS=16384'],
    [[1, 1, 5, 10, ...[0, 0, 19, 137], ...[0, 0, 19, 138]], ' SLE=1 SRE=2'],
    [
      [5, 18, ...[0, 0, 19, 137], ...[0, 0, 19, 138], ...[0, 0, 19, 140], ...[0, 0, 19, 141]],
      ' SLE=1 SRE=2 SLE=4 SRE=5',
    ],
    [[5, 13, ...[0, 0, 19, 137], ...[0, 0, 19, 138], 1, 2, 3], ' SLE=1 SRE=2'],
    [[254, 6, 1, 2, 3, 4, 4, 2], ' SACK_PERM'],
    [[19, 18, ...new Array(16).fill(7), 2, 4, 1, 0], ' MSS=256'],
    [[2, 3, 1, 4, 2], ' SACK_PERM'],
    [[3, 4, 1, 1, 4, 3, 0], ''],
    [[2, 0, 4, 2], ''],
    [[2, 1, 4, 2], ''],
    [[4, 2, 8, 40, 1], ' SACK_PERM'],
    [[0, 4, 2], ''],
    [[1, 1, 1, 8], ''],
  ];
  for (const [bytes, text] of options) {
    const script = opened().c('x', { options: Uint8Array.from(bytes) });
    await says(script, [...OPEN, { ends: `Len=1${text}` }]);
    const syn = new TcpScript()
      .c('', { flags: S.syn, options: Uint8Array.from(bytes) })
      .s('', { flags: S.syn | S.ack, options: Uint8Array.of(3, 3, 2) });
    await says(syn.c('y').s('z'), ['[SYN]', ' WS=4', 'Len=1', 'Len=1']);
  }
});

test('a SYN that comes again, and one on the same ports, are for the thread, with all that was before', async () => {
  const again = new TcpScript()
    .c('', { flags: S.syn })
    .c('', { flags: S.syn, shift: -1, gapNs: 1000 * MS })
    .s('', { flags: S.syn | S.ack })
    .c();
  await says(again, [
    '[SYN]',
    { left: '[TCP Retransmission] 40000 → 50080 [SYN]' },
    { left: '[SYN, ACK]' },
    { left: '[ACK]' },
  ]);
  const reused = opened()
    .c('x')
    .close()
    .lost(0, 5000)
    .c('', { flags: S.syn })
    .s('', { flags: S.syn | S.ack })
    .c('x');
  await says(reused, [
    ...OPEN,
    ...['Len=1', '[FIN, ACK]', '[FIN, ACK]', '[ACK]'],
    { left: '[TCP Port numbers reused] 40000 → 50080 [SYN] Seq=0' },
    { left: '[SYN, ACK]' },
    { left: 'Seq=1 Ack=1' },
  ]);
});

test('numbers wrap, and both sides may have one address and one port', async () => {
  const wraps = new TcpScript()
    .lost(0, 2 ** 32 - 1003)
    .open()
    .c('0123456789')
    .c('0')
    .s();
  await says(wraps, [...OPEN, 'Seq=1 ', 'Seq=11 ', 'Ack=12 ']);
  const self = new TcpScript(50_080, { client: 50_080, hosts: ['127.0.0.1', '127.0.0.1'] }).c('abc').c('def').s('x');
  await says(self, ['50080 → 50080', 'Len=3', 'Len=1']);
});
