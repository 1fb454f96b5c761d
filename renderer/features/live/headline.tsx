/** The four figures that matter, painted outside React at the status topic's pace, each in a place of fixed width. */
import { useSession } from '../../state/session.ts';
import { count, cx, grouped, scaled, Ticker } from '../../ui/index.ts';
import styles from './headline.module.css';
import { usePoll } from './poll.ts';

const onSession = (paint: () => void) => useSession.subscribe(paint);
const status = () => useSession.getState().status;
const lost = () => {
  const { lostKernel, lostPipe, lostStore } = status().counters;
  return lostKernel + lostPipe + lostStore;
};

/** Both tell the same, one sooner than the other. */
const captured = () => Math.max(status().counters.capturedPackets, status().stored);

/** Highest rate of this capture; starts anew with each generation. */
const peaks = { generation: -1, pps: 0, bps: 0 };
function peak(): typeof peaks {
  const { generation, pps, bitsPerSecond } = status();
  if (peaks.generation !== generation) Object.assign(peaks, { generation, pps: 0, bps: 0 });
  peaks.pps = Math.max(peaks.pps, pps);
  peaks.bps = Math.max(peaks.bps, bitsPerSecond);
  return peaks;
}

/** While it runs: the rate now. After it ended: the average over the whole capture, as a rate of now would say nothing. */
function rates(fileBytes: number): { pps: number; bps: number; ended: boolean } {
  const { source, state, startedNs, stoppedNs, pps, bitsPerSecond, counters, stored } = status();
  const over = source === 'file' || state === 'stopped' || state === 'failed';
  if (!over || startedNs === undefined || stoppedNs === undefined) return { pps, bps: bitsPerSecond, ended: false };
  const seconds = Math.max(1e-3, Number(BigInt(stoppedNs) - BigInt(startedNs)) / 1e9);
  const [packets, bytes] = source === 'file' ? [stored, fileBytes] : [counters.matchedPackets, counters.matchedBytes];
  return { pps: packets / seconds, bps: (bytes * 8) / seconds, ended: true };
}

/** `peak` is what this window saw itself: after a reload there may be none. */
function note(ended: boolean, peakValue: number, average: number, peakWords: string): string {
  if (!ended) return `peak ${peakWords}`;
  return peakValue > average ? `average; peak ${peakWords}` : 'average';
}

const NO_PARAMS = {};

export function Headline() {
  const isFile = useSession((s) => s.status.source === 'file');
  // A file has no counters; its bytes on the wire are the sum over its protocols.
  const stats = usePoll('stats.get', NO_PARAMS, 1000, !isFile);
  const fileBytes = stats?.byProtocol.reduce((sum, row) => sum + row.bytes, 0) ?? 0;
  const now = () => rates(fileBytes);
  const anyLost = useSession(
    (s) => s.status.counters.lostKernel + s.status.counters.lostPipe + s.status.counters.lostStore > 0,
  );
  return (
    <dl className={styles.row}>
      <Figure
        name="Packets"
        value={() => scaled(now().pps)}
        unit="pps"
        below={() => note(now().ended, peak().pps, now().pps, `${scaled(peak().pps).join(' ')}pps`)}
      />
      <Figure
        name="Throughput"
        value={() => scaled(now().bps)}
        unit="bit/s"
        below={() => note(now().ended, peak().bps, now().bps, `${scaled(peak().bps).join(' ')}bit/s`)}
      />
      <Figure
        name="Captured"
        value={() => [grouped(captured()), '']}
        unit=""
        below={() => `${scaled(status().counters.capturedBytes || status().fileBytes).join(' ')}B`}
      />
      <Figure
        name="Flows"
        value={() => [grouped(status().flowCount), '']}
        unit=""
        below={() => (isFile ? 'in the file' : 'in the table now')}
      />
      <Figure
        name="Lost"
        alarm={anyLost}
        value={() => [isFile ? '–' : grouped(lost()), '']}
        unit=""
        below={() => {
          if (isFile) return 'a file does not tell';
          const { counters } = status();
          // The kernel's count is read less often than ours: what was captured was seen.
          const seen = Math.max(counters.matchedPackets, captured() + lost());
          const share = seen > 0 ? (100 * lost()) / seen : 0;
          return lost() === 0
            ? `of ${count(seen, 'packet')} seen`
            : `${share < 0.01 ? '< 0.01' : share.toFixed(2)} % of ${grouped(seen)}`;
        }}
      />
    </dl>
  );
}

interface FigureProps {
  name: string;
  value(): [figure: string, prefix: string];
  unit: string;
  below(): string;
  alarm?: boolean;
}

function Figure({ name, value, unit, below, alarm = false }: FigureProps) {
  return (
    <div className={cx(styles.figure, alarm && styles.alarm)}>
      <dt className={styles.name}>{name}</dt>
      <dd className={styles.value}>
        <Ticker
          className={cx(styles.number, unit !== '' && styles.fixed)}
          subscribe={onSession}
          text={() => value()[0]}
        />
        <span className={styles.unit}>
          <Ticker subscribe={onSession} text={() => value()[1]} />
          {unit}
        </span>
      </dd>
      <dd className={styles.below}>
        <Ticker subscribe={onSession} text={below} />
      </dd>
    </div>
  );
}
