/** How far a walk over the packets is; nothing once it is through, and nothing at all when it is quick. */
import type { Progress } from '../../../electron/shared/analysis.ts';
import { grouped } from '../../ui/index.ts';
import styles from './analysis.module.css';

export function ProgressNote({ of }: { of: Progress | undefined }) {
  if (!of || of.scanned >= of.total) return null;
  return (
    <output className={styles.progress}>
      {grouped(of.scanned)} of {grouped(of.total)} packets so far
    </output>
  );
}
