/** Where the blocks of a capture go: a file, standard output, or a printer. */

import type { Moved, PipedBlocks } from '../../session/privileged/output-pipe.ts';

export interface BlockSink {
  /** Whole pcapng blocks in order. Resolves when they are taken; `false` ends the capture. */
  take(bytes: Uint8Array, packets: number): Promise<boolean | undefined>;
  /** Blocks that are still in the pipe, for a sink that need not see them. If none was moved they come to `take`. Never rejects. */
  takePiped?(blocks: PipedBlocks): Promise<Moved & { goOn: boolean }> | undefined;
  /** Finishes what is under way. Throws why it failed, if it did. */
  close(): Promise<void>;
  /** Packets that could not be stored. */
  readonly lost: number;
  /** Nobody wants to hear about the end: the reader went away. */
  readonly quiet: boolean;
}
