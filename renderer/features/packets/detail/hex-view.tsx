/**
 * Offset, bytes, characters. As many bytes a row as fit (8, 16 or 32); only the rows on the screen exist, so 64 KiB scroll like 64 bytes.
 * Bytes take the colour of their layer; those of the lit and the pinned field stand out. The pointer asks for a byte's field, a click
 * or the arrow keys pin it.
 */
import { type KeyboardEvent, memo, type PointerEvent, useCallback, useEffect, useRef, useState } from 'react';
import { ContextMenu, copies, useMeasured } from '../../../ui/index.ts';
import type { ByteMap } from './byte-map.ts';
import { asCArray, asDump, asEscaped, asHex, asText, character } from './copy.ts';
import styles from './detail.module.css';

const ROW_PX = 20;
/** Width of the offsets, and of one byte in both columns, at the view's font. */
const OFFSET_PX = 64;
const BYTE_PX = 22 + 8;
const GAP_PX = 40;

export interface Range {
  from: number;
  /** Exclusive. */
  to: number;
}

export interface HexViewProps {
  bytes: Uint8Array;
  map: ByteMap;
  /** What is hovered and what is pinned, as byte ranges. */
  lit: Range | undefined;
  pinned: Range | undefined;
  /** Bytes that differ from the packet's other image. */
  changed?: ReadonlySet<number> | undefined;
  onHover(offset: number): void;
  onPin(offset: number): void;
}

export function HexView({ bytes, map, lit, pinned, changed, onHover, onPin }: HexViewProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 0, width: 0 });
  const perRow = [32, 16].find((n) => OFFSET_PX + n * BYTE_PX + GAP_PX <= view.width) ?? 8;
  const rowCount = Math.ceil(bytes.length / perRow);

  const measure = useCallback(
    (element: HTMLElement) =>
      setView({ top: element.scrollTop, height: element.clientHeight, width: element.clientWidth }),
    [],
  );
  useMeasured(scroller, measure);

  const at = pinned?.from;
  useEffect(() => {
    const element = scroller.current;
    if (at === undefined || !element) return;
    const row = Math.floor(at / perRow) * ROW_PX;
    if (row < element.scrollTop) element.scrollTop = row;
    else if (row + ROW_PX > element.scrollTop + element.clientHeight)
      element.scrollTop = row + ROW_PX - element.clientHeight;
  }, [at, perRow]);

  const offsetOf = (event: PointerEvent) => {
    const text = (event.target as HTMLElement).dataset['offset'];
    return text === undefined ? -1 : Number(text);
  };
  const part = pinned ? bytes.subarray(pinned.from, pinned.to) : bytes;
  const copy = (text: string) => void navigator.clipboard.writeText(text);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const from = pinned?.from ?? -1;
    const end = bytes.length - 1;
    const moves: Record<string, number> = {
      ArrowRight: (pinned ? pinned.to - 1 : -1) + 1,
      ArrowLeft: from - 1,
      ArrowDown: from + perRow,
      ArrowUp: from - perRow,
      Home: 0,
      End: end,
    };
    const to = moves[event.key];
    if (to === undefined) return;
    event.preventDefault();
    onPin(Math.max(0, Math.min(end, to)));
  };

  const first = Math.max(0, Math.floor(view.top / ROW_PX) - 2);
  const last = Math.min(rowCount, Math.ceil((view.top + view.height) / ROW_PX) + 2);
  const what = pinned ? 'field' : 'packet';
  return (
    <ContextMenu
      entries={[
        { label: `Copy ${what} as hex`, run: () => copy(asHex(part)) },
        { label: `Copy ${what} as hex dump`, run: () => copy(asDump(part)) },
        { label: `Copy ${what} as C array`, run: () => copy(asCArray(part)) },
        { label: `Copy ${what} as escaped string`, run: () => copy(asEscaped(part)) },
        { label: `Copy ${what} as text`, run: () => copy(asText(part)) },
        ...(pinned
          ? (['separator', { label: 'Copy whole packet as hex', run: () => copy(asHex(bytes)) }] as const)
          : []),
      ]}
    >
      <div
        ref={scroller}
        className={styles.hex}
        data-testid="hex"
        role="group"
        aria-label={`Packet bytes, ${bytes.length}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys walk through the bytes
        tabIndex={0}
        onKeyDown={onKeyDown}
        onCopy={copies(() => asHex(part))}
        onPointerOver={(event) => onHover(offsetOf(event))}
        onPointerLeave={() => onHover(-1)}
        onPointerDown={(event) => {
          const offset = offsetOf(event);
          if (event.button === 0 && offset >= 0) onPin(offset);
        }}
      >
        <div className={styles.hexRows} style={{ height: rowCount * ROW_PX }}>
          {Array.from({ length: Math.max(0, last - first) }, (_, i) => {
            const start = (first + i) * perRow;
            return (
              <HexRow
                key={start}
                start={start}
                end={Math.min(bytes.length, start + perRow)}
                perRow={perRow}
                bytes={bytes}
                map={map}
                lit={within(lit, start, perRow)}
                pinned={within(pinned, start, perRow)}
                changed={changed}
              />
            );
          })}
        </div>
      </div>
    </ContextMenu>
  );
}

/** "from-to" of the part of a range that lies in a row, so that rows outside of it are not drawn again. */
function within(range: Range | undefined, start: number, perRow: number): string {
  if (!range || range.to <= start || range.from >= start + perRow) return '';
  return `${Math.max(start, range.from)}-${Math.min(start + perRow, range.to)}`;
}

interface HexRowProps {
  start: number;
  end: number;
  perRow: number;
  bytes: Uint8Array;
  map: ByteMap;
  lit: string;
  pinned: string;
  changed: ReadonlySet<number> | undefined;
}

const HexRow = memo(function HexRow({ start, end, perRow, bytes, map, lit, pinned, changed }: HexRowProps) {
  const covers = (range: string) => {
    const [from = -1, to = -1] = range === '' ? [] : range.split('-').map(Number);
    return (offset: number) => offset >= from && offset < to;
  };
  const isLit = covers(lit);
  const isPinned = covers(pinned);
  const cells = (text: (byte: number) => string, className: string | undefined) =>
    Array.from({ length: end - start }, (_, i) => {
      const offset = start + i;
      return (
        <span
          key={offset}
          className={className}
          data-offset={offset}
          data-layer={layerOf(map, offset)}
          data-lit={isLit(offset)}
          data-pinned={isPinned(offset)}
          data-changed={changed?.has(offset)}
        >
          {text(bytes[offset]!)}
        </span>
      );
    });
  return (
    <div className={styles.hexRow} style={{ transform: `translateY(${(start / perRow) * ROW_PX}px)` }}>
      <span className={styles.offset}>{start.toString(16).padStart(4, '0')}</span>
      <span className={styles.bytes} style={{ width: perRow * 22 + (perRow / 8) * 8 }}>
        {cells((byte) => byte.toString(16).padStart(2, '0'), styles.byte)}
      </span>
      <span className={styles.chars}>{cells(character, styles.char)}</span>
    </div>
  );
});

/** 1…6, the layer's colour token; 0 = none. */
function layerOf(map: ByteMap, offset: number): number {
  const layer = map.layer[offset] ?? -1;
  return layer < 0 ? 0 : ((layer - 1) % 6) + 1;
}
