/** The trace log: lines as programs print them, searched by the session, with a view that can stand still while they come. */
import { ArrowDownToLine, Copy, Pause, Play, ScrollText, Search } from 'lucide-react';
import { useCallback, useMemo, useRef, useState } from 'react';
import type { TraceLine, TraceWindow } from '../../../electron/shared/monitor-api.ts';
import { useApi } from '../../api/backend-context.ts';
import { useCommand } from '../../state/commands.ts';
import { notify, notifyError } from '../../state/notices.ts';
import {
  Button,
  count,
  EmptyState,
  Grid,
  type GridColumn,
  grouped,
  IconButton,
  ListBody,
  SearchField,
  Segments,
  Toolbar,
  ToolbarHint,
} from '../../ui/index.ts';
import styles from './monitor.module.css';
import { EndedStrip, NotRunning, type Starter } from './not-running.tsx';
import { useWatched } from './use-monitor.ts';

const POLL_MS = 250;
/** As many as the session gives at once. */
const MOST_COPIED = 2000;
type Form = 'decoded' | 'as printed';

const columnsOf = (form: Form): readonly GridColumn<TraceLine>[] => [
  {
    id: 'time',
    label: 'Time',
    track: '118px',
    align: 'right',
    mono: true,
    content: ({ task, timeS }) => (task === '' ? '' : timeS.toFixed(6)),
  },
  {
    id: 'cpu',
    label: 'CPU',
    track: '48px',
    align: 'right',
    mono: true,
    content: ({ task, cpu }) => (task === '' ? '' : cpu),
  },
  {
    id: 'task',
    label: 'Task',
    track: '150px',
    mono: true,
    content: ({ task, pid }) => (task === '' ? '' : `${task}-${pid}`),
  },
  { id: 'flags', label: 'Flags', track: '64px', mono: true, leavesBelow: 1100, content: ({ flags }) => flags },
  { id: 'function', label: 'From', track: '140px', leavesBelow: 1000, content: (line) => line.function },
  {
    id: 'text',
    label: 'Message',
    track: 'minmax(200px, 1fr)',
    mono: true,
    content: ({ text, decoded }) => (form === 'decoded' ? decoded : text),
  },
];

const textOf = ({ task, pid, cpu, timeS, function: name, text, decoded }: TraceLine, form: Form) =>
  `${task === '' ? '' : `${timeS.toFixed(6)} [${cpu}] ${task}-${pid} ${name}: `}${form === 'decoded' ? decoded : text}`;

export function TraceTab({ state, starter }: { state: TraceWindow | undefined; starter: Starter }) {
  if (!state) return null;
  if (!state.running && state.total === 0)
    return (
      <NotRunning
        icon={<ScrollText aria-hidden />}
        title="The trace log is not followed"
        start="Follow the trace log"
        method="trace.start"
        starter={starter}
        error={starter.refused ?? state.error}
      >
        Following reads the kernel's trace pipe: the bpf_printk lines of all programs, with addresses and protocols
        decoded. It attaches nothing. Another reader of the pipe will not see the lines that are read here.
      </NotRunning>
    );
  return <Log state={state} starter={starter} />;
}

