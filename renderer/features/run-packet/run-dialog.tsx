/** *Run through program…*: packets of the list, or bytes edited here, through a program of the kernel or of the library. */
import { Download, Play, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { type ErrorData, errorData } from '../../../electron/shared/errors.ts';
import { HexError, hexToBytes } from '../../../electron/shared/hex-text.ts';
import type { RunResult } from '../../../electron/shared/workbench-api.ts';
import { useApi } from '../../api/backend-context.ts';
import { closeRun, type RunSubject, useRunPacket } from '../../state/run-packet.ts';
import {
  Button,
  cx,
  Dialog,
  EmptyState,
  grouped,
  IconButton,
  Segments,
  TextField,
  VerdictMark,
} from '../../ui/index.ts';
import { ProgramList } from './program-list.tsx';
import { Refused, Result } from './result.tsx';
import styles from './run-packet.module.css';
import { saveCase } from './save-case.ts';
import { type Choice, useLoader, usePrograms } from './use-programs.ts';
import { type Subject, useSubject } from './use-subject.ts';

const MOST_REPEATS = 10_000_000;

export function RunDialog() {
  const subject = useRunPacket((s) => s.subject);
  if (!subject) return null;
  return (
    <Dialog label="Run through program" className={styles.dialog} onClose={closeRun}>
      <Running subject={subject} />
    </Dialog>
  );
}

function Running({ subject: asked }: { subject: RunSubject }) {
  const subject = useSubject(asked);
  const { choices, error: listError } = usePrograms();
  const [key, setKey] = useState<string>();
  const [repeat, setRepeat] = useState(1000);
  const [text, setText] = useState<string>();
  const [face, setFace] = useState<'packet' | 'result'>('packet');
  const chosen = choices?.find((choice) => choice.key === key);
  const edited = useEdited(text);
  const { run, busy, results, error } = useRun(subject, chosen, repeat, edited, () => setFace('result'));
  useEffect(() => {
    if (subject?.bytes) setText(asRows(subject.bytes));
  }, [subject]);
  return (
    <div className={styles.frame}>
      <header className={styles.head}>
        <h2 className={styles.title}>Run {titleOf(subject)} through a program</h2>
        <Segments
          label="Shown"
          value={face}
          options={[
            { value: 'packet', label: subject && subject.numbers.length > 1 ? 'Packets' : 'Bytes' },
            { value: 'result', label: 'Result' },
          ]}
          onChange={setFace}
        />
        <span className={styles.grow} />
        <IconButton label="Close" keys="Escape" icon={<X aria-hidden />} onClick={closeRun} />
      </header>
      <div className={styles.body}>
        <div className={styles.programs}>
          {listError ? (
            <Refused message={listError.message} hint={listError.hint} />
          ) : (
            <ProgramList choices={choices ?? []} chosen={key} onChoose={setKey} onRun={run} />
          )}
        </div>
        <div className={styles.main}>
          {face === 'packet' ? (
            <PacketFace subject={subject} text={text} problem={edited.problem} onEdit={setText} />
          ) : (
            <Results results={results} error={error} busy={busy} />
          )}
        </div>
      </div>
      <footer className={styles.foot}>
        <label className={styles.repeat}>
          Runs to time
          <TextField
            type="number"
            label="Runs to time"
            className={styles.runs}
            min={1}
            max={MOST_REPEATS}
            value={repeat}
            onChange={(event) => setRepeat(atMost(event.target.valueAsNumber))}
          />
        </label>
        <span className={styles.hint}>
          The packet is run in the kernel and sent nowhere. Maps of the program change as they would.
        </span>
        {face === 'result' && results.length === 1 && !results[0]!.error && chosen && (
          <SaveCase key={chosen.key} choice={chosen} result={results[0]!} />
        )}
        <Button
          tone="primary"
          icon={<Play aria-hidden />}
          disabled={!chosen || busy || !subject || edited.problem !== undefined}
          onClick={run}
        >
          {busy ? 'Running…' : 'Run'}
        </Button>
      </footer>
    </div>
  );
}

const atMost = (value: number) => (Number.isFinite(value) ? Math.max(1, Math.min(MOST_REPEATS, Math.round(value))) : 1);

function titleOf(subject: Subject | undefined): string {
  if (!subject || subject.numbers.length === 0) return 'bytes';
  const { numbers } = subject;
  return numbers.length === 1 ? `packet ${grouped(numbers[0]!)}` : `${grouped(numbers.length)} packets`;
}

interface Edited {
  bytes?: Uint8Array;
  problem?: string;
}

function useEdited(text: string | undefined): Edited {
  if (text === undefined) return {};
  try {
    const bytes = hexToBytes(text);
    return bytes.length < 14 ? { problem: `${bytes.length} bytes: the kernel runs no packet under 14` } : { bytes };
  } catch (error) {
    if (error instanceof HexError) return { problem: error.message };
    throw error;
  }
}

function useRun(
  subject: Subject | undefined,
  chosen: Choice | undefined,
  repeat: number,
  edited: Edited,
  onDone: () => void,
) {
  const api = useApi();
  const load = useLoader();
  const [busy, setBusy] = useState(false);
  const [results, setResults] = useState<readonly RunResult[]>([]);
  const [error, setError] = useState<ErrorData>();
  const run = async () => {
    if (!subject || !chosen || busy || edited.problem !== undefined) return;
    setBusy(true);
    setError(undefined);
    try {
      const programId = await load(chosen);
      const { numbers } = subject;
      const same = subject.bytes && edited.bytes && equal(subject.bytes, edited.bytes);
      const what =
        numbers.length > 1 || (same && numbers.length === 1) ? { packets: [...numbers] } : { bytes: edited.bytes! };
      setResults(await api.call('run.packets', { programId, repeat, ...what }));
    } catch (reason) {
      setResults([]);
      setError(errorData(reason));
    }
    setBusy(false);
    onDone();
  };
  return { run: () => void run(), busy, results, error };
}

const equal = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, i) => byte === b[i]);

