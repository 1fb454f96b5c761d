/** Before an entry goes: which, of what map, and what programs will miss. Of a queue, the next one is taken out. */
import type { MapDetail, MapEntry } from '../../../electron/shared/map-api.ts';
import { useApi } from '../../api/backend-context.ts';
import { notify, notifyError } from '../../state/notices.ts';
import { ConfirmDialog } from '../../ui/index.ts';
import { isQueue } from './entry-actions.tsx';
import styles from './maps.module.css';

interface DeleteEntryDialogProps {
  detail: MapDetail;
  entry: MapEntry;
  onClose(): void;
  /** It is gone. */
  onDeleted(): void;
}

export function DeleteEntryDialog({ detail, entry, onClose, onDeleted }: DeleteEntryDialogProps) {
  const api = useApi();
  const { map, columns } = detail;
  const queue = isQueue(detail);
  const of = `map ${map.id} ${map.name}`;
  const remove = async () => {
    if (queue) await api.call('maps.pop', { id: map.id });
    else {
      await api.call('maps.delete', { id: map.id, key: hexKey(entry) });
      notify(`Entry ${entry.keyText} is deleted`);
    }
    onDeleted();
  };
  return (
    <ConfirmDialog
      title={queue ? `Take the next entry out of ${of}?` : `Delete ${entry.keyText} from ${of}?`}
      action={queue ? 'Pop' : 'Delete'}
      onCancel={onClose}
      onConfirm={() => {
        onClose();
        remove().catch(notifyError);
      }}
    >
      Programs that look for it do not find it from then on. Its value is now:
      <code className={styles.was}>
        {entry.cells.slice(-columns.filter(({ path }) => path.startsWith('value')).length).join('  ')}
      </code>
    </ConfirmDialog>
  );
}

/** The bytes themselves: also where padding is part of the key. */
const hexKey = ({ key }: MapEntry): string =>
  `hex ${Array.from(key, (byte) => byte.toString(16).padStart(2, '0')).join(' ')}`;
