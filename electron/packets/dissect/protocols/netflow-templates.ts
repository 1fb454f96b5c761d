/** Templates of NetFlow version 9 and IPFIX: what an exporter said its records look like, kept for a conversation. Bounded: the oldest goes. */
import type { PacketContext } from '../../state/context.ts';
import { type Conversation, own } from '../../state/conversations.ts';
import { u16, u32 } from '../bytes.ts';

/** The length that says "each record has its own". */
export const VARIABLE = 0xffff;
const MAX_TEMPLATES = 4096;
const MAX_FIELDS = 1000;

export interface TemplateField {
  type: number;
  length: number;
  /** Private enterprise number of an element that IANA does not know. */
  enterprise: number | undefined;
  /** It says what the record is about, not what it measured. */
  scope: boolean;
  ipfix: boolean;
}

export interface Template {
  id: number;
  /** Frame that it came in. */
  number: number;
  fields: TemplateField[];
  /** Bytes of a record at least. */
  least: number;
}

interface Parsed {
  id: number;
  fields: TemplateField[];
  scopes: number;
  at: number;
  end: number;
}

/** Templates in the body of a set of them. */
export function* parseTemplates(
  bytes: Uint8Array,
  from: number,
  end: number,
  ipfix: boolean,
  options: boolean,
): Generator<Parsed> {
  for (let at = from; at + (options ? 6 : 4) <= end; ) {
    const id = u16(bytes, at);
    if (id < 256) return;
    let count = u16(bytes, at + 2);
    let scopes = 0;
    let next = at + 4;
    if (options) {
      scopes = u16(bytes, at + 4);
      next = at + 6;
      if (!ipfix) {
        // Version 9 gives bytes, IPFIX fields in all and those of the scope.
        const data = scopes >> 2;
        scopes = count >> 2;
        count = scopes + data;
      }
      if (ipfix && count === 0) next = at + 4;
    }
    const fields: TemplateField[] = [];
    while (fields.length < count && fields.length < MAX_FIELDS && next + 4 <= end) {
      const type = u16(bytes, next);
      const own = ipfix && type >= 0x8000;
      fields.push({
        type: ipfix ? type & 0x7fff : type,
        length: u16(bytes, next + 2),
        enterprise: own ? u32(bytes, next + 4) : undefined,
        scope: fields.length < scopes,
        ipfix,
      });
      next += own ? 8 : 4;
    }
    if (next > end) return;
    yield { id, fields, scopes, at, end: next };
    at = next;
  }
}

export class Templates {
  readonly #byKey = new Map<string, Template>();
  /** By domain: the sequence number that comes next, and who said so. */
  readonly #expected = new Map<number, { sequence: number; number: number }>();

  static of(conversation: Conversation): Templates {
    return own(conversation, Templates, () => new Templates());
  }

  learn({ number }: PacketContext, domain: number, { id, fields }: Parsed): void {
    const key = `${domain} ${id}`;
    this.#byKey.delete(key);
    if (fields.length === 0) return; // withdrawn
    if (this.#byKey.size >= MAX_TEMPLATES) this.#byKey.delete(this.#byKey.keys().next().value!);
    const least = fields.reduce((sum, { length }) => sum + (length === VARIABLE ? 1 : length), 0);
    this.#byKey.set(key, { id, number, fields, least });
  }

  find(domain: number, id: number): Template | undefined {
    return this.#byKey.get(`${domain} ${id}`);
  }

  /** Undefined when the number is the one that was due. */
  sequence(
    { number }: PacketContext,
    domain: number,
    sequence: number,
    units: number,
  ): { sequence: number; number: number } | undefined {
    const due = this.#expected.get(domain);
    if (!due && this.#expected.size >= MAX_TEMPLATES) return undefined;
    this.#expected.set(domain, { sequence: (sequence + units) >>> 0, number });
    return due && due.sequence !== sequence ? due : undefined;
  }
}
