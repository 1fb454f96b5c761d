/** Expert notes (`-z expert`): everything that dissection remarks on, counted by what is said, worst first. */
import type { Dissection, Extra } from '../dissect/dissection.ts';
import type { Field, FieldValue } from '../dissect/field.ts';
import { SEVERITIES, type Severity } from '../dissect/notes.ts';
import { CheckedSink } from '../dissect/sink.ts';
import type { Stat, StatPacket } from './stat.ts';

export interface ExpertEntry {
  severity: Severity;
  group: string;
  /** Protocol column of the layer: "TCP". */
  protocol: string;
  text: string;
  count: number;
  /** Frame numbers of the first ones. */
  frames: number[];
}

const FRAMES_KEPT = 1000;
/** Texts may come from packets (request lines): no more than this many different ones. */
const MAX_ENTRIES = 10_000;

class NoteSink extends CheckedSink {
  take: (field: Field, offset: number, length: number, value: FieldValue, extra: Extra | undefined) => void;

  constructor(onNote: (severity: Severity, group: string, text: string) => void) {
    super();
    this.take = (_field, _offset, _length, _value, extra) => {
      if (extra?.note) onNote(extra.severity ?? 'note', extra.note.group, extra.note.text);
    };
  }
  /** Any part of a layer may have notes. */
  override asks(): boolean {
    return true;
  }
  protected override wants(_field: Field, hidden: boolean, extra?: Extra): boolean {
    return !hidden && extra?.note !== undefined;
  }
  enterPacket(d: Dissection): void {
    this.d = d;
  }
}

export class Expert implements Stat {
  readonly #entries = new Map<string, ExpertEntry>();
  /** Notes that found no room. */
  beyond = 0;
  #number = 0;
  #protocol = '';
  readonly #sink = new NoteSink((severity, group, text) => this.#add(severity, group, text));

  see({ d, number }: StatPacket): void {
    this.#number = number;
    this.#sink.enterPacket(d);
    for (const layer of d.layers) {
      if (layer.quotedBy) continue;
      this.#protocol = layer.protocol.column;
      this.#sink.emit(layer);
    }
    if (d.problem?.kind === 'malformed') {
      this.#protocol = d.problem.layer.protocol.column;
      this.#add('error', 'Malformed', 'Malformed Packet');
    }
  }

  /** Worst first, then by how often. */
  get entries(): ExpertEntry[] {
    return [...this.#entries.values()].sort(
      (a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) || b.count - a.count,
    );
  }

  #add(severity: Severity, group: string, text: string): void {
    const key = `${severity}\0${group}\0${this.#protocol}\0${text}`;
    let entry = this.#entries.get(key);
    if (!entry) {
      if (this.#entries.size >= MAX_ENTRIES) {
        this.beyond++;
        return;
      }
      entry = { severity, group, protocol: this.#protocol, text, count: 0, frames: [] };
      this.#entries.set(key, entry);
    }
    entry.count++;
    if (entry.frames.length < FRAMES_KEPT && entry.frames.at(-1) !== this.#number) entry.frames.push(this.#number);
  }
}
