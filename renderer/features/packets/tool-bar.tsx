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

interface ToolBarProps {
  selection: Selection;
  find: Find;
  filter: string;
  onRules(): void;
  /** Gives the focus back to the list. */
  onDone(): void;
}

export function ToolBar({ selection, find, filter, onRules, onDone }: ToolBarProps) {
  const stored = useSession((s) => s.status.stored);
  const prefs = useTablePrefs();
  const columnEntries = useColumnEntries();
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
      <Hint selection={selection} />
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

function Hint({ selection: { selected, follow } }: { selection: Selection }) {
  const live = useSession((s) => isActive(s.status));
  const text =
    selected.index < 0
      ? 'Select a packet to see its fields and bytes'
      : live && !follow
        ? 'The list stands still; End follows again'
        : '';
  return <span className={styles.hint}>{text}</span>;
}
