/** A file on its way, in a corner above the status bar: being sent, read or written; how far, and the way to end it. Short ones are not shown. */
import { useEffect, useState } from 'react';
import { useApi, useHost } from '../../api/backend-context.ts';
import { notifyError } from '../../state/notices.ts';
import { useSession } from '../../state/session.ts';
import { Button, bytes, grouped } from '../../ui/index.ts';
import styles from './export.module.css';

interface Work {
  title: string;
  detail: string;
  part: number;
  action: string;
  end(): void;
}

export function TransferCard() {
  const work = useWork();
  return work && <Card {...work} />;
}

function useWork(): Work | undefined {
  const api = useApi();
  const host = useHost();
  const transfer = useSession((s) => s.status.transfer);
  const reading = useSession((s) => s.status.reading);
  const fileName = useSession((s) => s.status.fileName);
  const stored = useSession((s) => s.status.stored);
  const [upload, setUpload] = useState<{ name: string; done: number; total: number }>();
  useEffect(() => host.onUpload?.(setUpload), [host]);
  const call = (method: 'export.cancel' | 'file.stop') => () => void api.call(method, {}).catch(notifyError);
  if (upload)
    return {
      title: `Sending ${upload.name}`,
      detail: `${bytes(upload.done)} of ${bytes(upload.total)}`,
      part: upload.done / Math.max(1, upload.total),
      action: 'Cancel',
      end: () => host.cancelUpload?.(),
    };
  if (transfer)
    return {
      title: transfer.phase === 'looking' ? `Looking for packets for ${transfer.name}` : `Writing ${transfer.name}`,
      detail: `${grouped(transfer.done)} of ${grouped(transfer.total)} packets`,
      part: transfer.done / Math.max(1, transfer.total),
      action: 'Cancel',
      end: call('export.cancel'),
    };
  if (reading)
    return {
      title: `Reading ${fileName ?? 'the file'}`,
      detail: `${bytes(reading.done)} of ${bytes(reading.total)}, ${grouped(stored)} packets`,
      part: reading.done / Math.max(1, reading.total),
      action: 'Stop here',
      end: call('file.stop'),
    };
  return undefined;
}

function Card({ title, detail, part, action, end }: Work) {
  const percent = Math.round(Math.min(1, part) * 100);
  return (
    <section className={styles.card} aria-label="File in progress">
      <div className={styles.cardTitle} title={title}>
        {title}
      </div>
      <progress className={styles.bar} max={100} value={percent} aria-label={title} />
      <div className={styles.cardRow}>
        <span className="tabular">{detail}</span>
        <Button size="sm" onClick={end}>
          {action}
        </Button>
      </div>
    </section>
  );
}
