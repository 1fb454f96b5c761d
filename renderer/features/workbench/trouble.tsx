/** An error where the action was: what happened, why, what to do; and the rest of what the kernel or libbpf said, folded. */
import { CircleAlert, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ErrorData } from '../../../electron/shared/errors.ts';
import { IconButton, isPermission, sentence } from '../../ui/index.ts';
import styles from './trouble.module.css';

export interface TroubleProps {
  error: ErrorData;
  title?: string;
  /** Says no log: it is shown elsewhere. */
  quiet?: boolean;
  actions?: ReactNode;
  onDismiss?(): void;
}

export function Trouble({ error, title, quiet = false, actions, onDismiss }: TroubleProps) {
  const log = quiet ? undefined : error.log?.trim();
  return (
    <div className={styles.trouble} role="alert">
      <CircleAlert className={styles.icon} aria-hidden />
      <div className={styles.body}>
        {title && <strong className={styles.title}>{isPermission(error) ? 'Permission was not given' : title}</strong>}
        <p className={styles.words}>{sentence(error.message)}</p>
        {error.hint && <p className={styles.hint}>{sentence(error.hint)}</p>}
        {log && (
          <details>
            <summary className={styles.more}>What libbpf and the kernel said</summary>
            <pre className={styles.log}>{log}</pre>
          </details>
        )}
        {actions && <div className={styles.actions}>{actions}</div>}
      </div>
      {onDismiss && <IconButton size="sm" label="Dismiss" icon={<X aria-hidden />} onClick={onDismiss} />}
    </div>
  );
}
