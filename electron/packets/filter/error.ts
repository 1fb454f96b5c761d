/** Why a display filter cannot be used. */
/** It may quote what was typed or pasted. */
const LONGEST = 400;

/** A display filter that cannot be used: why, and where in its text. */
export class FilterError extends Error {
  /** UTF-16 position and length of what is wrong; length 0 at the end of the text. */
  readonly at: number;
  readonly length: number;

  constructor(message: string, at: number, length: number) {
    super(message.length > LONGEST ? `${message.slice(0, LONGEST)}…` : message);
    this.at = at;
    this.length = length;
  }
}
