/**
 * A verdict as shape and colour: pass ● · drop ■ (filled square) · tx ▲ · redirect ◆ · aborted ✕ · none ○. The shapes alone
 * tell them apart, so the mark is readable without colour; the word comes as title or beside it.
 */
import type { Verdict } from '../../electron/shared/capture.ts';
import styles from './verdict-mark.module.css';

const SHAPES: Record<Verdict | 'none', string> = {
  pass: 'M5 1.6a3.4 3.4 0 1 1 0 6.8a3.4 3.4 0 1 1 0-6.8z',
  drop: 'M1.6 1.6h6.8v6.8h-6.8z',
  tx: 'M5 1.2l4 7.2h-8z',
  redirect: 'M5 .6l4.4 4.4l-4.4 4.4l-4.4-4.4z',
  aborted: 'M2.4 1l2.6 2.6l2.6-2.6l1.4 1.4l-2.6 2.6l2.6 2.6l-1.4 1.4l-2.6-2.6l-2.6 2.6l-1.4-1.4l2.6-2.6l-2.6-2.6z',
  none: 'M5 1.6a3.4 3.4 0 1 1 0 6.8a3.4 3.4 0 1 1 0-6.8zM5 2.8a2.2 2.2 0 1 0 0 4.4a2.2 2.2 0 1 0 0-4.4z',
};

export interface VerdictMarkProps {
  verdict: Verdict | 'none';
  /** Puts the word beside the mark. */
  named?: boolean;
  /** Pixels; default 10. */
  size?: number;
}

export function VerdictMark({ verdict, named = false, size = 10 }: VerdictMarkProps) {
  return (
    <span className={styles.mark} data-verdict={verdict}>
      <svg
        viewBox="0 0 10 10"
        width={size}
        height={size}
        role="img"
        aria-label={named ? undefined : verdict}
        aria-hidden={named}
      >
        <path d={SHAPES[verdict]} fillRule="evenodd" />
      </svg>
      {named && <span className={styles.name}>{verdict}</span>}
    </span>
  );
}
