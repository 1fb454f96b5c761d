/** Frames and the WebSocket codec at the level of bytes: any chopping, every bound, hostile input. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { XdpeekError } from '../../electron/shared/errors.ts';
import { decodeMessage, encodeMessage } from '../../electron/shared/message-codec.ts';
import { FrameType } from '../../electron/shared/wire.ts';
import { encodeFrame, FrameDecoder, FrameError, type FrameRules } from '../../electron/transport/framing.ts';

const RULES: FrameRules = { maxPayload: 1000, types: [FrameType.CONTROL, FrameType.PACKETS] };

function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function collect(rules = RULES): { decoder: FrameDecoder; frames: { type: number; payload: Uint8Array }[] } {
  const frames: { type: number; payload: Uint8Array }[] = [];
  return { decoder: new FrameDecoder(rules, (type, payload) => void frames.push({ type, payload })), frames };
}

const SAMPLE = [new Uint8Array(0), Uint8Array.of(1, 2, 3), new Uint8Array(1000).fill(7), Uint8Array.of(9)];
const STREAM = Buffer.concat(SAMPLE.map((payload, index) => encodeFrame(index % 2 ? FrameType.PACKETS : 1, payload)));

test('frames come out whole whatever the chunks', () => {
  const next = random(1);
  for (let round = 0; round < 300; round++) {
    const { decoder, frames } = collect();
    for (let at = 0; at < STREAM.length; ) {
      const end = Math.min(STREAM.length, at + 1 + next(round < 20 ? 1 : 400));
      decoder.push(STREAM.subarray(at, end));
      at = end;
    }
    decoder.end();
    assert.deepEqual(
      frames.map(({ type, payload }) => [type, [...payload]]),
      SAMPLE.map((payload, index) => [index % 2 ? 2 : 1, [...payload]]),
    );
  }
});

test('a payload from several chunks is not overwritten by later ones', () => {
  const { decoder, frames } = collect();
  for (const byte of STREAM) decoder.push(Uint8Array.of(byte));
  assert.deepEqual([...frames[2]!.payload], [...SAMPLE[2]!]);
});

/** Feeds `stream` by the reader's own space, in pieces of what it offers. */
function fill(decoder: FrameDecoder, stream: Uint8Array, piece: () => number): void {
  for (let at = 0; at < stream.length; ) {
    const space = decoder.space();
    const count = Math.min(space.length, stream.length - at, piece());
    space.set(stream.subarray(at, at + count));
    decoder.filled(count);
    at += count;
  }
}

test('read in place: the same frames, whatever comes at a time', () => {
  const next = random(2);
  for (let round = 0; round < 300; round++) {
    const { decoder, frames } = collect();
    fill(decoder, STREAM, () => 1 + next(round < 20 ? 1 : 400));
    decoder.end();
    assert.deepEqual(
      frames.map(({ type, payload }) => [type, [...payload]]),
      SAMPLE.map((payload, index) => [index % 2 ? 2 : 1, [...payload]]),
    );
  }
  const { decoder } = collect();
  assert.throws(() => fill(decoder, Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0), () => 8), { code: 'FRAME_MAGIC' });
});

