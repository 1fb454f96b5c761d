/**
 * MessagePipe of JSON control frames over a pair of byte streams (a child's stdin and stdout). Values are JSON; a
 * Uint8Array would not survive, so other frame types go to `onFrame` as bytes. Broken framing, broken JSON and stream errors
 * all close the pipe with the reason; nothing is skipped.
 */
import type { Readable, Writable } from 'node:stream';
import type { MessagePipe } from '../shared/backend-messages.ts';
import { type ErrorData, errorData } from '../shared/errors.ts';
import { PipeState } from '../shared/pipes/pipe-state.ts';
import { FrameType } from '../shared/wire.ts';
import { type BodyTaker, encodeFrame, FrameDecoder, type FrameListener } from './framing.ts';

export interface ReadTarget {
  /** Where the next bytes go; never empty. */
  space(): Uint8Array;
  /** So many of them came. Read nothing more before the promise, if there is one, is settled. */
  filled(count: number): Promise<unknown> | undefined;
}

/** A stream without 'data': its bytes go where the target wants them. */
export interface DirectInput {
  readonly stream: Readable;
  /** Call before anything is sent. */
  readInto(target: ReadTarget): void;
}

export interface StdioOptions {
  /** A stream, or one whose bytes can be put where they are wanted. */
  input: Readable | DirectInput;
  output: Writable;
  /** Longest payload taken, bytes. */
  maxPayload: number;
  /** Takes the frames that are not CONTROL; absent: such frames close the pipe. */
  onFrame?: FrameListener;
  /** With a DirectInput: asked for each PACKETS frame whose body somebody may take out of the input himself. */
  takeBody?: BodyTaker;
  /** The other side broke the protocol, with how; before the close listeners. An end in the middle of a frame is no breach. */
  onBroken?(error: ErrorData): void;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const ALL_TYPES = Object.values(FrameType);

export function stdioPipe<In, Out>({
  input,
  output,
  maxPayload,
  onFrame,
  takeBody,
  onBroken,
}: StdioOptions): MessagePipe<In, Out> {
  const state = new PipeState<In>();
  const types = onFrame ? ALL_TYPES : [FrameType.CONTROL];
  const decoder = new FrameDecoder({ maxPayload, types }, (type, payload) => {
    if (type !== FrameType.CONTROL) return onFrame?.(type, payload);
    state.deliver(JSON.parse(utf8.decode(payload)) as In);
  });
  const stream = 'stream' in input ? input.stream : input;
  if (takeBody) decoder.takeBody = takeBody;

  const take = <T>(work: () => T): T | undefined => {
    if (state.closed !== undefined) return undefined;
    try {
      return work();
    } catch (error) {
      const broken = errorData(error);
      onBroken?.(broken);
      state.close(broken.message);
      stream.destroy();
      output.end();
      return undefined;
    }
  };
  if ('stream' in input)
    input.readInto({ space: () => decoder.space(), filled: (count) => take(() => decoder.filled(count)) });
  else input.on('data', (chunk: Uint8Array) => take(() => decoder.push(chunk)));
  stream.on('end', () => state.close('the other side closed its output'));
  stream.on('error', (error) => state.close(`reading failed: ${error.message}`));
  stream.on('close', () => state.close('the stream is closed'));
  output.on('error', (error) => state.close(`writing failed: ${error.message}`));

  return {
    send(message) {
      if (state.closed !== undefined || output.destroyed) return;
      output.write(encodeFrame(FrameType.CONTROL, new TextEncoder().encode(JSON.stringify(message))));
    },
    pendingBytes: () => output.writableLength,
    onMessage: (listener) => state.onMessage(listener),
    onClose: (listener) => state.onClose(listener),
    close() {
      if (state.close('closed by this side')) output.end();
    },
  };
}
