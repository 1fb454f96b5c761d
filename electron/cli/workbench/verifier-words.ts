/** The verifier's log for a terminal: of a refused program the place and the reason, or all of it. */
import type { LoadOutcome, VerifierLog } from '../../shared/workbench-api.ts';
import { say } from '../capture/messages.ts';

/** Instructions in front of the refused one that are shown with it. */
const BEFORE = 4;

export function sayRefused({ logs }: LoadOutcome): void {
  for (const log of logs) if (!log.accepted) for (const line of refusedLines(log)) say(line);
}

export function refusedLines({ program, steps, refusedAt, reason, hint }: VerifierLog): string[] {
  const lines = [`${program}: refused by the verifier`];
  const last = steps.at(-1);
  const source = last?.source;
  if (source) {
    const place = source.file === '' ? '' : `  ${source.file}:${source.line}: `;
    lines.push(`${place || '  '}${source.text.trim()}`);
  }
  for (const { at, text, states } of steps.slice(-BEFORE)) {
    const mark = at === refusedAt ? '→' : ' ';
    lines.push(`  ${mark} ${at}: ${text}${states.length > 0 ? `   ; ${states.at(-1)}` : ''}`);
  }
  for (const line of (reason ?? '').split('\n')) if (line !== '') lines.push(`  ${line}`);
  if (hint !== undefined) lines.push(`  ${hint}`);
  return lines;
}
