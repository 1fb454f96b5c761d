/** The Packets view: the list, and below or beside it the packet that is selected, as a field tree and as bytes. */
import { ArrowDownToLine, PanelBottom, PanelRight, Play, Rows3 } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { isActive } from '../../state/capture-control.ts';
import { runCommand, useCommand } from '../../state/commands.ts';
import { useSession } from '../../state/session.ts';
import { Button, EmptyState, grouped, IconButton, Pane, Panes, Select } from '../../ui/index.ts';
import { TIME_FORMATS, TIME_WORDS, useTablePrefs } from './columns.ts';
import { DetailPane } from './detail/index.ts';
import { GoTo } from './go-to.tsx';
import { PacketTable, type PacketTableHandle } from './packet-table.tsx';
import styles from './packets-view.module.css';
import { usePacketDetail } from './use-packet-detail.ts';

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
  const [selected, setSelected] = useState(-1);
  const [follow, setFollow] = useState(source === 'live');
  const [going, setGoing] = useState(false);
  const prefs = useTablePrefs();
  const seen = useRef(stored);
  if (follow) seen.current = stored;
  const unseen = stored - seen.current;

  // Another capture or file starts afresh; coming back to the view (its effects run again) does not.
  const shownGeneration = useRef(generation);
  useEffect(() => {
    if (shownGeneration.current === generation) return;
    shownGeneration.current = generation;
    setSelected(-1);
    setFollow(source === 'live');
  }, [generation, source]);

  const { detail, loading } = usePacketDetail(prefs.details === 'hidden' ? -1 : selected, generation);
  const toEnd = useCallback(() => setFollow(true), []);

  useCommand({ id: 'go.packet', run: () => setGoing(true) });
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
      <PacketTable ref={table} selected={selected} onSelect={setSelected} follow={follow} onFollow={setFollow} />
      {!follow && unseen > 0 && (
        <button type="button" className={styles.pill} onClick={toEnd}>
          <ArrowDownToLine aria-hidden size={13} /> {grouped(unseen)} new
        </button>
      )}
    </div>
  );
  return (
    <div className={styles.view}>
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
          onGo={(number) => table.current?.goTo(number - 1)}
          onDone={() => table.current?.focus()}
          onOpen={() => setGoing(true)}
        />
        <span className={styles.hint}>
          {selected < 0
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
            <DetailPane detail={detail} loading={loading} onGo={(number) => table.current?.goTo(number - 1)} />
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
