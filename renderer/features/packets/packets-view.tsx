/** The Packets view: the list, and below or beside it the packet that is selected, as a field tree and as bytes. */
import { ArrowDownToLine, Columns3, Palette, PanelBottom, PanelRight, Play, Rows3, Search } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useApi } from '../../api/backend-context.ts';
import { isActive } from '../../state/capture-control.ts';
import { runCommand, useCommand } from '../../state/commands.ts';
import { applyDisplayFilter, useDisplayFilter } from '../../state/display-filter.ts';
import { setChosenRows } from '../../state/export.ts';
import { useWantedPacket } from '../../state/go-to.ts';
import { useSession } from '../../state/session.ts';
import { Button, EmptyState, grouped, IconButton, Menu, Pane, Panes, Select } from '../../ui/index.ts';
import { useColumnEntries } from './column-entries.ts';
import { TIME_FORMATS, TIME_WORDS, useTablePrefs } from './columns.ts';
import { CommentDialog } from './comment-dialog.tsx';
import { DecodeDialog } from './decode-dialog.tsx';
import { DetailPane } from './detail/index.ts';
import { DisplayFilterBar } from './display-filter/index.ts';
import { ExportButton } from './export-button.tsx';
import { FindBar } from './find-bar.tsx';
import { GoTo } from './go-to.tsx';
import { PacketTable, type PacketTableHandle } from './packet-table.tsx';
import styles from './packets-view.module.css';
import { RulesDialog } from './rules-dialog.tsx';
import { useAnnotations } from './use-annotations.ts';
import { usePacketDetail } from './use-packet-detail.ts';
import { useSeek } from './use-seek.ts';

const NOTHING = { index: -1, number: 0 };

