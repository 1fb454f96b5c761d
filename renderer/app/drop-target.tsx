/**
 * The whole window takes dropped files, and says so while one hangs over it: captures (several are merged by time), and object files, which go to the
 * workbench; there everything is taken for one.
 */
import { FileUp } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { HostApi } from '../../electron/shared/api.ts';
import { isObjectName, readObjectFile } from '../api/object-file.ts';
import { notifyError } from '../state/notices.ts';
import { showView, useView } from '../state/view.ts';
import { offerObject } from '../state/workbench.ts';
import styles from './app.module.css';

export function DropTarget({ host }: { host: HostApi }) {
  const [over, setOver] = useState(false);
  const view = useView((s) => s.view);
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
      const [first] = files;
      if (!first) return;
      if (files.length === 1 && (isObjectName(first.name) || useView.getState().view === 'workbench'))
        readObjectFile(first).then(offerObject, notifyError);
      else host.openDropped(files).then(() => showView('packets'), notifyError);
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
        {view === 'workbench'
          ? 'Drop an eBPF object file to open it'
          : 'Drop to open; several captures are merged by time'}
      </div>
    </div>
  );
}
