/** An entry as a form: changed, added or pushed. The button names what is written where; errors name the member. */
import { type FormEvent, useState } from 'react';
import type { MapDetail, MapEntry } from '../../../electron/shared/map-api.ts';
import type { CValue } from '../../../electron/shared/workbench-api.ts';
import { useApi } from '../../api/backend-context.ts';
import { notify } from '../../state/notices.ts';
import { Button, Dialog, ValueField, zeroOf } from '../../ui/index.ts';
import styles from './maps.module.css';

export interface EntryDialogProps {
  detail: MapDetail;
  /** Without: a new one. */
  entry?: MapEntry;
  onWritten(): void;
  onClose(): void;
}

export function EntryDialog({ detail, entry, onWritten, onClose }: EntryDialogProps) {
  const api = useApi();
  const { map, keyType, valueType, can, perCpu, cpus } = detail;
  const trie = map.type === 'lpm_trie';
  const [key, setKey] = useState<CValue>(() =>
    entry ? (trie ? entry.keyText : entry.keyValue) : trie ? '' : zeroOf(keyType),
  );
  const [value, setValue] = useState<CValue>(() => entry?.valueValue ?? zeroOf(valueType));
  const [problem, setProblem] = useState('');
  const pushes = can.push && !entry;
  const [verb, done] = entry ? ['Write', 'written'] : pushes ? ['Push', 'pushed'] : ['Add', 'added'];
  const title = entry
    ? `Change ${entry.keyText.length > 60 ? 'an entry' : entry.keyText} of map ${map.id} ${map.name}`
    : pushes
      ? `Push onto map ${map.id} ${map.name}`
      : `Add an entry to map ${map.id} ${map.name}`;
  const write = (event: FormEvent) => {
    event.preventDefault();
    setProblem('');
    const work = pushes
      ? api.call('maps.push', { id: map.id, value })
      : api.call('maps.set', { id: map.id, key, value, mode: entry ? 'any' : 'new' });
    work.then(
      () => {
        notify(`Entry is ${done}`);
        onWritten();
        onClose();
      },
      (error: Error & { hint?: string }) => setProblem(`${error.message}${error.hint ? ` — ${error.hint}` : ''}`),
    );
  };
  return (
    <Dialog label={title} className={styles.wideDialog} onClose={onClose}>
      <form onSubmit={write}>
        <h2 className={styles.title}>{title}</h2>
        <div className={styles.fields}>
          {map.keyBytes > 0 && (
            <ValueField
              name={trie ? 'prefix' : 'key'}
              type={trie ? { kind: 'bytes', name: 'as in 10.0.0.0/8', bytes: map.keyBytes } : keyType}
              value={key}
              disabled={entry !== undefined}
              open
              unchecked={trie}
              onChange={setKey}
            />
          )}
          <ValueField name="value" type={valueType} value={value} open onChange={setValue} />
        </div>
        <p className={styles.words}>
          {perCpu && `The value goes to each of the ${cpus} CPUs: what they count now is lost. `}
          Programs see it at once.
        </p>
        <p className={styles.problem} role="alert">
          {problem}
        </p>
        <div className={styles.actions}>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="danger" type="submit">
            {verb}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
