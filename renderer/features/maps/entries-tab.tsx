/** Entries of a map: filtered, sorted, watched; the selected one changed, deleted, followed to what it names, or drawn as a chart. */
import { ChartLine, Eye, Pencil, RefreshCw, Trash2 } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import type { MapDetail, MapEntry, MapReference } from '../../../electron/shared/map-api.ts';
import { useApi } from '../../api/backend-context.ts';
import { useCommand } from '../../state/commands.ts';
import { showMap, showProgram } from '../../state/kernel-objects.ts';
import { notify, notifyError } from '../../state/notices.ts';
import {
  Button,
  ConfirmDialog,
  EmptyState,
  Grid,
  grouped,
  IconButton,
  SearchField,
  sentence,
  Toolbar,
  ToolbarHint,
} from '../../ui/index.ts';
import { entryColumns, widthOf } from './entry-columns.tsx';
import { EntryDialog } from './entry-dialog.tsx';
import { MapChart } from './map-chart.tsx';
import styles from './maps.module.css';
import { useEntries } from './use-entries.ts';

const keyId = ({ key }: MapEntry): string =>
  Array.from(key, (byte) => byte.toString(16).padStart(2, '0')).join('') || 'next';

/** `added`: how many were added elsewhere, which are not among those on the screen yet. */
export function EntriesTab({ detail, added }: { detail: MapDetail; added: number }) {
  const api = useApi();
  const { map, can, perCpu } = detail;
  const { id } = map;
  const [text, setText] = useState('');
  const [filter, setFilter] = useState('');
  const [order, setOrder] = useState<{ sort: string; descending: boolean }>();
  const [watch, setWatch] = useState(false);
  const [cpus, setCpus] = useState(false);
  const [range, setRange] = useState({ start: 0, count: 60 });
  const [chosen, setChosen] = useState<MapEntry>();
  const [dialog, setDialog] = useState<'edit' | 'delete'>();
  const [chart, setChart] = useState<{ entry: MapEntry; column: number }>();
  // Some maps move their entries with each use: while somebody watches, rows stay where they are.
  const calm = watch && map.keyBytes > 0 ? { sort: 'key', descending: false } : undefined;
  const question = { id, ...range, ...(order ?? calm), ...(filter !== '' && { filter }), watch };
  const { window, error, again } = useEntries(question, added);
  const columns = useMemo(() => entryColumns(detail, { watch, perCpu: cpus }), [detail, watch, cpus]);
  const onRange = useCallback(
    (start: number, count: number) =>
      setRange((now) => (now.start === start && now.count === count ? now : { start, count })),
    [],
  );
  useCommand({
    id: 'maps.watch',
    label: 'Watch Map',
    section: 'Maps',
    keys: 'Ctrl+Alt+W',
    run: () => setWatch(!watch),
  });
  const selected = window?.rows.find((row) => chosen && keyId(row) === keyId(chosen)) ?? chosen;
  const onSort = (sort: string) =>
    setOrder((now) => ({ sort, descending: now?.sort === sort ? !now.descending : sort.startsWith('value') }));
  const reread = () => api.call('maps.refresh', { id }).then(again, notifyError);
  const remove = (entry: MapEntry) => {
    setDialog(undefined);
    api.call('maps.delete', { id, key: hexKey(entry) }).then(() => {
      notify(`Entry ${entry.keyText} is deleted`);
      setChosen(undefined);
      again();
    }, notifyError);
  };
  const numbers = detail.columns.flatMap((column, i) =>
    column.numeric && column.path.startsWith('value') ? [{ ...column, i }] : [],
  );
  const firstNumber = numbers[0]?.path;
  const queue = map.keyBytes === 0;
  const filterError = error?.code === 'FILTER' || (error && filter !== '') ? error : undefined;
  return (
    <div className={styles.entries}>
      <Toolbar onSubmit={() => setFilter(text.trim())}>
        <SearchField
          expression
          label="Filter entries"
          placeholder={`${firstNumber ?? 'value'} > 100, or a word   Enter`}
          value={text}
          wrong={filterError !== undefined}
          clearLabel="Show all entries"
          onChange={setText}
          onClear={() => {
            setText('');
            setFilter('');
          }}
        />
        <Button size="sm" icon={<Eye aria-hidden />} aria-pressed={watch} onClick={() => setWatch(!watch)}>
          Watch
        </Button>
        {perCpu && (
          <Button size="sm" aria-pressed={cpus} onClick={() => setCpus(!cpus)}>
            Each CPU
          </Button>
        )}
        <IconButton size="sm" label="Read again" icon={<RefreshCw aria-hidden />} onClick={() => void reread()} />
        <ToolbarHint live>{countText(window, filter)}</ToolbarHint>
      </Toolbar>
      {error && (
        <p className={styles.wrong} role="alert">
          {sentence(error.message)} {error.hint}
        </p>
      )}
      {window?.note && <p className={styles.note}>{window.note}</p>}
      <div className={styles.table}>
        <div className={styles.wide} style={{ minWidth: widthOf(columns) }}>
          <Grid
            id="entry"
            label={`Entries of map ${id}`}
            columns={columns}
            rows={window?.rows ?? []}
            start={window?.start ?? 0}
            total={window?.shown ?? 0}
            keyOf={keyId}
            selected={selected && keyId(selected)}
            onSelect={setChosen}
            onOpen={() => can.write && !queue && setDialog('edit')}
            {...(order && { sort: order.sort, descending: order.descending })}
            onSort={onSort}
            onRange={onRange}
            entries={[
              {
                label: 'Change…',
                keys: 'Enter',
                icon: <Pencil aria-hidden />,
                disabled: !selected || !can.write || queue,
                run: () => setDialog('edit'),
              },
              {
                label: 'Delete…',
                icon: <Trash2 aria-hidden />,
                disabled: !selected || !can.delete || queue,
                run: () => setDialog('delete'),
              },
              'separator',
              ...numbers.slice(0, 12).map(({ path, i }) => ({
                label: `Chart ${path}`,
                icon: <ChartLine aria-hidden />,
                disabled: !selected || queue,
                run: () => selected && setChart({ entry: selected, column: i }),
              })),
              { label: 'Copy as JSON', disabled: !selected, run: () => selected && copy(selected) },
            ]}
          />
        </div>
        {window?.complete && window.shown === 0 && (
          <div className={styles.nothing}>
            <EmptyState title={filter !== '' ? 'No entry matches the filter' : 'The map is empty'}>
              {filter !== ''
                ? `${grouped(window.read)} entries were looked at.`
                : 'Entries show here when a program or you add some.'}
            </EmptyState>
          </div>
        )}
      </div>
      {chart && (
        <MapChart detail={detail} entry={chart.entry} column={chart.column} onClose={() => setChart(undefined)} />
      )}
      <section className={styles.strip} aria-label="Selected entry">
        {selected ? (
          <>
            <strong className={`mono ${styles.stripKey}`} title={queue ? undefined : selected.keyText}>
              {queue ? 'next entry' : selected.keyText}
            </strong>
            {selected.refers && <Follow refers={selected.refers} />}
            <span className={styles.grow} />
            {numbers[0] && !queue && (
              <Button
                size="sm"
                icon={<ChartLine aria-hidden />}
                onClick={() => setChart({ entry: selected, column: numbers[0]!.i })}
              >
                Chart
              </Button>
            )}
            {can.write && !queue && (
              <Button size="sm" icon={<Pencil aria-hidden />} onClick={() => setDialog('edit')}>
                Change…
              </Button>
            )}
            {can.delete && !queue && (
              <Button size="sm" icon={<Trash2 aria-hidden />} onClick={() => setDialog('delete')}>
                Delete…
              </Button>
            )}
            {queue && can.push && (
              <Button size="sm" icon={<Trash2 aria-hidden />} onClick={() => setDialog('delete')}>
                Pop…
              </Button>
            )}
          </>
        ) : (
          <span className={styles.hintLeft}>Select an entry to change, delete or chart it.</span>
        )}
      </section>
      {dialog === 'edit' && selected && (
        <EntryDialog detail={detail} entry={selected} onWritten={again} onClose={() => setDialog(undefined)} />
      )}
      {dialog === 'delete' && selected && (
        <ConfirmDialog
          title={
            queue
              ? `Take the next entry out of map ${id} ${map.name}?`
              : `Delete ${selected.keyText} from map ${id} ${map.name}?`
          }
          action={queue ? 'Pop' : 'Delete'}
          onCancel={() => setDialog(undefined)}
          onConfirm={() => {
            if (!queue) return remove(selected);
            setDialog(undefined);
            api.call('maps.pop', { id }).then(again, notifyError);
          }}
        >
          Programs that look for it do not find it from then on. Its value is now:
          <code className={styles.was}>
            {selected.cells.slice(-detail.columns.filter(({ path }) => path.startsWith('value')).length).join('  ')}
          </code>
        </ConfirmDialog>
      )}
    </div>
  );
}

/** The bytes themselves: also where padding is part of the key. */
const hexKey = ({ key }: MapEntry): string =>
  `hex ${Array.from(key, (byte) => byte.toString(16).padStart(2, '0')).join(' ')}`;

function copy({ keyValue, valueValue }: MapEntry): void {
  void navigator.clipboard.writeText(JSON.stringify({ key: keyValue, value: valueValue }));
}

function countText(window: { read: number; shown: number; complete: boolean } | undefined, filter: string): string {
  if (!window) return '';
  const of = filter !== '' ? ` of ${grouped(window.read)}` : '';
  return `${grouped(window.shown)}${of} ${window.shown === 1 && !of ? 'entry' : 'entries'}${window.complete ? '' : '…'}`;
}

function Follow({ refers: { kind, id, name } }: { refers: MapReference }) {
  const words = `${kind} ${id} ${name}`;
  if (kind === 'interface') return <span className={styles.facts}>{words}</span>;
  return (
    <Button size="sm" tone="ghost" onClick={() => (kind === 'map' ? showMap(id) : showProgram(id))}>
      Go to {words}
    </Button>
  );
}
