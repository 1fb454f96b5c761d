/**
 * The verifier's log as a tree of one-line rows, drawn as far as they are on the screen: source lines open to their instructions, instructions to
 * what was known of the registers. The refused instruction is open and in view from the start. Left and right fold, as in every tree.
 */
import { ChevronDown, ChevronRight, CircleAlert, Lightbulb } from 'lucide-react';
import { type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { VerifierLog } from '../../../electron/shared/workbench-api.ts';
import { Button, count, cx } from '../../ui/index.ts';
import styles from './log-reader.module.css';
import { firstUnfolded, groupSteps, type LogRow, logRows, refusedStep, toggled } from './log-rows.ts';

/** As in the style sheet. */
const ROW_PX = 20;
const ROWS_AROUND = 30;

export function LogReader({ log }: { log: VerifierLog }) {
  const groups = useMemo(() => groupSteps(log), [log]);
  const [unfolded, setUnfolded] = useState(() => firstUnfolded(log, groups));
  const [raw, setRaw] = useState(false);
  const rows = useMemo(() => logRows(log, groups, unfolded), [log, groups, unfolded]);
  const refused = refusedStep(log);
  const [at, setAt] = useState(() => Math.max(0, refusedRow(rows, refused)));
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 400 });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the scroller comes and goes with the text
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const measure = () => setView({ top: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    measure();
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, [raw]);
  // Once: later it is the reader's own place.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  useEffect(() => {
    const element = scroller.current;
    if (element && refused >= 0) element.scrollTop = Math.max(0, at * ROW_PX - element.clientHeight / 2);
  }, [raw]);

  const toggle = (row: LogRow | undefined) => {
    if (row?.kind === 'source') setUnfolded((all) => ({ ...all, groups: toggled(all.groups, row.group) }));
    if (row?.kind === 'step' && row.states > 0) setUnfolded((all) => ({ ...all, steps: toggled(all.steps, row.step) }));
  };
  const move = (to: number) => {
    const index = Math.max(0, Math.min(rows.length - 1, to));
    const element = scroller.current!;
    if (index * ROW_PX < element.scrollTop) element.scrollTop = index * ROW_PX;
    else if ((index + 1) * ROW_PX > element.scrollTop + element.clientHeight)
      element.scrollTop = (index + 1) * ROW_PX - element.clientHeight;
    setAt(index);
  };
  const isOpen = (row: LogRow) =>
    row.kind === 'source'
      ? unfolded.groups.has(row.group)
      : row.kind === 'step' && row.states > 0
        ? unfolded.steps.has(row.step)
        : undefined;
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[at];
    const page = Math.max(1, Math.floor(view.height / ROW_PX) - 1);
    const moves: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: rows.length - 1,
    };
    const to = moves[event.key];
    if (to !== undefined) move(to);
    else if (event.key === 'Enter' || event.key === ' ') toggle(row);
    else if (event.key === 'ArrowRight' && row && isOpen(row) === false) toggle(row);
    else if (event.key === 'ArrowLeft' && row && isOpen(row) === true) toggle(row);
    else if (event.key === 'ArrowLeft') move(rows.findLastIndex((each, i) => i < at && depthOf(each) < depthOf(row!)));
    else return;
    event.preventDefault();
  };
  const all = unfolded.groups.size === groups.length;
  const first = Math.max(0, Math.floor(view.top / ROW_PX) - ROWS_AROUND);
  const last = Math.min(rows.length, Math.ceil((view.top + view.height) / ROW_PX) + ROWS_AROUND);

  return (
    <div className={styles.reader}>
      <div className={styles.tools}>
        <span className={styles.facts} title={log.summary.join('\n')}>
          {log.accepted ? 'Accepted' : 'Refused'}
          {log.steps.length > 0 && ` · ${count(log.steps.length, 'instruction')} gone through`}
          {summaryWords(log.summary)}
        </span>
        {log.steps.length > 0 && !raw && groups.some(({ source }) => source) && (
          <Button
            size="sm"
            tone="ghost"
            onClick={() => setUnfolded((now) => ({ ...now, groups: new Set(all ? [] : groups.map((_, i) => i)) }))}
          >
            {all ? 'Fold all' : 'Unfold all'}
          </Button>
        )}
        <Button size="sm" tone="ghost" aria-pressed={raw} onClick={() => setRaw(!raw)}>
          As text
        </Button>
      </div>
      {raw || rows.length === 0 ? (
        <Text log={log} raw={raw} />
      ) : (
        <div
          ref={scroller}
          className={styles.scroller}
          role="tree"
          aria-label={`Verifier’s log of ${log.program}`}
          tabIndex={0}
          aria-activedescendant={rows[at] && `log-${rows[at].key}`}
          onKeyDown={onKeyDown}
        >
          {/* The hint is the last row, and may have several lines. */}
          <div style={{ height: rows.length * ROW_PX + (rows.at(-1)?.kind === 'hint' ? 60 : 0) }} role="presentation" />
          {rows.slice(first, last).map((row, i) => (
            <Row
              key={row.key}
              row={row}
              index={first + i}
              selected={first + i === at}
              open={isOpen(row)}
              onPick={() => {
                setAt(first + i);
                toggle(row);
              }}
            />
          ))}
        </div>
      )}
    </div>
  );
}

