/**
 * `-w FILE` with `--file-size`, `--file-time` or `--file-packets`: one file after another, named as dumpcap names them
 * (NAME_00001_YYYYMMDDHHMMSS.pcapng, in local time). Each is a whole capture: it begins with the section header and the interface blocks. Packets
 * are never split or written twice; of more than `files` the oldest is removed when a new one begins.
 */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { BlockFile } from '../../session/files/block-file.ts';
import { wholeBlocks } from '../../session/files/blocks.ts';
import type { BlockSink } from './sink.ts';

export interface RingOptions {
  /** Bytes of a file; a file that holds one packet may be longer. */
  readonly size: number | undefined;
  readonly seconds: number | undefined;
  readonly packets: number | undefined;
  readonly files: number | undefined;
}

export class RingSink implements BlockSink {
  readonly quiet = false;
  lost = 0;
  private readonly base: path.ParsedPath;
  private readonly limits: RingOptions;
  private readonly names: string[] = [];
  private header: Uint8Array = new Uint8Array(0);
  private file: BlockFile | undefined;
  private count = 0;
  private packets = 0;
  private bytes = 0;
  private openedMs = 0;
  private failed: Error | undefined;
  private work: Promise<unknown> = Promise.resolve();

  constructor(file: string, limits: RingOptions) {
    this.base = path.parse(file);
    this.limits = limits;
  }

  /** Files that there are, the oldest first. */
  get kept(): readonly string[] {
    return this.names;
  }

  /** Blocks may come before the ones before them are written: one after another. */
  take(bytes: Uint8Array, packets: number): Promise<boolean | undefined> {
    const taken = this.work.then(() => this.store(bytes, packets));
    this.work = taken.catch((error: Error) => {
      this.failed ??= error;
    });
    return taken;
  }

  async close(): Promise<void> {
    await this.work;
    await this.file?.close();
    if (this.failed) throw this.failed;
  }

  private async store(bytes: Uint8Array, packets: number): Promise<boolean | undefined> {
    if (this.failed) {
      this.lost += packets;
      return false;
    }
    if (this.count === 0 && packets === 0) {
      this.header = Buffer.concat([this.header, bytes]);
      await this.next();
      return true;
    }
    for (let at = 0, left = packets; at < bytes.byteLength; ) {
      if (left > 0 && this.full()) await this.next();
      const part = this.fitting(bytes.subarray(at), left);
      const written = await this.file!.append(part.bytes, part.packets);
      this.bytes += part.bytes.byteLength;
      this.packets += part.packets;
      this.lost += part.packets - written.packets;
      at += part.bytes.byteLength;
      left -= part.packets;
      if (this.file!.failed) {
        this.lost += left;
        throw this.file!.failed;
      }
    }
    return true;
  }

  private full(): boolean {
    const { size, seconds, packets } = this.limits;
    if (this.packets === 0) return false;
    return (
      this.bytes >= (size ?? Number.POSITIVE_INFINITY) ||
      this.packets >= (packets ?? Number.POSITIVE_INFINITY) ||
      (seconds !== undefined && performance.now() - this.openedMs >= seconds * 1000)
    );
  }

  /** What of these blocks still goes into this file: at least one. */
  private fitting(bytes: Uint8Array, packets: number): { bytes: Uint8Array; packets: number } {
    if (packets === 0) return { bytes, packets };
    const room = this.limits.size === undefined ? bytes.byteLength : this.limits.size - this.bytes;
    const maxPackets = (this.limits.packets ?? Number.POSITIVE_INFINITY) - this.packets;
    const cut = wholeBlocks(bytes, Math.min(bytes.byteLength, room), maxPackets);
    if (cut.packets > 0) return { bytes: bytes.subarray(0, cut.bytes), packets: cut.packets };
    // Not even one packet has room. A file that has some ends here; an empty one takes it all the same.
    if (this.packets > 0) {
      this.bytes = Number.POSITIVE_INFINITY;
      return { bytes: bytes.subarray(0, cut.bytes), packets: 0 };
    }
    const one = wholeBlocks(bytes, bytes.byteLength, 1);
    return { bytes: bytes.subarray(0, one.bytes), packets: one.packets };
  }

  private async next(): Promise<void> {
    await this.file?.close();
    const { dir, name, ext } = this.base;
    const number = String(++this.count).padStart(5, '0');
    const time = localTime(new Date()).replace(/\D/g, '').slice(0, 14);
    const file = path.join(dir, `${name}_${number}_${time}${ext}`);
    this.file = await BlockFile.replace(file);
    this.names.push(file);
    const { files } = this.limits;
    while (files !== undefined && this.names.length > files) await rm(this.names.shift()!, { force: true });
    await this.file.append(this.header, 0);
    this.bytes = this.header.byteLength;
    this.packets = 0;
    this.openedMs = performance.now();
  }
}

/** As toISOString(), by the clock on the wall: dumpcap's names have that. */
function localTime(date: Date): string {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString();
}
