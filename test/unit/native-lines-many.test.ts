/** The addon of lines where there is a great deal: tables that grow and forget, more to leave out than it keeps in mind; and callers who ask for what cannot be. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import * as f from '../../electron/cli/demo/frames/index.ts';
import { linesAddon, type Printed, sameBothWays } from '../fixtures/both-ways.ts';
import { captureOf, inFrame, TcpScript } from '../fixtures/tcp-script.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'xdpeek-lines-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = path.join(folder, 'capture');

const MOST = 100_000;
const RECORD = 16;
const [FROM, PORT] = [14 + 12, 14 + 20];

/** The same frame so often, in a capture's records, each changed in its own way. */
function many(frame: Uint8Array, count: number, change: (view: DataView, i: number) => void): Uint8Array {
  const capture = captureOf([{ bytes: frame, gapNs: 0 }]);
  const record = capture.subarray(-frame.length - RECORD);
  const all = new Uint8Array(count * record.length);
  for (let i = 0; i < count; i++) {
    all.set(record, i * record.length);
    change(new DataView(all.buffer, i * record.length + RECORD, frame.length), i);
  }
  return all;
}

const head = captureOf([]);
const segment = (sequence: number) =>
  inFrame(
    { source: '10.0.0.1', destination: '192.0.2.1' },
    6,
    f.tcp(
      { source: '10.0.0.1', destination: '192.0.2.1' },
      { sourcePort: 20_000, destinationPort: 50_080, flags: 16, sequence },
      f.ascii('x'),
    ),
  );
/** A connection of its own for each number. */
const connections = (sequence: number, count: number) =>
  many(segment(sequence), count, (view, i) => {
    view.setUint8(FROM + 2, i >> 14);
    view.setUint16(PORT, 20_000 + (i & 0x3fff));
  });
const ways = { piece: 1 << 20 };
const left = ({ here }: Printed) => here.filter((isHere) => !isHere).length;

test('thousands of conversations at once', async () => {
  const capture = Buffer.concat([head, connections(1000, 9000), connections(1001, 9000)]);
  const printed = await sameBothWays(file, capture, ways);
  assert.equal(left(printed), 0);
  assert.ok(printed.lines[17_999]!.includes('Seq=2 '));
});

test('of more conversations than are kept those that began first begin again', async () => {
  const capture = Buffer.concat([head, connections(1000, MOST + 300), connections(1001, 500)]);
  const printed = await sameBothWays(file, capture, ways);
  assert.equal(left(printed), 0);
  // Each that begins again takes the place of another: none is left that is known.
  assert.ok(printed.lines[MOST + 300]!.includes('Seq=1 ') && printed.lines[MOST + 799]!.includes('Seq=1 '));
});

test('more pairs, and more datagrams, to leave out than are kept in mind: threads have all from there on', async () => {
  const talk = new TcpScript().open().c('x');
  const before = captureOf(talk.frames).subarray(head.length);
  const behind = captureOf(talk.c('y').s().frames.slice(4)).subarray(head.length);
  const fragment = f.ipv4(
    { source: '10.1.0.0', destination: '192.0.2.1', protocol: 6, fragmentOffset: 800 },
    f.pattern(8),
  );
  const inEthernet = f.ethernet(
    { source: '02:00:00:00:00:0a', destination: '02:00:00:00:00:0b', type: 0x0800 },
    fragment,
  );
  const pairs = many(inEthernet, MOST + 1, (view, i) => view.setUint32(FROM, 0x0a01_0000 + i));
  const ends = { source: '10.1.0.1', destination: '192.0.2.1' };
  const request = f.concat(f.u16(1), f.u16(0), f.u32(0x2112a442), f.pattern(12));
  const stun = inFrame(ends, 17, f.udp(ends, { sourcePort: 20_000, destinationPort: 50_080 }, request));
  const datagrams = many(stun, MOST + 1, (view, i) => {
    view.setUint32(FROM, 0x0a02_0000 + (i >> 14));
    view.setUint16(PORT, 20_000 + (i & 0x3fff));
  });
  for (const records of [pairs, datagrams]) {
    const printed = await sameBothWays(file, Buffer.concat([head, before, records, behind]), ways);
    assert.deepEqual([printed.again, left(printed)], [false, MOST + 3]);
    assert.ok(printed.lines.at(-2)!.includes('Seq=2 Ack=1 Win=64128'));
  }
});

