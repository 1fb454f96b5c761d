/** Key logs named on the command line: read at the start, and again while a capture runs. */
import { Secrets } from '../packets/state/secrets.ts';
import { KeyLogFile } from '../session/files/key-log-file.ts';
import { quoted, usageError } from './options/usage-error.ts';

const LOOK_MS = 20;
const PREFERENCE = 'tls.keylog_file:';

interface Given {
  keylog: readonly string[];
  /** tshark's -o: only its key log is known. */
  preference: readonly string[];
}

export class KeyLogs {
  readonly secrets = new Secrets();
  readonly #files: KeyLogFile[] = [];
  #lookedMs = performance.now();

  /** Throws when a file cannot be read. */
  constructor({ keylog, preference }: Given) {
    for (const name of [...keylog, ...preference.map(fromPreference)]) {
      const file = new KeyLogFile(name);
      this.#files.push(file);
      file.take(this.secrets);
    }
  }

  /** Takes what was written since. Costs nothing when asked often. */
  refresh(): void {
    const now = performance.now();
    if (now - this.#lookedMs < LOOK_MS) return;
    this.#lookedMs = now;
    for (const file of this.#files) file.take(this.secrets);
  }

  close(): void {
    for (const file of this.#files.splice(0)) file.close();
  }
}

function fromPreference(text: string): string {
  if (text.startsWith(PREFERENCE) && text.length > PREFERENCE.length) return text.slice(PREFERENCE.length);
  throw usageError(`-o knows no preference ${quoted(text)}`, `It takes ${PREFERENCE}FILE, as tshark does.`);
}
