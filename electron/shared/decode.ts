/** "Decode as…": what the user says a port, an EtherType or another number means. */

/** Tables that a rule may name, as tshark's -d calls them. */
export const DECODE_TABLE_NAMES = [
  'tcp.port',
  'udp.port',
  'sctp.port',
  'sctp.ppi',
  'ip.proto',
  'ethertype',
  'llc.dsap',
  'ppp.protocol',
  'linktype',
] as const;
export type DecodeTable = (typeof DECODE_TABLE_NAMES)[number];

/** Words for people; largest key; how keys are shown. */
export const DECODE_TABLES: Readonly<Record<DecodeTable, { title: string; max: number; hex?: boolean }>> = {
  'tcp.port': { title: 'TCP port', max: 0xffff },
  'udp.port': { title: 'UDP port', max: 0xffff },
  'sctp.port': { title: 'SCTP port', max: 0xffff },
  'sctp.ppi': { title: 'SCTP payload protocol', max: 0xffffffff },
  'ip.proto': { title: 'IP protocol', max: 0xff },
  ethertype: { title: 'EtherType', max: 0xffff, hex: true },
  'llc.dsap': { title: 'LLC SAP', max: 0xff, hex: true },
  'ppp.protocol': { title: 'PPP protocol', max: 0xffff, hex: true },
  linktype: { title: 'Link type', max: 0xffff },
};

/** Of one capture. */
export const MAX_DECODE_RULES = 100;

/** Keys `from` to `to` of the table are this protocol, by its filter name. Of two rules for one key the later counts. */
export interface DecodeRule {
  table: DecodeTable;
  from: number;
  to: number;
  protocol: string;
}

/** A number that a packet was looked up by. */
export interface DecodeKey {
  table: DecodeTable;
  key: number;
  /** Filter name of what it is decoded as now; absent where nothing claims it. */
  protocol?: string;
}

export interface DecodeChoice {
  table: DecodeTable;
  /** What its keys can be decoded as, by name. */
  protocols: { name: string; title: string }[];
}

/**
 * Ways to recognise a protocol by its bytes that are off until somebody switches them on, because other protocols look like it too. Names are tshark's
 * (--enable-heuristic).
 */
export const HEURISTIC_NAMES = ['rtp_udp'] as const;
export type HeuristicName = (typeof HEURISTIC_NAMES)[number];
export const HEURISTICS: Readonly<Record<HeuristicName, { title: string; help: string }>> = {
  rtp_udp: {
    title: 'RTP that nothing announced',
    help: 'Take UDP datagrams for RTP when they look like it. Without this, RTP is found where a session description promised it.',
  },
};

/** method → [params, result] */
export interface DecodeMethods {
  /** The rules, what can be chosen, and with `number` by what that packet was looked up. */
  'decode.get': [
    params: { number?: number },
    result: { rules: DecodeRule[]; heuristics: HeuristicName[]; choices: DecodeChoice[]; keys: DecodeKey[] },
  ];
  /** Replaces the rules of the session, and the heuristics that are on when they come with it: what is shown is analysed anew, and so is what comes. */
  'decode.set': [
    params: { rules: DecodeRule[]; heuristics?: HeuristicName[] },
    result: { rules: DecodeRule[]; heuristics: HeuristicName[] },
  ];
}

/** "0x88b5", "8080-8090". */
export function decodeKeyText({ table, from, to }: Pick<DecodeRule, 'table' | 'from' | 'to'>): string {
  const { hex } = DECODE_TABLES[table];
  const text = (key: number) => (hex ? `0x${key.toString(16).padStart(4, '0')}` : String(key));
  return from === to ? text(from) : `${text(from)}-${text(to)}`;
}

/** One key or a range, decimal or hexadecimal; undefined when it is neither or out of range. `8000:11` is eleven keys. */
export function readDecodeKeys(table: DecodeTable, text: string): { from: number; to: number } | undefined {
  const number = '(0x[0-9a-f]{1,8}|\\d{1,10})';
  const found = new RegExp(`^\\s*${number}(?:\\s*([-:])\\s*${number})?\\s*$`, 'i').exec(text);
  if (!found) return undefined;
  const from = Number(found[1]);
  const second = found[3] === undefined ? undefined : Number(found[3]);
  const to = second === undefined ? from : found[2] === ':' ? from + second - 1 : second;
  return to >= from && to <= DECODE_TABLES[table].max ? { from, to } : undefined;
}

/** Of what was kept somewhere. */
export function isDecodeRule(value: unknown): value is DecodeRule {
  const { table, from, to, protocol } = (value ?? {}) as Partial<DecodeRule>;
  if (table === undefined || !DECODE_TABLE_NAMES.includes(table)) return false;
  const { max } = DECODE_TABLES[table];
  const isKey = (key: unknown): key is number =>
    Number.isInteger(key) && (key as number) >= 0 && (key as number) <= max;
  return isKey(from) && isKey(to) && from <= to && typeof protocol === 'string' && protocol.length <= 100;
}
