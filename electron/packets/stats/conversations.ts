/**
 * Conversations (`-z conv,LAYER`) and endpoints (`-z endpoints,LAYER`): who talks with whom, how much, when. A is the end whose packet was
 * seen first.
 */
import { STAT_LAYERS, type StatLayer } from '../../shared/analysis.ts';
import { compareAddresses, type Ends, eachEnds, endHash, endKey } from './ends.ts';
import type { Stat, StatPacket } from './stat.ts';

export interface ConversationRow {
  a: Uint8Array;
  b: Uint8Array;
  portA: number;
  portB: number;
  stream: number | undefined;
  /** Packets and bytes on the wire from A to B, and back. */
  packetsAB: number;
  bytesAB: number;
  packetsBA: number;
  bytesBA: number;
  /** ns since the first packet of the capture. */
  firstNs: number;
  lastNs: number;
}

export interface EndpointRow {
  address: Uint8Array;
  port: number;
  packetsSent: number;
  bytesSent: number;
  packetsReceived: number;
  bytesReceived: number;
}

/** Of one layer; what comes after so many is counted in `beyond`. */
const MAX_ROWS = 500_000;

/** Rows that share a hash; where there are more, somebody chose them so: the others go by a text. */
const MAX_ALIKE = 8;

/** How a row is found: what each packet would need a text for costs more than all the rest, so a number goes before it. */
export interface Sought<Row> {
  readonly hash: number;
  is(row: Row): boolean;
  key(): string;
  make(): Row;
}

export class Table<Row> {
  readonly rows: Row[] = [];
  /** Packets that found no room. */
  beyond = 0;
  readonly #byHash = new Map<number, Row[]>();
  readonly #byKey = new Map<string, Row>();

  find(sought: Sought<Row>): Row | undefined {
    const alike = this.#byHash.get(sought.hash);
    if (alike) for (const row of alike) if (sought.is(row)) return row;
    const key = alike && alike.length >= MAX_ALIKE ? sought.key() : undefined;
    const known = key === undefined ? undefined : this.#byKey.get(key);
    if (known) return known;
    if (this.rows.length >= MAX_ROWS) {
      this.beyond++;
      return undefined;
    }
    const made = sought.make();
    if (key !== undefined) this.#byKey.set(key, made);
    else if (alike) alike.push(made);
    else this.#byHash.set(sought.hash, [made]);
    this.rows.push(made);
    return made;
  }
}

const tables = <Row>() =>
  Object.fromEntries(STAT_LAYERS.map((layer) => [layer, new Table<Row>()])) as Record<StatLayer, Table<Row>>;

export class Conversations implements Stat {
  readonly conversations = tables<ConversationRow>();
  readonly endpoints = tables<EndpointRow>();

  see({ d, timeNs }: StatPacket): void {
    eachEnds(d, (ends) => {
      this.#conversation(ends, d.wireLen, timeNs);
      this.#endpoint(ends, d.wireLen);
    });
  }

  #conversation(ends: Ends, bytes: number, timeNs: number): void {
    const { layer, source, destination, sourcePort, destinationPort, stream } = ends;
    const row = this.conversations[layer].find({
      hash: conversationHash(ends),
      is: (row) => isOf(row, ends),
      key: () => conversationKey(ends),
      make: () => ({
        a: source.slice(),
        b: destination.slice(),
        portA: sourcePort,
        portB: destinationPort,
        stream,
        packetsAB: 0,
        bytesAB: 0,
        packetsBA: 0,
        bytesBA: 0,
        firstNs: timeNs,
        lastNs: timeNs,
      }),
    });
    if (!row) return;
    if (row.portA === sourcePort && compareAddresses(row.a, source) === 0) {
      row.packetsAB++;
      row.bytesAB += bytes;
    } else {
      row.packetsBA++;
      row.bytesBA += bytes;
    }
    row.firstNs = Math.min(row.firstNs, timeNs);
    row.lastNs = Math.max(row.lastNs, timeNs);
  }

  #endpoint({ layer, source, sourcePort, destination, destinationPort }: Ends, bytes: number): void {
    const from = this.#end(layer, source, sourcePort);
    if (from) {
      from.packetsSent++;
      from.bytesSent += bytes;
    }
    const to = this.#end(layer, destination, destinationPort);
    if (to) {
      to.packetsReceived++;
      to.bytesReceived += bytes;
    }
  }

  #end(layer: StatLayer, address: Uint8Array, port: number): EndpointRow | undefined {
    return this.endpoints[layer].find({
      hash: endHash(address, port),
      is: (row) => row.port === port && compareAddresses(row.address, address) === 0,
      key: () => endKey(address, port),
      make: () => ({
        address: address.slice(),
        port,
        packetsSent: 0,
        bytesSent: 0,
        packetsReceived: 0,
        bytesReceived: 0,
      }),
    });
  }
}

/** The same for both directions. */
function conversationKey({ source, destination, sourcePort, destinationPort, stream }: Ends): string {
  if (stream !== undefined) return String(stream);
  const [a, b] = [endKey(source, sourcePort), endKey(destination, destinationPort)];
  return a < b ? a + b : b + a;
}

/** Likewise. */
function conversationHash({ source, destination, sourcePort, destinationPort, stream }: Ends): number {
  if (stream !== undefined) return stream;
  return (endHash(source, sourcePort) + endHash(destination, destinationPort)) & 0x3fffffff;
}

function isOf({ a, b, portA, portB, stream }: ConversationRow, ends: Ends): boolean {
  if (stream !== ends.stream) return false;
  if (stream !== undefined) return true;
  const { source, destination, sourcePort, destinationPort } = ends;
  const is = (address: Uint8Array, port: number, other: Uint8Array, otherPort: number) =>
    port === otherPort && compareAddresses(address, other) === 0;
  return (
    (is(a, portA, source, sourcePort) && is(b, portB, destination, destinationPort)) ||
    (is(a, portA, destination, destinationPort) && is(b, portB, source, sourcePort))
  );
}
