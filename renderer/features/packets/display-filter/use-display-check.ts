/** What the session says of the text a moment after the last key: whether it is a filter, and what the word at the cursor could become. */
import { useEffect, useState } from 'react';
import type { DisplayCheck, FieldHint } from '../../../../electron/shared/api.ts';
import { useApi } from '../../../api/backend-context.ts';

const PAUSE_MS = 80;
const NONE: readonly FieldHint[] = [];

/** Undefined while nothing is known of this text. */
export function useDisplayCheck(text: string): DisplayCheck | undefined {
  const api = useApi();
  const [answer, setAnswer] = useState<{ text: string; check: DisplayCheck }>();
  useEffect(() => {
    let current = true;
    const ask = () =>
      api.call('display.check', { filter: text }).then(
        (check) => current && setAnswer({ text, check }),
        () => {}, // the link is gone: the window says so elsewhere
      );
    const timer = setTimeout(ask, PAUSE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [api, text]);
  return answer?.text === text ? answer.check : undefined;
}

/** @param word '' = nothing to complete */
export function useFieldHints(word: string): readonly FieldHint[] {
  const api = useApi();
  const [answer, setAnswer] = useState<{ word: string; hints: readonly FieldHint[] }>({ word: '', hints: NONE });
  useEffect(() => {
    if (word === '') return;
    let current = true;
    const timer = setTimeout(() => {
      api.call('display.fields', { prefix: word }).then(
        (hints) => current && setAnswer({ word, hints }),
        () => {},
      );
    }, PAUSE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [api, word]);
  return answer.word === word && word !== '' ? answer.hints : NONE;
}

/** The field name that ends at the cursor, if one is being written there. */
export function wordAt(text: string, cursor: number): { word: string; at: number } {
  const found = /[A-Za-z_][A-Za-z0-9_.-]*$/.exec(text.slice(0, cursor));
  if (!found || /["'][^"']*$/.test(text.slice(0, found.index).replace(/"[^"]*"/g, ''))) return { word: '', at: cursor };
  return { word: found[0], at: found.index };
}
