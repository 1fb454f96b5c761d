/** The packet before and after, side by side, row by row; bytes that changed are marked, those of the field in hand stand out. */
import { useRef } from 'react';
import { cx } from '../../ui/index.ts';
import styles from './run-packet.module.css';

const PER_ROW = 16;
/** Rows that are drawn; longer packets say so. */
const MOST_ROWS = 128;

export type Span = readonly [offset: number, length: number];

export interface HexPairProps {
  before: Uint8Array;
  after: Uint8Array;
  changed: readonly Span[];
  /** Of the field in hand. */
  lit: { before: Span | undefined; after: Span | undefined };
}

export function HexPair({ before, after, changed, lit }: HexPairProps) {
  const marks = new Set(changed.flatMap(([at, length]) => Array.from({ length }, (_, i) => at + i)));
  // Where the length changed, offsets of the two do not correspond: only the packet after has marks of its own.
  const same = before.length === after.length;
  const rows = Math.ceil(Math.max(before.length, after.length) / PER_ROW);
  const frame = useRef<HTMLDivElement>(null);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keyboard
    <section className={styles.pair} aria-label="Bytes before and after" tabIndex={0} ref={frame}>
      <div className={styles.side} data-testid="before">
        <div className={styles.sideTitle}>Before, {before.length} bytes</div>
        <Rows bytes={before} rows={rows} marks={same ? marks : new Set()} lit={lit.before} />
      </div>
      <div className={styles.side} data-testid="after">
        <div className={styles.sideTitle}>After, {after.length} bytes</div>
        <Rows bytes={after} rows={rows} marks={marks} lit={lit.after} />
      </div>
      {rows > MOST_ROWS && <p className={styles.nothing}>The first {MOST_ROWS * PER_ROW} bytes are shown.</p>}
    </section>
  );
}

interface RowsProps {
  bytes: Uint8Array;
  rows: number;
  marks: ReadonlySet<number>;
  lit: Span | undefined;
}

function Rows({ bytes, rows, marks, lit }: RowsProps) {
  return (
    <div className={cx('mono', styles.hex)}>
      {Array.from({ length: Math.min(rows, MOST_ROWS) }, (_, row) => {
        const start = row * PER_ROW;
        return (
          <div key={start} className={styles.hexRow}>
            <span className={styles.offset}>{start.toString(16).padStart(4, '0')}</span>
            {Array.from(bytes.subarray(start, start + PER_ROW), (byte, i) => {
              const at = start + i;
              const isLit = lit !== undefined && at >= lit[0] && at < lit[0] + lit[1];
              return (
                <span
                  key={at}
                  className={cx(styles.byte, marks.has(at) && styles.changedByte, isLit && styles.litByte)}
                >
                  {byte.toString(16).padStart(2, '0')}
                </span>
              );
            })}
          </div>
        );
      })}
    </div>
  );
}