const refusedRow = (rows: readonly LogRow[], refused: number) =>
  refused < 0 ? -1 : rows.findIndex((row) => row.kind === 'step' && row.step === refused);

const depthOf = (row: LogRow) => (row.kind === 'source' ? 1 : row.kind === 'step' ? 2 : 3);

/** "processed 12 insns (limit 1000000)…" is for the log as text; what it needed is worth a word. */
function summaryWords(summary: readonly string[]): string {
  const states = /total_states (\d+)/.exec(summary.join(' '))?.[1];
  const processed = /processed (\d+) insns/.exec(summary.join(' '))?.[1];
  return [processed && ` · ${processed} verified`, states && ` · ${states} states`].filter(Boolean).join('');
}

function Text({ log, raw }: { log: VerifierLog; raw: boolean }) {
  const text = raw ? log.raw : [...log.summary, log.reason, log.hint].filter(Boolean).join('\n');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: long text is scrolled by keyboard
    <pre className={cx(styles.scroller, styles.text)} tabIndex={0}>
      {text.trim() || 'The verifier had nothing to say.'}
    </pre>
  );
}

interface RowProps {
  row: LogRow;
  index: number;
  selected: boolean;
  open: boolean | undefined;
  onPick(): void;
}

function Row({ row, index, selected, open, onPick }: RowProps) {
  const Chevron = open ? ChevronDown : ChevronRight;
  const refused = (row.kind === 'source' || row.kind === 'step') && row.refused;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the keyboard
    <div
      id={`log-${row.key}`}
      role="treeitem"
      tabIndex={-1}
      className={cx(styles.row, styles[row.kind])}
      style={{ transform: `translateY(${index * ROW_PX}px)` }}
      aria-level={depthOf(row)}
      aria-selected={selected}
      {...(open !== undefined && { 'aria-expanded': open })}
      data-refused={refused || row.kind === 'reason'}
      onClick={onPick}
    >
      <span className={styles.fold}>{open !== undefined && <Chevron aria-hidden />}</span>
      <Content row={row} />
    </div>
  );
}

function Content({ row }: { row: LogRow }) {
  switch (row.kind) {
    case 'source':
      return (
        <>
          <span className={styles.number}>{row.source && row.source.line > 0 ? row.source.line : ''}</span>
          <span className={styles.code}>{row.source?.text ?? 'No source line'}</span>
          <span className={styles.aside}>{row.refused ? 'refused here' : row.steps}</span>
        </>
      );
    case 'step':
      return (
        <>
          <span className={styles.number}>{row.at}</span>
          <span className={styles.code}>{row.text}</span>
        </>
      );
    case 'state':
      return <span className={styles.code}>{row.text}</span>;
    case 'reason':
      return (
        <>
          <CircleAlert className={styles.mark} aria-label="Reason" />
          <span className={styles.code}>{row.text}</span>
        </>
      );
    case 'hint':
      return (
        <>
          <Lightbulb className={styles.mark} aria-label="Hint" />
          <span className={styles.words}>{row.text}</span>
        </>
      );
  }
}
