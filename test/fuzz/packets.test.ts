/**
 * Hostile bytes over the whole of packets/: parsing, dissection, columns, tree, field values. Never a throw, never a range outside
 * the captured bytes, never longer than a moment. FUZZ_SEED repeats a run, FUZZ_ROUNDS makes it longer.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import '../../electron/session/platform.ts';
import { dataSources, detail } from '../../electron/packets/dissect/detail.ts';
import { FIELDS, FieldQuery } from '../../electron/packets/dissect/fields.ts';
import { dissect, summarize } from '../../electron/packets/dissect/index.ts';
import { CaptureParser } from '../../electron/packets/pcap/capture-parser.ts';
import { readPacketOptions } from '../../electron/packets/pcap/packet-options.ts';
import { CaptureState } from '../../electron/packets/state/capture-state.ts';
import type { PacketContext } from '../../electron/packets/state/context.ts';
import { Secrets } from '../../electron/packets/state/secrets.ts';
import { blockColumns, indexBlocks } from '../../electron/packets/store/index-blocks.ts';
import { PacketStore } from '../../electron/packets/store/packet-store.ts';
import type { DetailNode } from '../../electron/shared/api.ts';
import { SAMPLES as MORE_SAMPLES, pcapFile } from '../fixtures/samples.ts';
import { PROTOCOL_SAMPLES } from '../golden/protocol-samples.ts';
import { SAMPLES, sampleFile } from '../golden/samples.ts';
import { mutate, random } from './mutate.ts';

const SEED = Number(process.env['FUZZ_SEED'] ?? 20_240_102);
const ROUNDS = Number(process.env['FUZZ_ROUNDS'] ?? 20_000);
/** One packet or file of these sizes taking this long is a hang. */
const SLOW_MS = 2000;

const CONVERSATIONS = Object.values({ ...SAMPLES, ...PROTOCOL_SAMPLES });
const FRAMES = [
  ...Object.values(PROTOCOL_SAMPLES).flatMap(({ linkType, frames }) =>
    frames.map(({ bytes }) => ({ linkType, bytes })),
  ),
  ...Object.values(SAMPLES).flatMap(({ linkType, frames }) => frames.map(({ bytes }) => ({ linkType, bytes }))),
  ...Object.values(MORE_SAMPLES).flatMap(({ linkType, packets }) => packets.map((bytes) => ({ linkType, bytes }))),
];
const FILES = [...Object.values(SAMPLES).map(sampleFile), ...Object.values(MORE_SAMPLES).map(pcapFile)];
const everyField = new FieldQuery([...FIELDS.keys()]);

