/** Where the blocks of a capture go: a file, standard output, or a printer. */

export interface BlockSink {
  /** Whole pcapng blocks in order. Resolves when they are taken; `false` ends the capture. */
  take(bytes: Uint8Array, packets: number): Promise<boolean | undefined>;
  /** Finishes what is under way. Throws why it failed, if it did. */
  close(): Promise<void>;
  /** Packets that could not be stored. */
  readonly lost: number;
  /** Nobody wants to hear about the end: the reader went away. */
  readonly quiet: boolean;
}
