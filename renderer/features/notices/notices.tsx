import { CircleAlert, X } from 'lucide-react';
import { dismiss, useNotices } from '../../state/notices.ts';
import { IconButton, sentence } from '../../ui/index.ts';
import styles from './notices.module.css';

export function Notices() {
  const notices = useNotices((s) => s.notices);
  return (
    <div className={styles.stack} aria-live="polite">
      {notices.map((notice) => (
        <div
          key={notice.id}
          className={styles.notice}
          data-tone={notice.tone}
          role={notice.tone === 'error' ? 'alert' : undefined}
        >
          {notice.tone === 'error' && <CircleAlert className={styles.icon} aria-hidden />}
          <div className={styles.words}>
            {sentence(notice.text)}
            {notice.hint && <div className={styles.hint}>{notice.hint}</div>}
          </div>
          <IconButton size="sm" label="Dismiss" icon={<X aria-hidden />} onClick={() => dismiss(notice.id)} />
        </div>
      ))}
    </div>
  );
}
