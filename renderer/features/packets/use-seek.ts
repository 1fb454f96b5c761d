/** Goes to the next packet that a filter lets through, among those that are displayed; asks on while the capture is still being looked through. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { useApi } from '../../api/backend-context.ts';
import { grouped } from '../../ui/index.ts';
import type { ListOrder } from './list-order.ts';

const AGAIN_MS = 200;

export interface Seeking {
  seek(filter: string, backwards: boolean): void;
  /** What came of it, where that is not plain to see. */
  message: string;
}

/** @param number of the packet to begin at */
export function useSeek(
  number: number,
  shown: string,
  order: ListOrder | undefined,
  go: (number: number) => void,
): Seeking {
  const api = useApi();
  const [message, setMessage] = useState('');
  const latest = useRef({ number, shown, order, go });
  latest.current = { number, shown, order, go };
  const turn = useRef(0);
  useEffect(() => () => void turn.current++, []);
  const seek = useCallback(
    (wanted: string, backwards: boolean) => {
      const { number: from, shown: under, order: sorted } = latest.current;
      const mine = ++turn.current;
      const filter = under === '' ? wanted : `(${under}) && (${wanted})`;
      // In a sorted list the next one is the next of its order.
      const list = sorted && { list: { filter: under, sort: { by: sorted.by, descending: sorted.descending } } };
      const ask = (start: number, wrapped: boolean) => {
        if (mine !== turn.current) return;
        api.call('packets.seek', { number: start, filter, backwards, ...list }).then(
          (answer) => {
            if (mine !== turn.current) return;
            const done = answer.scanned >= answer.total;
            // Backwards, what is not looked at yet could be nearer.
            if (answer.number > 0 && (!backwards || done || answer.scanned >= start)) {
              setMessage(wrapped ? 'Went on from the other end' : '');
              latest.current.go(answer.number);
            } else if (!done) {
              setMessage(`Looked at ${grouped(answer.scanned)} of ${grouped(answer.total)} packets`);
              setTimeout(() => ask(start, wrapped), AGAIN_MS);
            } else if (wrapped) setMessage('No packet matches');
            else ask(backwards ? answer.total + 1 : 0, true);
          },
          (error: Error) => setMessage(error.message),
        );
      };
      ask(from, false);
    },
    [api],
  );
  return { seek, message };
}