/** @param lengths of the frame, and of the bytes put together for it */
function checkNodes(nodes: readonly DetailNode[], lengths: readonly number[]): void {
  for (const node of nodes) {
    const { offset, length: size, label, name, children, source = 0 } = node;
    const limit = lengths[source]!;
    assert.ok(offset >= 0 && size >= 0 && offset + size <= limit, `${name} @${offset}+${size} of ${limit} (${source})`);
    assert.ok(typeof label === 'string' && !/undefined|NaN|\[object/.test(label), `${name}: ${label}`);
    checkNodes(children ?? [], lengths);
  }
}

/** Everything that can be asked of a packet. */
function exercise(bytes: Uint8Array, linkType: number, wireLen: number, context?: PacketContext): void {
  const frame = { number: context?.number ?? 1, epochNs: 1n, timeNs: 0, interfaceId: 0 };
  const d = dissect(bytes, linkType, wireLen, context);
  const columns = summarize(d);
  for (const text of Object.values(columns)) assert.ok(!/undefined|NaN/.test(text), text);
  const sources = dataSources(d).map((source) => source.bytes.length - source.prefix);
  checkNodes(detail(d, frame), [bytes.length, ...sources]);
  for (const values of everyField.values(d, frame)) for (const value of values) assert.equal(typeof value, 'string');
}

function repeatable(seed: number, what: Uint8Array, run: () => void): void {
  const startMs = performance.now();
  try {
    run();
  } catch (error) {
    throw new Error(`FUZZ_SEED=${seed} on ${Buffer.from(what.subarray(0, 400)).toString('hex')}`, { cause: error });
  }
  assert.ok(performance.now() - startMs < SLOW_MS, `FUZZ_SEED=${seed} took too long on ${what.length} bytes`);
}

test(`${ROUNDS} mutated packets dissect, show and print without a throw`, () => {
  const next = random(SEED);
  for (let round = 0; round < ROUNDS; round++) {
    const { bytes, linkType } = FRAMES[next(FRAMES.length)]!;
    const mutated = mutate(bytes, FRAMES[next(FRAMES.length)]!.bytes, next);
    const wireLen = mutated.length + (next(3) === 0 ? next(2000) : 0);
    repeatable(SEED, mutated, () => exercise(mutated, next(20) === 0 ? next(300) : linkType, wireLen));
  }
});

test(`${ROUNDS / 10} conversations with a hostile packet in them`, () => {
  const next = random(SEED + 3);
  for (let round = 0; round < ROUNDS / 10; round++) {
    const { linkType, frames, secrets } = CONVERSATIONS[next(CONVERSATIONS.length)]!;
    const hostile = next(frames.length);
    const other = FRAMES[next(FRAMES.length)]!.bytes;
    const log = new Secrets();
    if (secrets) log.add(secrets);
    const state = new CaptureState(0, undefined, log);
    for (const [row, { bytes }] of frames.entries()) {
      const sent = row === hostile ? mutate(bytes, other, next) : bytes;
      repeatable(SEED + 3, sent, () =>
        exercise(sent, linkType, sent.length, { number: row + 1, timeNs: row * 1e6, state }),
      );
    }
  }
});

test('every sample cut at every length dissects', () => {
  for (const { bytes, linkType } of FRAMES)
    for (let length = 0; length < Math.min(bytes.length, 200); length++) {
      const cut = bytes.subarray(0, length);
      repeatable(0, cut, () => {
        exercise(cut, linkType, length);
        exercise(cut, linkType, bytes.length);
      });
    }
});

test(`${ROUNDS / 10} mutated files parse in any chunks, and every packet that they give lies inside them`, () => {
  const next = random(SEED + 1);
  for (let round = 0; round < ROUNDS / 10; round++) {
    const file = mutate(FILES[next(FILES.length)]!, FILES[next(FILES.length)]!, next);
    const chunk = [file.length || 1, 1 + next(64), 1 + next(4096)][next(3)]!;
    repeatable(SEED + 1, file, () => {
      const source = { read: (offset: number, length: number) => file.subarray(offset, offset + length) };
      const store = new PacketStore(source);
      const parser = new CaptureParser(store);
      for (let at = 0; at < file.length; at += chunk) parser.push(file.subarray(at, at + chunk));
      parser.end();
      assert.ok(parser.damage === undefined || (parser.damage.offset >= 0 && parser.damage.offset <= file.length));
      for (let row = 0; row < store.count; row++) {
        const offset = store.offset(row);
        assert.ok(offset >= 0 && offset + store.capLen(row) <= file.length, `row ${row}`);
        assert.ok(Number.isFinite(store.timeNs(row)));
        readPacketOptions(source, offset, store.capLen(row));
        const linkType = parser.interfaces[store.interfaceId(row)]!.linkType;
        summarize(dissect(store.packetBytes(row), linkType, store.wireLen(row)));
      }
    });
  }
});

test('indexBlocks never leaves the bytes it is given', () => {
  const next = random(SEED + 2);
  const columns = blockColumns(256);
  for (let round = 0; round < ROUNDS / 10; round++) {
    const bytes = mutate(FILES[next(FILES.length)]!, FILES[next(FILES.length)]!, next);
    repeatable(SEED + 2, bytes, () => {
      const count = indexBlocks(bytes, 1_704_164_645_000_000_000n, columns);
      for (let i = 0; i < count; i++) assert.ok(columns.offset[i]! + 28 + columns.capLen[i]! <= bytes.length);
    });
  }
});
