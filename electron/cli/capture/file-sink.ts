/**
 * `-w FILE`: blocks go to the file as they come, without a look at the packets. The file is made when the capture has
 * started, so a capture that cannot start leaves an older file alone. On a full disk whole packets stay, the rest is counted.
 */
import { BlockFile, NOTHING_MOVED } from '../../session/files/block-file.ts';
import type { Moved, PipedBlocks } from '../../session/privileged/output-pipe.ts';
import type { BlockSink } from './sink.ts';

export class FileSink implements BlockSink {
  readonly quiet = false;
  lost = 0;
  private readonly path: string;
  private file: Promise<BlockFile> | undefined;

  constructor(path: string) {
    this.path = path;
  }

  async take(bytes: Uint8Array, packets: number): Promise<boolean | undefined> {
    this.file ??= BlockFile.replace(this.path);
    const file = await this.file;
    const written = await file.append(bytes, packets);
    this.lost += packets - written.packets;
    return file.failed === undefined;
  }

  takePiped(blocks: PipedBlocks): Promise<Moved & { goOn: boolean }> | undefined {
    // The first blocks come to `take`, and make the file.
    return this.file?.then(
      async (file) => {
        const { lost, ...moved } = await file.appendPiped(blocks);
        this.lost += lost;
        return { ...moved, goOn: moved.bytes === 0 || file.failed === undefined };
      },
      // That it cannot be made, take() tells.
      () => ({ ...NOTHING_MOVED, goOn: true }),
    );
  }

  async close(): Promise<void> {
    const file = await this.file?.catch(() => undefined); // take() has told
    await file?.close();
    if (file?.failed) throw file.failed;
  }
}
