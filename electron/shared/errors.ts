/**
 * The one error shape that crosses every boundary (addon → privileged → session → renderer, and the
 * command line). A message says what happened to what; `hint` says what to do next, in words.
 */
export interface ErrorData {
  /** errno name ("EBUSY", "EPERM") or one of ours ("USAGE", "PROTOCOL", "CLIENT_GONE", "DISMISSED"...). */
  code: string;
  /** One plain line: what failed, on what, and why. */
  message: string;
  /** The operation that was tried, e.g. "attach XDP program to veth0 in native mode". */
  tried?: string;
  /** What to do next, one sentence. */
  hint?: string;
  /** Code FILTER: what of the text (`tried`) it is about, in UTF-16 units. Length 0: something is missing there. */
  place?: { offset: number; length: number };
  /** Code VERIFIER and others of loading: everything that the verifier and libbpf said. */
  log?: string;
}

export class XdpeekError extends Error implements ErrorData {
  override readonly name = 'XdpeekError';
  readonly code: string;
  readonly tried?: string;
  readonly hint?: string;
  readonly place?: { offset: number; length: number };
  readonly log?: string;

  constructor(data: ErrorData) {
    super(data.message);
    this.code = data.code;
    if (data.tried !== undefined) this.tried = data.tried;
    if (data.hint !== undefined) this.hint = data.hint;
    if (data.place !== undefined) this.place = data.place;
    if (data.log !== undefined) this.log = data.log;
  }
}

/** Any thrown value as plain data, fit for JSON. Unknown errors keep their message under code "INTERNAL". */
export function errorData(error: unknown): ErrorData {
  if (error instanceof Error) {
    const e = error as Error & Partial<ErrorData>;
    const data: ErrorData = { code: typeof e.code === 'string' ? e.code : 'INTERNAL', message: e.message };
    if (typeof e.tried === 'string') data.tried = e.tried;
    if (typeof e.hint === 'string') data.hint = e.hint;
    if (typeof e.place?.offset === 'number') data.place = e.place;
    if (typeof e.log === 'string') data.log = e.log;
    return data;
  }
  return { code: 'INTERNAL', message: String(error) };
}
