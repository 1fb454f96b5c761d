/**
 * The fields of a packet as a tree with Wireshark's keys: right opens, left closes or goes to the parent, up and down move, Home and
 * End jump. Flat rows with levels: one list element a field keeps a thousand of them cheap.
 */
import { ChevronRight } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { ContextMenu, copies, cx, menuAtSelected } from '../../../ui/index.ts';
import { toggleField, useTablePrefs } from '../columns.ts';
import { filterEntries } from '../filter-entries.ts';
import type { FlatNode } from './byte-map.ts';
import styles from './detail.module.css';
import { setOpen } from './open-layers.ts';

export interface FieldTreeProps {
  nodes: readonly FlatNode[];
  rows: readonly FlatNode[];
  open: ReadonlySet<string>;
  /** Ids, -1 = none. */
  pinned: number;
  lit: number;
  onHover(id: number): void;
  onPin(id: number): void;
}

export function FieldTree({ nodes, rows, open, pinned, lit, onHover, onPin }: FieldTreeProps) {
  const tree = useRef<HTMLDivElement>(null);
  const current = rows.some((row) => row.id === pinned) ? pinned : -1;
  const chosen = current >= 0 ? nodes[current]?.node : undefined;
  const copy = (text: string | undefined) => text !== undefined && void navigator.clipboard.writeText(text);

  useEffect(() => {
    if (current >= 0) document.getElementById(`field-${current}`)?.scrollIntoView({ block: 'nearest' });
  }, [current]);

  const onKeyDown = (event: KeyboardEvent) => {
    // Those are the list's.
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = rows.findIndex((row) => row.id === current);
    const row = rows[at];
    const opens = (row?.node.children?.length ?? 0) > 0;
    const go = (index: number) => rows[index] && onPin(rows[index].id);
    switch (event.key) {
      case 'ArrowDown':
        go(Math.min(rows.length - 1, at + 1));
        break;
      case 'ArrowUp':
        go(Math.max(0, at - 1));
        break;
      case 'ArrowRight':
        if (row && opens && !open.has(row.path)) setOpen([row.path], true);
        else if (opens) go(at + 1);
        break;
      case 'ArrowLeft':
        if (row && opens && open.has(row.path)) setOpen([row.path], false);
        else if (row && row.parent >= 0) onPin(row.parent);
        break;
      case 'Enter':
      case ' ':
        if (row && opens) setOpen([row.path], !open.has(row.path));
        break;
      case 'Home':
        go(0);
        break;
      case 'End':
        go(rows.length - 1);
        break;
      default:
        return;
    }
    event.preventDefault();
  };

  const fields = useTablePrefs((prefs) => prefs.fields);
  const column = chosen?.filter === undefined ? undefined : chosen.name;
  return (
    <ContextMenu
      entries={[
        ...filterEntries(chosen?.filter),
        'separator',
        { label: 'Copy value', disabled: chosen?.value === undefined, run: () => copy(chosen?.value) },
        { label: 'Copy line', disabled: !chosen, run: () => copy(chosen?.label) },
        { label: 'Copy field name', disabled: !chosen, run: () => copy(chosen?.name) },
        { label: 'Copy as filter', disabled: !chosen?.filter, run: () => copy(chosen?.filter) },
        'separator',
        {
          label: 'Column of its own',
          disabled: !column,
          checked: column !== undefined && fields.includes(column),
          run: () => column && toggleField(column),
        },
        'separator',
        {
          label: 'Open all',
          run: () =>
            setOpen(
              nodes.map(({ path }) => path),
              true,
            ),
        },
        {
          label: 'Close all',
          run: () =>
            setOpen(
              nodes.map(({ path }) => path),
              false,
            ),
        },
      ]}
    >
      <div
        ref={tree}
        className={styles.tree}
        role="tree"
        aria-label="Packet details"
        tabIndex={0}
        aria-activedescendant={current >= 0 ? `field-${current}` : undefined}
        onKeyDown={onKeyDown}
        onCopy={copies(() => chosen?.label)}
        onContextMenu={menuAtSelected}
        onPointerLeave={() => onHover(-1)}
      >
        {rows.map((row) => (
          <TreeRow
            key={row.id}
            row={row}
            open={open.has(row.path)}
            pinned={row.id === pinned}
            lit={row.id === lit}
            onHover={onHover}
            onPin={onPin}
          />
        ))}
      </div>
    </ContextMenu>
  );
}

interface TreeRowProps {
  row: FlatNode;
  open: boolean;
  pinned: boolean;
  lit: boolean;
  onHover(id: number): void;
  onPin(id: number): void;
}

function TreeRow({ row: { id, node, level, path }, open, pinned, lit, onHover, onPin }: TreeRowProps) {
  const opens = (node.children?.length ?? 0) > 0;
  return (
    <div
      id={`field-${id}`}
      role="treeitem"
      className={cx(styles.field, level === 1 && styles.layerRow)}
      aria-level={level}
      aria-selected={pinned}
      aria-expanded={opens ? open : undefined}
      data-lit={lit}
      data-severity={node.severity}
      data-generated={node.generated}
      title={node.name}
      style={{ paddingLeft: 6 + (level - 1) * 16 }}
      onPointerEnter={() => onHover(id)}
      onPointerDown={() => onPin(id)}
      onDoubleClick={() => opens && setOpen([path], !open)}
    >
      <span className={styles.twist} aria-hidden data-open={open} onClick={() => opens && setOpen([path], !open)}>
        {opens && <ChevronRight size={13} />}
      </span>
      <span className={styles.label}>{node.label}</span>
    </div>
  );
}
