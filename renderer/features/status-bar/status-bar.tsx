import { XDP_VERDICTS } from '../../../electron/shared/capture.ts';
import { useSession } from '../../state/session.ts';
import { bitRate, bytes, grouped, packetRate, Ticker, Tooltip, VerdictMark } from '../../ui/index.ts';
import { Ledger } from './ledger.tsx';
import styles from './status-bar.module.css';

const onSession = (paint: () => void) => useSession.subscribe(paint);
const status = () => useSession.getState().status;

const STATE_WORDS = {
  idle: 'Ready',
  starting: 'Starting',
  running: 'Capturing',
  stopping: 'Stopping',
  stopped: 'Stopped',
  failed: 'Failed',
} as const;

export function StatusBar() {
  const link = useSession((s) => s.link);
  const state = useSession((s) => s.status.state);
  const source = useSession((s) => s.status.source);
  const fileName = useSession((s) => s.status.fileName);
  const words = link === 'closed' ? 'Disconnected' : link === 'connecting' ? 'Connecting' : STATE_WORDS[state];
  return (
    <section className={styles.bar} aria-label="Status bar">
      <span className={styles.state} data-state={link === 'closed' ? 'failed' : state} role="status">
        <span className={styles.dot} aria-hidden />
        {source === 'file' && link === 'ready' && state !== 'failed' ? 'File' : words}
      </span>
      <Item name={source === 'file' ? 'packets' : 'captured'} width={10} text={captured} />
      <Item name="shown" width={10} text={() => grouped(useSession.getState().shown ?? status().stored)} />
      <Ledger />
      <span className={styles.rates}>
        <Ticker subscribe={onSession} width={9} text={() => packetRate(status().pps)} />
        <Ticker subscribe={onSession} width={11} text={() => bitRate(status().bitsPerSecond)} />
      </span>
      <span className={styles.file}>
        {fileName && (
          <Tooltip
            label={source === 'file' ? 'The file that was opened' : 'Written as it arrives; save it to keep it'}
            side="top"
          >
            <span className={styles.fileName}>
              {fileName} <Ticker subscribe={onSession} text={() => bytes(status().fileBytes)} />
            </span>
          </Tooltip>
        )}
      </span>
      <span className={styles.legend} role="img" aria-label={`Verdict marks: ${XDP_VERDICTS.join(', ')}`}>
        {(['pass', 'drop', 'tx', 'redirect', 'aborted'] as const).map((verdict) => (
          <VerdictMark key={verdict} verdict={verdict} named size={9} />
        ))}
      </span>
    </section>
  );
}

function captured(): string {
  const { counters, source, stored } = status();
  // The kernel's counters come once a second, rows as they arrive: never show fewer captured than stored.
  return grouped(source === 'live' ? Math.max(counters.capturedPackets, stored) : stored);
}

function Item({ name, width, text }: { name: string; width: number; text(): string }) {
  return (
    <span className={styles.item}>
      {name} <Ticker subscribe={onSession} width={width} align="left" text={text} className={styles.value} />
    </span>
  );
}