test('a body that somebody takes out of the stream himself: all, none, or a part of it', async () => {
  const body = new Uint8Array(100).map((_, at) => at);
  const frame = encodeFrame(FrameType.PACKETS, body);
  const control = encodeFrame(FrameType.CONTROL, Uint8Array.of(5));
  const BODY_AT = 8 + 8; // the frame's header, the payload's own
  const cases: { bytes: number; rest: number; read: number }[] = [
    { bytes: 92, rest: 0, read: 0 },
    // He has read the next frame's header already, as he could not know what it is.
    { bytes: 92, rest: 0, read: 8 },
    { bytes: 40, rest: 52, read: 0 },
    { bytes: 0, rest: 0, read: 0 },
  ];
  for (const taken of [...cases, undefined]) {
    const { decoder, frames } = collect();
    const offers: [number[], number][] = [];
    const read = taken?.read ?? 0;
    decoder.takeBody = (header, bytes) => {
      offers.push([[...header], bytes]);
      return taken && Promise.resolve({ ...taken, read: control.subarray(0, read) });
    };
    // What was taken does not come this way any more.
    const rest = frame.subarray(BODY_AT + (taken?.bytes ?? 0));
    for (const part of [frame.subarray(0, BODY_AT), rest, control.subarray(read)])
      for (let at = 0; at < part.length; ) {
        const space = decoder.space();
        const count = Math.min(space.length, part.length - at, 7);
        space.set(part.subarray(at, at + count));
        at += count;
        await decoder.filled(count);
      }
    decoder.end();
    assert.deepEqual(offers, [[[0, 1, 2, 3, 4, 5, 6, 7], 92]]);
    const whole = !taken || taken.bytes === 0;
    assert.deepEqual(
      frames.map(({ type, payload }) => [type, [...payload]]),
      [...(whole ? [[FrameType.PACKETS, [...body]]] : []), [FrameType.CONTROL, [5]]],
    );
  }
});

test('memory that was lent is used again once the promise is settled, and not before', async () => {
  const SIZE = 200_000;
  const rules = { maxPayload: 1 << 20, types: [FrameType.PACKETS] };
  const taken: { payload: Uint8Array; settle(): void }[] = [];
  const decoder = new FrameDecoder(rules, (_type, payload) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    taken.push({ payload, settle: resolve });
    return promise;
  });
  const send = (byte: number) =>
    fill(decoder, encodeFrame(FrameType.PACKETS, new Uint8Array(SIZE).fill(byte)), () => 65_536);
  send(1);
  send(2);
  assert.notEqual(taken[0]!.payload.buffer, taken[1]!.payload.buffer);
  taken[0]!.settle();
  await new Promise((resolve) => setImmediate(resolve));
  send(3);
  assert.equal(taken[2]!.payload.buffer, taken[0]!.payload.buffer);
  assert.ok(taken[1]!.payload.every((byte) => byte === 2) && taken[1]!.payload.length === SIZE);
  assert.ok(taken[2]!.payload.every((byte) => byte === 3));
});

for (const [what, code, bytes] of [
  ['a wrong magic', 'FRAME_MAGIC', [0, 0, 0, 0, 1, 0, 0, 0]],
  ['a payload over the bound', 'FRAME_LENGTH', [0xe9, 3, 0, 0, 1, 0, 0x44, 0x58]],
  ['a length of 4 GiB', 'FRAME_LENGTH', [255, 255, 255, 255, 1, 0, 0x44, 0x58]],
  ['an unknown type', 'FRAME_TYPE', [0, 0, 0, 0, 77, 0, 0x44, 0x58]],
  ['a type that is not taken here', 'FRAME_TYPE', [0, 0, 0, 0, 4, 0, 0x44, 0x58]],
  ['a reserved byte', 'FRAME_RESERVED', [0, 0, 0, 0, 1, 1, 0x44, 0x58]],
] as const)
  test(`${what} is ${code} at its place, and the decoder stays broken`, () => {
    const { decoder, frames } = collect();
    decoder.push(encodeFrame(FrameType.CONTROL, Uint8Array.of(1)));
    const isIt = (error: unknown) => error instanceof FrameError && error.code === code && error.offset === 9;
    assert.throws(() => decoder.push(Uint8Array.from(bytes)), isIt);
    assert.throws(() => decoder.push(encodeFrame(FrameType.CONTROL, Uint8Array.of(2))), isIt);
    assert.throws(() => decoder.end(), isIt);
    assert.equal(frames.length, 1);
  });

