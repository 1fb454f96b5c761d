/** Snapshots of a map, and what is different between one and the map as it is now, or another one. */
import { Camera, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { MapApiMethods, MapDetail } from '../../../electron/shared/map-api.ts';
import { useApi } from '../../api/backend-context.ts';
import { notifyError } from '../../state/notices.ts';
import { Button, clock, EmptyState, grouped, IconButton, Select, Toolbar } from '../../ui/index.ts';
import styles from './maps.module.css';
import { forgetSnapshot, keepSnapshot, useSnapshots } from './snapshots.ts';

type Comparison = MapApiMethods['maps.compare'][1];
const NOW = 'now';

export function CompareTab({ detail }: { detail: MapDetail }) {
  const api = useApi();
  const { id } = detail.map;
  const taken = useSnapshots(id);
  const [from, setFrom] = useState('');
  const [to, setTo] = useState(NOW);
  const [result, setResult] = useState<Comparison>();
  const first = taken.some(({ snapshot }) => String(snapshot) === from) ? from : String(taken.at(-1)?.snapshot ?? '');
  const take = () => api.call('maps.snapshot', { id }).then((next) => keepSnapshot(id, next), notifyError);
  const compare = () =>
    api
      .call('maps.compare', { snapshot: Number(first), ...(to !== NOW && { with: Number(to) }) })
      .then(setResult, notifyError);
  const options = taken.map(({ snapshot, entries, takenMs }) => ({
    value: String(snapshot),
    label: `${clock(takenMs)} · ${grouped(entries)} entries`,
  }));
  return (
    <div className={styles.entries}>
      <Toolbar>
        <Button size="sm" icon={<Camera aria-hidden />} onClick={() => void take()}>
          Take snapshot
        </Button>
        {taken.length > 0 && (
          <>
            <Select size="sm" label="Before" value={first} options={options} onChange={setFrom} />
            <span className={styles.faint}>and</span>
            <Select
              size="sm"
              label="After"
              value={to}
              options={[{ value: NOW, label: 'the map now' }, ...options]}
              onChange={setTo}
            />
            <Button size="sm" tone="primary" onClick={() => void compare()}>
              Compare
            </Button>
            <IconButton
              size="sm"
              label="Let go of the first snapshot"
              icon={<Trash2 aria-hidden />}
              onClick={() =>
                api
                  .call('maps.forget', { snapshot: Number(first) })
                  .then(() => forgetSnapshot(id, Number(first)), notifyError)
              }
            />
          </>
        )}
      </Toolbar>
      {result && (
        <p className={styles.summary} role="status">
          {grouped(result.changed)} changed, {grouped(result.added)} new, {grouped(result.removed)} gone,{' '}
          {grouped(result.same)} the same
        </p>
      )}
      {result && result.rows.length > 0 ? (
        <div className={styles.differences}>
          <table>
            <thead>
              <tr>
                <th>Key</th>
                <th>Before</th>
                <th>After</th>
              </tr>
            </thead>
            <tbody className="mono">
              {result.rows.map(({ keyText, before, after }) => (
                <tr key={keyText}>
                  <td title={keyText}>{keyText}</td>
                  <td className={styles.before} title={before}>
                    {before ?? 'not there'}
                  </td>
                  <td className={styles.after} title={after}>
                    {after ?? 'gone'}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {result.more > 0 && <p className={styles.note}>{grouped(result.more)} more differences are counted above.</p>}
        </div>
      ) : (
        <EmptyState
          icon={<Camera aria-hidden />}
          title={
            result
              ? 'Nothing is different'
              : taken.length > 0
                ? 'Compare with the map later'
                : 'Keep what is in the map now'
          }
        >
          {result
            ? `All ${grouped(result.same)} entries are the same.`
            : 'A snapshot holds all entries, to see later what changed, came and went.'}
        </EmptyState>
      )}
    </div>
  );
}
