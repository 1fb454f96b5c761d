/**
 * `xdpeek read` by threads: what they print is, byte for byte, what one thread prints, over all samples that keep to their pairs of addresses, between
 * many hosts. Where packets of different pairs have to do with each other, one thread does it all, and nothing is printed twice.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import '../../electron/session/platform.ts';
import { isOfPairs } from '../../electron/cli/display-filter.ts';
import { Output } from '../../electron/cli/output/output.ts';
import { printInThreads, WORTH_BYTES } from '../../electron/cli/read-threads/threads.ts';
import { dissect } from '../../electron/packets/dissect/index.ts';
import { DisplayFilter } from '../../electron/packets/filter/index.ts';
import { pcapHeader, pcapRecord } from '../../electron/packets/pcap/writer.ts';
import { shardOf, staysIn } from '../../electron/packets/state/address-pairs.ts';
import { CaptureState } from '../../electron/packets/state/capture-state.ts';
import { CaptureWriter } from '../fixtures/capture-writer.ts';
import { tlsSession } from '../fixtures/tls-session.ts';
import { PROTOCOL_SAMPLES } from '../golden/protocol-samples.ts';
import { SAMPLES, type Sample } from '../golden/samples.ts';

const MAIN = path.resolve(import.meta.dirname, '../../electron/cli/main.ts');
const folder = mkdtempSync(path.join(tmpdir(), 'xdpeek-threads-'));
after(() => rmSync(folder, { recursive: true, force: true }));

type Frame = Sample['frames'][number];
const ALL = { ...SAMPLES, ...PROTOCOL_SAMPLES };

const shard = ({ bytes }: Frame, shards: number) => shardOf(bytes, 0, bytes.length, 1, shards);

/** Whether all that a sample's packets tell stays within their pairs, wherever their hosts are. */
function isApart({ frames }: Sample): boolean {
  const shards = 65_521;
  const state = new CaptureState();
  const stays = (frame: Frame, i: number) => {
    const { bytes, wireLen = bytes.length } = frame;
    state.group = 0;
    const d = dissect(bytes, 1, wireLen, { number: i + 1, timeNs: i * 1e6, state });
    return staysIn(d, shard(frame, shards), shards);
  };
  return [0, 1].every((turn) => frames.every((frame, i) => stays(elsewhere(frame, turn), i))) && !state.beyondPairs;
}

const ethernet = Object.entries(ALL).filter(([, { linkType }]) => linkType === 1);
const apart = ethernet.filter(([, sample]) => isApart(sample));

/** The same frame between other hosts. */
function elsewhere({ bytes, wireLen }: Frame, turn: number): Frame {
  const moved = bytes.slice();
  const type = (moved[12]! << 8) | moved[13]!;
  for (const at of type === 0x0800 ? [27, 31] : type === 0x86dd ? [24, 40] : [])
    if (at < moved.length) moved[at]! += turn;
  return wireLen === undefined ? { bytes: moved } : { bytes: moved, wireLen };
}

const frames = apart.flatMap(([, sample]) => sample.frames);
const TURNS = 12;
/** Of a protocol for experiments: makes the capture large without making it long. */
const filler: Frame = {
  bytes: Uint8Array.from({ length: 60_000 }, (_, i) => (i === 12 ? 0x88 : i === 13 ? 0xb5 : i & 15)),
};
const many = Array.from({ length: TURNS }, (_, turn) => [
  ...frames.map((frame) => elsewhere(frame, turn)),
  ...new Array<Frame>(Math.ceil((1.1 * WORTH_BYTES) / TURNS / filler.bytes.length)).fill(filler),
]).flat();

function capture(name: string, list: Frame[]): string {
  const file = path.join(folder, name);
  const record = ({ bytes, wireLen = bytes.length }: Frame, i: number) =>
    pcapRecord(1_700_000_000_000_000_000n + BigInt(i) * 1_000_001n, wireLen, bytes);
  writeFileSync(file, Buffer.concat([pcapHeader(1), ...list.map(record)]));
  return file;
}

async function byThreads(file: string, filter?: string) {
  const to = path.join(folder, 'printed.txt');
  const fd = openSync(to, 'w');
  try {
    const out = new Output(fd, () => {});
    const end = await printInThreads(file, { filter, hex: false }, out, new AbortController().signal);
    await out.flush();
    return { end, text: readFileSync(to, 'utf8') };
  } finally {
    closeSync(fd);
  }
}

