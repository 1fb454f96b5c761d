/** The end of the privileged process in words: what happened, and what to do next. pkexec's own statuses are in pkexec(1). */
import type { ErrorData } from '../../shared/errors.ts';
import type { SpawnPlan } from './spawn-plan.ts';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Last line that it printed on stderr. */
  lastLine: string;
  /** It had said hello: what ended was privileged itself, not the way to it. */
  greeted: boolean;
}

/** Whichever role it had: the next request starts another one. */
const AGAIN = 'Try again: a new one is started.';

export function exitReason(plan: Pick<SpawnPlan, 'via'>, { code, signal, lastLine, greeted }: Exit): ErrorData {
  if (plan.via === 'pkexec' && !greeted && code !== null) {
    const refusal = pkexecReason(code, lastLine);
    if (refusal) return refusal;
  }
  const why = lastLine === '' ? '' : `: ${lastLine.replace(/^xdpeek-privileged: /, '')}`;
  if (signal !== null)
    return {
      code: 'PRIVILEGED_GONE',
      message: `the privileged process was killed by ${signal}; the kernel has detached its programs`,
      hint: AGAIN,
    };
  if (!greeted)
    return {
      code: 'PRIVILEGED_FAILED',
      message: `the privileged process could not start (status ${code})${why}`,
      hint: "Check xdpeek's installation; from a checkout, run npm run setup.",
    };
  return { code: 'PRIVILEGED_GONE', message: `the privileged process ended with status ${code}${why}`, hint: AGAIN };
}

function pkexecReason(code: number, lastLine: string): ErrorData | undefined {
  const tried = 'ask for administrator rights through pkexec';
  if (code === 126)
    return {
      code: 'AUTH_DISMISSED',
      message: 'the request for administrator rights was dismissed',
      tried,
      hint: 'Try again and enter the password.',
    };
  if (code !== 127) return undefined;
  if (/no authentication agent|authentication agent/i.test(lastLine))
    return {
      code: 'AUTH_NO_AGENT',
      message: 'nothing here can ask for the password: no polkit authentication agent is running',
      tried,
      hint: 'Run xdpeek as root (sudo), or start an authentication agent in this desktop session.',
    };
  return {
    code: 'AUTH_REFUSED',
    message: `administrator rights were refused${lastLine === '' ? '' : `: ${lastLine}`}`,
    tried,
    hint: "Ask this machine's administrator, or run xdpeek as root.",
  };
}
