/** What Find looks for, as a display filter. Pure. */
export const FIND_KINDS = ['list', 'string', 'regex', 'hex', 'filter'] as const;
export type FindKind = (typeof FIND_KINDS)[number];

export const FIND_WORDS: Record<FindKind, { label: string; placeholder: string }> = {
  list: { label: 'Text in the list', placeholder: 'retransmission, 10.0.0.1, GET …' },
  string: { label: 'Text in the bytes', placeholder: 'any text, upper or lower case' },
  regex: { label: 'Regular expression in the bytes', placeholder: 'user(name)?=\\w+' },
  hex: { label: 'Bytes', placeholder: '00 1b 44 or 001b44' },
  filter: { label: 'Display filter', placeholder: 'dns.flags.rcode != 0' },
};

const quoted = (text: string) => `"${text.replace(/[\\"]/g, '\\$&')}"`;
const literal = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

export function findFilter(kind: FindKind, text: string): { filter: string } | { problem: string } {
  switch (kind) {
    case 'filter':
      return { filter: text.trim() };
    case 'hex': {
      const digits = text.replace(/0x|[\s:,.-]/gi, '');
      if (!/^([0-9a-f]{2})+$/i.test(digits)) return { problem: 'bytes are pairs of hexadecimal digits' };
      return { filter: `frame contains ${digits.match(/../g)!.join(':')}` };
    }
    case 'regex':
      return { filter: `frame matches ${quoted(text)}` };
    case 'string':
      return { filter: `frame matches ${quoted(literal(text))}` };
    case 'list': {
      const wanted = quoted(literal(text));
      const columns = ['Info', 'Source', 'Destination', 'Protocol'];
      return { filter: columns.map((name) => `_ws.col.${name} matches ${wanted}`).join(' || ') };
    }
  }
}
