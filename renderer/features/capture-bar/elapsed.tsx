/** How long the capture has run (or ran), with the red light while it does. */
import { useSession } from '../../state/session.ts';
import { duration, Ticker } from '../../ui/index.ts';
import styles from './capture-bar.module.css';

const TICK_MS = 250;

function subscribe(paint: () => void): () => void {
  const timer = setInterval(paint, TICK_MS);
  const stop = useSession.subscribe(paint);
  return () => {
    clearInterval(timer);
    stop();
  };
}

/** Epochs are ns in decimal; ms are enough here. */
function ms(ns: string): number {
  return Number(BigInt(ns) / 1_000_000n);
}

function text(): string {
  const { status } = useSession.getState();
  if (!status.startedNs || status.source !== 'live') return duration(0);
  const end = status.stoppedNs ? ms(status.stoppedNs) : Date.now();
  return duration((end - ms(status.startedNs)) / 1000);
}

export function Elapsed() {
  const live = useSession((s) => s.status.state === 'running');
  return (
    <>
      <span className={styles.recording} data-live={live} aria-hidden />
      <span className={styles.elapsed} data-live={live} role="timer" aria-label="Capture time" aria-live="off">
        <Ticker subscribe={subscribe} text={text} width={7} />
      </span>
    </>
  );
}
