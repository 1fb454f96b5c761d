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

export function Headline() {
  const anyLost = useSession(
    (s) => s.status.counters.lostKernel + s.status.counters.lostPipe + s.status.counters.lostStore > 0,
  );
  return (
    <dl className={styles.row}>
      <Figure
        name="Packets"
        value={() => scaled(status().pps)}
        unit="pps"
        below={() => `peak ${scaled(peak().pps).join(' ')}pps`}
      />
      <Figure
        name="Throughput"
        value={() => scaled(status().bitsPerSecond)}
        unit="bit/s"
        below={() => `peak ${scaled(peak().bps).join(' ')}bit/s`}
      />
      <Figure
        name="Captured"
        value={() => [grouped(status().counters.capturedPackets || status().stored), '']}
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