interface PacketFaceProps {
  subject: Subject | undefined;
  text: string | undefined;
  problem: string | undefined;
  onEdit(text: string): void;
}

function PacketFace({ subject, text, problem, onEdit }: PacketFaceProps) {
  if (subject?.error) return <Refused message={subject.error.message} hint={subject.error.hint} />;
  if (subject && subject.numbers.length > 1)
    return (
      <EmptyState title={`${grouped(subject.numbers.length)} packets are run one after another`}>
        {`Numbers ${grouped(subject.numbers[0]!)} to ${grouped(subject.numbers.at(-1)!)}. To edit bytes, choose one packet.`}
        {subject.left > 0 && ` ${grouped(subject.left)} more were selected: 100 are run at once.`}
      </EmptyState>
    );
  return (
    <label className={styles.editor}>
      <span className={styles.detail}>
        The packet from its Ethernet header on. Change bytes, or paste others: hexadecimal text or a dump.
      </span>
      <textarea
        className={cx('mono', styles.bytes)}
        aria-label="Bytes"
        spellCheck={false}
        value={text ?? ''}
        onChange={(event) => onEdit(event.target.value)}
      />
      <span className={problem === undefined ? styles.detail : styles.problem} role="status">
        {problem ?? ''}
      </span>
    </label>
  );
}

function Results({
  results,
  error,
  busy,
}: {
  results: readonly RunResult[];
  error: ErrorData | undefined;
  busy: boolean;
}) {
  const [at, setAt] = useState(0);
  if (error) return <Refused message={error.message} hint={error.hint} />;
  if (results.length === 0)
    return <EmptyState title={busy ? 'Running…' : 'Nothing was run yet'}>Choose a program and press Run.</EmptyState>;
  const result = results[Math.min(at, results.length - 1)]!;
  if (results.length === 1) return <Result result={result} />;
  return (
    <div className={styles.several}>
      <div className={styles.list} role="listbox" aria-label="Packets that were run">
        {results.map((each, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: options take the focus and Enter comes as a click
          <div
            key={each.number}
            role="option"
            tabIndex={0}
            aria-selected={each === result}
            className={cx(styles.option, styles.line, each === result && styles.chosen)}
            onClick={() => setAt(index)}
            onFocus={() => setAt(index)}
          >
            <VerdictMark verdict={each.fate === 'other' ? 'none' : each.fate} />
            <span className="mono">{grouped(each.number!)}</span>
            <span className={styles.detail}>{each.verdictName}</span>
          </div>
        ))}
      </div>
      <Result key={result.number} result={result} />
    </div>
  );
}

function SaveCase({ choice, result }: { choice: Choice; result: RunResult }) {
  const [program, setProgram] = useState(choice.name);
  return (
    <span className={styles.save}>
      <TextField
        className={styles.program}
        label="Program in the case"
        title="As the command line names it: a library program, or FILE:PROGRAM beside the case"
        value={program}
        onChange={(event) => setProgram(event.target.value)}
      />
      <Button
        icon={<Download aria-hidden />}
        disabled={program.trim() === '' || /^\d+$/.test(program.trim())}
        onClick={() => saveCase(program.trim(), result)}
      >
        Save case…
      </Button>
    </span>
  );
}

/** Sixteen bytes a line. */
function asRows(bytes: Uint8Array): string {
  const pairs = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'));
  return Array.from({ length: Math.ceil(pairs.length / 16) }, (_, i) =>
    pairs.slice(16 * i, 16 * i + 16).join(' '),
  ).join('\n');
}
