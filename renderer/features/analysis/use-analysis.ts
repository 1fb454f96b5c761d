/**
 * Asks for a statistic until the walk over the packets is done, and on while a capture runs. One request at a time; the last answer stays until
 * the next is here. A refused question (a bad filter) is told.
 */
import { useEffect, useRef, useState } from 'react';
import type { AnalysisMethods, Progress } from '../../../electron/shared/analysis.ts';
import { useApi } from '../../api/backend-context.ts';
import { useSession } from '../../state/session.ts';

const AGAIN_MS = 250;
const LIVE_MS = 1000;

export interface Asked<A> {
  answer: A | undefined;
  /** Why there is none. */
  error: string | undefined;
}

/** `params` must be stable between renders (memoize it); undefined = ask nothing. */
export function useAnalysis<M extends keyof AnalysisMethods>(
  method: M,
  params: AnalysisMethods[M][0] | undefined,
): Asked<AnalysisMethods[M][1]> {
  type Answer = AnalysisMethods[M][1];
  const api = useApi();
  const generation = useSession((s) => s.status.generation);
  const stored = useSession((s) => s.status.stored);
  const latest = useRef(stored);
  latest.current = stored;
  const [asked, setAsked] = useState<Asked<Answer>>({ answer: undefined, error: undefined });
  const grows = useRef<() => void>(undefined);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another capture is another question
  useEffect(() => {
    if (!params) return;
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = () => {
      timer = undefined;
      api.call(method, params).then(
        (answer) => {
          if (over) return;
          setAsked({ answer: answer as Answer, error: undefined });
          const { scanned } = answer as Progress;
          if (scanned < latest.current) timer = setTimeout(ask, scanned < latest.current / 2 ? AGAIN_MS : LIVE_MS / 2);
        },
        (error: unknown) => {
          if (!over) setAsked({ answer: undefined, error: (error as Error).message });
        },
      );
    };
    ask();
    grows.current = () => {
      timer ??= setTimeout(ask, LIVE_MS);
    };
    return () => {
      over = true;
      grows.current = undefined;
      clearTimeout(timer);
    };
  }, [api, method, params, generation]);

  // More packets: asked again, at most once a second.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the number of packets is the reason
  useEffect(() => grows.current?.(), [stored]);
  const fresh = asked.answer === undefined || asked.answer.generation === generation;
  return fresh ? asked : { answer: undefined, error: undefined };
}
