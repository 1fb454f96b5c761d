/** A result as a regression case for `xdpeek prog test`, saved as the browser or the app saves downloads. */
import { bytesToHex } from '../../../electron/shared/hex-text.ts';
import { caseText, type RunCase } from '../../../electron/shared/run-case.ts';
import type { RunResult } from '../../../electron/shared/workbench-api.ts';

/** @param program as the command line names it: a library program, or FILE:PROGRAM */
export function saveCase(program: string, result: RunResult): void {
  const { before, after, verdict, verdictName, programType, number } = result;
  const one: RunCase = {
    program,
    packet: bytesToHex(before),
    verdict: /^(XDP|TC_ACT)_/.test(verdictName) ? verdictName : String(verdict),
    ...(programType !== 'socket_filter' && { out: bytesToHex(after) }),
  };
  const stem = program.replace(/^.*[/:]/, '').replace(/[^\w.-]/g, '_') || 'case';
  const url = URL.createObjectURL(new Blob([caseText(one)], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = number === undefined ? `${stem}.json` : `${stem}-packet-${number}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
