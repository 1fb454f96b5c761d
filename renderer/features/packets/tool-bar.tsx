/** The row of tools above the packet list. */
import { ArrowDownToLine, Columns3, Palette, PanelBottom, PanelRight, Search } from 'lucide-react';
import { useState } from 'react';
import { isActive } from '../../state/capture-control.ts';
import { useCommand } from '../../state/commands.ts';
import { useSession } from '../../state/session.ts';
import { IconButton, Menu, Select } from '../../ui/index.ts';
import { useColumnEntries } from './column-entries.ts';
import { TIME_FORMATS, TIME_WORDS, useTablePrefs } from './columns.ts';
import { placeDetails } from './details-place.ts';
import { ExportButton } from './export-button.tsx';
import { GoTo } from './go-to.tsx';
import styles from './packets-view.module.css';
import type { Find } from './use-find.ts';
import type { Selection } from './use-selection.ts';
import type { Sort } from './use-sort.ts';

/** The newest packet is at the end of the list in the order of the capture only. */
export function followNewest({
  follow,
  setFollow,
  choose,
}: Pick<Selection, 'follow' | 'setFollow'> & Pick<Sort, 'choose'>) {
  if (!follow) choose(undefined);
  setFollow(!follow);
}

interface ToolBarProps {
  selection: Selection;
  find: Find;
  filter: string;
  sort: Sort;
  onRules(): void;
  /** Gives the focus back to the list. */
  onDone(): void;
}

export function ToolBar({ selection, find, filter, sort, onRules, onDone }: ToolBarProps) {
  const stored = useSession((s) => s.status.stored);
  const prefs = useTablePrefs();
  const columnEntries = useColumnEntries(sort);
  const [going, setGoing] = useState(false);
  useCommand({ id: 'go.packet', run: () => setGoing(true) });
  const { follow, setFollow, rows, goTo } = selection;
  const { finding, setFinding } = find;
  return (
    <div className={styles.tools}>
      <IconButton
        size="sm"
        label="Follow the newest packet"
        keys="Ctrl+Shift+F"
        pressed={follow && !sort.wanted}
        icon={<ArrowDownToLine aria-hidden />}
        onClick={() => followNewest({ follow: follow && !sort.wanted, setFollow, choose: sort.choose })}
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
        onDone={onDone}
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
      <IconButton size="sm" label="Colouring rules…" icon={<Palette aria-hidden />} onClick={onRules} />
      <Menu
        trigger={<IconButton size="sm" label="Columns" icon={<Columns3 aria-hidden />} />}
        entries={columnEntries}
      />
      <ExportButton rows={rows} filter={filter} />
      <Hint selection={selection} sorted={sort.order !== undefined} />
      <IconButton
        size="sm"
        label="Details below the list"
        keys="Ctrl+Shift+D"
        pressed={prefs.details === 'below'}
        icon={<PanelBottom aria-hidden />}
        onClick={() => placeDetails('below')}
      />
      <IconButton
        size="sm"
        label="Details beside the list"
        keys="Ctrl+Shift+D"
        pressed={prefs.details === 'beside'}
        icon={<PanelRight aria-hidden />}
        onClick={() => placeDetails('beside')}
      />
    </div>
  );
}

function Hint({ selection: { selected, follow }, sorted }: { selection: Selection; sorted: boolean }) {
  const live = useSession((s) => isActive(s.status));
  const text =
    selected.index < 0
      ? 'Select a packet to see its fields and bytes'
      : live && !follow && !sorted
        ? 'The list stands still; End follows again'
        : '';
  return <span className={styles.hint}>{text}</span>;
}
