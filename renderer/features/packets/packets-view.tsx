/** The Packets view: the list, and below or beside it the packet that is selected, as a field tree and as bytes. */
import { Play, Rows3 } from 'lucide-react';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { useApi } from '../../api/backend-context.ts';
import { isActive } from '../../state/capture-control.ts';
import { runCommand, useCommand } from '../../state/commands.ts';
import { useDisplayFilter } from '../../state/display-filter.ts';
import { setShown, useSession } from '../../state/session.ts';
import { Button, EmptyState, Pane, Panes } from '../../ui/index.ts';
import { useTablePrefs } from './columns.ts';
import { CommentDialog } from './comment-dialog.tsx';
import { DecodeDialog } from './decode-dialog.tsx';
import { DetailPane } from './detail/index.ts';
import { nextDetailsPlace } from './details-place.ts';
import { DisplayFilterBar } from './display-filter/index.ts';
import { FindBar } from './find-bar.tsx';
import { type ListOrder, sortOf } from './list-order.ts';
import { PacketList, type ShownCount } from './packet-list.tsx';
import type { PacketTableHandle } from './packet-table.tsx';
import styles from './packets-view.module.css';
import { RulesDialog } from './rules-dialog.tsx';
import { followNewest, ToolBar } from './tool-bar.tsx';
import { useAnnotations } from './use-annotations.ts';
import { useFind } from './use-find.ts';
import { useGo } from './use-go.ts';
import { usePacketDetail } from './use-packet-detail.ts';
import { type Selection, useSelection } from './use-selection.ts';
import { type Sort, useSort } from './use-sort.ts';

export function PacketsView() {
  const stored = useSession((s) => s.status.stored);
  const active = useSession((s) => isActive(s.status));
  const countersOnly = useSession((s) => s.status.options?.packets === false && s.status.source === 'live');
  const emptyFile = useSession(({ status }) =>
    status.source === 'file' && !status.reading ? status.fileName : undefined,
  );
  if (stored > 0) return <Packets />;
  if (active && countersOnly)
    return (
      <EmptyState icon={<Rows3 aria-hidden />} title="Packets stay in the kernel">
        This capture counts flows and verdicts only. For packets, stop it and switch “Counters only” off in the capture
        options.
      </EmptyState>
    );
  if (active)
    return (
      <EmptyState icon={<Rows3 aria-hidden />} title="Waiting for the first packet">
        The program is attached and watching. Rows appear here as soon as something passes.
      </EmptyState>
    );
  return (
    <EmptyState
      icon={<Rows3 aria-hidden />}
      title={emptyFile ? `${emptyFile} has no packets` : 'No packets yet'}
      actions={
        <>
          <Button tone="primary" icon={<Play aria-hidden />} onClick={() => runCommand('view.start')}>
            Choose an interface
          </Button>
          <Button onClick={() => runCommand('file.open')}>Open file…</Button>
        </>
      }
    >
      Start a capture, or drop a pcap or pcapng file anywhere on this window.
    </EmptyState>
  );
}

function Packets() {
  const table = useRef<PacketTableHandle>(null);
  const stored = useSession((s) => s.status.stored);
  const generation = useSession((s) => s.status.generation);
  const annotations = useSession((s) => s.status.annotations ?? 0);
  const filter = useDisplayFilter((s) => s.applied);
  const { details } = useTablePrefs();
  const [found, setFound] = useState({ found: 0, scanned: 0 });
  const sort = useSort(filter);
  const selection = useSelection(table, filter, sort);
  const { number } = selection.selected;
  const { detail, loading } = usePacketDetail(details === 'hidden' ? 0 : number, generation, annotations);
  const find = useFind(number, filter, sort.order, selection.goTo);
  const toList = () => table.current?.focus();
  const dialogs = useDialogs(selection, { filter, order: sort.order }, find.seek, table);
  useViewCommands(selection, sort);
  const counted = countOf(filter, stored, found, sort);
  useShown(filter === '' && !sort.order ? undefined : counted.found);

  const list = <PacketList {...{ table, selection, filter, sort }} shown={counted} onShown={setFound} />;
  return (
    <div className={styles.view}>
      <DisplayFilterBar
        stored={counted.of}
        found={filter === '' ? undefined : counted.found}
        scanned={counted.scanned}
        onDone={toList}
      />
      {find.finding && (
        <FindBar
          asked={find.asked}
          message={find.message}
          onSeek={find.seek}
          onFilter={find.onFilter}
          onClose={() => {
            find.setFinding(false);
            toList();
          }}
        />
      )}
      {dialogs.shown}
      <ToolBar {...{ selection, find, filter, sort }} onRules={dialogs.openRules} onDone={toList} />
      {details === 'hidden' ? (
        list
      ) : (
        <Panes
          key={details}
          id={`packets-${details}`}
          orientation={details === 'below' ? 'vertical' : 'horizontal'}
          className={styles.panes ?? ''}
        >
          <Pane id="list" defaultSize="58%" minSize="20%">
            {list}
          </Pane>
          <Pane id="details" defaultSize="42%" minSize="15%">
            <DetailPane detail={detail} loading={loading} onGo={selection.goTo} />
          </Pane>
        </Panes>
      )}
    </div>
  );
}