/** -c keeps it on one thread. */
const byOne = (file: string, ...more: string[]) =>
  execFileSync(process.execPath, [MAIN, 'read', file, '-c', '1000000000', ...more], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
const read = (file: string) =>
  execFileSync(process.execPath, [MAIN, 'read', file], { encoding: 'utf8', maxBuffer: 1 << 28 });

/** Long texts differ in one line; the assertion is to show that one. */
function same(ours: string, theirs: string): void {
  const a = ours.split('\n');
  const b = theirs.split('\n');
  const at = a.findIndex((line, i) => line !== b[i]);
  assert.equal(a[at], b[at]);
  assert.equal(a.length, b.length);
}

test('a pair of addresses is one both ways, also in a VLAN, and tunnels lead out of it', () => {
  assert.ok(apart.length > 60, `${apart.length} samples are apart`);
  const names = new Set(apart.map(([name]) => name));
  assert.deepEqual(
    ['call', 'sctp', 'tftp', 'gre', 'vxlan', 'media'].filter((name) => ALL[name] && names.has(name)),
    [],
  );
  const shards = new Set(many.map((frame) => shard(frame, 2)));
  assert.deepEqual([...shards].sort(), [0, 1]);
});

test('threads print what one prints', async () => {
  const file = capture('apart.pcap', many);
  const { end, text } = await byThreads(file);
  assert.deepEqual(end, { packets: many.length, damage: undefined, again: false });
  same(text, byOne(file));
  const filter = 'dns or tcp.analysis.retransmission';
  const found = await byThreads(file, filter);
  assert.equal(found.end?.again, false);
  assert.ok(found.text.length > 1000);
  same(found.text, byOne(file, '-Y', filter));
});

test('what reaches beyond a pair ends it in front of that piece, and one thread goes on', async () => {
  const file = capture('beyond.pcap', [...many, ...ALL['call']!.frames, ...frames]);
  const { end, text } = await byThreads(file);
  assert.ok(end?.again && end.packets > 1000 && end.packets <= many.length, JSON.stringify(end));
  assert.equal(text.split('\n').length - 1, end.packets);
  same(read(file), byOne(file));
});

test('damage is where it is for one thread', async () => {
  const file = capture('cut.pcap', many);
  truncateSync(file, WORTH_BYTES + 5);
  const { end, text } = await byThreads(file);
  assert.match(end?.damage?.reason ?? '', /cut short/);
  assert.equal(text.split('\n').length - 1, end!.packets);
});

test('secrets may come first; where they come late, and where blocks are long, one thread goes on', async () => {
  const { frames: session, secrets } = tlsSession();
  const writer = new CaptureWriter(true);
  const packet = ({ bytes }: Frame, i: number) => writer.packet(0, BigInt(i), bytes);
  const head = Buffer.concat([writer.section(), writer.interface(1)]);
  const log = writer.secrets(0x544c534b, Buffer.from(secrets));
  const large = Buffer.concat(Array.from({ length: WORTH_BYTES / filler.bytes.length + 1 }, () => packet(filler, 99)));
  const talk = session.map(packet);
  const half = session.length >> 1;
  const write = (name: string, ...parts: Uint8Array[]) => {
    const file = path.join(folder, name);
    writeFileSync(file, Buffer.concat(parts));
    return file;
  };
  const first = write('first.pcapng', head, log, ...talk, large);
  const opened = await byThreads(first);
  assert.equal(opened.end?.again, false);
  same(opened.text, byOne(first));
  const late = write('late.pcapng', head, ...talk.slice(0, half), large, log, ...talk.slice(half), large);
  assert.equal((await byThreads(late)).end?.again, true);
  same(read(late), byOne(late));
  const jumbo = packet({ bytes: new Uint8Array(900_000).fill(1) }, 1);
  const long = write('long.pcapng', head, ...talk, ...Array.from({ length: 30 }, () => jumbo), ...talk);
  assert.equal((await byThreads(long)).end?.again, true);
  same(read(long), byOne(long));
});

test('text that is longer than the packets', async () => {
  const small = frames.filter(({ bytes, wireLen }) => bytes.length < 80 && wireLen === undefined);
  const file = capture(
    'text.pcap',
    Array.from({ length: (1.1 * WORTH_BYTES) / 80 }, (_, i) => small[i % small.length]!),
  );
  const { end, text } = await byThreads(file);
  assert.equal(end?.again, false);
  assert.ok(text.length > 1.2 * WORTH_BYTES);
  same(text, byOne(file));
});

test('small files, and filters that look beyond a pair, are for one thread', async () => {
  assert.equal((await byThreads(capture('small.pcap', frames))).end, undefined);
  for (const text of ['frame.number == 3', 'tcp.stream == 1', 'udp.stream eq 1', 'frame.time_delta > 1'])
    assert.equal(isOfPairs(new DisplayFilter(text)), false, text);
  assert.equal(isOfPairs(new DisplayFilter('tcp.port == 443 && tcp.analysis.flags')), true);
});
