/** Files that were opened before, where the host remembers them. */
import { History } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import type { RecentFile } from '../../../electron/shared/api.ts';
import { useHost } from '../../api/backend-context.ts';
import { notifyError } from '../../state/notices.ts';
import { showView } from '../../state/view.ts';
import { Button, bytes } from '../../ui/index.ts';
import styles from './doors.module.css';

const SHOWN = 6;

export function RecentFiles() {
  const host = useHost();
  const [files, setFiles] = useState<RecentFile[]>([]);
  const load = useCallback(() => void host.recentFiles?.().then(setFiles, notifyError), [host]);
  useEffect(load, [load]);
  if (files.length === 0) return null;
  const open = (token: string) =>
    host.openRecent?.(token).then(
      () => showView('packets'),
      (error) => {
        notifyError(error);
        load();
      },
    );
  return (
    <section className={styles.door} aria-label="Recent files">
      <h2 className={styles.title}>
        <History aria-hidden /> Recent files
      </h2>
      <ul className={styles.recent}>
        {files.slice(0, SHOWN).map(({ token, name, sizeBytes, openedMs }) => (
          <li key={token}>
            <button
              type="button"
              className={styles.file}
              title={`${name}, opened ${new Date(openedMs).toLocaleString()}`}
              onClick={() => void open(token)}
            >
              <span className={styles.fileName}>{name}</span>
              <span className={styles.fileSize}>{bytes(sizeBytes)}</span>
            </button>
          </li>
        ))}
      </ul>
      <Button size="sm" tone="ghost" onClick={() => void host.forgetRecent?.().then(load, notifyError)}>
        Forget these
      </Button>
    </section>
  );
}
