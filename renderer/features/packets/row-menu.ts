/** What can be done with the selected row: its context menu, and the commands that need it. */
import type { PacketRow } from '../../../electron/shared/api.ts';
import { followStream, showTcpGraph } from '../../state/analysis.ts';
import { keysOf, runCommand, useCommand } from '../../state/commands.ts';
import { applyDisplayFilter } from '../../state/display-filter.ts';
import { askExport } from '../../state/export.ts';
import { askRun } from '../../state/run-packet.ts';
import type { MenuEntry } from '../../ui/index.ts';
import { rowText } from './columns.ts';

/** @param row undefined while it is not here: then everything is disabled */
export function rowMenu(row: PacketRow | undefined): MenuEntry[] {
  const command = (id: string, label: string): MenuEntry => ({
    label,
    keys: keysOf(id),
    disabled: !row,
    run: () => void runCommand(id),
  });
  return [
    ...copyEntries(row),
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

function copyEntries(row: PacketRow | undefined): MenuEntry[] {
  const copy = (label: string, text: (of: PacketRow) => string): MenuEntry => ({
    label,
    disabled: !row,
    run: () => row && void navigator.clipboard.writeText(text(row)),
  });
  return [
    copy('Copy row', rowText),
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
  filter: string,
): void {
  useCommand({
    id: 'analyze.follow',
    enabled: () => stream !== undefined,
    run: () => stream && followStream(stream.kind, stream.index),
  });
  useCommand({
    id: 'analyze.run',
    enabled: () => rows !== undefined,
    run: () => rows && askRun({ filter, first: rows[0], last: rows[1] }),
  });
}
