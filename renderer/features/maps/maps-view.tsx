/** The Maps view: the maps of this machine left, what is in the chosen one right; and what is pinned. */
import { Database, KeyRound, ShieldAlert } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { useCommand } from '../../state/commands.ts';
import { useWantedObject } from '../../state/kernel-objects.ts';
import { Button, count, EmptyState, Grid, Pane, Panes, SearchField, Segments, sentence } from '../../ui/index.ts';
import { MAP_COLUMNS, type MapSort, shownMaps } from './map-columns.ts';
import { MapDetailPane } from './map-detail.tsx';
import styles from './maps.module.css';
import { PinsFace } from './pins-face.tsx';
import { type MapList, useMaps } from './use-maps.ts';

export function MapsView() {
  const list = useMaps();
  if (list.waiting || (list.error && !list.maps)) return <Refused list={list} />;
  return <Faces list={list} />;
}

function Refused({ list: { error, waiting, ask } }: { list: MapList }) {
  const asking = waiting || !error;
  return (
    <EmptyState
      icon={asking ? <KeyRound aria-hidden /> : <ShieldAlert aria-hidden />}
      title={asking ? 'Looking into the kernel’s maps needs your permission' : sentence(error.message)}
      actions={
        <Button tone="primary" onClick={ask}>
          {asking ? 'Ask for permission' : 'Ask again'}
        </Button>
      }
    >
      {asking
        ? 'A small helper reads them as root, and changes nothing unless you say so. It is another permission than that of capturing.'
        : error.hint}
    </EmptyState>
  );
}

function Faces({ list: { maps = [], error } }: { list: MapList }) {
  const [face, setFace] = useState<'maps' | 'pins'>('maps');
  const [search, setSearch] = useState('');
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
    <div className={styles.view}>
      <div className={styles.tools}>
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
        <span className={error ? styles.trouble : styles.hint} role={error ? 'alert' : undefined}>
          {error ? sentence(error.message) : count(rows.length, 'map')}
        </span>
      </div>
      <Panes id="maps" orientation="horizontal" className={styles.panes ?? ''}>
        <Pane id="list" defaultSize="36%" minSize="22%">
          <div className={styles.list}>
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
              <PinsFace search={search} onMap={select} />
            )}
            {face === 'maps' && rows.length === 0 && (
              <div className={styles.nothing}>
                <EmptyState
                  icon={<Database aria-hidden />}
                  title={search === '' ? 'There is no map in this kernel' : `No map matches “${search}”`}
                >
                  {search === ''
                    ? 'Maps show here as soon as a program is loaded that has some.'
                    : 'The search looks at names, ids, types, processes, programs and pins.'}
                </EmptyState>
              </div>
            )}
          </div>
        </Pane>
        <Pane id="detail" defaultSize="64%" minSize="40%">
          <MapDetailPane
            key={selected}
            id={selected}
            gone={maps.length > 0 && !maps.some(({ id }) => id === selected)}
          />
        </Pane>
      </Panes>
    </div>
  );
}
