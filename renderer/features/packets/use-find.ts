/** Find packet: whether its bar is open, what was looked for last, and the commands that go on with it. */
import { useCallback, useRef, useState } from 'react';
import { useCommand } from '../../state/commands.ts';
import type { ListOrder } from './list-order.ts';
import { type Seeking, useSeek } from './use-seek.ts';

export interface Find extends Seeking {
  readonly finding: boolean;
  /** Counts how often the bar was asked for: it takes the focus each time. */
  readonly asked: number;
  setFinding(open: boolean): void;
  /** The bar tells what is looked for. */
  onFilter(filter: string): void;
}

/** Parameters as of useSeek. */
export function useFind(
  number: number,
  shown: string,
  order: ListOrder | undefined,
  go: (number: number) => void,
): Find {
  const [finding, setFinding] = useState(false);
  const [asked, setAsked] = useState(0);
  const { seek, message } = useSeek(number, shown, order, go);
  const last = useRef('');
  const onFilter = useCallback((next: string) => {
    last.current = next;
  }, []);
  const ask = () => {
    setFinding(true);
    setAsked((before) => before + 1);
  };
  const again = (backwards: boolean) => (last.current === '' ? ask() : seek(last.current, backwards));
  useCommand({ id: 'edit.find', run: ask });
  useCommand({ id: 'edit.findNext', run: () => again(false) });
  useCommand({ id: 'edit.findPrevious', run: () => again(true) });
  return { finding, asked, setFinding, seek, message, onFilter };
}
