/** Trivial File Transfer Protocol (RFC 1350, options RFC 2347). The server answers from a port of its own: the client's end tells which transfer it is. */
import type { Transfer } from '../../state/transfers.ts';
import { u16 } from '../bytes.ts';
import { carrier } from '../checksum.ts';
import { Cursor } from '../cursor.ts';
import { f, protocol } from '../define.ts';
import type { Dissection, Layer, Protocol } from '../dissection.ts';
import { note } from '../notes.ts';
import { ipv4Text, ipv6Text } from '../text.ts';
import { rest } from './data.ts';

const PORT = 69;
const [READ, WRITE, DATA, ACK, ERROR, OPTIONS] = [1, 2, 3, 4, 5, 6] as const;
const OPCODES: Record<number, string> = {
  [READ]: 'Read Request',
  [WRITE]: 'Write Request',
  [DATA]: 'Data Packet',
  [ACK]: 'Acknowledgement',
  [ERROR]: 'Error Code',
  [OPTIONS]: 'Option Acknowledgement',
};
const ERRORS: Record<number, string> = {
  0: 'Not defined',
  1: 'File not found',
  2: 'Access violation',
  3: 'Disk full or allocation exceeded',
  4: 'Illegal TFTP Operation',
  5: 'Unknown transfer ID',
  6: 'File already exists',
  7: 'No such user',
  8: 'Option negotiation failed',
};
const BLOCK = 512;

const F = {
  opcode: f.u16('tftp.opcode', 'Opcode', { names: OPCODES }),
  source: f.text('tftp.source_file', 'Source File'),
  destination: f.text('tftp.destination_file', 'Destination File'),
  request: f.u32('tftp.request_frame', 'Request frame'),
  type: f.text('tftp.type', 'Type'),
  block: f.u16('tftp.block', 'Block'),
  error: f.u16('tftp.error.code', 'Error code', { names: ERRORS }),
  message: f.text('tftp.error.message', 'Error message'),
  optionName: f.text('tftp.option.name', 'Option name'),
  optionValue: f.text('tftp.option.value', 'Option value'),
};
const transferOf = (layer: Layer) => layer.facts as Transfer | undefined;
const opcodeOf = (d: Dissection, layer: Layer) => u16(d.bytes, layer.start);

interface Text {
  text: string;
  at: number;
  /** With its NUL. */
  length: number;
}

/** Texts that end at NULs. */
function texts(d: Dissection, start: number, end: number): Text[] {
  const found: Text[] = [];
  for (let at = start; at < end; ) {
    const nul = d.bytes.indexOf(0, at);
    const stop = nul < 0 || nul >= end ? end : nul;
    let text = '';
    for (let i = at; i < stop; i++) text += String.fromCharCode(d.bytes[i]!);
    found.push({ text, at, length: Math.min(end, stop + 1) - at });
    at = stop + 1;
  }
  return found;
}

/** Both ends of a datagram as text. */
function ends(d: Dissection, udp: Layer): { from: string; to: string } | undefined {
  const network = carrier(udp)?.network;
  if (!network) return undefined;
  const six = network.protocol.name === 'ipv6';
  const text = six ? ipv6Text : ipv4Text;
  const at = network.start + (six ? 8 : 12);
  return {
    from: `${text(d.bytes, at)}:${u16(d.bytes, udp.start)}`,
    to: `${text(d.bytes, at + (six ? 16 : 4))}:${u16(d.bytes, udp.start + 2)}`,
  };
}

function find(d: Dissection, udp: Layer): Transfer | undefined {
  const { context } = d;
  const table = context?.state.media.transfers;
  if (!context || !table || table.empty || d.quoting) return undefined;
  const both = ends(d, udp);
  return both && (table.find(both.to, context.number) ?? table.find(both.from, context.number));
}

