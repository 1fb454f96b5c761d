/**
 * Hostile bytes over the whole of packets/: parsing, dissection, columns, tree, field values. Never a throw, never a range outside
 * the captured bytes, never longer than a moment. FUZZ_SEED repeats a run, FUZZ_ROUNDS makes it longer.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import '../../electron/session/platform.ts';
import { DecodeAs } from '../../electron/packets/dissect/decode-as.ts';
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
import { HTTP3_PAYLOADS } from '../golden/http3-samples.ts';
import { PROTOCOL_SAMPLES } from '../golden/protocol-samples.ts';
import { padding, QuicTalk } from '../golden/quic-talk.ts';
import { SAMPLES, sampleFile } from '../golden/samples.ts';
import { mutate, random } from './mutate.ts';

const SEED = Number(process.env['FUZZ_SEED'] ?? 20_240_102);
const ROUNDS = Number(process.env['FUZZ_ROUNDS'] ?? 20_000);
/** CPU time of this process: a busy machine is no hang. A packet alone is tried again before it counts, since code is compiled on the way. */
const SLOW_MS = 50;
/** With what came before it, and files. */
const SLOW_TOGETHER_MS = 500;

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

function repeatable(seed: number, what: Uint8Array, run: () => void, slowMs = SLOW_TOGETHER_MS): void {
  const hint = () => `FUZZ_SEED=${seed} on ${Buffer.from(what.subarray(0, 400)).toString('hex')}`;
  for (let attempt = 1; ; attempt++) {
    const before = process.cpuUsage();
    try {
      run();
    } catch (error) {
      throw new Error(hint(), { cause: error });
    }
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1000;
    if (ms < slowMs) return;
    assert.ok(attempt < 4 && slowMs === SLOW_MS, `${ms} ms: ${hint()}`);
  }
}

test(`${ROUNDS} mutated packets dissect, show and print without a throw`, () => {
  const next = random(SEED);
  for (let round = 0; round < ROUNDS; round++) {
    const { bytes, linkType } = FRAMES[next(FRAMES.length)]!;
    const mutated = mutate(bytes, FRAMES[next(FRAMES.length)]!.bytes, next);
    const wireLen = mutated.length + (next(3) === 0 ? next(2000) : 0);
    const link = next(20) === 0 ? next(300) : linkType;
    repeatable(SEED, mutated, () => exercise(mutated, link, wireLen), SLOW_MS);
  }
});

/** Bytes of a packet's fields: what a mutation that knows the protocol changes. */
function fieldsOf(bytes: Uint8Array, linkType: number): [offset: number, length: number][] {
  const found: [number, number][] = [];
  const add = (nodes: readonly DetailNode[]) => {
    for (const { offset, length, source = 0, children } of nodes) {
      if (source === 0 && length > 0 && length <= 4) found.push([offset, length]);
      add(children ?? []);
    }
  };
  add(detail(dissect(bytes, linkType, bytes.length), { number: 1, epochNs: 1n, timeNs: 0, interfaceId: 0 }));
  return found;
}

test(`${ROUNDS} packets whose fields hold what they should not`, () => {
  const next = random(SEED + 4);
  const known = new Map<Uint8Array, [number, number][]>();
  for (let round = 0; round < ROUNDS; round++) {
    const { bytes, linkType } = FRAMES[next(FRAMES.length)]!;
    let fields = known.get(bytes);
    if (!fields) {
      fields = fieldsOf(bytes, linkType);
      known.set(bytes, fields);
    }
    const out = bytes.slice();
    for (let count = 1 + next(3); count > 0 && fields.length > 0; count--) {
      const [offset, length] = fields[next(fields.length)]!;
      const most = 2 ** (8 * length) - 1;
      const value = [0, 1, most, most - 1, 2 ** (8 * length - 1), bytes.length - offset, next(most), next(64)][
        next(8)
      ]!;
      for (let i = 0; i < length; i++) out[offset + i] = Math.floor(value / 2 ** (8 * (length - 1 - i)));
    }
    repeatable(SEED + 4, out, () => exercise(out, linkType, out.length), SLOW_MS);
  }
});

test(`${ROUNDS / 10} conversations with a hostile packet in them`, () => {
  const next = random(SEED + 3);
  for (let round = 0; round < ROUNDS / 10; round++) {
    const { linkType, frames, secrets, heuristics } = CONVERSATIONS[next(CONVERSATIONS.length)]!;
    const hostile = next(frames.length);
    const other = FRAMES[next(FRAMES.length)]!.bytes;
    const log = new Secrets();
    if (secrets) log.add(secrets);
    const state = new CaptureState(0, heuristics && new DecodeAs([], heuristics), log);
    for (const [row, { bytes }] of frames.entries()) {
      const sent = row === hostile ? mutate(bytes, other, next) : bytes;
      repeatable(SEED + 3, sent, () =>
        exercise(sent, linkType, sent.length, { number: row + 1, timeNs: row * 1e6, state }),
      );
    }
  }
});

test(`${ROUNDS / 100} HTTP/3 connections with hostile frames in packets that open`, () => {
  const next = random(SEED + 5);
  for (let round = 0; round < ROUNDS / 100; round++) {
    const talk = new QuicTalk(50_470);
    talk.handshake([]);
    for (const { side, payload } of HTTP3_PAYLOADS) {
      const other = HTTP3_PAYLOADS[next(HTTP3_PAYLOADS.length)]!.payload;
      const sent = next(3) === 0 ? mutate(payload, other, next).subarray(0, 10_000) : payload;
      talk.send(side, talk.packet(side, 'application', sent, padding(4)));
    }
    const log = new Secrets();
    log.add(talk.log.join('\n'));
    const state = new CaptureState(0, undefined, log);
    for (const [row, bytes] of talk.datagrams.entries())
      repeatable(SEED + 5, bytes, () =>
        exercise(bytes, 1, bytes.length, { number: row + 1, timeNs: row * 1e6, state }),
      );
  }
});

test('samples that are cut anywhere dissect', () => {
  // In turns, so that samples which are alike are cut everywhere together.
  const step = ROUNDS > 20_000 ? 1 : 9;
  for (const [index, { bytes, linkType }] of FRAMES.entries())
    for (let length = index % step; length < Math.min(bytes.length, 200); length += step) {
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