test('a stream that ends inside a frame is FRAME_CUT; one that ends between frames is fine', () => {
  for (const cut of [1, 7, 8, 9, 15]) {
    const { decoder } = collect();
    decoder.push(encodeFrame(FrameType.CONTROL, new Uint8Array(8)).subarray(0, cut));
    assert.throws(() => decoder.end(), { code: 'FRAME_CUT' });
  }
  const { decoder } = collect();
  decoder.push(STREAM);
  decoder.end();
});

test('codec: what goes in comes out, Uint8Arrays at any depth', () => {
  const message = {
    kind: 'result',
    list: [1, null, 'ü', { bytes: Uint8Array.of(1, 2), more: [new Uint8Array(0), { x: Uint8Array.of(255) }] }],
    null: null,
    empty: {},
  };
  assert.deepEqual(decodeMessage(encodeMessage(message)), message);
  assert.deepEqual(decodeMessage(encodeMessage(Uint8Array.of(5))), Uint8Array.of(5));
  assert.equal(decodeMessage(encodeMessage(null)), null);
  // A Buffer has a toJSON of its own; it is bytes all the same.
  assert.deepEqual(decodeMessage(encodeMessage({ b: Buffer.from('hi') })), { b: Uint8Array.of(104, 105) });
});

test('codec: content that looks like its own marks is content', () => {
  const message = { __proto__x: 1, constructor: 'x', prototype: [], '0': { length: 5 }, value: ['value'] };
  assert.deepEqual(decodeMessage(encodeMessage(message)), message);
});

function crafted(json: string, ...parts: Uint8Array[]): Uint8Array {
  const text = Buffer.from(json);
  const head = Buffer.alloc(4);
  head.writeUInt32LE(text.length);
  return Buffer.concat([head, text, ...parts]);
}

for (const [what, bytes] of [
  ['nothing', new Uint8Array(0)],
  ['three bytes', new Uint8Array(3)],
  ['text beyond the end', crafted('[1,[]]').subarray(0, 8)],
  ['no JSON', crafted('[1,[]')],
  ['no UTF-8', Buffer.concat([Buffer.from([2, 0, 0, 0]), Buffer.from([0xff, 0xff])])],
  ['no envelope', crafted('{"a":1}')],
  ['a part that is cut off', crafted('[null,[[[],4]]]', new Uint8Array(3))],
  ['bytes left over', crafted('[1,[]]', new Uint8Array(1))],
  ['a negative length', crafted('[null,[[[],-1]]]')],
  ['a place that does not exist', crafted('[{},[[["a"],1]]]', new Uint8Array(1))],
  ['a place that is taken', crafted('[{"a":1},[[["a"],1]]]', new Uint8Array(1))],
  ['one place twice', crafted('[{"a":null},[[["a"],0],[["a"],0]]]')],
  ['a place in a part', crafted('[{"a":null},[[["a"],1],[["a",0],1]]]', new Uint8Array(2))],
  ['a place in the prototype', crafted('[{},[[["__proto__","polluted"],1]]]', new Uint8Array(1))],
  ['a place in a constructor', crafted('[{},[[["constructor","prototype","polluted"],1]]]', new Uint8Array(1))],
  ['a place of objects', crafted('[null,[[[{}],1]]]', new Uint8Array(1))],
] as const)
  test(`codec: ${what} is refused with PROTOCOL`, () => {
    assert.throws(() => decodeMessage(bytes), { code: 'PROTOCOL' });
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });

test('codec: 20,000 mutated messages decode or are refused, never anything else', () => {
  const next = random(7);
  const good = encodeMessage({ kind: 'call', id: 3, params: { a: [Uint8Array.of(1, 2, 3), 'text'], b: null } });
  for (let round = 0; round < 20_000; round++) {
    const bytes = good.slice(0, next(5) ? good.length : next(good.length));
    for (let hits = next(4); hits >= 0; hits--) bytes[next(bytes.length || 1)] = next(256);
    try {
      decodeMessage(bytes);
    } catch (error) {
      assert.ok(error instanceof XdpeekError && error.code === 'PROTOCOL', String(error));
    }
  }
});
