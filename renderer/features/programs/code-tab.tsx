/** A program's code: which face of it, with source or without, and where to begin. */
import { Copy, FileCode2, Undo2 } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import type { ProgramDetail } from '../../../electron/shared/workbench-api.ts';
import { notify } from '../../state/notices.ts';
import { Button, count, EmptyState, IconButton, Menu, Segments } from '../../ui/index.ts';
import styles from './code.module.css';
import { CodeReader } from './code-reader.tsx';
import { codeRows, jumpsTo, listingText, rowOf } from './code-rows.ts';

export interface CodeTabProps {
  detail: ProgramDetail;
  /** An instruction that another face wants to be shown; a new object each time. */
  wanted: { slot: number } | undefined;
}

type Face = 'xlated' | 'jited';

export function CodeTab({ detail, wanted }: CodeTabProps) {
  const [face, setFace] = useState<Face>('xlated');
  const [source, setSource] = useState(true);
  const [current, setCurrent] = useState(0);
  const [back, setBack] = useState<readonly number[]>([]);
  const lines = detail[face];
  const rows = useMemo(() => codeRows(lines, source), [lines, source]);
  const jumps = useMemo(() => jumpsTo(lines), [lines]);
  const hasSource = useMemo(() => lines.some((line) => line.source && line.source.text !== ''), [lines]);

  // Slots are those of the translated code.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new wish moves the reader
  useEffect(() => {
    if (!wanted) return;
    setFace('xlated');
    setCurrent(rowOf(codeRows(detail.xlated, source), wanted.slot));
  }, [wanted]);

  const atOf = (row: number) => {
    const found = rows.slice(row).find((each) => each.kind === 'instruction');
    return found?.kind === 'instruction' ? found.line.at : 0;
  };
  const goTo = (at: number) => {
    setBack((places) => [...places, atOf(current)]);
    setCurrent(rowOf(rows, at));
  };
  const goBack = () => {
    const place = back.at(-1);
    if (place === undefined) return;
    setBack(back.slice(0, -1));
    setCurrent(rowOf(rows, place));
  };
  const keepPlace = (change: () => void, nextRows: () => ReturnType<typeof codeRows>) => {
    const at = atOf(current);
    change();
    setCurrent(rowOf(nextRows(), at));
  };
  const toggleSource = () =>
    keepPlace(
      () => setSource(!source),
      () => codeRows(lines, !source),
    );
  const copy = () => {
    void navigator.clipboard.writeText(listingText(rows, face === 'jited'));
    notify(`${count(lines.length, 'line')} copied`);
  };
  const functions = lines.flatMap(({ function: name, at }) => (name === undefined ? [] : [{ name, at }]));
  return (
    <div className={styles.face}>
      <div className={styles.tools}>
        <Segments
          label="Which code"
          value={face}
          options={[
            { value: 'xlated', label: 'Translated' },
            { value: 'jited', label: 'Machine code' },
          ]}
          onChange={(next) => {
            setFace(next);
            setBack([]);
            setCurrent(0);
          }}
        />
        <Button
          size="sm"
          icon={<FileCode2 aria-hidden />}
          aria-pressed={source && hasSource}
          disabled={!hasSource}
          title={hasSource ? undefined : 'This program was loaded without line information (build it with -g)'}
          onClick={toggleSource}
        >
          Source
        </Button>
        {functions.length > 1 && (
          <Menu
            trigger={<Button size="sm">{count(functions.length, 'function')}</Button>}
            entries={functions.map(({ name, at }) => ({ label: name, run: () => goTo(at) }))}
          />
        )}
        <span className={styles.end}>
          <IconButton
            size="sm"
            label="Back to where the jump was"
            keys="Backspace"
            icon={<Undo2 aria-hidden />}
            disabled={back.length === 0}
            onClick={goBack}
          />
          <IconButton size="sm" label="Copy the listing" icon={<Copy aria-hidden />} onClick={copy} />
        </span>
      </div>
      {lines.length === 0 ? (
        <EmptyState icon={<FileCode2 aria-hidden />} title="The kernel shows no code here">
          {detail.note}
        </EmptyState>
      ) : (
        <CodeReader
          rows={rows}
          jumps={jumps}
          hex={face === 'jited'}
          current={Math.max(0, Math.min(current, rows.length - 1))}
          onCurrent={setCurrent}
          onGo={goTo}
          onBack={goBack}
        />
      )}
    </div>
  );
}
