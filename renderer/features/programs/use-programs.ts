/**
 * The list of programs, once a second while the view is in front. The first question may ask for a password: where it would, nothing is asked before
 * somebody said so.
 */
import { useCallback, useEffect, useState } from 'react';
import { type ErrorData, errorData } from '../../../electron/shared/errors.ts';
import type { ProgramList } from '../../../electron/shared/workbench-api.ts';
import { useApi } from '../../api/backend-context.ts';
import { useSession } from '../../state/session.ts';

const TICK_MS = 1000;

export interface Programs {
  list: ProgramList | undefined;
  error: ErrorData | undefined;
  /** Nothing was asked yet: it would ask for a password. */
  waiting: boolean;
  /** Asks for rights, or once more after a failure. */
  ask(): void;
  refresh(): void;
}

export function usePrograms(): Programs {
  const api = useApi();
  const direct = useSession((s) => s.host?.privilege.via === 'direct');
  const [allowed, setAllowed] = useState(false);
  const [list, setList] = useState<ProgramList>();
  const [error, setError] = useState<ErrorData>();
  const [round, setRound] = useState(0);
  const may = direct || allowed;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` asks again
  useEffect(() => {
    if (!may) return;
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = () => {
      api.call('programs.list', {}).then(
        (next) => {
          if (over) return;
          setList(next);
          setError(undefined);
          timer = setTimeout(ask, TICK_MS);
        },
        (reason: unknown) => {
          if (!over) setError(errorData(reason));
        },
      );
    };
    ask();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [api, may, round]);

  const refresh = useCallback(() => setRound((n) => n + 1), []);
  const ask = useCallback(() => {
    setAllowed(true);
    setError(undefined);
    refresh();
  }, [refresh]);
  return { list, error, waiting: !may, ask, refresh };
}
