/** A display filter in a scan thread: the bytes read by a descriptor of its own, the headers asked first, the rest dissected in order. */
import '../platform.ts';
import { closeSync, openSync } from 'node:fs';
import { type Dissection, dissect, type FrameInfo } from '../../packets/dissect/index.ts';
import { DisplayFilter } from '../../packets/filter/index.ts';
import { DISSECT, QuickFilter, YES } from '../../packets/filter/quick.ts';
import { CaptureState } from '../../packets/state/capture-state.ts';
import { FileBytes } from '../files/file-bytes.ts';
import type { ScanChunk } from './messages.ts';

/** Rows between two looks at whether anybody still wants to know. */
const LOOK_EVERY = 1024;

export class ScanJob {
  readonly #fd: number;
  readonly #bytes: FileBytes;
  readonly #filter: DisplayFilter;
  readonly #quick: QuickFilter;
  readonly #ended: Int32Array;
  readonly #state = new CaptureState();

  constructor(file: string, text: string, ended: Int32Array) {
    this.#filter = new DisplayFilter(text);
    this.#quick = new QuickFilter(this.#filter);
    this.#ended = ended;
    this.#fd = openSync(file, 'r');
    this.#bytes = new FileBytes(this.#fd);
  }

  scan(
    chunk: ScanChunk,
    linkTypes: readonly number[],
    from: number,
    to: number,
  ): Record<'yes' | 'dissect', Uint32Array> {
    const yes = new Rows(to - from);
    const unknown = new Rows(to - from);
    for (let at = from - chunk.first; at < to - chunk.first; at++) {
      if (at % LOOK_EVERY === 0 && this.ended) break;
      const answer = this.#quick.ask(this.#read(chunk, at), linkTypes[chunk.interfaceId[at]!] ?? 0);
      if (answer === DISSECT) unknown.add(chunk.first + at);
      else if (answer === YES) yes.add(chunk.first + at);
    }
    return { yes: yes.all(), dissect: unknown.all() };
  }

  walk(chunk: ScanChunk, linkTypes: readonly number[], rows: Uint32Array): Uint32Array {
    const yes = new Rows(rows.length);
    for (let i = 0; i < rows.length; i++) {
      if (i % LOOK_EVERY === 0 && this.ended) break;
      const at = rows[i]! - chunk.first;
      const { d, frame } = this.#dissect(chunk, at, linkTypes[chunk.interfaceId[at]!] ?? 0);
      if (this.#filter.test(d, frame)) yes.add(rows[i]!);
    }
    return yes.all();
  }

  get ended(): boolean {
    return Atomics.load(this.#ended, 0) !== 0;
  }

  close(): void {
    closeSync(this.#fd);
  }

  #read(chunk: ScanChunk, at: number): Uint8Array {
    return this.#bytes.read(chunk.offset[at]!, chunk.capLen[at]!);
  }

  #dissect(chunk: ScanChunk, at: number, linkType: number): { d: Dissection; frame: FrameInfo } {
    const time = chunk.timeNs[at]!;
    const number = chunk.first + at + 1;
    const timeNs = Number.isNaN(time) ? 0 : time;
    const state = this.#state;
    state.group = 0;
    const { baseNs } = chunk;
    const d = dissect(this.#read(chunk, at), linkType, chunk.wireLen[at]!, { number, timeNs, baseNs, state });
    // Filters that ask for more of the frame stay in the session (parallel-filter.ts).
    return { d, frame: { number, epochNs: 0n, timeNs, interfaceId: chunk.interfaceId[at]! } };
  }
}

class Rows {
  #rows: Uint32Array;
  #count = 0;

  constructor(most: number) {
    this.#rows = new Uint32Array(most);
  }

  add(row: number): void {
    this.#rows[this.#count++] = row;
  }

  /** In memory of their own, to be sent. */
  all(): Uint32Array {
    return this.#rows.slice(0, this.#count);
  }
}
