/** What became of one packet: verdict, time, fields that changed beside the bytes, what the maps hold now, what was printed. */
import { CircleAlert } from 'lucide-react';
import { useState } from 'react';
import type { RunChange, RunResult } from '../../../electron/shared/workbench-api.ts';
import { grouped, sentence, VerdictMark } from '../../ui/index.ts';
import { HexPair } from './hex-pair.tsx';
import styles from './run-packet.module.css';

export function Result({ result }: { result: RunResult }) {
  const [lit, setLit] = useState<RunChange>();
  const { error, maps, printed, notes, before, after, changed, changes } = result;
  if (error) return <Refused message={error.message} hint={error.hint} />;
  return (
    <section className={styles.result} aria-label="Result">
      <Outcome result={result} />
      {changed.length === 0 ? (
        <p className={styles.unchanged}>The packet left the program as it came.</p>
      ) : (
        changes.length > 0 && <Changes changes={changes} lit={lit} onLight={setLit} />
      )}
      <HexPair before={before} after={after} changed={changed} lit={{ before: lit?.beforeAt, after: lit?.afterAt }} />
      {maps.length > 0 && (
        <table className={styles.table} aria-label="Map changes">
          <thead>
            <tr>
              <th>Map</th>
              <th>Key</th>
              <th>Member</th>
              <th>Before</th>
              <th>After</th>
            </tr>
          </thead>
          <tbody>
            {maps.map(({ map, mapId, key, member, before: was, after: now }) => (
              <tr key={`${mapId} ${key} ${member}`}>
                <td className="mono">{map}</td>
                <td className="mono">{key}</td>
                <td className="mono">{member}</td>
                <Value text={was} />
                <Value text={now} />
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {printed.length > 0 && (
        <section className={styles.printed} aria-label="Printed lines">
          {printed.map((line, at) => (
            // Lines have no identity but their place.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <div key={at} className="mono">
              {line}
            </div>
          ))}
        </section>
      )}
      {notes.map((note) => (
        <p key={note} className={styles.note}>
          {sentence(note)}
        </p>
      ))}
    </section>
  );
}

function Outcome({ result: { verdictName, fate, nsPerRun, repeat, before, after } }: { result: RunResult }) {
  const longer = after.length - before.length;
  return (
    <div className={styles.outcome}>
      <VerdictMark verdict={fate === 'other' ? 'none' : fate} size={16} />
      <strong className={styles.verdict}>{verdictName}</strong>
      <span className={styles.fact}>
        <b>{grouped(nsPerRun)} ns</b> {repeat === 1 ? 'for one run' : `a run, of ${grouped(repeat)}`}
      </span>
      <span className={styles.fact}>
        {longer === 0 ? `${grouped(after.length)} bytes` : `${grouped(before.length)} → ${grouped(after.length)} bytes`}
      </span>
    </div>
  );
}

interface ChangesProps {
  changes: readonly RunChange[];
  lit: RunChange | undefined;
  onLight(change: RunChange | undefined): void;
}

function Changes({ changes, lit, onLight }: ChangesProps) {
  return (
    <table className={styles.table} aria-label="Changed fields">
      <thead>
        <tr>
          <th>Field</th>
          <th>Before</th>
          <th>After</th>
        </tr>
      </thead>
      <tbody onPointerLeave={() => onLight(undefined)}>
        {changes.map((change, at) => (
          <tr
            // The same field may be there twice.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            key={at}
            className={change === lit ? styles.litRow : undefined}
            onPointerEnter={() => onLight(change)}
          >
            <td>
              {change.label} <span className={styles.field}>{change.field}</span>
            </td>
            <Value text={change.before} />
            <Value text={change.after} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const Value = ({ text }: { text: string | undefined }) =>
  text === undefined ? <td className={styles.absent}>not there</td> : <td className="mono">{text}</td>;

export function Refused({ message, hint }: { message: string; hint?: string | undefined }) {
  return (
    <div className={styles.refused} role="alert">
      <CircleAlert aria-hidden />
      <div>
        <p>{sentence(message)}</p>
        {hint && <p className={styles.detail}>{sentence(hint)}</p>}
      </div>
    </div>
  );
}
