/** The Flows view: who talks to whom, counted in the kernel, with live rates. */
import { ArrowLeftRight, Play, Search } from 'lucide-react';
import { useCallback, useRef, useState } from 'react';
import type { FlowRow, FlowSortKey } from '../../../electron/shared/api.ts';
import { isActive } from '../../state/capture-control.ts';
import { runCommand, useCommand } from '../../state/commands.ts';
import { useFlowSearch } from '../../state/flow-search.ts';
import { useSession } from '../../state/session.ts';
import { Button, count, EmptyState, ListBody, ListView, SearchField, Toolbar, ToolbarHint } from '../../ui/index.ts';
import { firstDescending } from './columns.ts';
import { FlowStrip } from './flow-strip.tsx';
import { FlowTable } from './flow-table.tsx';
import { useFlows } from './use-flows.ts';

export function FlowsView() {
  const none = useSession((s) => s.status.source === 'none' && !isActive(s.status));
  if (!none) return <Flows />;
  return (
    <EmptyState
      icon={<ArrowLeftRight aria-hidden />}
      title="No flows yet"
      actions={
        <>
          <Button tone="primary" icon={<Play aria-hidden />} onClick={() => runCommand('view.start')}>
            Choose an interface
          </Button>
          <Button onClick={() => runCommand('file.open')}>Open file…</Button>
        </>
      }
    >
      While a capture runs, every conversation shows here with its rate, its state and when it was seen.
    </EmptyState>
  );
}

function Flows() {
  const search = useFlowSearch((s) => s.search);
  const active = useSession((s) => isActive(s.status));
  const [sort, setSort] = useState<FlowSortKey>('bytes');
  const [descending, setDescending] = useState(true);
  const [range, setRange] = useState({ start: 0, count: 60 });
  const [chosen, setChosen] = useState<FlowRow>();
  const input = useRef<HTMLInputElement>(null);
  const window = useFlows({ sort, descending, search, ...range });
  useCommand({
    id: 'flows.search',
    label: 'Flows: Search',
    section: 'View',
    keys: 'Ctrl+F',
    run: () => input.current?.select(),
  });

  const onRange = useCallback((start: number, count: number) => {
    setRange((now) => (now.start === start && now.count === count ? now : { start, count }));
  }, []);
  const setSearch = (next: string) => useFlowSearch.setState({ search: next });
  const onSort = (key: FlowSortKey) => {
    setDescending(key === sort ? !descending : firstDescending(key));
    setSort(key);
  };
  // Its present figures while it is in the window, the last known ones otherwise.
  const selected = window?.flows.find(({ key }) => key === chosen?.key) ?? chosen;
  const empty = window?.total === 0;
  return (
    <ListView>
      <Toolbar>
        <SearchField
          input={input}
          label="Search flows"
          placeholder="Address, port, protocol or state   Ctrl+F"
          value={search}
          onChange={setSearch}
        />
        <ToolbarHint>{window ? count(window.total, 'flow') : ''}</ToolbarHint>
      </Toolbar>
      <ListBody empty={empty && <Nothing search={search} active={active} onClear={() => setSearch('')} />}>
        <FlowTable
          window={window}
          sort={sort}
          descending={descending}
          selected={selected}
          onSort={onSort}
          onSelect={setChosen}
          onSearch={setSearch}
          onRange={onRange}
        />
      </ListBody>
      <FlowStrip flow={selected} />
    </ListView>
  );
}

function Nothing({ search, active, onClear }: { search: string; active: boolean; onClear(): void }) {
  if (search === '')
    return (
      <EmptyState
        icon={<ArrowLeftRight aria-hidden />}
        title={active ? 'Waiting for the first flow' : 'This capture has no flows'}
      >
        {active
          ? 'IPv4 and IPv6 conversations show here as soon as packets pass.'
          : 'Only IPv4 and IPv6 packets make flows.'}
      </EmptyState>
    );
  return (
    <EmptyState
      icon={<Search aria-hidden />}
      title={`No flow matches “${search}”`}
      actions={<Button onClick={onClear}>Show all flows</Button>}
    >
      The search looks at addresses, ports, protocols, interfaces and states.
    </EmptyState>
  );
}
