/** One program: its head, and its faces. */
import { Cable, MousePointerClick } from 'lucide-react';
import { useState } from 'react';
import type { ProgramDetail, ProgramList, ProgramRow } from '../../../electron/shared/workbench-api.ts';
import { askAttach } from '../../state/workbench.ts';
import { Badge, Button, Detail, DetailBody, DetailHead, EmptyState, sentence, Tabs } from '../../ui/index.ts';
import { CallsTab } from './calls-tab.tsx';
import { CodeTab } from './code-tab.tsx';
import { LinksTab } from './links-tab.tsx';
import { OverviewTab } from './overview-tab.tsx';
import styles from './programs.module.css';
import { useDetail } from './use-detail.ts';

export interface ProgramDetailPaneProps {
  list: ProgramList | undefined;
  /** 0 = none is chosen. */
  id: number;
  onSelect(id: number): void;
  /** Something of it was changed. */
  onChange(): void;
}

export function ProgramDetailPane({ list, id, onSelect, onChange }: ProgramDetailPaneProps) {
  const listed = list?.programs.find((each) => each.id === id);
  // Its links come and go with where it is attached; its code never changes. One that the list does not have (yet, or any more) is asked for by itself.
  const version = listed ? `${listed.attached.join()} ${listed.pinned.join()} ${listed.holders.length}` : 'unlisted';
  const { detail, error } = useDetail(list && id > 0 ? id : undefined, version);
  const row = listed ?? (error ? undefined : detail?.program);
  const [tab, setTab] = useState('overview');
  const [at, setAt] = useState<{ id: number; slot: number }>();
  if (!list) return null;
  if (!row && id > 0 && !error) return null;
  if (!row)
    return id === 0 ? (
      <EmptyState icon={<MousePointerClick aria-hidden />} title="No program selected">
        Click a row, or use the arrow keys in the list. Its figures, code, calls and links show here.
      </EmptyState>
    ) : (
      <EmptyState icon={<MousePointerClick aria-hidden />} title={`Program ${id} is gone`}>
        Nothing holds it any more: it was detached, unpinned, or whoever loaded it has ended.
      </EmptyState>
    );
  const goTo = (slot: number) => {
    setAt({ id, slot });
    setTab('code');
  };
  const body = (content: (detail: ProgramDetail) => React.ReactNode) =>
    detail
      ? content(detail)
      : error && <p className={styles.failed}>{`${sentence(error.message)} ${error.hint ?? ''}`}</p>;
  return (
    <Detail label={`Program ${row.name}`}>
      <Head row={row} />
      <DetailBody>
        <Tabs
          label="Program"
          value={tab}
          onChange={setTab}
          tabs={[
            {
              value: 'overview',
              label: 'Overview',
              content: body((d) => <OverviewTab row={row} detail={d} onGo={goTo} />),
            },
            {
              value: 'code',
              label: 'Code',
              content: body((d) => <CodeTab key={id} detail={d} wanted={at?.id === id ? at : undefined} />),
            },
            {
              value: 'calls',
              label: 'Calls',
              content: body((d) => <CallsTab detail={d} onGo={goTo} onProgram={onSelect} />),
            },
            {
              value: 'links',
              label: 'Links',
              content: body((d) => <LinksTab row={row} detail={d} places={list.places} onChange={onChange} />),
            },
          ]}
        />
      </DetailBody>
    </Detail>
  );
}

/** What the attach dialog has targets for. */
const ATTACHABLE = ['xdp', 'sched_cls', 'socket_filter', 'tracepoint', 'raw_tracepoint', 'kprobe'];

function Head({ row: { id, name, type, ours } }: { row: ProgramRow }) {
  return (
    <DetailHead
      name={name || `Program ${id}`}
      actions={
        <>
          <span className={`mono ${styles.id}`}>id {id}</span>
          {ATTACHABLE.includes(type) && (
            <Button size="sm" icon={<Cable aria-hidden />} onClick={() => askAttach({ id, name, type })}>
              Attach…
            </Button>
          )}
        </>
      }
    >
      <Badge>{type}</Badge>
      {ours && <Badge tone="accent">xdpeek</Badge>}
    </DetailHead>
  );
}
