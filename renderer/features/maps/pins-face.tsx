/** What is pinned in bpffs, by folder; what is below xdpeek's own folder can be unpinned here. */
import { PinOff } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { useApi } from '../../api/backend-context.ts';
import { showProgram } from '../../state/kernel-objects.ts';
import { notify, notifyError } from '../../state/notices.ts';
import { Button, ConfirmDialog, EmptyState, IconButton } from '../../ui/index.ts';
import styles from './maps.module.css';

interface Pin {
  path: string;
  kind: 'program' | 'map' | 'link';
  id: number;
}
const OWN = '/sys/fs/bpf/xdpeek/';

export interface PinsFaceProps {
  search: string;
  onMap(id: number): void;
  /** The search is given up. */
  onAll(): void;
  /** How many are shown. */
  onCount(count: number): void;
}

export function PinsFace({ search, onMap, onAll, onCount }: PinsFaceProps) {
  const api = useApi();
  const [pins, setPins] = useState<readonly Pin[]>();
  const [asked, setAsked] = useState<string>();
  const load = useCallback(() => api.call('pins.list', {}).then(setPins, notifyError), [api]);
  useEffect(() => void load(), [load]);
  const shown = pins?.filter(({ path }) => path.toLowerCase().includes(search.toLowerCase())) ?? [];
  useEffect(() => onCount(shown.length), [shown.length, onCount]);
  const unpin = (name: string) => {
    setAsked(undefined);
    api.call('pins.unpin', { name }).then(() => {
      notify(`${name} is unpinned`);
      void load();
    }, notifyError);
  };
  if (pins && shown.length === 0)
    return (
      <EmptyState
        icon={<PinOff aria-hidden />}
        title={search === '' ? 'Nothing is pinned' : `No pin matches “${search}”`}
        actions={search !== '' && <Button onClick={onAll}>Show all pins</Button>}
      >
        A pin in /sys/fs/bpf keeps a map, program or link when nobody else holds it.
      </EmptyState>
    );
  return (
    <ul className={styles.pins} aria-label="Pins">
      {shown.map(({ path, kind, id }) => (
        <li key={path} className={styles.pin}>
          <span className={styles.kind}>{kind}</span>
          <span className={`mono ${styles.path}`} title={path}>
            {path}
          </span>
          {kind === 'link' ? (
            <span className={styles.faint}>{id}</span>
          ) : (
            <Button size="sm" tone="ghost" onClick={() => (kind === 'map' ? onMap(id) : showProgram(id))}>
              {id}
            </Button>
          )}
          {path.startsWith(OWN) && (
            <IconButton
              size="sm"
              label={`Unpin ${path}`}
              icon={<PinOff aria-hidden />}
              onClick={() => setAsked(path.slice(OWN.length))}
            />
          )}
        </li>
      ))}
      {asked !== undefined && (
        <ConfirmDialog
          title={`Unpin ${asked}?`}
          action="Unpin"
          onCancel={() => setAsked(undefined)}
          onConfirm={() => unpin(asked)}
        >
          What is pinned there goes when nothing else holds it, with everything that is in it.
        </ConfirmDialog>
      )}
    </ul>
  );
}
