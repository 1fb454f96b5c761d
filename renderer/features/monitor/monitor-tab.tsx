import { CircleCheck, OctagonAlert, Radar, TriangleAlert } from 'lucide-react';
import type { MonitorAlarm, MonitorReading, MonitorWindow } from '../../../electron/shared/monitor-api.ts';
import { clock, count, cx, duration, sentence } from '../../ui/index.ts';
import { CounterTables } from './counter-tables.tsx';
import styles from './monitor.module.css';
import { EndedStrip, NotRunning, type Starter } from './not-running.tsx';
import { RateLines } from './rate-lines.tsx';

const XDP_KEYS = ['redirected', 'redirect errors', 'exceptions', 'cpumap', 'devmap', 'XDP drops'] as const;
const STACK_KEYS = ['stack drops', 'execs'] as const;

export function MonitorTab({ window, starter }: { window: MonitorWindow | undefined; starter: Starter }) {
  if (!window) return null;
  const { reading } = window;
  const error = starter.refused ?? window.error;
  if (!reading)
    return (
      <NotRunning
        icon={<Radar aria-hidden />}
        title="Nothing is watched yet"
        start="Start the monitor"
        method="monitor.start"
        starter={starter}
        error={error}
      >
        Starting attaches ten small eBPF programs to tracepoints of the kernel: XDP redirects, exceptions, cpumaps and
        devmaps, packets that the stack drops, programs that start. They only count, for the whole machine; no traffic
        changes, and they go when you stop.
      </NotRunning>
    );
  return (
    <div className={styles.face}>
      <EndedStrip error={error} starter={starter} method="monitor.start" />
      <Headline window={window} reading={reading} />
      <div className={styles.charts}>
        <RateLines title="XDP" keys={XDP_KEYS} series={window.series} />
        <RateLines title="Stack and system" keys={STACK_KEYS} series={window.series} />
      </div>
      <CounterTables reading={reading} />
    </div>
  );
}

function Headline({ window, reading }: { window: MonitorWindow; reading: MonitorReading }) {
  const { alarms, running, missing } = window;
  const active = alarms.filter((alarm) => alarm.active);
  const errors = active.filter(({ level }) => level === 'error').length;
  const level = !running ? 'idle' : errors > 0 ? 'error' : active.length > 0 ? 'warning' : 'ok';
  const Icon = level === 'error' ? OctagonAlert : level === 'warning' ? TriangleAlert : CircleCheck;
  const words = {
    idle: 'Stopped. These are the last figures',
    ok: 'Nothing is wrong',
    warning: `${count(active.length, 'thing')} to look at`,
    error: `${count(errors, 'thing')} ${errors === 1 ? 'goes' : 'go'} wrong`,
  }[level];
  return (
    <section className={cx(styles.headline, styles[level])} aria-label="What is wrong">
      <div className={styles.verdict} role="status">
        <Icon aria-hidden />
        <h2>{words}</h2>
        <span className={styles.since}>
          {running ? 'watching for' : 'watched for'}{' '}
          <span className="mono">{duration((reading.readMs - reading.startedMs) / 1000)}</span>
        </span>
      </div>
      {alarms.length > 0 && (
        <ul className={styles.alarms}>
          {alarms.map((alarm) => (
            <AlarmLine key={alarm.key} alarm={alarm} />
          ))}
        </ul>
      )}
      {missing.length > 0 && (
        <p className={styles.missing}>
          Not watched on this kernel: {missing.map((text) => sentence(text)).join(' ')} The rest works.
        </p>
      )}
    </section>
  );
}

function AlarmLine({ alarm }: { alarm: MonitorAlarm }) {
  const { level, text, hint, sinceMs, lastMs, active } = alarm;
  return (
    <li className={cx(styles.alarm, active && styles.active)} data-level={level}>
      <span className={styles.mark} role="img" aria-label={level}>
        {level === 'error' ? '■' : '▲'}
      </span>
      <span className={styles.alarmText}>
        <strong>{text}</strong> <span className={styles.alarmHint}>{hint}</span>
      </span>
      <span className={styles.when}>
        {active ? 'since' : 'over,'} <span className="mono">{clock(active ? sinceMs : lastMs)}</span>
      </span>
    </li>
  );
}
