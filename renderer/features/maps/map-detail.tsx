/** One map: what it is and what keeps it, its entries, and snapshots of them. */
import { Database, Download, MousePointerClick, Pin, Plus } from 'lucide-react';
import { useEffect, useState } from 'react';
import { type ErrorData, errorData } from '../../../electron/shared/errors.ts';
import type { MapDetail } from '../../../electron/shared/map-api.ts';
import { useApi } from '../../api/backend-context.ts';
import { showProgram } from '../../state/kernel-objects.ts';
import { notify, notifyError } from '../../state/notices.ts';
import {
  Badge,
  Button,
  bytes,
  Detail,
  DetailBody,
  DetailFacts,
  DetailHead,
  EmptyState,
  Menu,
  sentence,
  Tabs,
} from '../../ui/index.ts';
import { CompareTab } from './compare-tab.tsx';
import { EntriesTab } from './entries-tab.tsx';
import { EntryDialog } from './entry-dialog.tsx';
import { exportMap } from './export-map.ts';
import { mapFacts } from './map-columns.ts';
import styles from './maps.module.css';
import { PinDialog } from './pin-dialog.tsx';

/** Of a ring buffer's fill. */
const TICK_MS = 1000;

export function MapDetailPane({ id, gone }: { id: number; gone: boolean }) {
  const api = useApi();
  const [answer, setAnswer] = useState<{ detail?: MapDetail; error?: ErrorData }>({});
  const { detail, error } = answer;
  const buffer = detail?.fill !== undefined;
  useEffect(() => {
    if (id === 0) return;
    let over = false;
    const look = () =>
      api.call('maps.detail', { id }).then(
        (next) => !over && setAnswer({ detail: next }),
        (reason: unknown) => !over && setAnswer({ error: errorData(reason) }),
      );
    void look();
    const timer = buffer ? setInterval(look, TICK_MS) : undefined;
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [api, id, buffer]);
  if (id === 0)
    return (
      <EmptyState icon={<MousePointerClick aria-hidden />} title="No map selected">
        Click a row, or use the arrow keys in the list. Its entries show here, with the types that its program brings.
      </EmptyState>
    );
  if (error)
    return (
      <EmptyState icon={<Database aria-hidden />} title={sentence(error.message)}>
        {error.hint}
      </EmptyState>
    );
  return detail ? <Shown detail={detail} gone={gone} /> : null;
}

function Shown({ detail, gone }: { detail: MapDetail; gone: boolean }) {
  const api = useApi();
  const { map, can, note, fill } = detail;
  const [tab, setTab] = useState('entries');
  const [dialog, setDialog] = useState<'add' | 'pin'>();
  /** Entries that were added here. */
  const [added, setAdded] = useState(0);
  const save = (format: 'json' | 'csv') =>
    exportMap(api, map.id, format).then((name) => notify(`${name} is saved`), notifyError);
  return (
    <Detail label={`Map ${map.id}`}>
      <DetailHead
        name={map.name || '(unnamed)'}
        actions={
          <>
            {can.add && (
              <Button size="sm" icon={<Plus aria-hidden />} onClick={() => setDialog('add')}>
                Add entry…
              </Button>
            )}
            {can.push && (
              <Button size="sm" icon={<Plus aria-hidden />} onClick={() => setDialog('add')}>
                Push…
              </Button>
            )}
            <Button size="sm" icon={<Pin aria-hidden />} onClick={() => setDialog('pin')}>
              Pin…
            </Button>
            <Menu
              trigger={
                <Button size="sm" icon={<Download aria-hidden />} disabled={!can.read}>
                  Export
                </Button>
              }
              entries={[
                { label: 'As JSON, one entry a line', run: () => void save('json') },
                { label: 'As CSV, a column a member', run: () => void save('csv') },
              ]}
            />
          </>
        }
      >
        <Badge>{map.type}</Badge>
        {map.frozen && <Badge>frozen</Badge>}
        {gone && <Badge tone="warn">gone from the kernel</Badge>}
        <DetailFacts>{mapFacts(map)}</DetailFacts>
      </DetailHead>
      {(note || map.pinned.length > 0 || map.programIds.length > 0) && (
        <p className={styles.note}>
          {note}
          {map.programIds.length > 0 && (
            <span>
              Used by{' '}
              {map.programIds.slice(0, 8).map((program) => (
                <Button key={program} size="sm" tone="ghost" onClick={() => showProgram(program)}>
                  program {program}
                </Button>
              ))}
            </span>
          )}
          {map.pinned.map((path) => (
            <code key={path}>{path}</code>
          ))}
        </p>
      )}
      {fill ? (
        <Fill {...fill} />
      ) : !can.read ? (
        <EmptyState icon={<Database aria-hidden />} title={`Entries of a ${map.type} cannot be read`}>
          {note}
        </EmptyState>
      ) : (
        <DetailBody>
          <Tabs
            label="Of this map"
            value={tab}
            onChange={setTab}
            tabs={[
              { value: 'entries', label: 'Entries', content: <EntriesTab detail={detail} added={added} /> },
              { value: 'compare', label: 'Snapshots', content: <CompareTab detail={detail} /> },
            ]}
          />
        </DetailBody>
      )}
      {dialog === 'add' && (
        <EntryDialog detail={detail} onWritten={() => setAdded(added + 1)} onClose={() => setDialog(undefined)} />
      )}
      {dialog === 'pin' && <PinDialog map={map} onClose={() => setDialog(undefined)} />}
    </Detail>
  );
}

function Fill({ waitingBytes, sizeBytes }: { waitingBytes: number; sizeBytes: number }) {
  const share = sizeBytes > 0 ? waitingBytes / sizeBytes : 0;
  return (
    <div className={styles.fill}>
      <div
        className={styles.meter}
        role="meter"
        aria-label="Waiting bytes"
        aria-valuemin={0}
        aria-valuemax={sizeBytes}
        aria-valuenow={waitingBytes}
      >
        <span className={styles.level} style={{ width: `${100 * share}%` }} />
      </div>
      <p>
        <strong className="tabular">{bytes(waitingBytes)}</strong> of {bytes(sizeBytes)} wait for the reader (
        {(100 * share).toFixed(1)} %).
      </p>
    </div>
  );
}
