/**
 * The entries on the screen, asked for again while the map is read and once a second while it is watched. One question at a time; the latest wins; the
 * last answer stays until the next is here.
 */
import { useEffect, useRef, useState } from 'react';
import { type ErrorData, errorData } from '../../../electron/shared/errors.ts';
import type { MapRowsQuestion, MapWindow } from '../../../electron/shared/map-api.ts';
import { useApi } from '../../api/backend-context.ts';

const WATCH_MS = 500;
const READING_MS = 60;

export interface Entries {
  window: MapWindow | undefined;
  error: ErrorData | undefined;
  /** Asks at once. */
  again(): void;
}

/** @param version asks again when it is another one */
export function useEntries(question: MapRowsQuestion, version: number): Entries {
  const api = useApi();
  const [answer, setAnswer] = useState<{ window?: MapWindow; error?: ErrorData }>({});
  const [round, setRound] = useState(0);
  const text = JSON.stringify(question);
  const latest = useRef(text);
  latest.current = text;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` and `version` ask again
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const asked = JSON.parse(text) as MapRowsQuestion;
    const look = () =>
      api.call('maps.rows', asked).then(
        (window) => {
          if (over) return;
          setAnswer({ window });
          if (!window.complete || asked.watch) timer = setTimeout(look, window.complete ? WATCH_MS : READING_MS);
        },
        (reason: unknown) =>
          !over && setAnswer(({ window }) => ({ ...(window && { window }), error: errorData(reason) })),
      );
    void look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [api, text, round, version]);
  return { window: answer.window, error: answer.error, again: () => setRound((n) => n + 1) };
}