const addon = linesAddon ?? path.resolve(import.meta.dirname, '../../dist/native/xdpeek-lines.node');
const { LineWriter } = createRequire(import.meta.url)(addon);
const ports = () => new Uint8Array(65_536);
const piece = (more: object = {}) => ({
  bytes: segment(1),
  rows: Float64Array.of(0, 55, 55, 0, 0, 0, 0),
  shards: new Uint8Array(1),
  offset: 0,
  packets: 1,
  before: 0,
  linkType: 1,
  ...more,
});

test('what cannot be is refused, and told', async () => {
  assert.throws(() => new LineWriter(ports(), ports()), /needs \(tcpPorts, udpPorts, marks\)/);
  assert.throws(() => new LineWriter(new Uint8Array(9), ports(), []), /65536/);
  assert.throws(() => new LineWriter(ports(), new Uint16Array(65_536), []), TypeError);
  const writer = new LineWriter(ports(), ports(), ['      ']);
  const text = new Uint8Array(1 << 20);
  const ends = new Uint32Array(1);
  assert.throws(() => writer.write(undefined, text, ends), TypeError);
  assert.throws(() => writer.write(piece({ rows: [] }), text, ends), TypeError);
  assert.throws(() => writer.write(piece(), new Float64Array(9), ends), TypeError);
  for (const more of [{ packets: 2 }, { packets: -1 }, { rows: new Float64Array(6) }])
    assert.throws(() => writer.write(piece(more), text, ends), RangeError);
  // Rows that lead outside the bytes are nothing that a reader finds.
  for (const row of [
    [50, 6],
    [0, 1e9],
    [-1, 55],
    [Number.NaN, 55],
    [1e300, 1],
    [0, -1],
  ]) {
    const rows = Float64Array.of(row[0]!, row[1]!, 55, 0, 0, 0, 0);
    assert.equal((await writer.write(piece({ rows }), text, ends)).printed, 0);
  }
  const written = writer.write(piece(), text, ends);
  assert.throws(() => writer.handOver(), /under way/);
  assert.equal((await written).printed, 1);
  assert.equal(Buffer.from(text.subarray(0, 18)).toString(), '    1 0.000000000 ');
  assert.deepEqual([...writer.handOver()].slice(0, 5), [0, 1, 0, 55, 55]);
  writer.close();
  writer.close();
  assert.throws(() => writer.write(piece(), text, ends), /closed/);
});

test('closing with pieces under way tells of them; a thread that ends without closing takes nothing with it', async () => {
  const writer = new LineWriter(ports(), ports(), ['      ']);
  const all = Array.from({ length: 50 }, () => writer.write(piece(), new Uint8Array(4000), new Uint32Array(1)));
  writer.close();
  for (const { printed, lost } of await Promise.all(all)) assert.ok(lost || printed === 1);
  const code = `
    const { LineWriter } = require(${JSON.stringify(addon)});
    const ports = new Uint8Array(65536);
    const writer = new LineWriter(ports, ports, ['      ']);
    const rows = new Float64Array(7 * 1000);
    for (let i = 0; i < 20; i++)
      writer.write({ bytes: new Uint8Array(9), rows, shards: new Uint8Array(1000), offset: 0, packets: 1000, before: 0, linkType: 1 }, new Uint8Array(9), new Uint32Array(1000));
    process.exit(7);`;
  for (let times = 0; times < 5; times++) {
    const worker = new Worker(code, { eval: true });
    assert.equal(await new Promise((resolve) => worker.on('exit', resolve)), 7);
  }
});
