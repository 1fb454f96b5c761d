/** The Programs view: every eBPF program of this machine, and what is attached to each interface in which order. */
import { Activity, Cpu, Search } from 'lucide-react';
import { type ReactNode, useMemo, useRef, useState } from 'react';
import type { ProgramList } from '../../../electron/shared/workbench-api.ts';
import { useApi } from '../../api/backend-context.ts';
import { useCommand } from '../../state/commands.ts';
import { type KernelList, useKernelList } from '../../state/kernel-list.ts';
import { useWantedObject } from '../../state/kernel-objects.ts';
import { notifyError } from '../../state/notices.ts';
import {
  Button,
  count,
  EmptyState,
  ListBody,
  ListView,
  Pane,
  Panes,
  PermissionNeeded,
  SearchField,
  Segments,
  Toolbar,
  ToolbarEnd,
  Tooltip,
} from '../../ui/index.ts';
import { firstDescending, type SortKey, searchedPrograms, sortedPrograms } from './columns.ts';
import { Places } from './places.tsx';
import { ProgramDetailPane } from './program-detail.tsx';
import { ProgramTable } from './program-table.tsx';
import styles from './programs.module.css';

const TICK_MS = 1000;
type Programs = KernelList<'programs.list'>;

/** `tools`: what other features put into the toolbar. */
export function ProgramsView({ tools }: { tools?: ReactNode }) {
  const programs = useKernelList('programs.list', TICK_MS);
  const { list, waiting, error, asking, ask } = programs;
  if (list || !(waiting || error)) return <Faces programs={programs} tools={tools} />;
  return (
    <ListView>
      {tools && <Toolbar>{tools}</Toolbar>}
      <PermissionNeeded what="Looking at the kernel’s programs" error={error} asking={asking} onAsk={ask} />
    </ListView>
  );
}

function Faces({ programs: { list, error, asking, ask, refresh }, tools }: { programs: Programs; tools: ReactNode }) {
  const [face, setFace] = useState<'programs' | 'interfaces'>('programs');
  const [search, setSearch] = useState('');
  const [{ sort, descending }, setOrder] = useState<{ sort: SortKey; descending: boolean }>({
    sort: 'id',
    descending: false,
  });
  const selected = useWantedObject((s) => s.program);
  const select = (id: number) => useWantedObject.setState({ program: id });
  const input = useRef<HTMLInputElement>(null);
  useCommand({ id: 'edit.find', label: 'Search Programs', run: () => input.current?.focus() });
  const rows = useMemo(
    () => sortedPrograms(searchedPrograms(list?.programs ?? [], search), sort, descending),
    [list, search, sort, descending],
  );
  const onSort = (key: SortKey) =>
    setOrder({ sort: key, descending: key === sort ? !descending : firstDescending(key) });
  return (
    <ListView>
      <Toolbar>
        <Segments
          label="What is listed"
          value={face}
          options={[
            { value: 'programs', label: 'Programs' },
            { value: 'interfaces', label: 'By interface' },
          ]}
          onChange={setFace}
        />
        <SearchField
          input={input}
          label="Search programs"
          placeholder="Name, id, type, tag, interface or process   Ctrl+F"
          value={search}
          onChange={setSearch}
        />
        <Statistics list={list} onChange={refresh} />
        {tools}
        <ToolbarEnd error={error} asking={asking} onAgain={ask}>
          {list ? count(rows.length, 'program') : ''}
        </ToolbarEnd>
      </Toolbar>
      <Panes id="programs" orientation="horizontal" className={styles.panes ?? ''}>
        <Pane id="list" defaultSize="46%" minSize="28%">
          <ListBody
            empty={
              face === 'programs' &&
              list &&
              rows.length === 0 && <Nothing search={search} onClear={() => setSearch('')} />
            }
          >
            {face === 'programs' ? (
              <ProgramTable
                rows={rows}
                selected={selected}
                sort={sort}
                descending={descending}
                onSort={onSort}
                onSelect={select}
              />
            ) : (
              <Places list={list} search={search} selected={selected} onSelect={select} />
            )}
          </ListBody>
        </Pane>
        <Pane id="detail" defaultSize="54%" minSize="30%">
          <ProgramDetailPane list={list} id={selected} onSelect={select} onChange={refresh} />
        </Pane>
      </Panes>
    </ListView>
  );
}

function Nothing({ search, onClear }: { search: string; onClear(): void }) {
  if (search === '')
    return (
      <EmptyState icon={<Cpu aria-hidden />} title="There is no eBPF program in this kernel">
        Programs show here as soon as somebody loads one: xdpeek’s own capture, systemd, a container runtime…
      </EmptyState>
    );
  return (
    <EmptyState
      icon={<Search aria-hidden />}
      title={`No program matches “${search}”`}
      actions={<Button onClick={onClear}>Show all programs</Button>}
    >
      The search looks at names, ids, types, tags, interfaces, processes, pins and map ids.
    </EmptyState>
  );
}

/** The kernel counts runs only while somebody wants it, since that costs every run a little. */
function Statistics({ list, onChange }: { list: ProgramList | undefined; onChange(): void }) {
  const api = useApi();
  const on = list?.statistics ?? false;
  const toggle = () => api.call('programs.statistics', { on: !on }).then(onChange, notifyError);
  useCommand({
    id: 'programs.statistics',
    label: 'Count Runs of Programs',
    section: 'Programs',
    keys: 'Ctrl+Alt+R',
    run: () => void toggle(),
  });
  return (
    <Tooltip
      label={on ? 'Stop counting runs' : 'Have the kernel count runs and their time: some ns a run'}
      keys="Ctrl+Alt+R"
    >
      <Button
        size="sm"
        icon={<Activity aria-hidden />}
        aria-pressed={on}
        disabled={!list}
        onClick={() => void toggle()}
      >
        Statistics
      </Button>
    </Tooltip>
  );
}
