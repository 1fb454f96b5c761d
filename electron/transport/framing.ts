/**
 * The frame layout of electron/shared/wire.ts: bytes in any pieces → whole frames, and a frame → bytes. Nothing is ever
 * skipped or guessed: the first byte that breaks a rule throws a FrameError, and the decoder stays broken from then on.
 */
import { XdpeekError } from '../shared/errors.ts';
import { FRAME_HEADER_BYTES, FRAME_MAGIC, FrameType, PACKETS_HEADER_BYTES } from '../shared/wire.ts';

export type FrameErrorCode = 'FRAME_MAGIC' | 'FRAME_LENGTH' | 'FRAME_TYPE' | 'FRAME_RESERVED' | 'FRAME_CUT';

/** `code` says which rule; `offset` (in the stream, bytes) says where the bad frame begins. */
export class FrameError extends XdpeekError {
  readonly offset: number;
  constructor(code: FrameErrorCode, message: string, offset: number) {
    super({ code, message: `${message} (frame at byte ${offset})` });
    this.offset = offset;
  }
}

export interface FrameRules {
  /** Longest payload taken, bytes. Checked before anything is allocated. */
  maxPayload: number;
  /** Frame types taken. */
  types: readonly FrameType[];
}

/**
 * `payload` belongs to the listener: nothing of it is written again. It may be a view of the pushed chunk. A listener that returns a promise
 * lends it only: once that is settled, the memory may be used for a later frame.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: most listeners return nothing
export type FrameListener = (type: FrameType, payload: Uint8Array) => void | Promise<unknown>;

/** What became of a payload's rest, and perhaps of frames behind it, that somebody took from where the decoder reads. */
export interface TakenBody {
  /** Bytes taken. If none, the frame goes its usual way. */
  bytes: number;
  /** Bytes of the last frame that are still there: to be dropped. */
  rest: number;
  /** What was read of the next frame: to be read again by the decoder. */
  read: Uint8Array;
}

/**
 * Asked for the rest of a PACKETS payload, `bytes` behind its header of its own. Whoever wants it takes it himself; the decoder rests
 * meanwhile. Undefined: not this one.
 */
export type BodyTaker = (header: Uint8Array, bytes: number) => Promise<TakenBody> | undefined;

/** Fresh memory costs more than what is read into it: this much of a payload is kept for later ones, so many times. */
const SPARE_BYTES = 1088 * 1024;
const SPARES = 64;

export class FrameDecoder {
  readonly #rules: FrameRules;
  readonly #listener: FrameListener;
  readonly #header = new Uint8Array(FRAME_HEADER_BYTES);
  #headerFill = 0;
  #type: FrameType = FrameType.CONTROL;
  /** The payload being put together from several chunks. */
  #payload: Uint8Array | undefined;
  #payloadFill = 0;
  /** Stream offset of the present frame. */
  #frameStart = 0;
  #broken: FrameError | undefined;
  readonly #spares: Uint8Array[] = [];
  /** Asked by `filled` alone. */
  takeBody: BodyTaker | undefined;
  /** The start of a payload whose rest somebody may take. */
  #bodyHeader: Uint8Array | undefined;
  /** The payload that it is the start of, bytes. */
  #bodyBytes = 0;
  /** What is left of a payload that was taken in part: to be dropped. */
  #dropped = new Uint8Array(0);

  constructor(rules: FrameRules, listener: FrameListener) {
    this.#rules = rules;
    this.#listener = listener;
  }

