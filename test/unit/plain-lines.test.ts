/**
 * Lines that are written without a dissection (packets/lines): what they say is what a dissection says, and the packets after them are read as if they
 * had been dissected. Whatever is behind a packet in memory has no say.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import '../../electron/session/platform.ts';
import { dissect, summarize } from '../../electron/packets/dissect/index.ts';
import { ByteText } from '../../electron/packets/lines/byte-text.ts';
import { PlainLines } from '../../electron/packets/lines/plain-lines.ts';
import { addressColumns } from '../../electron/packets/lines/talk-texts.ts';
import { CaptureState } from '../../electron/packets/state/capture-state.ts';
import { tlsSession } from '../fixtures/tls-session.ts';
import { mutate, random } from '../fuzz/mutate.ts';
import { PROTOCOL_SAMPLES } from '../golden/protocol-samples.ts';
import { SAMPLES, type Sample } from '../golden/samples.ts';

type Frame = Sample['frames'][number];
const ETHERNET = 1;
const FRAMES = Object.values({ ...SAMPLES, ...PROTOCOL_SAMPLES })
  .filter(({ linkType }) => linkType === ETHERNET)
  .flatMap(({ frames }) => frames);

/** Columns as `read` prints them, by a dissection. */
class Dissected {
  readonly state: CaptureState;

  constructor(state = new CaptureState()) {
    this.state = state;
  }

  columns({ bytes, wireLen = bytes.length }: Frame, number: number): string {
    this.state.group = 0;
    const context = { number, timeNs: number * 1e6, state: this.state };
    const { source, destination, protocol, info } = summarize(dissect(bytes, ETHERNET, wireLen, context));
    return `${addressColumns(source, destination)}${protocol} ${wireLen} ${info}`;
  }
}

/** The same, where possible without. */
class Plain {
  /** Lines that took no dissection. */
  plain = 0;
  readonly lines: PlainLines;
  readonly #rest = new Dissected();
  readonly #out = new ByteText(0);
  readonly #next = random(5);

  constructor(passes: boolean) {
    this.lines = new PlainLines(this.#rest.state, passes);
  }

  columns(frame: Frame, number: number): string {
    const { bytes, wireLen = bytes.length } = frame;
    const around = Uint8Array.from({ length: 40 + bytes.length + 300 }, () => this.#next(256));
    const start = this.#next(40);
    const end = start + bytes.length;
    around.set(bytes, start);
    const out = this.#out;
    out.length = 0;
    this.#rest.state.group = 0;
    if (!this.lines.columns(around, start, end, ETHERNET, wireLen, number, number * 1e6, out)) {
      assert.equal(out.length, 0);
      return this.#rest.columns(frame, number);
    }
    this.plain++;
    return Buffer.from(out.bytes.subarray(0, out.length)).toString();
  }
}

function same(frames: readonly Frame[], what = '', passes = true): Plain {
  const dissected = new Dissected();
  const plain = new Plain(passes);
  for (const [i, frame] of frames.entries())
    assert.equal(plain.columns(frame, i + 1), dissected.columns(frame, i + 1), `${what} packet ${i + 1}`);
  return plain;
}

test('every sample prints as when it is dissected, alone, after all others, and once more', () => {
  for (const [name, { linkType, frames }] of Object.entries({ ...SAMPLES, ...PROTOCOL_SAMPLES }))
    if (linkType === ETHERNET) same(frames, name);
  const { plain } = same([...FRAMES, ...FRAMES]);
  assert.ok(plain > FRAMES.length / 6, `${plain} of ${2 * FRAMES.length} took no dissection`);
});

test('cut, bent and spliced frames too', () => {
  const seed = Number(process.env['FUZZ_SEED'] ?? 20_261_129);
  const next = random(seed);
  const frames = Array.from({ length: 30_000 }, (): Frame => {
    const { bytes } = FRAMES[next(FRAMES.length)]!;
    const bent = next(3) === 0 ? mutate(bytes, FRAMES[next(FRAMES.length)]!.bytes, next) : bytes;
    return next(8) === 0 ? { bytes: bent, wireLen: bent.length + next(60) } : { bytes: bent };
  });
  const { plain } = same(frames, `FUZZ_SEED=${seed}`);
  assert.ok(plain > 3000, `${plain} took no dissection`);
});

test('TLS data that nothing opens takes no dissection, over several segments, sent again and cut', () => {
  const { frames } = tlsSession();
  const plain = same(frames);
  assert.ok(plain.lines.hasPassed);
  assert.ok(plain.plain > 12, `${plain.plain} of ${frames.length}`);
  same(frames.flatMap((frame) => [frame, frame]));
  assert.equal(same(frames, '', false).lines.hasPassed, false);
  // A dissection goes on with what was passed over: of a cut packet, or one in a fragment.
  for (let at = 0; at < frames.length; at++) {
    const { bytes } = frames[at]!;
    same(frames.map((frame, i) => (i === at ? { bytes: bytes.subarray(0, -1), wireLen: bytes.length } : frame)));
    const fin = bytes.slice();
    fin[47]! |= 1;
    same(frames.map((frame, i) => (i === at ? { bytes: fin } : frame)));
  }
});

test('text and numbers as bytes', () => {
  const out = new ByteText(1);
  const numbers = [0, 9, 10, 99, 100, 65_535, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 1e10, Number.MAX_SAFE_INTEGER];
  for (const number of numbers) {
    out.room(20);
    out.number(number);
    out.byte(0x20);
  }
  out.room(20);
  out.fixed(7, 9);
  out.text(' ä → € 😀 \ud800x');
  assert.equal(out.plain('a\n'), false);
  assert.equal(out.plain('ü'), false);
  assert.equal(out.plain('ok'), true);
  const text = Buffer.from(out.bytes.subarray(0, out.length)).toString();
  assert.equal(text, `${numbers.join(' ')} 000000007 ä → € 😀 \ufffdxok`);
});
