/** `-z STATISTIC[,…][,FILTER]`: what to collect, in tshark's words. */
import type { DisplayFilter } from '../../packets/filter/index.ts';
import {
  FOLLOW_KINDS,
  type FollowKind,
  type IoLine,
  OF_FIELD,
  STAT_LAYERS,
  type StatLayer,
} from '../../shared/analysis.ts';
import { displayFilter } from '../display-filter.ts';
import { nearest } from '../options/nearest.ts';
import { quoted, usageError } from '../options/usage-error.ts';

export const FOLLOW_FORMS = ['ascii', 'utf-8', 'hex', 'raw'] as const;
export type FollowForm = (typeof FOLLOW_FORMS)[number];

export type StatRequest =
  | { kind: 'phs' | 'plen' | 'expert' | 'srt'; filter: DisplayFilter | undefined; filterText: string }
  | { kind: 'conv' | 'endpoints'; layer: StatLayer; filter: DisplayFilter | undefined; filterText: string }
  | { kind: 'io'; intervalNs: number; lines: IoLine[] }
  | { kind: 'follow'; protocol: FollowKind; form: FollowForm; stream: number; substream: number | undefined };

const KNOWN =
  'io,phs · io,stat,SECONDS · conv,LAYER · endpoints,LAYER · plen,tree · expert · srt · follow,PROTOCOL,FORM,STREAM';

export function statRequest(text: string): StatRequest {
  const parts = split(text);
  const [name = '', second = ''] = parts;
  const filtered = (from: number) => {
    const filterText = parts.slice(from).join(',');
    return { filter: displayFilter(filterText), filterText };
  };
  if (name === 'io' && second === 'phs') return { kind: 'phs', ...filtered(2) };
  if (name === 'io' && second === 'stat') return io(text, parts);
  if (name === 'plen') return { kind: 'plen', ...filtered(second === 'tree' ? 2 : 1) };
  if (name === 'expert') return { kind: 'expert', ...filtered(1) };
  if (name === 'srt') return { kind: 'srt', ...filtered(1) };
  if (name === 'conv' || name === 'endpoints')
    return { kind: name, layer: oneOf(text, second, STAT_LAYERS, 'a layer'), ...filtered(2) };
  if (name === 'follow') return follow(text, parts);
  const guess = nearest(name, ['io', 'plen', 'expert', 'srt', 'conv', 'endpoints', 'follow']);
  throw usageError(
    `-z knows no statistic ${quoted(text)}`,
    guess ? `Did you mean ${guess}? It knows ${KNOWN}.` : `It knows ${KNOWN}.`,
  );
}

/** At commas that are not inside quotes or brackets: filters have their own. */
function split(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quote = '';
  let part = '';
  for (let i = 0; i < text.length; i++) {
    const letter = text[i]!;
    if (quote) {
      if (letter === '\\') part += text[i++];
      else if (letter === quote) quote = '';
    } else if (letter === '"' || letter === "'") quote = letter;
    else if ('([{'.includes(letter)) depth++;
    else if (')]}'.includes(letter)) depth--;
    if (letter === ',' && depth <= 0 && !quote) {
      parts.push(part.trim());
      part = '';
    } else part += text[i] ?? '';
  }
  return [...parts, part.trim()];
}

function oneOf<T extends string>(text: string, value: string, known: readonly T[], what: string): T {
  const found = known.find((one) => one === value);
  if (found) return found;
  throw usageError(`-z ${text}: ${value ? `${quoted(value)} is not` : 'needs'} ${what}`, `One of ${known.join(', ')}.`);
}

function io(text: string, parts: readonly string[]): StatRequest {
  const seconds = Number(parts[2]);
  if (!parts[2] || !Number.isFinite(seconds) || seconds < 0 || (seconds > 0 && seconds < 1e-6))
    throw usageError(
      `-z ${text}: needs the interval in seconds`,
      'As in io,stat,0.1 – or 0 for one interval over all.',
    );
  const lines: IoLine[] = parts.slice(3).flatMap((part) => column(part));
  if (lines.length === 0) lines.push({ filter: '', fn: 'packets' }, { filter: '', fn: 'bytes' });
  return { kind: 'io', intervalNs: seconds * 1e9, lines };
}

/** `FILTER`, or `SUM(FIELD)FILTER`. */
function column(text: string): IoLine[] {
  const call = /^([A-Za-z]+)\s*\(\s*([^()]*?)\s*\)(.*)$/s.exec(text);
  const fn = OF_FIELD.find((one) => one === call?.[1]?.toLowerCase());
  if (!call || !fn) {
    displayFilter(text);
    return [
      { filter: text, fn: 'packets' },
      { filter: text, fn: 'bytes' },
    ];
  }
  displayFilter(call[3]);
  return [{ filter: call[3]!, fn, field: call[2]! }];
}

function follow(text: string, parts: readonly string[]): StatRequest {
  const protocol = oneOf(text, parts[1] ?? '', FOLLOW_KINDS, 'a protocol');
  const form = oneOf(text, parts[2] ?? '', FOLLOW_FORMS, 'a form');
  const stream = Number(parts[3]);
  if (!parts[3] || !Number.isInteger(stream) || stream < 0)
    throw usageError(
      `-z ${text}: needs the number of a stream`,
      `As in follow,${protocol},${form},0 – tcp.stream and udp.stream have it.`,
    );
  const substream = parts[4] ? Number(parts[4]) : undefined;
  if (substream !== undefined && (protocol !== 'http2' || !Number.isInteger(substream) || substream < 0))
    throw usageError(
      `-z ${text}: ${quoted(parts[4]!)} is no stream of a stream`,
      'Only http2 has them, as in follow,http2,ascii,0,1 – http2.streamid has the number.',
    );
  return { kind: 'follow', protocol, form, stream, substream };
}
