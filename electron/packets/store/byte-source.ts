/** Where packet bytes live: the spool or an opened file. Implemented by the session; packets/ does no I/O. */
export interface ByteSource {
  /** Of the file, where it is one: others may read it too. */
  readonly fd?: number;
  /**
   * `length` bytes at `offset` of the file, fewer where the file ends. The result may be a view that the source reuses
   * at its next read.
   */
  read(offset: number, length: number): Uint8Array;
}
