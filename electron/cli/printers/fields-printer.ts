/** `-T fields -e …` and `-T json -e …`: chosen fields of each packet, by Wireshark's names, laid out as tshark does. */
import { FIELDS, FieldQuery, fieldName } from '../../packets/dissect/fields.ts';
import type { Feed } from '../feed.ts';
import type { FieldsFormat } from '../fields-format.ts';
import { nearest } from '../options/nearest.ts';
import { quoted, usageError } from '../options/usage-error.ts';
import { jsonLine } from '../output/json-line.ts';
import { printable } from '../output/printable.ts';
import type { FrameInfos } from './frame-info.ts';
import type { PacketPrinter } from './packet-printer.ts';

export function fieldsPrinter(
  names: readonly string[],
  format: FieldsFormat | 'json',
  feed: Feed,
  info: FrameInfos,
): PacketPrinter {
  for (const name of names) if (fieldName(name) === undefined) throw unknownField(name);
  const query = new FieldQuery(names);
  const layout = format === 'json' ? jsonLayout(names) : textLayout(format);
  return {
    head: format !== 'json' && format.header ? `${names.join(format.separator)}\n` : '',
    packet(packet) {
      return layout(query.values(feed.dissect(packet), info(packet)));
    },
  };
}

function jsonLayout(names: readonly string[]): (values: string[][]) => string {
  return (values) => {
    const present = names.map((name, at) => [name, values[at]!] as const).filter(([, found]) => found.length > 0);
    return jsonLine(Object.fromEntries(present));
  };
}

function textLayout({ separator, quote, occurrence, aggregator }: FieldsFormat): (values: string[][]) => string {
  const chosen = (values: string[]): string[] => {
    if (occurrence === 'a') return values;
    return occurrence === 'f' ? values.slice(0, 1) : values.slice(-1);
  };
  const cell = (values: string[]): string => {
    const text = printable(chosen(values).join(aggregator));
    return quote && text ? quote + text.replaceAll(quote, quote + quote) + quote : text;
  };
  return (values) => `${values.map(cell).join(separator)}\n`;
}

function unknownField(name: string): Error {
  const guess = nearest(name, [...FIELDS.keys()]);
  return usageError(
    `there is no field ${quoted(name)}`,
    guess ? `Did you mean ${guess}?` : "Names are Wireshark's: ip.src, tcp.flags, icmp.type.",
  );
}
