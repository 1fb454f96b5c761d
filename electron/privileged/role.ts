/** What the root process does is its role: a closed vocabulary, and handlers that get checked parameters. */
import type { ErrorData } from '../shared/errors.ts';
import type { Check } from '../shared/validate.ts';

export interface PrivilegedRole {
  readonly vocabulary: Readonly<Record<string, Check<unknown>>>;
  /** One a method, but for those that the server answers itself. A promise is answered when it settles. */
  readonly handlers: Readonly<Record<string, (params: never) => unknown>>;
  /** Lets go of everything in the kernel, and tells the client what there is to tell. */
  end(reason: ErrorData): void;
}
