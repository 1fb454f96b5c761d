/** The list of maps, every two seconds while the view is in front. Where the first question would ask for a password, nothing is asked before somebody said so. */
import { useCallback, useEffect, useState } from 'react';
import { type ErrorData, errorData } from '../../../electron/shared/errors.ts';
import type { MapInfo } from '../../../electron/shared/workbench.ts';
import { useApi } from '../../api/backend-context.ts';
import { useSession } from '../../state/session.ts';

const TICK_MS = 2000;

export interface MapList {
  maps: readonly MapInfo[] | undefined;
  error: ErrorData | undefined;
  /** Nothing was asked yet. */
  waiting: boolean;
  /** Asks for rights, or once more after a failure. */
  ask(): void;
}

export function useMaps(): MapList {
  const api = useApi();
  const direct = useSession((s) => s.host?.privilege.via === 'direct');
  const [allowed, setAllowed] = useState(false);
  const [maps, setMaps] = useState<readonly MapInfo[]>();
  const [error, setError] = useState<ErrorData>();
  const [round, setRound] = useState(0);
  const may = direct || allowed;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` asks again
  useEffect(() => {
    if (!may) return;
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      api.call('maps.list', {}).then(
        (next) => {
          if (over) return;
          setMaps(next);
          setError(undefined);
          timer = setTimeout(look, TICK_MS);
        },
        (reason: unknown) => !over && setError(errorData(reason)),
      );
    };
    look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [api, may, round]);

  const ask = useCallback(() => {
    setAllowed(true);
    setRound((n) => n + 1);
  }, []);
  return { maps, error, waiting: !may, ask };
}
