/** Above a map's entries: the filter, watching, each CPU's values, reading again; and how many there are. */
import { Eye, RefreshCw } from 'lucide-react';
import { useState } from 'react';
import type { MapDetail } from '../../../electron/shared/map-api.ts';
import { useApi } from '../../api/backend-context.ts';
import { notifyError } from '../../state/notices.ts';
import { Button, grouped, IconButton, SearchField, Toolbar, ToolbarHint } from '../../ui/index.ts';
import type { EntriesQuestion } from './use-entries-question.ts';

interface EntriesToolbarProps {
  detail: MapDetail;
  question: EntriesQuestion;
  /** Each CPU's values are shown. */
  cpus: boolean;
  onCpus(cpus: boolean): void;
}

export function EntriesToolbar({ detail, question, cpus, onCpus }: EntriesToolbarProps) {
  const api = useApi();
  const { window, error, again, filter, setFilter, watch, toggleWatch } = question;
  const [text, setText] = useState('');
  const number = detail.columns.find(({ numeric, path }) => numeric && path.startsWith('value'))?.path;
  const reread = () => api.call('maps.refresh', { id: detail.map.id }).then(again, notifyError);
  return (
    <Toolbar onSubmit={() => setFilter(text.trim())}>
      <SearchField
        expression
        label="Filter entries"
        placeholder={`${number ?? 'value'} > 100, or a word   Enter`}
        value={text}
        wrong={error !== undefined && (error.code === 'FILTER' || filter !== '')}
        clearLabel="Show all entries"
        onChange={setText}
        onClear={() => {
          setText('');
          setFilter('');
        }}
      />
      <Button size="sm" icon={<Eye aria-hidden />} aria-pressed={watch} onClick={toggleWatch}>
        Watch
      </Button>
      {detail.perCpu && (
        <Button size="sm" aria-pressed={cpus} onClick={() => onCpus(!cpus)}>
          Each CPU
        </Button>
      )}
      <IconButton size="sm" label="Read again" icon={<RefreshCw aria-hidden />} onClick={() => void reread()} />
      <ToolbarHint live>{countText(window, filter)}</ToolbarHint>
    </Toolbar>
  );
}

function countText(window: EntriesQuestion['window'], filter: string): string {
  if (!window) return '';
  const of = filter !== '' ? ` of ${grouped(window.read)}` : '';
  return `${grouped(window.shown)}${of} ${window.shown === 1 && !of ? 'entry' : 'entries'}${window.complete ? '' : '…'}`;
}
