/** Entries of a map: filtered, sorted, watched; the selected one changed, deleted, followed to what it names, or drawn as a chart. */
import { useMemo, useState } from 'react';
import type { MapDetail, MapEntry } from '../../../electron/shared/map-api.ts';
import { EmptyState, Grid, grouped, sentence } from '../../ui/index.ts';
import { DeleteEntryDialog } from './delete-entry-dialog.tsx';
import { EntriesToolbar } from './entries-toolbar.tsx';
import { type EntryActions, EntryStrip, entryMenu, isQueue } from './entry-actions.tsx';
import { entryColumns, widthOf } from './entry-columns.tsx';
import { EntryDialog } from './entry-dialog.tsx';
import { MapChart } from './map-chart.tsx';
import styles from './maps.module.css';
import { type EntriesQuestion, useEntriesQuestion } from './use-entries-question.ts';

const keyId = ({ key }: MapEntry): string =>
  Array.from(key, (byte) => byte.toString(16).padStart(2, '0')).join('') || 'next';

/** `added` as of useEntriesQuestion. */
export function EntriesTab({ detail, added }: { detail: MapDetail; added: number }) {
  const question = useEntriesQuestion(detail, added);
  const [cpus, setCpus] = useState(false);
  const [chosen, setChosen] = useState<MapEntry>();
  const [dialog, setDialog] = useState<'edit' | 'delete'>();
  const [chart, setChart] = useState<{ entry: MapEntry; column: number }>();
  const { window, error, again } = question;
  const selected = window?.rows.find((row) => chosen && keyId(row) === keyId(chosen)) ?? chosen;
  const close = () => setDialog(undefined);
  const actions: EntryActions = {
    detail,
    selected,
    onEdit: () => setDialog('edit'),
    onDelete: () => setDialog('delete'),
    onChart: (entry, column) => setChart({ entry, column }),
  };
  return (
    <div className={styles.entries}>
      <EntriesToolbar detail={detail} question={question} cpus={cpus} onCpus={setCpus} />
      {error && (
        <p className={styles.wrong} role="alert">
          {sentence(error.message)} {error.hint}
        </p>
      )}
      {window?.note && <p className={styles.note}>{window.note}</p>}
      <EntryTable actions={actions} question={question} cpus={cpus} onSelect={setChosen} />
      {chart && (
        <MapChart detail={detail} entry={chart.entry} column={chart.column} onClose={() => setChart(undefined)} />
      )}
      <EntryStrip {...actions} />
      {dialog === 'edit' && selected && (
        <EntryDialog detail={detail} entry={selected} onWritten={again} onClose={close} />
      )}
      {dialog === 'delete' && selected && (
        <DeleteEntryDialog
          detail={detail}
          entry={selected}
          onClose={close}
          onDeleted={() => {
            if (!isQueue(detail)) setChosen(undefined);
            again();
          }}
        />
      )}
    </div>
  );
}

interface EntryTableProps {
  actions: EntryActions;
  question: EntriesQuestion;
  cpus: boolean;
  onSelect(entry: MapEntry): void;
}

function EntryTable({ actions, question, cpus, onSelect }: EntryTableProps) {
  const { detail, selected, onEdit } = actions;
  const { window, filter, order, onSort, onRange, watch } = question;
  const columns = useMemo(() => entryColumns(detail, { watch, perCpu: cpus }), [detail, watch, cpus]);
  return (
    <div className={styles.table}>
      <div className={styles.wide} style={{ minWidth: widthOf(columns) }}>
        <Grid
          id="entry"
          label={`Entries of map ${detail.map.id}`}
          columns={columns}
          rows={window?.rows ?? []}
          start={window?.start ?? 0}
          total={window?.shown ?? 0}
          keyOf={keyId}
          selected={selected && keyId(selected)}
          onSelect={onSelect}
          onOpen={() => detail.can.write && !isQueue(detail) && onEdit()}
          {...(order && { sort: order.sort, descending: order.descending })}
          onSort={onSort}
          onRange={onRange}
          entries={entryMenu(actions)}
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
  );
}
