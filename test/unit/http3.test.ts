/** HTTP/3 beyond its sample: QPACK by the examples of RFC 9204 (appendix B), bodies that are too large to keep, streams that wait. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import '../../electron/session/platform.ts';
import { detail } from '../../electron/packets/dissect/detail.ts';
import { FieldQuery } from '../../electron/packets/dissect/fields.ts';
import { dissect } from '../../electron/packets/dissect/index.ts';
import { QpackTable } from '../../electron/packets/dissect/protocols/http3/qpack.ts';
import { QuicStream } from '../../electron/packets/dissect/protocols/quic/streams.ts';
import { Budget, budgetOf } from '../../electron/packets/dissect/tcp-payload.ts';
import { CaptureState } from '../../electron/packets/state/capture-state.ts';
import { Secrets } from '../../electron/packets/state/secrets.ts';
import { QuicTalk, stream, varint } from '../golden/quic-talk.ts';
import { raw } from '../golden/sample-parts.ts';

describe('QPACK by the examples of its document', () => {
  const said = (table: QpackTable, section: string) =>
    table.decode(raw(section)).fields.map(({ name, value }) => `${name}=${value}`);
  const table = new QpackTable();
  table.maxCapacity = 220;
  const instructions = (text: string) => {
    const bytes = raw(text);
    assert.equal(table.instructions(bytes), bytes.length);
  };

  test('a literal with a name of the static table', () => {
    assert.deepEqual(said(table, '0000 510b 2f69 6e64 6578 2e68 746d 6c'), [':path=/index.html']);
  });

  test('the dynamic table, referred to behind the base', () => {
    const blocked = table.decode(raw('0381 10 11')).blocked;
    assert.deepEqual(blocked, { needs: 2, has: 0 }, 'its entries have not come');
    instructions('3fbd01 c00f 7777 772e 6578 616d 706c 652e 636f 6d c10c 2f73 616d 706c 652f 7061 7468');
    assert.deepEqual(said(table, '0381 10 11'), [':authority=www.example.com', ':path=/sample/path']);
  });

  test('inserted by name, duplicated, referred to before the base', () => {
    instructions('4a63 7573 746f 6d2d 6b65 790c 6375 7374 6f6d 2d76 616c 7565');
    instructions('02');
    assert.deepEqual(said(table, '0500 80 c1 81'), [
      ':authority=www.example.com',
      ':path=/',
      'custom-key=custom-value',
    ]);
  });

  test('what is evicted is gone', () => {
    instructions('810d 6375 7374 6f6d 2d76 616c 7565 32');
    assert.equal(table.inserted, 5);
    assert.deepEqual(said(table, '0600 80'), ['custom-key=custom-value2']);
    assert.ok(table.decode(raw('0600 84')).broken, 'the oldest entry made room');
  });

  test('an instruction that is not whole waits', () => {
    const cut = raw('4a63 7573 746f');
    assert.equal(table.instructions(cut), 0);
    assert.equal(table.inserted, 5);
  });
});

describe('streams', () => {
  const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const text = (parts: readonly Uint8Array[]) => parts.map((part) => String.fromCharCode(...part)).join('');

  test('come in order once, whatever order and overlap they came in', () => {
    const budget = new Budget();
    const of = new QuicStream(0, budget);
    assert.equal(text(of.add(6, bytes('ghi'), true)), '');
    assert.equal(text(of.add(3, bytes('def'), false)), '');
    assert.equal(text(of.add(4, bytes('efg'), false)), '');
    assert.ok(budget.held > 0 && !of.ended);
    assert.equal(text(of.add(0, bytes('abcd'), false)), 'abcdefghi');
    assert.ok(of.ended);
    assert.equal(text(of.add(0, bytes('abcdefghi'), true)), '');
    assert.equal(budget.held, 0, 'nothing waits any more');
  });

  test('what waits is bounded', () => {
    const budget = new Budget();
    const of = new QuicStream(0, budget);
    for (let i = 1; i < 5000; i++) of.add(i * 10_000, new Uint8Array(9000), false);
    assert.ok(budget.held <= 1 << 20, `${budget.held} bytes`);
    of.forget();
    assert.equal(budget.held, 0);
  });
});

test('a body of one very large frame is shown as it comes and not kept', () => {
  const talk = new QuicTalk(50_460);
  talk.handshake([]);
  const head = Uint8Array.of(1, 3, 0, 0, 0xd9);
  const size = 3_000_000;
  const length = Uint8Array.of(0x80 | (size >>> 24), (size >>> 16) & 255, (size >>> 8) & 255, size & 255);
  const body = new Uint8Array(head.length + 1 + length.length + size).fill(97);
  body.set(head);
  body.set(Uint8Array.of(0), head.length);
  body.set(length, head.length + 1);
  for (let at = 0; at < body.length; at += 50_000)
    talk.send('server', talk.packet('server', 'application', stream(0, at, body.subarray(at, at + 50_000))));
  const after = Uint8Array.of(...varint(0x21), 1, 0);
  talk.send('server', talk.packet('server', 'application', stream(0, body.length, after, true)));
  const secrets = new Secrets();
  secrets.add(talk.log.join('\n'));
  const state = new CaptureState(0, undefined, secrets);
  const query = new FieldQuery(['http3.frame_type', 'http3.data']);
  let shown = 0;
  let held = 0;
  const types: string[] = [];
  for (const [row, packet] of talk.datagrams.entries()) {
    const d = dissect(packet, 1, packet.length, { number: row + 1, timeNs: row, state });
    const frame = { number: row + 1, epochNs: 1n, timeNs: 0, interfaceId: 0 };
    const [type, data] = query.values(d, frame);
    types.push(...type!);
    for (const value of data!) shown += value.length / 2;
    held = Math.max(held, budgetOf(d).held);
    assert.ok(detail(d, frame).length > 0);
  }
  assert.deepEqual(types, ['1', '0', String(0x21)]);
  assert.equal(shown, size);
  assert.ok(held < 1 << 20, `${held} bytes are kept`);
});
