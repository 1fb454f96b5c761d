/** What happened to the capture's interfaces and did not end it: renamed, moved, down. The newest stays until it is dismissed. */
import { TriangleAlert, X } from 'lucide-react';
import { useState } from 'react';
import { useSession } from '../../state/session.ts';
import { IconButton, sentence } from '../../ui/index.ts';
import styles from './failure-strip.module.css';

export function NoticeStrip() {
  const notices = useSession((s) => s.status.notices);
  const generation = useSession((s) => s.status.generation);
  const [seen, setSeen] = useState({ generation: 0, count: 0 });
  const unseen = notices.length - (seen.generation === generation ? seen.count : 0);
  const latest = notices.at(-1);
  if (latest === undefined || unseen <= 0) return null;
  return (
    <div className={styles.strip} data-tone="warn" role="status">
      <TriangleAlert className={styles.icon} aria-hidden />
      <div className={styles.words} title={notices.join('\n')}>
        {sentence(latest)}
        {unseen > 1 && <span className={styles.hint}> (and {unseen - 1} before)</span>}
      </div>
      <IconButton
        size="sm"
        label="Dismiss"
        icon={<X aria-hidden />}
        onClick={() => setSeen({ generation, count: notices.length })}
      />
    </div>
  );
}
