/**
 * Lines of code in one column, drawn as far as they are on the screen. Arrow keys walk, Enter follows a jump or a call, Backspace goes back. A jump
 * shows where it lands by a mark in the gutter of that line while it is the current one.
 */
import { CornerDownRight } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import type { ListingLine } from '../../../electron/shared/workbench-api.ts';
import { showMap } from '../../state/kernel-objects.ts';
import { cx, useMeasured } from '../../ui/index.ts';
import styles from './code.module.css';
import { type CodeRow, fileName } from './code-rows.ts';

const ROW_PX = 20;
const AROUND = 20;

export interface CodeReaderProps {
  rows: readonly CodeRow[];
  /** Slot → slots that jump there. */
  jumps: ReadonlyMap<number, readonly number[]>;
  /** Offsets are hexadecimal. */
  hex: boolean;
  current: number;
  onCurrent(row: number): void;
  onGo(at: number): void;
  onBack(): void;
}

export function CodeReader({ rows, jumps, hex, current, onCurrent, onGo, onBack }: CodeReaderProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 0 });
  const measure = useCallback(
    (element: HTMLElement) => setView({ top: element.scrollTop, height: element.clientHeight }),
    [],
  );
  useMeasured(scroller, measure);
  // What is current is on the screen; from far away it comes to the upper third.
  useEffect(() => {
    const element = scroller.current!;
    const y = current * ROW_PX;
    const inside = y >= element.scrollTop && y + ROW_PX <= element.scrollTop + element.clientHeight;
    if (inside) return;
    const near = Math.abs(y - element.scrollTop - element.clientHeight / 2) < element.clientHeight / 2 + 2 * ROW_PX;
    if (near) element.scrollTop = y < element.scrollTop ? y : y + ROW_PX - element.clientHeight;
    else element.scrollTop = Math.max(0, y - element.clientHeight / 3);
  }, [current]);

  const row = rows[current];
  const target = row?.kind === 'instruction' ? row.line.target : undefined;
  const onKeyDown = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(view.height / ROW_PX) - 1);
    const moves: Record<string, number> = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      PageDown: current + page,
      PageUp: current - page,
      Home: 0,
      End: rows.length - 1,
    };
    const to = moves[event.key];
    if (to !== undefined) onCurrent(Math.max(0, Math.min(rows.length - 1, to)));
    else if (event.key === 'Enter' && row?.kind === 'instruction') follow(row.line, onGo);
    else if (event.key === 'Backspace') onBack();
    else return;
    event.preventDefault();
  };
  const first = Math.max(0, Math.floor(view.top / ROW_PX) - AROUND);
  const last = Math.min(rows.length, Math.ceil((view.top + view.height) / ROW_PX) + AROUND);
  const width = Math.max(3, lastAt(rows, hex).length);
  return (
    <div
      ref={scroller}
      className={styles.reader}
      role="listbox"
      aria-label="Code"
      tabIndex={0}
      aria-activedescendant={`code-${current}`}
      onKeyDown={onKeyDown}
    >
      <div style={{ height: rows.length * ROW_PX }} role="presentation" />
      {rows.slice(first, last).map((each, i) => {
        const index = first + i;
        const lands = each.kind === 'instruction' && target !== undefined && each.line.at === target;
        return (
          <div
            key={index}
            id={`code-${index}`}
            role="option"
            aria-selected={index === current}
            className={cx(styles.row, styles[each.kind], lands && styles.lands)}
            style={{ transform: `translateY(${index * ROW_PX}px)` }}
            tabIndex={-1}
            // The list keeps the focus: this row may not be drawn any more after the next jump.
            onMouseDown={(event) => {
              event.preventDefault();
              scroller.current?.focus({ preventScroll: true });
              onCurrent(index);
            }}
          >
            {each.kind === 'function' && <span className={styles.functionName}>{each.name}</span>}
            {each.kind === 'source' && (
              <>
                <span className={styles.sourceText} title={each.source.text}>
                  {each.source.text}
                </span>
                <span className={styles.place}>
                  {fileName(each.source.file)}:{each.source.line}
                </span>
              </>
            )}
            {each.kind === 'instruction' && (
              <Instruction line={each.line} width={width} hex={hex} from={jumps.get(each.line.at)} onGo={onGo} />
            )}
          </div>
        );
      })}
    </div>
  );
}

function follow({ target, reference }: ListingLine, onGo: (at: number) => void): void {
  if (target !== undefined) onGo(target);
  else if (reference?.kind === 'map' && reference.id !== undefined) showMap(reference.id);
}

interface InstructionProps {
  line: ListingLine;
  /** Characters of the gutter. */
  width: number;
  hex: boolean;
  from: readonly number[] | undefined;
  onGo(at: number): void;
}

function Instruction({ line, width, hex, from, onGo }: InstructionProps): ReactNode {
  const { at, text, target, reference } = line;
  const number = (value: number) => (hex ? value.toString(16) : String(value));
  const [, opcode, words] = /^(\([0-9a-f]{2}\)) (.*)$/.exec(text) ?? [];
  const name = target === undefined ? reference?.name : (reference?.name ?? number(target));
  const linked = target !== undefined || reference?.kind === 'map';
  return (
    <>
      <span className={styles.slot} style={{ width: `${width + 1}ch` }}>
        {number(at)}
      </span>
      <span className={styles.mark} title={from && `Jumped to from ${from.map(number).join(', ')}`}>
        {from ? '▸' : ''}
      </span>
      {opcode !== undefined && <span className={styles.opcode}>{opcode}</span>}
      <span className={styles.words}>{words ?? text}</span>
      {linked && name !== undefined && (
        <button
          type="button"
          tabIndex={-1}
          className={cx(styles.link, reference?.kind === 'map' && styles.map)}
          aria-label={target === undefined ? `Map ${name}` : `Go to ${name}`}
          onClick={() => follow(line, onGo)}
        >
          {target !== undefined && <CornerDownRight aria-hidden size={11} />}
          {name || `map ${reference?.id}`}
        </button>
      )}
    </>
  );
}

function lastAt(rows: readonly CodeRow[], hex: boolean): string {
  const last = rows.findLast((row) => row.kind === 'instruction');
  if (last?.kind !== 'instruction') return '';
  return hex ? last.line.at.toString(16) : String(last.line.at);
}
