/** Bytes on their way into a file, compressed as its name says: .gz, .zst. */
import { Readable, type Transform } from 'node:stream';
import { createGzip, createZstdCompress } from 'node:zlib';
import type { ExportFormat, ExportPacking } from '../../shared/export.ts';

function packer(name: string): Transform | undefined {
  return /\.gz$/i.test(name) ? createGzip() : /\.zst$/i.test(name) ? createZstdCompress() : undefined;
}

export async function* packed(bytes: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const stream = packer(name);
  if (!stream) {
    yield* bytes;
    return;
  }
  const source = Readable.from(bytes, { objectMode: false });
  source.on('error', (error) => stream.destroy(error));
  try {
    yield* source.pipe(stream) as AsyncIterable<Uint8Array>;
  } finally {
    source.destroy();
  }
}

/** What a name asks for: .pcap is pcap with nanoseconds, anything else pcapng. */
export function formatOf(name: string): ExportFormat {
  return /\.pcap(?:\.gz|\.zst)?$/i.test(name) ? 'pcap-ns' : 'pcapng';
}

export function packingOfName(name: string): ExportPacking {
  return /\.gz$/i.test(name) ? 'gz' : /\.zst$/i.test(name) ? 'zst' : 'none';
}
