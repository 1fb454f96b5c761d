/** Asked once before something in the kernel changes. The question names what changes. */
import type { ReactNode } from 'react';
import { Button, Dialog } from '../../ui/index.ts';
import styles from './confirm.module.css';

export interface ConfirmProps {
  title: string;
  action: string;
  children: ReactNode;
  onConfirm(): void;
  onCancel(): void;
}

export function Confirm({ title, action, children, onConfirm, onCancel }: ConfirmProps) {
  return (
    <Dialog label={title} className={styles.dialog} onClose={onCancel}>
      <h2 className={styles.title}>{title}</h2>
      <p className={styles.words}>{children}</p>
      <div className={styles.actions}>
        <Button onClick={onCancel}>Cancel</Button>
        <Button tone="danger" onClick={onConfirm}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
