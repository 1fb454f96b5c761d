/** The whole window takes dropped capture files (several are merged by time), and says so while one hangs over it. */
import { FileUp } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { HostApi } from '../../electron/shared/api.ts';
import { notifyError } from '../state/notices.ts';
import { showView } from '../state/view.ts';
import styles from './app.module.css';

export function DropTarget({ host }: { host: HostApi }) {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const onOver = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const onLeave = (event: DragEvent) => {
      // Leaving for nowhere = leaving the window.
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length > 0) host.openDropped(files).then(() => showView('packets'), notifyError);
    };
    addEventListener('dragover', onOver);
    addEventListener('dragleave', onLeave);
    addEventListener('drop', onDrop);
    return () => {
      removeEventListener('dragover', onOver);
      removeEventListener('dragleave', onLeave);
      removeEventListener('drop', onDrop);
    };
  }, [host]);
  if (!over) return null;
  return (
    <div className={styles.drop} role="status">
      <div className={styles.dropBox}>
        <FileUp aria-hidden />
        Drop to open; several captures are merged by time
      </div>
    </div>
  );
}
