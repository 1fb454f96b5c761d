/**
 * What the server needs of a session: the part of session/ that HTTP reaches. One backend serves all clients, so every window
 * shows the same capture.
 */
import type { Writable } from 'node:stream';
import type { ClientMessage, MessagePipe, ServerMessage } from '../shared/backend-messages.ts';
import type { ExportRequest } from '../shared/export.ts';

export interface ServedBackend {
  /** A client came; the backend lets go of it when the pipe closes. */
  connect(pipe: MessagePipe<ClientMessage, ServerMessage>): void;
  /** Opens a capture file, or several merged by time, shown by these names. Rejects with an XdpeekError when one cannot be read at all. */
  openFile(paths: readonly string[], names: readonly string[]): Promise<void>;
  /** Opens a TLS key log, shown as `name`. Rejects when it holds no secrets. */
  openKeyLog(path: string, name: string): Promise<void>;
  /** Whether there is a capture to save. */
  hasCapture(): boolean;
  /** Writes the present capture as pcapng; complete as of now also while it runs. */
  saveCapture(out: Writable): Promise<void>;
  /** Writes chosen packets; `name` is how the status tells of it. */
  exportPackets(request: ExportRequest, out: Writable, name: string): Promise<void>;
}
