/** Find packet: whether its bar is open, what was looked for last, and the commands that go on with it. */
import { useCallback, useRef, useState } from 'react';
import { useCommand } from '../../state/commands.ts';
import { type Seeking, useSeek } from './use-seek.ts';

export interface Find extends Seeking {
  readonly finding: boolean;
  setFinding(open: boolean): void;
  /** The bar tells what is looked for. */
  onFilter(filter: string): void;
}

/** Parameters as of useSeek. */
export function useFind(number: number, shown: string, go: (number: number) => void): Find {
  const [finding, setFinding] = useState(false);
  const { seek, message } = useSeek(number, shown, go);
  const last = useRef('');
  const onFilter = useCallback((next: string) => {
    last.current = next;
  }, []);
  const again = (backwards: boolean) => (last.current === '' ? setFinding(true) : seek(last.current, backwards));
  useCommand({ id: 'edit.find', run: () => setFinding(true) });
  useCommand({ id: 'edit.findNext', run: () => again(false) });
  useCommand({ id: 'edit.findPrevious', run: () => again(true) });
  return { finding, setFinding, seek, message, onFilter };
}
