/** What the messages of an SMB2 connection tell of each other: requests that wait for their answers, trees by number, open files by id. */
import { own } from '../../state/conversations.ts';
import { u16le } from '../bytes.ts';
import type { Dissection, Layer } from '../dissection.ts';
import { hexText } from '../text.ts';
import { tcpFacts } from './tcp-facts.ts';

const MAX_KEPT = 10_000;
export const SMB2_HEADER = 64;

export const u32le = (bytes: Uint8Array, at: number) => (u16le(bytes, at) | (u16le(bytes, at + 2) << 16)) >>> 0;
export const utf16Text = (bytes: Uint8Array, at: number, length: number) => {
  let text = '';
  for (let i = at; i + 1 < at + length && i + 1 < bytes.length; i += 2) text += String.fromCharCode(u16le(bytes, i));
  return text;
};

export interface Tree {
  path: string;
  shareType: number | undefined;
  /** Of the response that made it. */
  frame: number;
}

export interface Smb2Message {
  at: number;
  end: number;
  command: number;
  response: boolean;
  status: number;
  /** The request that it answers. */
  asked: Request | undefined;
  tree: Tree | undefined;
  file: string | undefined;
  /** File's data, of a read's answer or a write. */
  data: { at: number; length: number } | undefined;
}

interface Request {
  number: number;
  timeNs: number;
  /** Tree connect: path; create: name; others: the file that is meant. */
  name: string | undefined;
}

class Connection {
  readonly requests = new Map<string, Request>();
  readonly trees = new Map<string, Tree>();
  readonly files = new Map<string, string>();
}

function keep<T>(map: Map<string, T>, key: string, value: T): void {
  if (map.size >= MAX_KEPT && !map.has(key)) map.delete(map.keys().next().value!);
  map.set(key, value);
}

const CONNECTION = Symbol('smb2');
const NT_SUCCESS = 0;
/** The server works on it; the answer comes later. */
const PENDING = 0x103;

export const isResponse = (bytes: Uint8Array, at: number) => (bytes[at + 16]! & 1) !== 0;
export const isAsync = (bytes: Uint8Array, at: number) => (bytes[at + 16]! & 2) !== 0;

/** Where a request has the id of the file that it is about, from its body on. */
const FILE_ID_AT: Record<number, number> = { 6: 8, 7: 8, 8: 16, 9: 16, 10: 8, 11: 8, 14: 8, 15: 8, 16: 24, 17: 16 };

/** The messages of a layer, chained ones one after the other. */
export function smb2Messages(d: Dissection, layer: Layer): Smb2Message[] {
  const end = d.capturedEnd(layer);
  const nbss = layer.below?.protocol.name === 'nbss' ? layer.below.below : layer.below;
  const conversation = nbss?.protocol.name === 'tcp' ? tcpFacts(nbss)?.conversation : undefined;
  const connection = conversation ? own(conversation, CONNECTION, () => new Connection()) : new Connection();
  const messages: Smb2Message[] = [];
  for (let at = layer.start; at + SMB2_HEADER <= end; ) {
    const next = u32le(d.bytes, at + 20);
    const stop = next >= SMB2_HEADER && at + next < end ? at + next : end;
    messages.push(readMessage(d, connection, at, stop));
    at = stop;
  }
  return messages;
}

function readMessage(d: Dissection, connection: Connection, at: number, end: number): Smb2Message {
  const { bytes, context } = d;
  const body = at + SMB2_HEADER;
  const command = u16le(bytes, at + 12);
  const response = isResponse(bytes, at);
  const status = response ? u32le(bytes, at + 8) : NT_SUCCESS;
  const session = hexText(bytes, at + 40, at + 48);
  const id = `${session} ${hexText(bytes, at + 24, at + 32)}`;
  const anywhere = hexText(bytes, at + 24, at + 32);
  const treeKey = `${session} ${hexText(bytes, at + 36, at + 40)}`;
  const message: Smb2Message = {
    at,
    end,
    command,
    response,
    status,
    asked: undefined,
    tree: undefined,
    file: undefined,
    data: undefined,
  };
  // A session's number comes with its first answer.
  if (response) message.asked = connection.requests.get(id) ?? connection.requests.get(anywhere);
  if (!isAsync(bytes, at)) message.tree = connection.trees.get(treeKey);
  const readName = (offset: number, length: number) => {
    const start = at + u16le(bytes, body + offset);
    const size = u16le(bytes, body + length);
    return start >= body && start + size <= end ? utf16Text(bytes, start, size) : undefined;
  };
  let name: string | undefined;
  if (command === 3 && !response) name = readName(4, 6);
  else if (command === 3 && status === NT_SUCCESS && message.asked?.name !== undefined)
    keep(connection.trees, treeKey, {
      path: message.asked.name,
      shareType: bytes[body + 2],
      frame: context?.number ?? 0,
    });
  else if (command === 5 && !response) message.file = name = readName(44, 46);
  else if (command === 5) {
    message.file = message.asked?.name;
    if (status === NT_SUCCESS && message.file !== undefined)
      keep(connection.files, hexText(bytes, body + 64, body + 80), message.file);
  } else if (!response && FILE_ID_AT[command] !== undefined) {
    const fileAt = body + FILE_ID_AT[command]!;
    message.file = name = connection.files.get(hexText(bytes, fileAt, fileAt + 16));
  }
  if (!response && context)
    keep(connection.requests, session === '0000000000000000' ? anywhere : id, {
      number: context.number,
      timeNs: context.timeNs,
      name,
    });
  else if (response && status !== PENDING) {
    connection.requests.delete(id);
    connection.requests.delete(anywhere);
  }
  if (command === 8 && response && status === NT_SUCCESS)
    message.data = { at: at + bytes[body + 2]!, length: u32le(bytes, body + 4) };
  if (command === 9 && !response) message.data = { at: at + u16le(bytes, body + 2), length: u32le(bytes, body + 4) };
  if (message.data && (message.data.at < body || message.data.length === 0)) message.data = undefined;
  return message;
}
