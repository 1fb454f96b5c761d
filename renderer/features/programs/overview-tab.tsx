/** A program's figures, live where the kernel counts, and who keeps it. */
import type { ProgramDetail, ProgramRow } from '../../../electron/shared/workbench-api.ts';
import { showMap } from '../../state/kernel-objects.ts';
import { bytes, grouped } from '../../ui/index.ts';
import { percent, perSecond } from './columns.ts';
import styles from './overview.module.css';

export interface OverviewTabProps {
  row: ProgramRow;
  detail: ProgramDetail;
  /** Shows an instruction of its code. */
  onGo(slot: number): void;
}

export function OverviewTab({ row, detail, onGo }: OverviewTabProps) {
  const meters: [string, string][] = [
    ['Runs a second', perSecond(row.runsPerSecond)],
    ['ns a run', row.nsPerRun === undefined ? '–' : grouped(row.nsPerRun)],
    ['CPU', percent(row.cpuShare)],
    ['Runs counted', row.runCount === 0 ? '–' : grouped(row.runCount)],
  ];
  const facts: [string, string][] = [
    ['Tag', row.tag],
    ['Loaded', loaded(row)],
    ['Code', `${grouped(row.instructions)} instructions, ${grouped(row.verified)} looked at by the verifier`],
    [
      'Size',
      `${bytes(row.xlatedBytes)} translated, ${bytes(row.jitedBytes)} machine code, ${bytes(row.memoryBytes)} held`,
    ],
    ['Licence', row.gpl ? 'GPL compatible' : 'not GPL compatible'],
    ['Types (BTF)', row.btfId === 0 ? 'none: no names and no source' : `id ${row.btfId}`],
    ['Held by', row.holders.map(({ pid, comm }) => `${comm} (${pid})`).join(', ') || 'no process'],
  ];
  return (
    <div className={styles.face}>
      <dl className={styles.meters}>
        {meters.map(([name, value]) => (
          <div key={name} className={styles.meter}>
            <dt>{name}</dt>
            <dd className="mono">{value}</dd>
          </div>
        ))}
      </dl>
      {detail.note !== undefined && <p className={styles.note}>{detail.note}</p>}
      <Section title="Attached">
        {row.attached.length === 0 ? (
          <p className={styles.none}>Nowhere. Other programs may call it, or a map may hold it.</p>
        ) : (
          <ul className={styles.list}>
            {row.attached.map((place) => (
              <li key={place}>{place}</li>
            ))}
          </ul>
        )}
      </Section>
      <Section title="Facts">
        <dl className={styles.facts}>
          {facts.map(([name, value]) => (
            <div key={name} className={styles.fact}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </Section>
      <Section title="Maps">
        {detail.maps.length === 0 ? (
          <p className={styles.none}>It uses none.</p>
        ) : (
          <ul className={styles.list}>
            {detail.maps.map(({ id, name, type, maxEntries }) => (
              <li key={id} className={styles.line}>
                <button type="button" className={styles.jump} onClick={() => showMap(id)}>
                  {name || `map ${id}`}
                </button>
                <span className={styles.faint}>
                  {type}, {grouped(maxEntries)} {maxEntries === 1 ? 'entry' : 'entries'}
                </span>
                <span className={`mono ${styles.faint}`}>{id}</span>
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Section title="Functions">
        <ul className={styles.list}>
          {detail.functions.map(({ name, at, instructions }) => (
            <li key={at} className={styles.line}>
              <button type="button" className={`mono ${styles.jump}`} onClick={() => onGo(at)}>
                {name}
              </button>
              <span className={styles.faint}>{grouped(instructions)} instructions</span>
            </li>
          ))}
        </ul>
      </Section>
      {row.pinned.length > 0 && (
        <Section title="Pinned">
          <ul className={styles.list}>
            {row.pinned.map((path) => (
              <li key={path} className="mono">
                {path}
              </li>
            ))}
          </ul>
        </Section>
      )}
    </div>
  );
}

function Section({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section className={styles.section} aria-label={title}>
      <h3 className={styles.sectionTitle}>{title}</h3>
      {children}
    </section>
  );
}

function loaded({ loadedNs, uid }: ProgramRow): string {
  const when = new Date(Number(BigInt(loadedNs) / 1_000_000n));
  return `${when.toLocaleString('sv-SE')} by ${uid === 0 ? 'root' : `user ${uid}`}`;
}
