/** What the packet list can be sorted by, and how a packet's key is found: from the store, from its headers, or by dissecting it. */

import { u16, u32 } from '../../packets/dissect/bytes.ts';
import { FIELDS, FieldQuery, FRAME_OWNER, fieldName } from '../../packets/dissect/fields.ts';
import type { FrameInfo } from '../../packets/dissect/frame.ts';
import { type Dissection, summarize } from '../../packets/dissect/index.ts';
import { type Datum, kindOf } from '../../packets/filter/datum.ts';
import { Facts } from '../../packets/filter/facts.ts';
import { knowledgeOf } from '../../packets/filter/plain-fields.ts';
import type { PlainPacket } from '../../packets/filter/plain-packet.ts';
import { isWord, setAddress, setPlainAddress } from '../../packets/order/addresses.ts';
import { bytesText, type Dictionary } from '../../packets/order/dictionary.ts';
import type { Keys } from '../../packets/order/keys.ts';
import { XdpeekError } from '../../shared/errors.ts';
import { SORT_COLUMNS } from '../../shared/sort.ts';
import { isStoreColumn, STORE_FIELDS, type StoreColumn } from './store-columns.ts';

interface Plain {
  /** Whether they do: else one must look into the packet. @param sure nothing is encrypted that can be opened */
  knows(packet: PlainPacket, sure: boolean): boolean;
  /** Of a packet that it knows. */
  give(keys: Keys, at: number, words: Dictionary, packet: PlainPacket): void;
}

export type Column =
  | { from: 'store'; column: StoreColumn }
  | {
      from: 'packets';
      /** Fields that are asked for. */
      fields: readonly string[];
      /** What annotations and the session's own choices say is in it: threads know nothing of these. */
      ofSession: boolean;
      /** Of plain packets, whose headers may tell. */
      plain?: Plain;
      /** Gives the key, if there is a value. */
      give(keys: Keys, at: number, words: Dictionary, d: Dissection, frame: FrameInfo): void;
      /** Whether a key with this upper word has a number of the dictionary below; undefined: none has. */
      isWord: ((high: number) => boolean) | undefined;
    };
type OfPackets = Extract<Column, { from: 'packets' }>;

const FIELD = 'field:';
const always = () => true;

/** Throws XdpeekError USAGE for what is no column. */
export function columnOf(by: string): Column {
  if (by.startsWith(FIELD)) return fieldColumn(by.slice(FIELD.length));
  const listed = SORT_COLUMNS.find((name) => name === by);
  if (listed !== undefined && isStoreColumn(listed)) return { from: 'store', column: listed };
  switch (by) {
    case 'source':
      return addressColumn(0);
    case 'destination':
      return addressColumn(1);
    case 'protocol':
    case 'info':
      return textColumn([`_ws.col.${by}`], (d) => summarize(d)[by]);
    default:
      throw new XdpeekError({
        code: 'USAGE',
        message: `there is no column "${by}" to sort by`,
        hint: `Columns are ${SORT_COLUMNS.join(', ')}, and field:NAME for any field.`,
      });
  }
}

function fieldColumn(asked: string): Column {
  const name = fieldName(asked);
  if (name === undefined)
    throw new XdpeekError({
      code: 'USAGE',
      message: `there is no field "${asked}" to sort by`,
      hint: 'Field names are those of Wireshark, as in display filters.',
    });
  const stored = STORE_FIELDS[name];
  if (stored) return { from: 'store', column: stored };
  if (name.startsWith('_ws.col.')) return columnOf(name.slice('_ws.col.'.length).toLowerCase());
  const info = FIELDS.get(name)!;
  const ofSession = name === FRAME_OWNER || name.startsWith('_ws.') || info.owners.has(FRAME_OWNER);
  if (info.type === 'protocol') {
    const query = new FieldQuery([name]);
    return { ...textColumn([name], (d, frame) => query.values(d, frame)[0]?.[0] ?? ''), ofSession };
  }
  return { ...valueColumn(name, info.type), ofSession };
}

function addressColumn(side: 0 | 1): OfPackets {
  return {
    from: 'packets',
    fields: [],
    ofSession: false,
    plain: { knows: always, give: (keys, at, words, packet) => setPlainAddress(keys, at, words, packet, side) },
    give: (keys, at, words, d) => {
      const { source, destination } = summarize(d);
      setAddress(keys, at, words, side === 0 ? source : destination);
    },
    isWord,
  };
}

function textColumn(fields: readonly string[], text: (d: Dissection, frame: FrameInfo) => string): OfPackets {
  return {
    from: 'packets',
    fields,
    ofSession: false,
    give: (keys, at, words, d, frame) => {
      const found = text(d, frame);
      if (found !== '') keys.set(at, words.id(found));
    },
    isWord: always,
  };
}

type Put = (keys: Keys, at: number, words: Dictionary, value: Datum) => void;

/** By the field's own type. Of several values in a packet the first counts. */
function valueColumn(name: string, type: string): OfPackets {
  const facts = new Facts();
  const found = facts.need(name);
  const knows = knowledgeOf(name);
  const { put, words: asWords } = putOf(type);
  const given: Datum[] = [];
  return {
    from: 'packets',
    fields: [name],
    ofSession: false,
    plain: {
      knows: (packet, sure) => sure && knows(packet) !== 'unknown',
      give: (keys, at, words, packet) => {
        const known = knows(packet);
        if (typeof known === 'string') return;
        given.length = 0;
        known(packet, given);
        if (given.length > 0) put(keys, at, words, given[0]!);
      },
    },
    give: (keys, at, words, d, frame) => {
      facts.gather(d, frame);
      const [first] = found.values;
      if (first !== undefined) put(keys, at, words, first);
    },
    isWord: asWords ? always : undefined,
  };
}

function putOf(type: string): { put: Put; words: boolean } {
  const kind = kindOf(type as Parameters<typeof kindOf>[0]);
  const large = type === 'uint64' || type === 'int64' || kind === 'time';
  if (large)
    return {
      put: (keys, at, _words, value) => keys.setLarge(at, BigInt(value as number | bigint), type !== 'uint64'),
      words: false,
    };
  switch (kind) {
    case 'string':
      return { put: (keys, at, words, value) => keys.set(at, words.id(String(value))), words: true };
    case 'ipv6':
    case 'bytes':
      return { put: (keys, at, words, value) => keys.set(at, words.id(bytesText(value as Uint8Array))), words: true };
    case 'ether':
      return { put: putEther, words: false };
    default:
      return { put: (keys, at, _words, value) => keys.setNumber(at, Number(value)), words: false };
  }
}

const putEther: Put = (keys, at, _words, value) => {
  const b = value as Uint8Array;
  keys.set(at, u32(b, 2), u16(b, 0));
};