function Log({ state, starter }: { state: TraceWindow; starter: Starter }) {
  const api = useApi();
  const [search, setSearch] = useState('');
  const [form, setForm] = useState<Form>('decoded');
  const [until, setUntil] = useState<number>();
  const [follow, setFollow] = useState(true);
  const [range, setRange] = useState({ start: 0, count: 80 });
  const [selected, setSelected] = useState<TraceLine>();
  const input = useRef<HTMLInputElement>(null);
  const question = useMemo(
    () => ({ ...(search !== '' && { search }), ...(until !== undefined && { until }) }),
    [search, until],
  );
  // Following does not depend on where the screen is, or every new line would be another question.
  const from = follow ? -1 : range.start;
  const params = useMemo(() => ({ start: from, count: range.count, ...question }), [from, range.count, question]);
  const { answer } = useWatched('trace.get', params, POLL_MS);
  const paused = until !== undefined;
  const onRange = useCallback((start: number, rows: number) => {
    setRange((now) => (now.start === start && now.count === rows ? now : { start, count: rows }));
  }, []);
  const columns = useMemo(() => columnsOf(form), [form]);
  useCommand({
    id: 'trace.search',
    label: 'Trace Log: Search',
    section: 'View',
    keys: 'Ctrl+F',
    run: () => input.current?.select(),
  });

  const copyAll = () => {
    api
      .call('trace.get', { start: -1, count: MOST_COPIED, ...question })
      .then(async ({ lines }) => {
        await navigator.clipboard.writeText(lines.map((line) => `${textOf(line, form)}\n`).join(''));
        notify(`${count(lines.length, 'line')} copied`);
      })
      .catch(notifyError);
  };
  const shown = answer ?? state;
  const notKept = shown.lost + shown.forgotten;
  return (
    <div className={styles.face}>
      <EndedStrip error={starter.refused ?? state.error} starter={starter} method="trace.start" />
      <Toolbar>
        <SearchField
          input={input}
          label="Search the trace log"
          placeholder="Message, task or function   Ctrl+F"
          value={search}
          onChange={setSearch}
        />
        <Button
          size="sm"
          aria-pressed={paused}
          icon={paused ? <Play aria-hidden /> : <Pause aria-hidden />}
          onClick={() => setUntil(paused ? undefined : shown.total)}
        >
          {paused ? 'Resume' : 'Pause'}
        </Button>
        <IconButton
          size="sm"
          label="Follow the newest line"
          pressed={follow}
          icon={<ArrowDownToLine aria-hidden />}
          onClick={() => setFollow(!follow)}
        />
        <Segments
          label="How messages show"
          value={form}
          options={[
            { value: 'decoded', label: 'Decoded' },
            { value: 'as printed', label: 'As printed' },
          ]}
          onChange={setForm}
        />
        <IconButton size="sm" label="Copy these lines" icon={<Copy aria-hidden />} onClick={copyAll} />
        <ToolbarHint live>
          {paused && shown.newer > 0 && <strong>{count(shown.newer, 'new line')} · </strong>}
          {count(shown.matching, 'line')}
          {search !== '' && ` of ${grouped(shown.total - shown.forgotten)}`}
          {notKept > 0 && ` · ${grouped(shown.lost)} lost, ${grouped(shown.forgotten)} oldest let go`}
        </ToolbarHint>
      </Toolbar>
      <ListBody
        empty={
          answer &&
          answer.matching === 0 && (
            <EmptyState
              icon={search === '' ? <ScrollText aria-hidden /> : <Search aria-hidden />}
              title={search === '' ? 'Waiting for the first line' : `No line has “${search}” in it`}
            >
              {search === ''
                ? 'Programs write here by bpf_printk. Attach one that does, and let packets come.'
                : 'The search looks at messages, as printed and decoded, tasks and functions, in any case.'}
            </EmptyState>
          )
        }
      >
        <Grid
          id="trace"
          label="Trace log"
          columns={columns}
          rows={answer?.lines ?? []}
          start={answer?.start ?? 0}
          total={answer?.matching ?? 0}
          keyOf={({ index }) => String(index)}
          selected={selected && String(selected.index)}
          onSelect={setSelected}
          onRange={onRange}
          follow={follow}
          onLeaveEnd={() => setFollow(false)}
          entries={[
            {
              label: 'Copy line',
              disabled: !selected,
              run: () => selected && void navigator.clipboard.writeText(textOf(selected, form)),
            },
            {
              label: 'Lines of this task',
              disabled: !selected?.task,
              run: () => selected && setSearch(`${selected.task}-${selected.pid}`),
            },
          ]}
        />
      </ListBody>
    </div>
  );
}
