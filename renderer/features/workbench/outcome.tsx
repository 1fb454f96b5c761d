/** What came of loading: what is in the kernel now, ready to be attached, or why it is not; and the verifier's log of each program. */
import { CircleCheck, ScrollText } from 'lucide-react';
import { Fragment, useState } from 'react';
import type { LoadedObject } from '../../../electron/shared/workbench.ts';
import type { LoadOutcome, VerifierLog } from '../../../electron/shared/workbench-api.ts';
import { showMap, showProgram } from '../../state/kernel-objects.ts';
import { askAttach } from '../../state/workbench.ts';
import { Button, EmptyState, isPermission, PermissionNeeded, Select } from '../../ui/index.ts';
import { LogReader } from './log-reader.tsx';
import styles from './outcome.module.css';
import { typeWord } from './program-types.ts';
import { Trouble } from './trouble.tsx';

export interface OutcomeProps {
  outcome: LoadOutcome | undefined;
  loading: boolean;
  /** Once more, after permission was refused. */
  onAgain(): void;
  /** What shows before the first time. */
  children?: React.ReactNode;
}

export function Outcome({ outcome, loading, onAgain, children }: OutcomeProps) {
  if (!outcome)
    return (
      <EmptyState
        icon={<ScrollText aria-hidden />}
        title={loading ? 'The verifier is at work…' : 'Nothing is loaded yet'}
      >
        {children ??
          'What the verifier makes of the program shows here: line by line, with what it knew of the registers, and the reason where it refuses.'}
      </EmptyState>
    );
  const { error, loaded } = outcome;
  // The kernel was not even asked.
  if (error && isPermission(error))
    return (
      <PermissionNeeded what="Loading a program" error={error} asking={loading} again="Load again" onAsk={onAgain} />
    );
  return (
    <section className={styles.outcome} aria-label="Outcome" aria-busy={loading}>
      {error && (
        <div className={styles.top}>
          <Trouble error={error} title="The kernel did not take it" quiet={outcome.logs.length > 0} />
        </div>
      )}
      {loaded && <Loaded loaded={loaded} />}
      <Logs key={loaded?.objectId ?? error?.message} logs={outcome.logs} accepted={loaded !== undefined} />
    </section>
  );
}

function Loaded({ loaded }: { loaded: LoadedObject }) {
  return (
    <div className={styles.loaded} role="status">
      <h3 className={styles.good}>
        <CircleCheck aria-hidden /> In the kernel
      </h3>
      <ul className={styles.programs}>
        {loaded.programs.map((program) => (
          <li key={program.id} className={styles.program}>
            <span className={styles.name}>{program.name}</span>
            <span className={styles.faint}>
              {typeWord(program.type)} ·{' '}
              <button type="button" className={styles.link} onClick={() => showProgram(program.id)}>
                program {program.id}
              </button>
            </span>
            <Button size="sm" tone="primary" aria-label={`Attach ${program.name}`} onClick={() => askAttach(program)}>
              Attach…
            </Button>
          </li>
        ))}
      </ul>
      {loaded.maps.length > 0 && (
        <p className={styles.maps}>
          {loaded.maps.length === 1 ? 'Map' : 'Maps'}{' '}
          {loaded.maps.map(({ name, id }, i) => (
            <Fragment key={id}>
              {i > 0 && ', '}
              <button type="button" className={styles.link} title={`Show map ${id}`} onClick={() => showMap(id)}>
                {name}
              </button>
            </Fragment>
          ))}
        </p>
      )}
    </div>
  );
}

/** The refused program first: the others are of interest after it. */
function Logs({ logs, accepted }: { logs: readonly VerifierLog[]; accepted: boolean }) {
  const first = Math.max(
    0,
    logs.findIndex((log) => !log.accepted),
  );
  const [at, setAt] = useState(first);
  const log = logs[at];
  if (!log)
    return accepted ? (
      <p className={styles.quiet}>The verifier’s log is empty. “Path” or “Everything” above keeps more of it.</p>
    ) : null;
  return (
    <div className={styles.logs}>
      <div className={styles.bar}>
        <h3 className={styles.title}>Verifier’s log</h3>
        {logs.length > 1 ? (
          <Select
            size="sm"
            label="Program of the log"
            value={String(at)}
            options={logs.map((each, i) => ({
              value: String(i),
              label: each.program,
              detail: each.accepted ? 'accepted' : 'refused',
            }))}
            onChange={(next) => setAt(Number(next))}
          />
        ) : (
          <span className={styles.faint}>{log.program}</span>
        )}
      </div>
      <LogReader key={at} log={log} />
    </div>
  );
}
