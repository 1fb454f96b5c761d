/** The four figures that matter, painted outside React at the status topic's pace, each in a place of fixed width. */
import { useSession } from '../../state/session.ts';
import { count, cx, grouped, scaled, Ticker } from '../../ui/index.ts';
import styles from './headline.module.css';

const onSession = (paint: () => void) => useSession.subscribe(paint);
const status = () => useSession.getState().status;
const lost = () => {
  const { lostKernel, lostPipe, lostStore } = status().counters;
  return lostKernel + lostPipe + lostStore;
};

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
function rates(): { pps: number; bps: number; ended: boolean } {
  const { state, startedNs, stoppedNs, pps, bitsPerSecond, counters } = status();
  const ended = (state === 'stopped' || state === 'failed') && startedNs !== undefined && stoppedNs !== undefined;
  if (!ended) return { pps, bps: bitsPerSecond, ended };
  const seconds = Math.max(1e-3, Number(BigInt(stoppedNs) - BigInt(startedNs)) / 1e9);
  return { pps: counters.matchedPackets / seconds, bps: (counters.matchedBytes * 8) / seconds, ended };
}

/** `peak` is what this window saw itself: after a reload there may be none. */
function note(peakValue: number, average: number, peakWords: string): string {
  if (!rates().ended) return `peak ${peakWords}`;
  return peakValue > average ? `average; peak ${peakWords}` : 'average';
}

export function Headline() {
  const anyLost = useSession(
    (s) => s.status.counters.lostKernel + s.status.counters.lostPipe + s.status.counters.lostStore > 0,
  );
  return (
    <dl className={styles.row}>
      <Figure
        name="Packets"
        value={() => scaled(rates().pps)}
        unit="pps"
        below={() => note(peak().pps, rates().pps, `${scaled(peak().pps).join(' ')}pps`)}
      />
      <Figure
        name="Throughput"
        value={() => scaled(rates().bps)}
        unit="bit/s"
        below={() => note(peak().bps, rates().bps, `${scaled(peak().bps).join(' ')}bit/s`)}
      />
      <Figure
        name="Captured"
        value={() => [grouped(Math.max(status().counters.capturedPackets, status().stored)), '']}
        unit=""
        below={() => `${scaled(status().counters.capturedBytes || status().fileBytes).join(' ')}B`}
      />
      <Figure name="Flows" value={() => [grouped(status().flowCount), '']} unit="" below={() => 'in the table now'} />
      <Figure
        name="Lost"
        alarm={anyLost}
        value={() => [grouped(lost()), '']}
        unit=""
        below={() => {
          const { counters } = status();
          const share = counters.matchedPackets > 0 ? (100 * lost()) / counters.matchedPackets : 0;
          return lost() === 0
            ? `of ${count(counters.matchedPackets, 'packet')} seen`
            : `${share < 0.01 ? '< 0.01' : share.toFixed(2)} % of ${grouped(counters.matchedPackets)}`;
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
