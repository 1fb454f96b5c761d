/** Pins a map below xdpeek's own folder of bpffs. */
import { type FormEvent, useState } from 'react';
import { type MapInfo, PIN_NAME } from '../../../electron/shared/workbench.ts';
import { useApi } from '../../api/backend-context.ts';
import { notify } from '../../state/notices.ts';
import { Button, Dialog, TextField } from '../../ui/index.ts';
import styles from './maps.module.css';

export function PinDialog({ map, onClose }: { map: MapInfo; onClose(): void }) {
  const api = useApi();
  const [name, setName] = useState(map.name.replace(/\W/g, '_') || `map_${map.id}`);
  const [problem, setProblem] = useState('');
  const right = PIN_NAME.test(name);
  const pin = (event: FormEvent) => {
    event.preventDefault();
    if (!right) return;
    api.call('pins.pin', { kind: 'map', id: map.id, name }).then(
      ({ path }) => {
        notify(`Pinned as ${path}`);
        onClose();
      },
      (error: Error) => setProblem(error.message),
    );
  };
  return (
    <Dialog label="Pin map" className={styles.dialog} onClose={onClose}>
      <form onSubmit={pin}>
        <h2 className={styles.title}>
          Pin map {map.id} {map.name}
        </h2>
        <p className={styles.words}>It stays in the kernel until it is unpinned, whoever else lets go of it.</p>
        <label className={styles.pinName}>
          <code>/sys/fs/bpf/xdpeek/</code>
          <TextField
            label="Name of the pin"
            value={name}
            wrong={!right}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        <p className={styles.problem} role="alert">
          {problem || (right ? '' : 'Letters, digits, “_” and “-”, in one folder at most.')}
        </p>
        <div className={styles.actions}>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" type="submit" disabled={!right}>
            Pin
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
