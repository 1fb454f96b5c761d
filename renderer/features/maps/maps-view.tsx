/** The Maps view: the maps of this machine left, what is in the chosen one right; and what is pinned. */
import { Database } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { useCommand } from '../../state/commands.ts';
import { type KernelList, useKernelList } from '../../state/kernel-list.ts';
import { useWantedObject } from '../../state/kernel-objects.ts';
import {
  Button,
  count,
  EmptyState,
  Grid,
  ListBody,
  ListView,
  Pane,
  Panes,
  PermissionNeeded,
  SearchField,
  Segments,
  Toolbar,
  ToolbarEnd,
} from '../../ui/index.ts';
import { MAP_COLUMNS, type MapSort, shownMaps } from './map-columns.ts';
import { MapDetailPane } from './map-detail.tsx';
import styles from './maps.module.css';
import { PinsFace } from './pins-face.tsx';

const TICK_MS = 2000;

export function MapsView() {
  const maps = useKernelList('maps.list', TICK_MS);
  const { list, waiting, error, asking, ask } = maps;
  if (list || !(waiting || error)) return <Faces maps={maps} />;
  return <PermissionNeeded what="Looking into the kernel’s maps" error={error} asking={asking} onAsk={ask} />;
}

function Faces({ maps: { list: maps = [], error, asking, ask } }: { maps: KernelList<'maps.list'> }) {
  const [face, setFace] = useState<'maps' | 'pins'>('maps');
  const [search, setSearch] = useState('');
  const [pins, setPins] = useState(0);
  const [{ sort, descending }, setOrder] = useState<{ sort: MapSort; descending: boolean }>({
    sort: 'id',
    descending: false,
  });
  const selected = useWantedObject((s) => s.map);
  const input = useRef<HTMLInputElement>(null);
  useCommand({ id: 'edit.find', label: 'Search Maps', run: () => input.current?.focus() });
  const rows = useMemo(() => shownMaps(maps, search, sort, descending), [maps, search, sort, descending]);
  const select = (id: number) => useWantedObject.setState({ map: id });
  return (
    <ListView>
      <Toolbar>
        <Segments
          label="What is listed"
          value={face}
          options={[
            { value: 'maps', label: 'Maps' },
            { value: 'pins', label: 'Pinned' },
          ]}
          onChange={setFace}
        />
        <SearchField
          input={input}
          label="Search maps"
          placeholder="Name, id, type, process or pin   Ctrl+F"
          value={search}
          onChange={setSearch}
        />
        <ToolbarEnd error={error} asking={asking} onAgain={ask}>
          {face === 'maps' ? count(rows.length, 'map') : count(pins, 'pin')}
        </ToolbarEnd>
      </Toolbar>
      <Panes id="maps" orientation="horizontal" className={styles.panes ?? ''}>
        <Pane id="list" defaultSize="36%" minSize="22%">
          <ListBody
            empty={face === 'maps' && rows.length === 0 && <Nothing search={search} onAll={() => setSearch('')} />}
          >
            {face === 'maps' ? (
              <Grid
                id="map"
                label="Maps"
                columns={MAP_COLUMNS}
                rows={rows}
                start={0}
                total={rows.length}
                keyOf={({ id }) => String(id)}
                selected={String(selected)}
                onSelect={({ id }) => select(id)}
                sort={sort}
                descending={descending}
                onSort={(key) =>
                  setOrder({
                    sort: key,
                    descending: key === sort ? !descending : key === 'maxEntries' || key === 'memoryBytes',
                  })
                }
              />
            ) : (
              <PinsFace search={search} onMap={select} onAll={() => setSearch('')} onCount={setPins} />
            )}
          </ListBody>
        </Pane>
        <Pane id="detail" defaultSize="64%" minSize="40%">
          <MapDetailPane
            key={selected}
            id={selected}
            gone={maps.length > 0 && !maps.some(({ id }) => id === selected)}
          />
        </Pane>
      </Panes>
    </ListView>
  );
}

function Nothing({ search, onAll }: { search: string; onAll(): void }) {
  return (
    <EmptyState
      icon={<Database aria-hidden />}
      title={search === '' ? 'There is no map in this kernel' : `No map matches “${search}”`}
      actions={search !== '' && <Button onClick={onAll}>Show all maps</Button>}
    >
      {search === ''
        ? 'Maps show here as soon as a program is loaded that has some.'
        : 'The search looks at names, ids, types, processes, programs and pins.'}
    </EmptyState>
  );
}
