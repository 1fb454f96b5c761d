/** What can be done with the selected row: its context menu, and the commands that need it. */
import type { PacketRow } from '../../../electron/shared/api.ts';
import { followStream, showTcpGraph } from '../../state/analysis.ts';
import { keysOf, runCommand, useCommand } from '../../state/commands.ts';
import { applyDisplayFilter } from '../../state/display-filter.ts';
import { askExport, type ChosenRows } from '../../state/export.ts';
import { askRun } from '../../state/run-packet.ts';
import type { MenuEntry } from '../../ui/index.ts';
import { filterEntries } from './filter-entries.ts';

/**
 * @param row undefined while it is not here: then everything is disabled
 * @param condition of the cell that the menu opened at
 * @param copyRows of all that are chosen
 */
export function rowMenu(row: PacketRow | undefined, condition: string | undefined, copyRows: () => void): MenuEntry[] {
  const command = (id: string, label: string): MenuEntry => ({
    label,
    keys: keysOf(id),
    disabled: !row,
    run: () => void runCommand(id),
  });
  return [
    ...copyEntries(row, copyRows),
    'separator',
    ...cellEntries(condition),
    'separator',
    command('edit.mark', row?.marked ? 'Take the mark away' : 'Mark'),
    command('edit.reference', row?.reference ? 'Times count from the start again' : 'Times count from here'),
    command('analyze.decodeAs', 'Decode as…'),
    command('edit.comment', row?.commented ? 'Edit comment…' : 'Comment…'),
    'separator',
    command('file.export', 'Export packets…'),
    command('analyze.run', 'Run through program…'),
    'separator',
    ...streamEntries(row?.stream),
  ];
}

/** What the list shows by the cell under the pointer; Wireshark has the same there. */
function cellEntries(condition: string | undefined): MenuEntry[] {
  return [
    ...(condition === undefined ? [] : [{ heading: shortened(condition) }]),
    ...filterEntries(condition, ['replace', 'and', 'and-not']),
    {
      label: 'Copy as filter',
      disabled: condition === undefined,
      run: () => condition !== undefined && void navigator.clipboard.writeText(condition),
    },
  ];
}

const HEADING_CHARACTERS = 40;
const shortened = (text: string) =>
  text.length > HEADING_CHARACTERS ? `${text.slice(0, HEADING_CHARACTERS - 1)}…` : text;

function copyEntries(row: PacketRow | undefined, copyRows: () => void): MenuEntry[] {
  const copy = (label: string, text: (of: PacketRow) => string): MenuEntry => ({
    label,
    disabled: !row,
    run: () => row && void navigator.clipboard.writeText(text(row)),
  });
  return [
    { label: 'Copy row', keys: 'Ctrl+C', disabled: !row, run: copyRows },
    copy('Copy source', ({ source }) => source),
    copy('Copy destination', ({ destination }) => destination),
    copy('Copy info', ({ info }) => info),
  ];
}

function streamEntries(stream: PacketRow['stream']): MenuEntry[] {
  const filter = stream && `${stream.kind}.stream == ${stream.index}`;
  return [
    {
      label: 'Follow stream',
      keys: keysOf('analyze.follow'),
      disabled: !stream,
      run: () => stream && followStream(stream.kind, stream.index),
    },
    { label: 'Show only this conversation', disabled: !stream, run: () => filter && applyDisplayFilter(filter) },
    {
      label: 'Export this conversation…',
      disabled: !stream,
      run: () =>
        stream && filter && askExport({ title: `${stream.kind.toUpperCase()} stream ${stream.index}`, filter }),
    },
    { label: 'Stream graph', disabled: stream?.kind !== 'tcp', run: () => stream && showTcpGraph(stream.index) },
  ];
}

/** @param rows first and last of those that are chosen; undefined = none */
export function useRowCommands(
  stream: PacketRow['stream'],
  rows: readonly [number, number] | undefined,
  list: Pick<ChosenRows, 'filter' | 'sort'>,
): void {
  useCommand({
    id: 'analyze.follow',
    enabled: () => stream !== undefined,
    run: () => stream && followStream(stream.kind, stream.index),
  });
  useCommand({
    id: 'analyze.run',
    enabled: () => rows !== undefined,
    run: () => rows && askRun({ ...list, first: rows[0], last: rows[1] }),
  });
}
