/** A stream that is followed, as text: what the second end says is indented by a tab, as tshark does it. */
import type { Follow } from '../../packets/stats/follow.ts';
import type { FollowChunk } from '../../shared/analysis.ts';
import { jsonLine } from '../output/json-line.ts';
import { HARMFUL } from '../output/printable.ts';
import type { FollowForm } from './request.ts';

const RULE = `${'='.repeat(67)}\n`;

export function printFollow(follow: Follow, form: FollowForm, json: boolean): string {
  const chunks = [...follow.chunks, ...follow.rest];
  if (json)
    return chunks
      .map(({ from, number, timeNs, bytes, missing }) =>
        jsonLine({
          stat: 'follow',
          from,
          frame: number,
          timeNs,
          ...(missing > 0 ? { missing } : { bytes: hexOf(bytes) }),
        }),
      )
      .join('');
  const end = (i: 0 | 1) => {
    const { address, port } = follow.ends?.[i] ?? { address: '', port: 0 };
    return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  };
  let text = `\n${RULE}Follow: ${follow.kind},${form}\nFilter: ${follow.transport}.stream eq ${follow.stream}${follow.substream === undefined ? '' : ` and http2.streamid eq ${follow.substream}`}\n`;
  if (!follow.ends) return `${text}There is no such stream.\n${RULE}`;
  text += `Node 0: ${end(0)}\nNode 1: ${end(1)}\n`;
  const at: [number, number] = [0, 0];
  for (const chunk of chunks) {
    text += chunkText(chunk, form, at[chunk.from]);
    at[chunk.from] += chunk.bytes.length + chunk.missing;
  }
  if (follow.cut) text += '[The stream goes on: only its first 64 MiB are kept.]\n';
  return `${text}${RULE}`;
}

function chunkText({ from, bytes, missing }: FollowChunk, form: FollowForm, offset: number): string {
  const indent = from === 1 ? '\t' : '';
  if (missing > 0) return `${indent}[${missing} bytes missing in capture file]\n`;
  if (form === 'raw') return `${indent}${hexOf(bytes)}\n`;
  if (form === 'hex') return hexLines(bytes, offset, indent);
  return `${indent}${bytes.length}\n${form === 'ascii' ? asciiOf(bytes) : utf8Of(bytes)}\n`;
}

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');

/** Two groups of eight a line, offsets of the direction. */
function hexLines(bytes: Uint8Array, offset: number, indent: string): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes.subarray(at, at + 16);
    const groups = [row.subarray(0, 8), row.subarray(8)];
    const hex = groups.map((group) => Array.from(group, (byte) => byte.toString(16).padStart(2, '0')).join(' '));
    const ascii = groups.map((group) => Array.from(group, asciiByte).join(''));
    const digits = (offset + at).toString(16).toUpperCase().padStart(8, '0');
    text += `${indent}${digits}  ${hex.join('  ').padEnd(48)}  ${ascii.join(' ').trimEnd()}\n`;
  }
  return text;
}

const asciiByte = (byte: number) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.');

/** What is not printable becomes a dot; lines stay lines, and no carriage return hides one. */
function asciiOf(bytes: Uint8Array): string {
  return lines(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')).replace(
    /[^\n\x20-\x7e]/g,
    '.',
  );
}

function utf8Of(bytes: Uint8Array): string {
  const text = lines(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
  return text.replace(HARMFUL, (found) => (found === '\n' || found === '\t' ? found : '.'));
}

/** A line end may be cut in two: the line that is printed after the chunk stands for it. */
const lines = (text: string) => text.replaceAll('\r\n', '\n').replace(/\r$/, '');
