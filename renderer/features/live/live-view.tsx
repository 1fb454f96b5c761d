import { Activity, Play } from 'lucide-react';
import { useState } from 'react';
import type { CaptureStatus } from '../../../electron/shared/capture.ts';
import { isActive } from '../../state/capture-control.ts';
import { runCommand, useCommand } from '../../state/commands.ts';
import { CHART_RANGES, type ChartRange, setPrefs, usePrefs } from '../../state/prefs.ts';
import { useSession } from '../../state/session.ts';
import { Button, EmptyState, Segments } from '../../ui/index.ts';
import { Headline } from './headline.tsx';
import styles from './live-view.module.css';
import { RateChart, type Zoom } from './rate-chart.tsx';
import { TopBars } from './top-bars.tsx';

const DAY_S = 86_400;
const DEFAULT_SPAN_S = 60;
const RANGE_WORDS: Record<ChartRange, string> = { 60: '1 min', 300: '5 min', 900: '15 min' };

export function LiveView() {
  const empty = useSession((s) => s.status.source === 'none' && !isActive(s.status));
  if (empty)
    return (
      <EmptyState
        icon={<Activity aria-hidden />}
        title="Nothing is captured yet"
        actions={
          <>
            <Button tone="primary" icon={<Play aria-hidden />} onClick={() => runCommand('view.start')}>
              Choose an interface
            </Button>
            <Button onClick={() => runCommand('file.open')}>Open file…</Button>
          </>
        }
      >
        Rates by verdict and by protocol, and the busiest hosts, ports and flows show here as soon as a capture runs.
      </EmptyState>
    );
  return <Charts />;
}

/** The whole of a file, in seconds, as far as the backend gives charts: a day. */
function spanOf({ startedNs, stoppedNs }: CaptureStatus): number {
  if (!startedNs || !stoppedNs) return DEFAULT_SPAN_S;
  return Math.min(DAY_S, Math.max(1, Math.ceil(Number(BigInt(stoppedNs) - BigInt(startedNs)) / 1e9) + 1));
}

function Charts() {
  const { range, unit } = usePrefs();
  const fileSeconds = useSession((s) => (s.status.source === 'file' ? spanOf(s.status) : undefined));
  const seconds = fileSeconds ?? range;
  const [zoom, setZoom] = useState<Zoom>();
  const generation = useSession((s) => s.status.generation);
  useCommand({
    id: 'live.unzoom',
    label: 'Charts: Back to Live',
    section: 'View',
    keys: 'Escape',
    enabled: () => zoom !== undefined,
    run: () => setZoom(undefined),
  });
  return (
    <div className={styles.view}>
      <Headline />
      <div className={styles.tools}>
        {fileSeconds === undefined && (
          <Segments
            label="Time shown"
            value={String(range)}
            options={CHART_RANGES.map((value) => ({ value: String(value), label: RANGE_WORDS[value] }))}
            onChange={(value) => {
              setZoom(undefined);
              setPrefs({ range: Number(value) as ChartRange });
            }}
          />
        )}
        <Segments
          label="Unit"
          value={unit}
          options={[
            { value: 'pps', label: 'Packets/s' },
            { value: 'bps', label: 'Bits/s' },
          ]}
          onChange={(value) => setPrefs({ unit: value })}
        />
        <span className={styles.hint}>{zoom ? 'Charts stand still while zoomed.' : 'Drag over a chart to zoom.'}</span>
        {zoom && (
          <Button size="sm" onClick={() => setZoom(undefined)}>
            Back to live (Esc)
          </Button>
        )}
      </div>
      <div className={styles.charts}>
        <RateChart
          key={`v${generation}`}
          by="verdict"
          title="By verdict"
          range={seconds}
          unit={unit}
          zoom={zoom}
          onZoom={setZoom}
        />
        <RateChart
          key={`p${generation}`}
          by="protocol"
          title="By protocol"
          range={seconds}
          unit={unit}
          zoom={zoom}
          onZoom={setZoom}
        />
      </div>
      <TopBars />
    </div>
  );
}
