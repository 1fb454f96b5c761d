/** Asked once before a map or a pin changes. The title names what changes. */
import type { ReactNode } from 'react';
import { Button, Dialog } from '../../ui/index.ts';
import styles from './maps.module.css';

export interface QuestionProps {
  title: string;
  action: string;
  children: ReactNode;
  onConfirm(): void;
  onCancel(): void;
}

export function Question({ title, action, children, onConfirm, onCancel }: QuestionProps) {
  return (
    <Dialog label={title} className={styles.dialog} onClose={onCancel}>
      <h2 className={styles.title}>{title}</h2>
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
