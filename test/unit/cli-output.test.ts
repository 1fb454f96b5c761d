/** What the command line prints: harmless to a terminal, exact in its numbers, the same layout as tshark where it has one. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { captureTargets } from '../../electron/cli/capture/targets.ts';
import { hexDump } from '../../electron/cli/output/hex-dump.ts';
import { jsonLine } from '../../electron/cli/output/json-line.ts';
import { printable } from '../../electron/cli/output/printable.ts';
import { summaryLines } from '../../electron/cli/output/summary.ts';
import { textTable } from '../../electron/cli/output/table.ts';
import { bitRate, byteCount, grouped, plural } from '../../electron/cli/output/units.ts';
import { nativeWindow, type Surroundings } from '../../electron/cli/window/electron.ts';
import { wholeBlocks } from '../../electron/session/files/blocks.ts';
import { ZERO_COUNTERS } from '../../electron/shared/capture.ts';

describe('text from packets', () => {
  const corpus = [
    '\u001b]0;title\u0007',
    '\u001b[2J\u001b[H',
    '\u009b31m',
    'a\rb\nc\td',
    '\u202egnp.exe',
    '\u2066x\u2069',
    'zero\u200bwidth\ufeff',
    '\u{e0041}tag',
    'lone \ud800 surrogate',
    '\u0000\u0008\u007f\u0085\u2028\u2029',
  ];
  const harmful =
    /[\u0000-\u001f\u007f-\u009f\u200b\u202e\u2028\u2029\u2066\u2069\ufeff]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/u;

  test('never carries a terminal escape, a line break or a change of direction', () => {
    for (const text of corpus) assert.doesNotMatch(printable(text), harmful);
    assert.equal(printable('\u001b[31m'), '\\x1b[31m');
    assert.equal(printable('a\r\n\tb'), 'a\\r\\n\\tb');
    assert.equal(printable('\u202e'), '\\u{202e}');
    assert.equal(printable('grüße → 10.0.0.1 ≤64 日本'), 'grüße → 10.0.0.1 ≤64 日本');
  });

  test('nor does JSON, which still means the same', () => {
    for (const text of corpus) {
      const line = jsonLine({ text });
      assert.doesNotMatch(line.slice(0, -1), harmful);
      assert.equal(JSON.parse(line).text, text);
    }
  });

  test('nor does a table', () => {
    const columns = [{ title: 'NAME' }, { title: 'PACKETS', right: true }];
    const rows = [
      ['\u001b[1m', '1'],
      ['', '23'],
    ];
    assert.equal(textTable(columns, rows), 'NAME     PACKETS\n\\x1b[1m        1\n-             23\n');
  });
});

test('hex dump rows are tshark -x rows', () => {
  const bytes = Uint8Array.from({ length: 20 }, (_, at) => at + 0x30);
  assert.equal(
    hexDump(bytes),
    '0000  30 31 32 33 34 35 36 37 38 39 3a 3b 3c 3d 3e 3f   0123456789:;<=>?\n0010  40 41 42 43                                       @ABC\n',
  );
  assert.equal(hexDump(new Uint8Array(0)), '');
});

test('numbers for people', () => {
  assert.equal(grouped(1234567), '1,234,567');
  assert.equal(grouped(999), '999');
  assert.equal(plural(1, 'packet'), '1 packet');
  assert.equal(plural(1000, 'packet'), '1,000 packets');
  assert.equal(byteCount(0), '0 B');
  assert.equal(byteCount(999), '999 B');
  assert.equal(byteCount(1536), '1.54 kB');
  assert.equal(byteCount(99_960), '100 kB');
  assert.equal(byteCount(999_999), '1.00 MB');
  assert.equal(bitRate(12_345_678), '12.3 Mbit/s');
});

test('the summary tells packets from bytes and names each hop that lost some', () => {
  const counters = {
    ...ZERO_COUNTERS,
    matchedPackets: 1010,
    matchedBytes: 101_000,
    capturedPackets: 1000,
    capturedBytes: 100_000,
  };
  assert.equal(
    summaryLines(counters, { durationMs: 2500 }),
    '1,000 packets (100 kB) captured in 2.500 s\n1,010 packets (101 kB) seen by the kernel program\n0 packets lost\n',
  );
  assert.match(
    summaryLines({ ...counters, lostKernel: 7, lostPipe: 2, lostStore: 1 }, { durationMs: 1000 }),
    /lost: 7 packets \(kernel buffer full\), 2 packets \(reader too slow\), 1 packet \(file could not take them\)\n$/,
  );
});

test('interfaces and hooks become targets, within what the privileged process takes', () => {
  const where = { interface: ['a'], netns: undefined, hook: [], mode: undefined };
  assert.deepEqual(captureTargets(where), [{ ifname: 'a', hook: 'xdp' }]);
  assert.deepEqual(captureTargets({ ...where, netns: 'n', mode: 'native' }), [
    { ifname: 'a', netns: 'n', hook: 'xdp', mode: 'native' },
  ]);
  assert.deepEqual(captureTargets({ ...where, interface: ['a', 'b'], hook: ['tc-ingress', 'tc-egress'] }), [
    { ifname: 'a', hook: 'tc-ingress' },
    { ifname: 'a', hook: 'tc-egress' },
    { ifname: 'b', hook: 'tc-ingress' },
    { ifname: 'b', hook: 'tc-egress' },
  ]);
  assert.deepEqual(
    captureTargets({ ...where, interface: ['a@blue', 'b'], netns: 'red', hook: ['tc'], order: 'last' }),
    [
      { ifname: 'a', netns: 'blue', hook: 'tc-ingress', order: 'last' },
      { ifname: 'a', netns: 'blue', hook: 'tc-egress', order: 'last' },
      { ifname: 'b', netns: 'red', hook: 'tc-ingress', order: 'last' },
      { ifname: 'b', netns: 'red', hook: 'tc-egress', order: 'last' },
    ],
  );
  assert.deepEqual(captureTargets({ ...where, hook: ['observe'], program: 'nat' }), [
    { ifname: 'a', hook: 'observe', program: 'nat' },
  ]);
  assert.throws(() => captureTargets({ ...where, order: 'first' }), { code: 'USAGE' });
  assert.throws(() => captureTargets({ ...where, program: 'nat' }), { code: 'USAGE' });
  assert.throws(() => captureTargets({ ...where, hook: ['tc-egress'], mode: 'native' }), { code: 'USAGE' });
  assert.throws(() => captureTargets({ ...where, interface: ['a', 'a'] }), { code: 'USAGE' });
  assert.throws(() => captureTargets({ ...where, interface: [...'abcdefghi'] }), { code: 'USAGE' });
});

test('wire bytes of blocks, stopping at what cannot be', () => {
  const block = Buffer.alloc(36);
  block.writeUInt32LE(6, 0);
  block.writeUInt32LE(36, 4);
  block.writeUInt32LE(1500, 24);
  const other = Buffer.alloc(16);
  other.writeUInt32LE(5, 0);
  other.writeUInt32LE(16, 4);
  assert.equal(wholeBlocks(Buffer.concat([block, other, block])).wireBytes, 3000);
  const first = wholeBlocks(Buffer.concat([block, other, block]), undefined, undefined, 1500);
  assert.deepEqual(first, { bytes: 52, packets: 1, wireBytes: 1500 }, 'ends before the packet behind the limit');
  const broken = Buffer.alloc(64);
  broken.writeUInt32LE(1, 4);
  assert.equal(wholeBlocks(broken).wireBytes, 0);
});

describe('the native window', () => {
  const passwd = 'root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000:Ann:/home/ann:/bin/bash\n';
  const around = (more: Partial<Surroundings>): Surroundings => ({
    env: { DISPLAY: ':0' },
    uid: 1000,
    here: '/opt/xdpeek/resources/dist/cli/chunks',
    isExecutable: () => true,
    passwd: () => passwd,
    ...more,
  });

  test("is the package's own binary, or the checkout's", () => {
    assert.deepEqual(nativeWindow(around({})), { file: '/opt/xdpeek/xdpeek', args: [], env: { DISPLAY: ':0' } });
    assert.deepEqual(nativeWindow(around({ here: '/src/xdpeek/dist/cli' })), {
      file: '/src/xdpeek/node_modules/electron/dist/electron',
      args: ['/src/xdpeek'],
      env: { DISPLAY: ':0' },
    });
  });

  test('needs a display, a binary, and somebody who is not root', () => {
    assert.deepEqual(nativeWindow(around({ env: {} })), { why: 'there is no display' });
    assert.deepEqual(nativeWindow(around({ isExecutable: () => false })), { why: "Electron's binary is not here" });
    assert.deepEqual(nativeWindow(around({ uid: 0 })), { why: 'a window never runs as root' });
  });

  test('runs as who called sudo or pkexec, if that is a known user and not root', () => {
    const window = nativeWindow(around({ uid: 0, env: { DISPLAY: ':0', SUDO_UID: '1000' } }));
    assert.ok(!('why' in window));
    assert.deepEqual(window.user && { uid: window.user.uid, gid: window.user.gid }, { uid: 1000, gid: 1000 });
    assert.equal(window.env['HOME'], '/home/ann');
    for (const claim of ['0', '', '-1', '1001', '1000x', '99999999999'])
      assert.deepEqual(nativeWindow(around({ uid: 0, env: { DISPLAY: ':0', PKEXEC_UID: claim } })), {
        why: 'a window never runs as root',
      });
  });
});
