/** The packet that a program is run on: hexadecimal text, a file of it, a packet of a capture file. */
import { createReadStream } from 'node:fs';
import { PACKET_MAX_BYTES } from '../../session/workbench/run-packet.ts';
import { LINKTYPE_ETHERNET } from '../../shared/capture.ts';
import { XdpeekError } from '../../shared/errors.ts';
import { HexError, hexToBytes } from '../../shared/hex-text.ts';
import { OBJECT_MAX_BYTES } from '../../shared/workbench.ts';
import { captureFile } from '../capture-file.ts';
import { quoted, usageError } from '../options/usage-error.ts';
import { PacketFeed } from '../packet-feed.ts';
import { refuseDamage } from '../read-damage.ts';

export interface InputOptions {
  readonly data: string | undefined;
  readonly 'hex-file': string | undefined;
  readonly packet: string | undefined;
}

export async function inputPacket(options: InputOptions, stop: AbortSignal): Promise<Uint8Array> {
  const { data, packet } = options;
  const given = [data, options['hex-file'], packet].filter((each) => each !== undefined);
  if (given.length !== 1)
    throw usageError('a packet is needed, once', 'Give --data HEX, --hex-file FILE or --packet FILE[:N].');
  if (data !== undefined) return hexBytes(data, '--data');
  if (packet !== undefined) return ofCapture(packet, stop);
  const name = options['hex-file']!;
  return hexBytes(await textOf(name), name);
}

export function hexBytes(text: string, where: string): Uint8Array {
  try {
    return hexToBytes(text);
  } catch (error) {
    if (!(error instanceof HexError)) throw error;
    throw usageError(
      `${where}: ${error.message}`,
      'Two hexadecimal digits a byte; spaces and colons may stand between.',
    );
  }
}

/** @param name a file, or '-' for standard input */
export async function textOf(name: string): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of name === '-' ? process.stdin : createReadStream(name)) {
      bytes += (piece as Buffer).length;
      // As large as an object file may be; devices without an end are none.
      if (bytes > OBJECT_MAX_BYTES) break;
      pieces.push(piece as Buffer);
    }
  } catch (error) {
    const { code = 'EIO', message } = error as NodeJS.ErrnoException;
    throw new XdpeekError({ code, message: `cannot read ${quoted(name)}: ${WHY[code] ?? message}` });
  }
  if (bytes > OBJECT_MAX_BYTES)
    throw new XdpeekError({ code: 'E2BIG', message: `${quoted(name)} has more than ${OBJECT_MAX_BYTES} bytes` });
  return Buffer.concat(pieces).toString();
}

const WHY: Record<string, string> = {
  ENOENT: 'there is no such file',
  EACCES: 'you may not read it',
  EISDIR: 'it is a folder',
};

function ofCapture(text: string, stop: AbortSignal): Promise<Uint8Array> {
  const [, file = text, number = '1'] = /^(.+):(\d{1,10})$/.exec(text) ?? [];
  return packetOfFile(file, Number(number), stop);
}

/** @param number 1-based */
export async function packetOfFile(file: string, number: number, stop: AbortSignal): Promise<Uint8Array> {
  const feed = new PacketFeed();
  let seen = 0;
  for await (const piece of captureFile(file, stop)) {
    feed.push(piece);
    if (number > seen && number <= seen + feed.count) return bytesOf(feed.at(number - seen - 1), file);
    seen += feed.count;
    if (feed.parser.damage) break;
  }
  feed.parser.end();
  const { damage } = feed.parser;
  if (seen === 0) refuseDamage(file, damage, 0);
  throw new XdpeekError({
    code: 'ENOENT',
    message: `${file} has no packet ${number}: ${damage ? `it is damaged behind the first ${seen}` : `it has ${seen}`}`,
  });
}

function bytesOf({ number, bytes, linkType }: ReturnType<PacketFeed['at']>, file: string): Uint8Array {
  if (linkType !== LINKTYPE_ETHERNET)
    throw new XdpeekError({
      code: 'EOPNOTSUPP',
      message: `packet ${number} of ${file} has no Ethernet header (link type ${linkType}): the kernel runs programs on Ethernet frames`,
      hint: 'Put a header of 14 bytes in front and give it with --data.',
    });
  if (bytes.length > PACKET_MAX_BYTES)
    throw new XdpeekError({
      code: 'E2BIG',
      message: `packet ${number} has ${bytes.length} bytes; at most ${PACKET_MAX_BYTES} can be run`,
    });
  return bytes.slice();
}
