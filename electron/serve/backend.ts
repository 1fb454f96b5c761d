/**
 * What the server needs of a session: the part of session/ that HTTP reaches. One backend serves all clients, so every window
 * shows the same capture.
 */
import type { Writable } from 'node:stream';
import type { ClientMessage, MessagePipe, ServerMessage } from '../shared/backend-messages.ts';

export interface ServedBackend {
  /** A client came; the backend lets go of it when the pipe closes. */
  connect(pipe: MessagePipe<ClientMessage, ServerMessage>): void;
  /** Opens a capture file, shown as `name`. Rejects with an XdpeekError when it cannot be read at all. */
  openFile(path: string, name: string): Promise<void>;
  /** Opens a TLS key log, shown as `name`. Rejects when it holds no secrets. */
  openKeyLog(path: string, name: string): Promise<void>;
  /** Whether there is a capture to save. */
  hasCapture(): boolean;
  /** Writes the present capture as pcapng; complete as of now also while it runs. */
  saveCapture(out: Writable): Promise<void>;
}
