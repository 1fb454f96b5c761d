/**
 * The part of the flow table that is on the screen, asked for again once a second while a capture runs and at once when the question
 * changes. One request at a time; the latest question wins; the last answer stays until the next is here.
 */
import { useEffect, useRef, useState } from 'react';
import type { FlowSortKey, FlowsWindow } from '../../../electron/shared/api.ts';
import { useApi } from '../../api/backend-context.ts';
import { isActive } from '../../state/capture-control.ts';
import { useSession } from '../../state/session.ts';

export interface FlowsQuestion {
  sort: FlowSortKey;
  descending: boolean;
  search: string;
  start: number;
  count: number;
}

const TICK_MS = 1000;

export function useFlows(question: FlowsQuestion): FlowsWindow | undefined {
  const api = useApi();
  const active = useSession((s) => isActive(s.status));
  const generation = useSession((s) => s.status.generation);
  const state = useSession((s) => s.status.state);
  const [answer, setAnswer] = useState<FlowsWindow>();
  const wish = useRef(question);
  const busy = useRef(false);
  const latest = useRef<() => void>(undefined);
  wish.current = question;
  const { sort, descending, search, start, count } = question;

  // biome-ignore lint/correctness/useExhaustiveDependencies: each of these makes it another question
  useEffect(() => {
    let over = false;
    const ask = () => {
      if (busy.current) return;
      busy.current = true;
      const asked = wish.current;
      const { search, ...rest } = asked;
      const settle = (next?: FlowsWindow) => {
        busy.current = false;
        // Meanwhile it became another question, which found this one under way.
        if (over) return latest.current?.();
        if (next) setAnswer(next);
        if (wish.current !== asked && !same(wish.current, asked)) ask();
      };
      api.call('flows.rows', { ...rest, ...(search !== '' && { search }) }).then(settle, () => settle());
    };
    latest.current = ask;
    ask();
    const timer = active ? setInterval(ask, TICK_MS) : undefined;
    return () => {
      over = true;
      latest.current = undefined;
      clearInterval(timer);
    };
  }, [api, active, generation, state, sort, descending, search, start, count]);
  return answer?.generation === generation ? answer : undefined;
}

function same(a: FlowsQuestion, b: FlowsQuestion): boolean {
  return (
    a.sort === b.sort &&
    a.descending === b.descending &&
    a.search === b.search &&
    a.start === b.start &&
    a.count === b.count
  );
}
