/** Export: a click opens the dialog; dragged into a file manager, it is a file of the selected packets, or of all that are displayed. */
import { FileOutput } from 'lucide-react';
import { useHost } from '../../api/backend-context.ts';
import { keysOf, runCommand } from '../../state/commands.ts';
import { canDragOut, dragPackets } from '../../state/drag-out.ts';
import type { ChosenRows } from '../../state/export.ts';
import { IconButton } from '../../ui/index.ts';

export function ExportButton({ rows, filter }: { rows: ChosenRows | undefined; filter: string }) {
  const host = useHost();
  const several = rows !== undefined && rows.last > rows.first;
  const what = several ? 'the selected packets' : filter === '' ? 'all packets' : 'the displayed packets';
  return (
    <IconButton
      size="sm"
      label={canDragOut(host) ? `Export packets… (drag ${what} from here into a file manager)` : 'Export packets…'}
      keys={keysOf('file.export')}
      icon={<FileOutput aria-hidden />}
      draggable={canDragOut(host)}
      onDragStart={(event) =>
        several
          ? dragPackets(event, host, { of: 'rows', ...rows }, 'selected')
          : dragPackets(event, host, { of: 'filter', filter }, filter === '' ? 'all' : 'displayed')
      }
      onClick={() => void runCommand('file.export')}
    />
  );
}