  /** Calls the listener for every frame that `chunk` completes. Throws FrameError. */
  push(chunk: Uint8Array): void {
    if (this.#broken) throw this.#broken;
    let at = 0;
    while (at < chunk.byteLength) at = this.#payload ? this.#takePayload(chunk, at) : this.#takeHeader(chunk, at);
  }

  /** For a reader that can choose where bytes go: never empty, and good until `filled` was told how many came. */
  space(): Uint8Array {
    if (this.#dropped.byteLength > 0) return this.#dropped;
    const filling = this.#bodyHeader ?? this.#payload;
    return filling ? filling.subarray(this.#payloadFill) : this.#header.subarray(this.#headerFill);
  }

  /** The first `count` bytes of `space()` are there. As `push`; nothing may be read before the promise is settled. */
  filled(count: number): Promise<void> | undefined {
    if (this.#broken) throw this.#broken;
    if (this.#dropped.byteLength > 0) {
      this.#dropped = this.#dropped.subarray(count);
    } else if (this.#bodyHeader) {
      this.#payloadFill += count;
      if (this.#payloadFill === PACKETS_HEADER_BYTES) return this.#offerBody(this.#bodyHeader);
    } else if (this.#payload) {
      this.#payloadFill += count;
      if (this.#payloadFill === this.#payload.byteLength) this.#deliverOwn(this.#payload);
    } else {
      this.#headerFill += count;
      if (this.#headerFill === FRAME_HEADER_BYTES) this.#headerFilled();
    }
    return undefined;
  }

  #headerFilled(): void {
    const length = this.#checkHeader();
    this.#headerFill = 0;
    if (length === 0) this.#deliver(new Uint8Array(0));
    else if (this.takeBody && this.#type === FrameType.PACKETS && length > PACKETS_HEADER_BYTES) {
      this.#bodyHeader = new Uint8Array(PACKETS_HEADER_BYTES);
      this.#bodyBytes = length;
      this.#payloadFill = 0;
    } else this.#begin(length);
  }

  #offerBody(header: Uint8Array): Promise<void> | undefined {
    const rest = this.#bodyBytes - PACKETS_HEADER_BYTES;
    const usual = (): void => {
      this.#begin(this.#bodyBytes);
      this.#payload!.set(header);
      this.#payloadFill = PACKETS_HEADER_BYTES;
    };
    this.#bodyHeader = undefined;
    this.#payload = undefined;
    const taken = this.takeBody?.(header, rest);
    if (!taken) {
      usual();
      return undefined;
    }
    return taken.then(({ bytes, rest: left, read }) => {
      if (bytes === 0) {
        usual();
        return;
      }
      this.#frameStart += FRAME_HEADER_BYTES + PACKETS_HEADER_BYTES + bytes + left;
      this.#dropped = new Uint8Array(left);
      for (let at = 0; at < read.byteLength; ) {
        const part = read.subarray(at, at + this.space().byteLength);
        this.space().set(part);
        this.filled(part.byteLength);
        at += part.byteLength;
      }
    });
  }

  /** The stream ended: throws FRAME_CUT if that was inside a frame. */
  end(): void {
    if (this.#broken) throw this.#broken;
    if (this.#payload || this.#bodyHeader || this.#headerFill > 0)
      this.#fail('FRAME_CUT', 'the stream ends inside a frame');
  }

  #takeHeader(chunk: Uint8Array, from: number): number {
    const taken = Math.min(FRAME_HEADER_BYTES - this.#headerFill, chunk.byteLength - from);
    this.#header.set(chunk.subarray(from, from + taken), this.#headerFill);
    this.#headerFill += taken;
    const at = from + taken;
    if (this.#headerFill < FRAME_HEADER_BYTES) return at;
    const length = this.#checkHeader();
    this.#headerFill = 0;
    if (at + length <= chunk.byteLength) {
      this.#deliver(chunk.subarray(at, at + length));
      return at + length;
    }
    this.#begin(length);
    return at;
  }

  #begin(length: number): void {
    const spare =
      length <= SPARE_BYTES && length > SPARE_BYTES / 8
        ? (this.#spares.pop() ?? new Uint8Array(SPARE_BYTES))
        : undefined;
    this.#payload = spare ? spare.subarray(0, length) : new Uint8Array(length);
    this.#payloadFill = 0;
  }

  #takePayload(chunk: Uint8Array, from: number): number {
    const payload = this.#payload!;
    const taken = Math.min(payload.byteLength - this.#payloadFill, chunk.byteLength - from);
    payload.set(chunk.subarray(from, from + taken), this.#payloadFill);
    this.#payloadFill += taken;
    if (this.#payloadFill === payload.byteLength) this.#deliverOwn(payload);
    return from + taken;
  }

  #deliverOwn(payload: Uint8Array): void {
    this.#payload = undefined;
    const lent = this.#deliver(payload);
    if (!lent || payload.buffer.byteLength !== SPARE_BYTES) return;
    const back = (): void => {
      if (this.#spares.length < SPARES) this.#spares.push(new Uint8Array(payload.buffer));
    };
    lent.then(back, back);
  }

  // biome-ignore lint/suspicious/noConfusingVoidType: as FrameListener
  #deliver(payload: Uint8Array): void | Promise<unknown> {
    this.#frameStart += FRAME_HEADER_BYTES + payload.byteLength;
    return this.#listener(this.#type, payload);
  }

  /** @returns the payload's length */
  #checkHeader(): number {
    const view = new DataView(this.#header.buffer);
    const length = view.getUint32(0, true);
    const type = view.getUint8(4);
    if (view.getUint16(6, true) !== FRAME_MAGIC) this.#fail('FRAME_MAGIC', 'these bytes are not a frame of xdpeek');
    if (view.getUint8(5) !== 0) this.#fail('FRAME_RESERVED', 'a reserved byte is not zero');
    if (!this.#rules.types.some((known) => known === type)) this.#fail('FRAME_TYPE', `frame type ${type} is not taken`);
    if (length > this.#rules.maxPayload)
      this.#fail('FRAME_LENGTH', `a payload of ${length} bytes exceeds the ${this.#rules.maxPayload} allowed`);
    this.#type = type as FrameType;
    return length;
  }

  #fail(code: FrameErrorCode, message: string): never {
    this.#broken = new FrameError(code, message, this.#frameStart);
    throw this.#broken;
  }
}

/** One frame: header and a copy of the payload. */
export function encodeFrame(type: FrameType, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(FRAME_HEADER_BYTES + payload.byteLength);
  const view = new DataView(frame.buffer);
  view.setUint32(0, payload.byteLength, true);
  view.setUint8(4, type);
  view.setUint16(6, FRAME_MAGIC, true);
  frame.set(payload, FRAME_HEADER_BYTES);
  return frame;
}
