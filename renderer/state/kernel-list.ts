/**
 * A list of what the kernel holds, asked for again and again while its view is in front. The first question may ask for a password: where it would, nothing
 * is asked before somebody said so; and one that was refused is not asked again by itself.
 */
import { useCallback, useEffect, useState } from 'react';
import type { InspectorMethods } from '../../electron/shared/api.ts';
import { type ErrorData, errorData } from '../../electron/shared/errors.ts';
import { useApi } from '../api/backend-context.ts';
import { useSession } from './session.ts';

type Method = 'programs.list' | 'maps.list';

export interface KernelList<M extends Method> {
  /** The last one, also after a failure. */
  list: InspectorMethods[M][1] | undefined;
  error: ErrorData | undefined;
  /** Nothing was asked yet: it would ask for a password. */
  waiting: boolean;
  /** The answer to `ask` is not here yet: a question may be on the screen. */
  asking: boolean;
  /** Asks for rights, or once more after a failure. */
  ask(): void;
  refresh(): void;
}

export function useKernelList<M extends Method>(method: M, tickMs: number): KernelList<M> {
  const api = useApi();
  const direct = useSession((s) => s.host?.privilege.via === 'direct');
  const [allowed, setAllowed] = useState(false);
  const [list, setList] = useState<InspectorMethods[M][1]>();
  const [error, setError] = useState<ErrorData>();
  const [asking, setAsking] = useState(false);
  const [round, setRound] = useState(0);
  const may = direct || allowed;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` asks again
  useEffect(() => {
    if (!may) return;
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      api.call(method, {}).then(
        (next) => {
          if (over) return;
          setList(next);
          setError(undefined);
          setAsking(false);
          timer = setTimeout(look, tickMs);
        },
        (reason: unknown) => {
          if (over) return;
          setError(errorData(reason));
          setAsking(false);
        },
      );
    };
    look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [api, method, tickMs, may, round]);

  const refresh = useCallback(() => setRound((n) => n + 1), []);
  const ask = useCallback(() => {
    setAllowed(true);
    setAsking(true);
    refresh();
  }, [refresh]);
  return { list, error, waiting: !may, asking, ask, refresh };
}