export const tftp: Protocol = protocol({
  name: 'tftp',
  column: 'TFTP',
  title: 'Trivial File Transfer Protocol',
  tint: 'udp',
  minLength: 4,
  binds: { 'udp.port': [PORT] },
  fields: F,
  heuristic: {
    udp(bytes, start, end, d) {
      if (end - start < 4 || bytes[start] !== 0 || bytes[start + 1]! < DATA || bytes[start + 1]! > OPTIONS)
        return false;
      const udp = d.layers.at(-1);
      return udp?.protocol.name === 'udp' && find(d, udp) !== undefined;
    },
  },
  walk(d, layer) {
    const end = d.capturedEnd(layer);
    layer.headerLength = end - layer.start;
    const opcode = opcodeOf(d, layer);
    const udp = layer.below;
    if (udp?.protocol.name !== 'udp') return undefined;
    if (opcode === READ || opcode === WRITE) {
      const client = d.context && !d.quoting ? ends(d, udp)?.from : undefined;
      const file = texts(d, layer.start + 2, end)[0]?.text ?? '';
      if (client) {
        const { media } = d.context!.state;
        media.transfers.begin(client, { number: d.context!.number, file, write: opcode === WRITE, blockSize: BLOCK });
      }
      return undefined;
    }
    const transfer = find(d, udp);
    layer.facts = transfer;
    if (opcode === OPTIONS && transfer) {
      const list = texts(d, layer.start + 2, end);
      const at = list.findIndex(({ text }, i) => i % 2 === 0 && text.toLowerCase() === 'blksize');
      const size = Number(list[at + 1]?.text);
      if (at >= 0 && size >= 8 && size <= 65_464) transfer.blockSize = size;
    }
    if (opcode !== DATA) return undefined;
    layer.headerLength = 4;
    return rest(d, layer.start + 4, layer.end);
  },
  info(d, layer) {
    const { bytes } = d;
    const { start } = layer;
    const end = d.capturedEnd(layer);
    const opcode = opcodeOf(d, layer);
    const name = OPCODES[opcode] ?? `Unknown (0x${opcode.toString(16).padStart(4, '0')})`;
    const options = (list: Text[]) => list.map(({ text }, i) => (i % 2 === 0 ? `, ${text}` : `=${text}`)).join('');
    if (opcode === READ || opcode === WRITE) {
      const [file, type, ...more] = texts(d, start + 2, end);
      return `${name}, File: ${file?.text ?? ''}, Transfer type: ${type?.text ?? ''}${options(more)}`;
    }
    if (opcode === DATA) {
      const last = layer.end - start - 4 < (transferOf(layer)?.blockSize ?? BLOCK);
      return `${name}, Block: ${u16(bytes, start + 2)}${last ? ' (last)' : ''}`;
    }
    if (opcode === ACK) return `${name}, Block: ${u16(bytes, start + 2)}`;
    if (opcode === ERROR) {
      const code = u16(bytes, start + 2);
      return `${name}, Code: ${ERRORS[code] ?? `Unknown (${code})`}, Message: ${texts(d, start + 4, end)[0]?.text ?? ''}`;
    }
    return opcode === OPTIONS ? name + options(texts(d, start + 2, end)) : name;
  },
  emit(d, layer, out) {
    const c = Cursor.of(d, layer, out);
    const opcode = c.u16(F.opcode);
    if (opcode === READ || opcode === WRITE) {
      c.cstring(opcode === READ ? F.source : F.destination);
      if (c.left > 0) c.cstring(F.type);
      emitOptions(c, d);
      return;
    }
    const transfer = transferOf(layer);
    if (transfer) {
      out.value(F.destination, c.at, 0, transfer.file, { generated: true });
      const label = `${transfer.write ? 'Write' : 'Read'} Request in frame ${transfer.number}`;
      out.value(F.request, c.at, 0, transfer.number, { generated: true, label });
    }
    if (opcode === DATA || opcode === ACK) c.u16(F.block);
    else if (opcode === OPTIONS) emitOptions(c, d);
    else if (opcode === ERROR) {
      c.u16(F.error);
      if (c.left > 0) c.cstring(F.message);
      note(out, 'warn', 'Response', 'TFTP ERROR packet', layer.start);
    }
  },
});

function emitOptions(c: Cursor, d: Dissection): void {
  const list = texts(d, c.at, c.end);
  for (let i = 0; i + 1 < list.length; i += 2) {
    const [name, value] = [list[i]!, list[i + 1]!];
    c.group(`Option: ${name.text} = ${value.text}`, name.length + value.length, () => {
      c.out.value(F.optionName, name.at, name.length, name.text);
      c.out.value(F.optionValue, value.at, value.length, value.text);
    });
  }
}
