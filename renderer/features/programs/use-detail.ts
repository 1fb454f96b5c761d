/** All of one program, asked for when it is chosen and again when `version` changes. The last answer stays until the next of the same program is here. */
import { useEffect, useState } from 'react';
import { type ErrorData, errorData } from '../../../electron/shared/errors.ts';
import type { ProgramDetail } from '../../../electron/shared/workbench-api.ts';
import { useApi } from '../../api/backend-context.ts';

export function useDetail(
  id: number | undefined,
  version: string,
): { detail: ProgramDetail | undefined; error: ErrorData | undefined } {
  const api = useApi();
  const [answer, setAnswer] = useState<{ id: number; detail?: ProgramDetail; error?: ErrorData }>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` asks again
  useEffect(() => {
    if (id === undefined) return;
    let over = false;
    api.call('programs.detail', { id }).then(
      (detail) => !over && setAnswer({ id, detail }),
      (error: unknown) => !over && setAnswer({ id, error: errorData(error) }),
    );
    return () => {
      over = true;
    };
  }, [api, id, version]);
  const mine = answer?.id === id ? answer : undefined;
  return { detail: mine?.detail, error: mine?.error };
}
