/** The Monitor view: is anything wrong in the kernel's packet path, and what do programs say. */
import { Play, Square } from 'lucide-react';
import { useState } from 'react';
import { useCommand } from '../../state/commands.ts';
import { Button, Tabs } from '../../ui/index.ts';
import styles from './monitor.module.css';
import { MonitorTab } from './monitor-tab.tsx';
import { TraceTab } from './trace-tab.tsx';
import { useStarter, useWatched } from './use-monitor.ts';

const NOTHING = {};
const COUNT_ONLY = { start: 0, count: 0 };
const POLL_MS = 1000;

export function MonitorView() {
  const [tab, setTab] = useState<'monitor' | 'trace'>('monitor');
  const monitor = useWatched('monitor.get', NOTHING, POLL_MS);
  const trace = useWatched('trace.get', COUNT_ONLY, POLL_MS);
  const starters = { monitor: useStarter(monitor.ask), trace: useStarter(trace.ask) };
  const starter = starters[tab];
  const answer = tab === 'monitor' ? monitor.answer : trace.answer;
  const running = answer?.running === true;
  const toggle = () => starter.run(`${tab}.${running ? 'stop' : 'start'}`);
  useCommand({
    id: 'monitor.toggle',
    label: 'Monitor or Trace Log: Start or Stop',
    section: 'View',
    keys: 'Ctrl+Shift+Enter',
    enabled: () => answer !== undefined && !starter.pending,
    run: toggle,
  });
  const known = monitor.answer?.reading !== undefined;
  const heard = trace.answer !== undefined && (trace.answer.total > 0 || trace.answer.running);
  return (
    <div className={styles.view}>
      <Tabs
        label="Monitor"
        value={tab}
        onChange={(value) => setTab(value as 'monitor' | 'trace')}
        tabs={[
          {
            value: 'monitor',
            label: 'Monitor',
            content: <MonitorTab window={monitor.answer} starter={starters.monitor} />,
          },
          { value: 'trace', label: 'Trace log', content: <TraceTab state={trace.answer} starter={starters.trace} /> },
        ]}
        end={
          (tab === 'monitor' ? known : heard) && (
            <Button
              size="sm"
              disabled={starter.pending}
              icon={running ? <Square aria-hidden /> : <Play aria-hidden />}
              onClick={toggle}
            >
              {running ? 'Stop' : 'Start again'}
            </Button>
          )
        }
      />
    </div>
  );
}