/** Rows that the filter lets through, and packets that were looked at for it, of how many. A sorted list has those of when it was sorted. */
function countOf(
  filter: string,
  stored: number,
  shown: { found: number; scanned: number },
  { order, blank, share = 0 }: Sort,
): ShownCount {
  if (order) return { found: order.rows, scanned: order.packets, of: order.packets };
  if (blank) return { found: 0, scanned: Math.min(stored - 1, Math.floor(share * stored)), of: stored };
  return filter === '' ? { found: stored, scanned: stored, of: stored } : { ...shown, of: stored };
}

/** For the status bar. */
function useShown(rows: number | undefined): void {
  useEffect(() => {
    setShown(rows);
    return () => setShown(undefined);
  }, [rows]);
}

function useViewCommands({ follow, setFollow }: Selection, { wanted, choose, order, again }: Sort): void {
  const stored = useSession((s) => s.status.stored);
  useCommand({
    id: 'packets.follow',
    label: 'Packets: Follow the Newest',
    section: 'View',
    keys: 'Ctrl+Shift+F',
    run: () => followNewest({ follow: follow && !wanted, setFollow, choose }),
  });
  useCommand({
    id: 'packets.captureOrder',
    label: 'Packets: Capture Order',
    section: 'View',
    enabled: () => wanted !== undefined,
    run: () => choose(undefined),
  });
  useCommand({
    id: 'packets.sortAgain',
    label: 'Packets: Sort Again',
    section: 'View',
    enabled: () => order !== undefined && order.packets < stored,
    run: again,
  });
  useCommand({
    id: 'packets.details',
    label: 'Packets: Move the Details',
    section: 'View',
    keys: 'Ctrl+Shift+D',
    run: nextDetailsPlace,
  });
}

/** The dialogs of the view: rules, protocols and a packet's comment. */
function useDialogs(
  { selected, rows }: Selection,
  { filter, order }: { filter: string; order: ListOrder | undefined },
  seek: (filter: string, backwards: boolean) => void,
  table: RefObject<PacketTableHandle | null>,
) {
  const api = useApi();
  const [open, setOpen] = useState<'rules' | 'decode'>();
  const close = () => setOpen(undefined);
  const openRules = () => setOpen('rules');
  useCommand({ id: 'view.rules', run: openRules });
  useCommand({ id: 'analyze.decodeAs', run: () => setOpen('decode') });
  const selectedRow = async () => {
    if (selected.index < 0) return undefined;
    const question = { start: selected.index, count: 1, ...(filter !== '' && { filter }), ...sortOf(order) };
    const { rows: found, version } = await api.call('packets.rows', question);
    return version === order?.version ? found[0] : undefined;
  };
  useGo({ index: selected.index, row: selectedRow }, table, seek);
  const { number } = selected;
  const { commenting, endCommenting } = useAnnotations({ number, rows, row: selectedRow }, filter, seek);
  const shown = (
    <>
      {commenting > 0 && <CommentDialog key={commenting} number={commenting} onClose={endCommenting} />}
      {open === 'decode' && <DecodeDialog number={number} onClose={close} />}
      {open === 'rules' && <RulesDialog onClose={close} />}
    </>
  );
  return { shown, openRules };
}