export function PacketsView() {
  const stored = useSession((s) => s.status.stored);
  const active = useSession((s) => isActive(s.status));
  const countersOnly = useSession((s) => s.status.options?.packets === false && s.status.source === 'live');
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
      title="No packets yet"
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
  const generation = useSession((s) => s.status.generation);
  const stored = useSession((s) => s.status.stored);
  const live = useSession((s) => isActive(s.status));
  const source = useSession((s) => s.status.source);
  const annotations = useSession((s) => s.status.annotations ?? 0);
  const [selected, setSelected] = useState(NOTHING);
  const filter = useDisplayFilter((s) => s.applied);
  const [shown, setShown] = useState({ found: 0, scanned: 0 });
  const api = useApi();
  const [follow, setFollow] = useState(source === 'live');
  const [going, setGoing] = useState(false);
  const [range, setRange] = useState<readonly [number, number]>();
  const [finding, setFinding] = useState(false);
  const [rulesOpen, setRulesOpen] = useState(false);
  const [decoding, setDecoding] = useState(false);
  const prefs = useTablePrefs();
  const columnEntries = useColumnEntries();
  const seen = useRef(stored);
  if (follow) seen.current = stored;
  const unseen = stored - seen.current;

  // Another capture or file starts afresh; coming back to the view (its effects run again) does not.
  const shownGeneration = useRef(generation);
  useEffect(() => {
    if (shownGeneration.current === generation) return;
    shownGeneration.current = generation;
    setSelected(NOTHING);
    setRange(undefined);
    setFollow(source === 'live');
  }, [generation, source]);

  const { detail, loading } = usePacketDetail(
    prefs.details === 'hidden' ? 0 : selected.number,
    generation,
    annotations,
  );
  const toEnd = useCallback(() => setFollow(true), []);
  const select = useCallback((index: number, number: number) => setSelected({ index, number }), []);
  const count = useCallback((found: number, scanned: number) => setShown({ found, scanned }), []);

  /** To a packet by its number, wherever it is under the filter; to the next one when it is not shown. */
  const goTo = (number: number) => {
    if (filter === '') table.current?.goTo(number - 1);
    else
      api.call('packets.place', { number, filter }).then(
        ({ index }) => table.current?.goTo(index),
        () => {},
      );
  };
  // The packet stays selected when the filter changes, if it is still shown.
  const underFilter = useRef(filter);
  useEffect(() => {
    if (underFilter.current === filter) return;
    underFilter.current = filter;
    const { number } = selected;
    setSelected(NOTHING);
    setRange(undefined);
    if (filter === '') {
      if (number > 0) table.current?.goTo(number - 1);
      return;
    }
    setFollow(false);
    if (number > 0)
      api.call('packets.place', { number, filter }).then(
        ({ index, there }) => there && table.current?.goTo(index),
        () => {},
      );
  }, [filter, selected, api]);

  // Another view sends here.
  const wanted = useWantedPacket((s) => s.number);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each wish
  useEffect(() => {
    if (wanted === 0) return;
    useWantedPacket.setState({ number: 0 });
    goTo(wanted);
  }, [wanted]);

  useCommand({ id: 'go.packet', run: () => setGoing(true) });
  useCommand({ id: 'view.rules', run: () => setRulesOpen(true) });
  useCommand({ id: 'analyze.decodeAs', run: () => setDecoding(true) });

  const { seek, message } = useSeek(selected.number, filter, goTo);
  const found = useRef('');
  const onFound = useCallback((next: string) => {
    found.current = next;
  }, []);
  useCommand({ id: 'edit.find', run: () => setFinding(true) });
  const again = (backwards: boolean) => (found.current === '' ? setFinding(true) : seek(found.current, backwards));
  useCommand({ id: 'edit.findNext', run: () => again(false) });
  useCommand({ id: 'edit.findPrevious', run: () => again(true) });

  const [first, last] = range ?? [selected.index, selected.index];
  const rows = useMemo(() => (first < 0 ? undefined : { filter, first, last }), [filter, first, last]);
  useEffect(() => {
    setChosenRows(rows);
    return () => setChosenRows(undefined);
  }, [rows]);
  const { commenting, endCommenting } = useAnnotations(
    {
      number: selected.number,
      rows,
      row: async () =>
        (await api.call('packets.rows', { start: selected.index, count: 1, ...(filter !== '' && { filter }) })).rows[0],
    },
    filter,
    seek,
  );
  useCommand({
    id: 'packets.follow',
    label: 'Packets: Follow the Newest',
    section: 'View',
    keys: 'Ctrl+Shift+F',
    run: () => setFollow((now) => !now),
  });
  useCommand({
    id: 'packets.details',
    label: 'Packets: Move the Details',
    section: 'View',
    keys: 'Ctrl+Shift+D',
    run: nextPlace,
  });

  const list = (
    <div className={styles.list}>
      <PacketTable
        ref={table}
        selected={selected.index}
        selectedNumber={selected.number}
        onSelect={select}
        range={range}
        onRange={setRange}
        filter={filter}
        onCount={count}
        follow={follow}
        onFollow={setFollow}
      />
      {filter !== '' && shown.found === 0 && shown.scanned >= stored && (
        <div className={styles.nothing}>
          <EmptyState
            icon={<Rows3 aria-hidden />}
            title="No packet matches"
            actions={<Button onClick={() => applyDisplayFilter('')}>Show all packets</Button>}
          >
            None of the {grouped(stored)} packets is let through by <code>{filter}</code>.
          </EmptyState>
        </div>
      )}
      {!follow && unseen > 0 && (
        <button type="button" className={styles.pill} onClick={toEnd}>
          <ArrowDownToLine aria-hidden size={13} /> {grouped(unseen)} new
        </button>
      )}
    </div>
  );
  return (
    <div className={styles.view}>
      <DisplayFilterBar
        stored={stored}
        found={filter === '' ? undefined : shown.found}
        scanned={shown.scanned}
        onDone={() => table.current?.focus()}
      />
      {finding && (
        <FindBar
          message={message}
          onSeek={seek}
          onFilter={onFound}
          onClose={() => {
            setFinding(false);
            table.current?.focus();
          }}
        />
      )}
      {commenting > 0 && <CommentDialog key={commenting} number={commenting} onClose={endCommenting} />}
      {decoding && <DecodeDialog number={selected.number} onClose={() => setDecoding(false)} />}
      {rulesOpen && <RulesDialog onClose={() => setRulesOpen(false)} />}
      <div className={styles.tools}>
        <IconButton
          size="sm"
          label="Follow the newest packet"
          keys="Ctrl+Shift+F"
          pressed={follow}
          icon={<ArrowDownToLine aria-hidden />}
          onClick={() => setFollow(!follow)}
        />
        <Select
          size="sm"
          label="Time"
          value={prefs.time}
          options={TIME_FORMATS.map((value) => ({ value, label: TIME_WORDS[value] }))}
          onChange={(time) => useTablePrefs.setState({ time })}
        />
        <GoTo
          open={going}
          last={stored}
          onClose={() => setGoing(false)}
          onGo={goTo}
          onDone={() => table.current?.focus()}
          onOpen={() => setGoing(true)}
        />
        <IconButton
          size="sm"
          label="Find packet…"
          keys="Ctrl+F"
          pressed={finding}
          icon={<Search aria-hidden />}
          onClick={() => setFinding(!finding)}
        />
        <IconButton
          size="sm"
          label="Colouring rules…"
          icon={<Palette aria-hidden />}
          onClick={() => setRulesOpen(true)}
        />
        <Menu
          trigger={<IconButton size="sm" label="Columns" icon={<Columns3 aria-hidden />} />}
          entries={columnEntries}
        />
        <ExportButton rows={rows} filter={filter} />
        <span className={styles.hint}>
          {selected.index < 0
            ? 'Select a packet to see its fields and bytes'
            : live && !follow
              ? 'The list stands still; End follows again'
              : ''}
        </span>
        <IconButton
          size="sm"
          label="Details below the list"
          keys="Ctrl+Shift+D"
          pressed={prefs.details === 'below'}
          icon={<PanelBottom aria-hidden />}
          onClick={() => place('below')}
        />
        <IconButton
          size="sm"
          label="Details beside the list"
          keys="Ctrl+Shift+D"
          pressed={prefs.details === 'beside'}
          icon={<PanelRight aria-hidden />}
          onClick={() => place('beside')}
        />
      </div>
      {prefs.details === 'hidden' ? (
        list
      ) : (
        <Panes
          key={prefs.details}
          id={`packets-${prefs.details}`}
          orientation={prefs.details === 'below' ? 'vertical' : 'horizontal'}
          className={styles.panes ?? ''}
        >
          <Pane id="list" defaultSize="58%" minSize="20%">
            {list}
          </Pane>
          <Pane id="details" defaultSize="42%" minSize="15%">
            <DetailPane detail={detail} loading={loading} onGo={goTo} />
          </Pane>
        </Panes>
      )}
    </div>
  );
}

/** A second click on the pressed button puts the details away. */
function place(details: 'below' | 'beside'): void {
  useTablePrefs.setState((prefs) => ({ details: prefs.details === details ? 'hidden' : details }));
}

function nextPlace(): void {
  useTablePrefs.setState(({ details }) => ({
    details: details === 'below' ? 'beside' : details === 'beside' ? 'hidden' : 'below',
  }));
}
