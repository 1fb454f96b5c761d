/** What loses its place when a program is attached: said before it happens. */
import { TriangleAlert } from 'lucide-react';
import type { AttachedProgram } from '../../../electron/shared/capture.ts';
import type { AttachTarget } from '../../../electron/shared/workbench.ts';
import styles from './attach-dialog.module.css';
import { targetText } from './targets.ts';

export function ReplaceWarning({ old, by, target }: { old: AttachedProgram; by: string; target: AttachTarget }) {
  return (
    <p className={styles.warning} role="alert">
      <TriangleAlert aria-hidden />
      <span>
        <strong>
          {old.name} (program {old.programId})
        </strong>{' '}
        is at {targetText(target)} now. {by} takes its place: {old.name} sees no more packets there, and does not come
        back by itself.
      </span>
    </p>
  );
}
