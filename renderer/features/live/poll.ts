/**
 * Asks the backend again and again while something is captured, once more when it stops, and never twice at a time. The last answer
 * stays in view until a newer one is here, so nothing blinks.
 */
import { startTransition, useEffect, useState } from 'react';
import type { InspectorApi, InspectorMethod, InspectorMethods } from '../../../electron/shared/api.ts';
import { useApi } from '../../api/backend-context.ts';
import { isActive } from '../../state/capture-control.ts';
import { useSession } from '../../state/session.ts';

/** `params` must be stable between renders (memoize it). `paused` keeps the last answer. */
export function usePoll<M extends InspectorMethod>(
  method: M,
  params: InspectorMethods[M][0],
  everyMs: number,
  paused = false,
): InspectorMethods[M][1] | undefined {
  const api: InspectorApi = useApi();
  const active = useSession((s) => isActive(s.status));
  const generation = useSession((s) => s.status.generation);
  // An opened file grows while it is read.
  const stored = useSession((s) => (s.status.source === 'file' ? s.status.stored : 0));
  const [answer, setAnswer] = useState<InspectorMethods[M][1]>();

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new generation or more of a file is a reason to ask again
  useEffect(() => {
    if (paused) return;
    let waiting = false;
    let over = false;
    const ask = () => {
      if (waiting) return;
      waiting = true;
      api.call(method, params).then(
        (next) => {
          waiting = false;
          // Charts are much to draw: in pieces, between frames.
          if (!over) startTransition(() => setAnswer(next));
        },
        () => {
          // The link's end and a failed capture are told elsewhere; the next tick asks again.
          waiting = false;
        },
      );
    };
    ask();
    const timer = active ? setInterval(ask, everyMs) : undefined;
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [api, method, params, everyMs, active, generation, stored, paused]);
  return answer;
}
