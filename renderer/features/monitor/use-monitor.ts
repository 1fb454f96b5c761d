/** The Monitor's and the trace log's state, asked for again and again while their view is in front; one request at a time. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { InspectorMethods } from '../../../electron/shared/api.ts';
import { type ErrorData, errorData } from '../../../electron/shared/errors.ts';
import { useApi } from '../../api/backend-context.ts';

type Watched = 'monitor.get' | 'trace.get';
type Starter = 'monitor.start' | 'monitor.stop' | 'trace.start' | 'trace.stop';

/** `params` must be stable between renders (memoize it). `ask` asks at once. */
export function useWatched<M extends Watched>(
  method: M,
  params: InspectorMethods[M][0],
  everyMs: number,
): { answer: InspectorMethods[M][1] | undefined; ask(): void } {
  const api = useApi();
  const [answer, setAnswer] = useState<InspectorMethods[M][1]>();
  const latest = useRef<() => void>(undefined);
  useEffect(() => {
    let over = false;
    let waiting = false;
    const ask = () => {
      if (waiting) return;
      waiting = true;
      api.call(method, params).then(
        (next) => {
          waiting = false;
          if (!over) setAnswer(next);
        },
        () => {
          // The link's end is told by the frame; the next tick asks again.
          waiting = false;
        },
      );
    };
    latest.current = ask;
    ask();
    const timer = setInterval(ask, everyMs);
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [api, method, params, everyMs]);
  const ask = useCallback(() => latest.current?.(), []);
  return { answer, ask };
}

/** Starting may ask for a password and be refused: `refused` says why, until the next try. */
export function useStarter(then: () => void): {
  pending: boolean;
  refused: ErrorData | undefined;
  run(method: Starter): void;
} {
  const api = useApi();
  const [pending, setPending] = useState(false);
  const [refused, setRefused] = useState<ErrorData>();
  const run = (method: Starter) => {
    setPending(true);
    setRefused(undefined);
    api
      .call(method, {})
      .then(then, (error: unknown) => setRefused(errorData(error)))
      .finally(() => setPending(false));
  };
  return { pending, refused, run };
}
