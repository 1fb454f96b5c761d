/** The packets that were asked for: their numbers, and the bytes of one alone. */
import { useEffect, useState } from 'react';
import { type ErrorData, errorData, XdpeekError } from '../../../electron/shared/errors.ts';
import { useApi } from '../../api/backend-context.ts';
import type { RunSubject } from '../../state/run-packet.ts';

/** As many as one request runs. */
export const MOST_PACKETS = 100;

const SORTED_AGAIN: ErrorData = {
  code: 'ESTALE',
  message: 'the list was sorted again after these packets were chosen in it',
  hint: 'Choose them again.',
};

export interface Subject {
  numbers: readonly number[];
  /** Of a single packet. */
  bytes: Uint8Array | undefined;
  /** How many more were selected. */
  left: number;
  error?: ErrorData;
}

export function useSubject(subject: RunSubject): Subject | undefined {
  const api = useApi();
  const [found, setFound] = useState<Subject>();
  useEffect(() => {
    let over = false;
    const show = (next: Subject) => !over && setFound(next);
    if ('bytes' in subject) {
      show({ numbers: [], bytes: subject.bytes, left: 0 });
      return undefined;
    }
    const { filter, sort, first, last } = subject;
    const count = Math.min(MOST_PACKETS, last - first + 1);
    const read = async () => {
      const order = sort && { sort: { by: sort.by, descending: sort.descending } };
      const { rows, version } = await api.call('packets.rows', { start: first, count, filter, ...order });
      if (version !== sort?.version) throw new XdpeekError(SORTED_AGAIN);
      const numbers = rows.map(({ number }) => number);
      const [only] = numbers;
      const bytes = numbers.length === 1 ? (await api.call('packets.detail', { number: only! })).bytes : undefined;
      show({ numbers, bytes, left: last - first + 1 - count });
    };
    read().catch((error) => show({ numbers: [], bytes: undefined, left: 0, error: errorData(error) }));
    return () => {
      over = true;
    };
  }, [api, subject]);
  return found;
}
