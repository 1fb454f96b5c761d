/**
 * The key log that the user opened: it belongs to the session and is used for every capture of it. While it grows, what it gained is used for what is
 * looked at from then on.
 */
import { Secrets } from '../../packets/state/secrets.ts';
import { XdpeekError } from '../../shared/errors.ts';
import { KeyLogFile } from '../files/key-log-file.ts';
import type { AnalysedTable } from '../rows.ts';

const LOOK_MS = 1000;

export class Decryption {
  readonly #table: () => AnalysedTable;
  readonly #changed: () => void;
  readonly #secrets = new Secrets();
  #file: KeyLogFile | undefined;
  #name: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param changed hears when the present table was decrypted anew */
  constructor(table: () => AnalysedTable, changed: () => void) {
    this.#table = table;
    this.#changed = changed;
  }

  /** What the status says of it. */
  get told(): { name: string; secrets: number } | undefined {
    return this.#name === undefined ? undefined : { name: this.#name, secrets: this.#secrets.count };
  }

  /** Opens another key log; what the one before it gave stays. Throws when it holds no secrets. */
  open(path: string, name: string): void {
    const file = new KeyLogFile(path);
    try {
      const found = file.take(this.#secrets);
      if (found === 0)
        throw new XdpeekError({
          code: 'FORMAT',
          message: `${name} holds no TLS secrets`,
          hint: 'A key log is what a browser writes into the file that SSLKEYLOGFILE names: lines like "CLIENT_RANDOM 52d4… 8f31…".',
        });
    } catch (error) {
      file.close();
      throw error;
    }
    this.#file?.close();
    this.#file = file;
    this.#name = name;
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
    const table = this.#table();
    table.secrets.addAll(this.#secrets);
    table.decode(table.decodeAs);
    this.#changed();
  }

  /** Another capture takes the place of the one before. */
  use(table: AnalysedTable): void {
    table.secrets.addAll(this.#secrets);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#file?.close();
    this.#file = undefined;
  }

  #look(): void {
    try {
      if (this.#file!.take(this.#secrets) === 0) return;
    } catch {
      return; // it is gone, or no key log any more: what it gave stays
    }
    const table = this.#table();
    table.secrets.addAll(this.#secrets);
    table.forgetShown();
    this.#changed();
  }
}
