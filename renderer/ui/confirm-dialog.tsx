/** Asked once before something is ended or changed for others. The title names what, the words say what follows from it. */
import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import styles from './confirm-dialog.module.css';
import { Dialog } from './dialog.tsx';

export interface ConfirmDialogProps {
  title: string;
  icon?: ReactNode;
  /** The verb that does it. */
  action: string;
  children: ReactNode;
  onConfirm(): void;
  onCancel(): void;
}

export function ConfirmDialog({ title, icon, action, children, onConfirm, onCancel }: ConfirmDialogProps) {
  return (
    <Dialog label={title} className={styles.dialog} onClose={onCancel}>
      <h2 className={styles.title}>
        {icon}
        {title}
      </h2>
      <div className={styles.words}>{children}</div>
      <div className={styles.actions}>
        <Button onClick={onCancel}>Cancel</Button>
        <Button tone="danger" onClick={onConfirm}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
