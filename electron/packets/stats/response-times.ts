/** Service response times (`-z srt`): from each request to its answer, by what was asked. */
import { FieldQuery } from '../dissect/fields.ts';
import type { Stat, StatPacket } from './stat.ts';

export interface ResponseTimes {
  /** Filter name of the protocol. */
  protocol: string;
  /** "A", "GET 200", "Echo". */
  what: string;
  count: number;
  minNs: number;
  maxNs: number;
  sumNs: number;
  /** Frame of the slowest answer. */
  slowest: number;
}

interface Kind {
  protocol: string;
  /** Field with the time, and those that say what was asked. */
  fields: readonly string[];
  unit: 's' | 'ms';
  name(values: readonly string[][]): string;
}

const DNS_TYPES: Record<string, string> = {
  '1': 'A',
  '2': 'NS',
  '5': 'CNAME',
  '6': 'SOA',
  '12': 'PTR',
  '15': 'MX',
  '16': 'TXT',
  '28': 'AAAA',
  '33': 'SRV',
  '65': 'HTTPS',
};

const KINDS: readonly Kind[] = [
  {
    protocol: 'dns',
    fields: ['dns.time', 'dns.qry.type'],
    unit: 's',
    name: ([, type]) => DNS_TYPES[type?.[0] ?? ''] ?? `type ${type?.[0] ?? '?'}`,
  },
  {
    protocol: 'http',
    fields: ['http.time', 'http.response.code'],
    unit: 's',
    name: ([, code]) => `status ${code?.[0] ?? '?'}`,
  },
  { protocol: 'icmp', fields: ['icmp.resptime'], unit: 'ms', name: () => 'echo' },
  { protocol: 'icmpv6', fields: ['icmpv6.echo.resptime'], unit: 'ms', name: () => 'echo' },
];
const MAX_ENTRIES = 10_000;

export class ServiceTimes implements Stat {
  readonly #entries = new Map<string, ResponseTimes>();
  readonly #kinds = new Map(KINDS.map((kind) => [kind.protocol, { kind, query: new FieldQuery(kind.fields) }]));

  see({ d, number, timeNs }: StatPacket): void {
    for (const layer of d.layers) {
      const known = this.#kinds.get(layer.protocol.name);
      if (!known || layer.quotedBy) continue;
      const values = known.query.values(d, { number, timeNs, epochNs: 0n, interfaceId: 0 });
      for (const text of values[0]!) this.#add(known.kind, values, text, number);
      return;
    }
  }

  /** The slowest on average first, by protocol. */
  get entries(): ResponseTimes[] {
    const average = ({ sumNs, count }: ResponseTimes) => sumNs / count;
    return [...this.#entries.values()].sort((a, b) => a.protocol.localeCompare(b.protocol) || average(b) - average(a));
  }

  #add({ protocol, unit, name }: Kind, values: readonly string[][], text: string, number: number): void {
    const ns = Math.round(Number(text) * (unit === 's' ? 1e9 : 1e6));
    const what = name(values);
    const key = `${protocol}\0${what}`;
    const entry = this.#entries.get(key);
    if (!entry) {
      if (this.#entries.size < MAX_ENTRIES)
        this.#entries.set(key, { protocol, what, count: 1, minNs: ns, maxNs: ns, sumNs: ns, slowest: number });
      return;
    }
    entry.count++;
    entry.sumNs += ns;
    entry.minNs = Math.min(entry.minNs, ns);
    if (ns > entry.maxNs) {
      entry.maxNs = ns;
      entry.slowest = number;
    }
  }
}
