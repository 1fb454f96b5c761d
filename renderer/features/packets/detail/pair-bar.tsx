/** Of an observed packet: which side of which program this is, what the program did to its bytes, and the way to its other image. */
import { ArrowLeftRight } from 'lucide-react';
import type { PacketDetail } from '../../../../electron/shared/api.ts';
import { Button, grouped } from '../../../ui/index.ts';
import styles from './detail.module.css';

/** Offsets to mark in the packet's bytes; a place where bytes were taken out marks the byte behind it. */
export function changedOffsets({ pair, bytes }: PacketDetail): ReadonlySet<number> | undefined {
  if (!pair || pair.changed.length === 0) return undefined;
  const offsets = new Set<number>();
  for (const [offset, length] of pair.changed)
    for (let i = 0; i < Math.max(1, length); i++) if (offset + i < bytes.length) offsets.add(offset + i);
  return offsets;
}

export function PairBar({ detail, onGo }: { detail: PacketDetail; onGo(number: number): void }) {
  const { row, pair } = detail;
  const { side, program } = row.observed!;
  return (
    <div className={styles.pair}>
      <span className={styles.pairWhat}>
        {side === 'before' ? 'Before' : 'After'} <strong>{program}</strong>
        {pair ? ` · ${changeWords(pair)}` : ' · its other image is not in this capture'}
      </span>
      {pair && (
        <Button
          size="sm"
          tone="ghost"
          className={styles.pairGo}
          icon={<ArrowLeftRight aria-hidden />}
          onClick={() => onGo(pair.number)}
        >
          {side === 'before' ? 'After' : 'Before'}: packet {grouped(pair.number)}
        </Button>
      )}
    </div>
  );
}

function changeWords({ changed, lengthBefore, lengthAfter }: NonNullable<PacketDetail['pair']>): string {
  if (changed.length === 0) return 'left as it was';
  const bytes = changed.reduce((sum, [, length]) => sum + length, 0);
  const size = lengthAfter - lengthBefore;
  const resized = size === 0 ? '' : `, ${Math.abs(size)} ${size > 0 ? 'longer' : 'shorter'}`;
  return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'} changed${resized}`;
}
