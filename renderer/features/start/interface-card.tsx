/** One interface: state, driver, addresses, what XDP can do there, what is attached already, and the last minute. A click starts. */
import type { AttachedProgram, InterfaceInfo } from '../../../electron/shared/capture.ts';
import { useApi } from '../../api/backend-context.ts';
import { isActive, startCapture, useCaptureControl } from '../../state/capture-control.ts';
import { RATE_POINTS, ratesOf } from '../../state/interfaces.ts';
import { type HookChoice, usePrefs } from '../../state/prefs.ts';
import { useSession } from '../../state/session.ts';
import { bitRate, cx, packetRate, Sparkline, Ticker } from '../../ui/index.ts';
import styles from './interface-card.module.css';

const onSession = (paint: () => void) => useSession.subscribe(paint);
const HOOK_WORDS: Record<HookChoice, string> = {
  xdp: 'XDP',
  'tc-ingress': 'tc ingress',
  'tc-egress': 'tc egress',
  'tc-both': 'tc ingress and egress',
  observe: 'observe',
  socket: 'socket',
  afxdp: 'AF_XDP',
};

export function InterfaceCard({ info }: { info: InterfaceInfo }) {
  const api = useApi();
  const busy = useSession((s) => isActive(s.status) || s.link !== 'ready');
  const pending = useCaptureControl((s) => s.pending !== undefined);
  const hook = usePrefs((prefs) => prefs.hook);
  const state = !info.up ? 'down' : info.running ? 'up' : 'no carrier';
  const capturing = useSession(
    (s) =>
      isActive(s.status) &&
      (s.status.options?.targets.some((t) => t.ifname === info.ifname && t.netns === info.netns) ?? false),
  );
  const last = () => ratesOf(info).at(-1);
  return (
    <button
      type="button"
      className={cx(styles.card, !info.up && styles.down, capturing && styles.live)}
      disabled={busy || pending}
      aria-label={`Start on ${info.ifname}${info.netns ? ` in namespace ${info.netns}` : ''} at ${HOOK_WORDS[hook]}, ${state}`}
      onClick={() => void startCapture(api, info)}
    >
      <span className={styles.top}>
        <span className={styles.name}>{info.ifname}</span>
        {info.netns && info.netns !== info.ifname && <span className={styles.netns}>{info.netns}</span>}
        <span className={styles.state} data-state={state}>
          <span className={styles.dot} aria-hidden />
          {state}
        </span>
        {capturing ? (
          <span className={styles.capturing}>capturing</span>
        ) : (
          <span className={styles.go} aria-hidden>
            Start {HOOK_WORDS[hook]} →
          </span>
        )}
      </span>
      <span className={styles.facts}>{facts(info).join(' · ')}</span>
      <span className={cx(styles.addresses, 'mono')} title={info.addresses.join('\n')}>
        {info.addresses.join('  ') || 'no address'}
      </span>
      <span className={styles.now}>
        <Sparkline
          className={styles.spark}
          points={RATE_POINTS}
          values={() => ratesOf(info).map((rate) => rate.rxPps + rate.txPps)}
          subscribe={onSession}
        />
        <span className={styles.rates}>
          <Rate arrow="↓" word="in" pps={() => last()?.rxPps ?? 0} bps={() => last()?.rxBps ?? 0} />
          <Rate arrow="↑" word="out" pps={() => last()?.txPps ?? 0} bps={() => last()?.txBps ?? 0} />
        </span>
      </span>
      <span className={styles.badges}>
        <span className={styles.badge} data-tone={info.xdpNative}>
          {{ yes: 'native XDP', no: 'generic XDP only', unknown: 'native XDP unknown' }[info.xdpNative]}
        </span>
        {info.attached.map((program) => (
          <span
            key={`${program.hook}/${program.programId}`}
            className={styles.badge}
            data-tone={program.ours ? 'ours' : 'attached'}
            title={attachedWords(program)}
          >
            {attachedWords(program)}
          </span>
        ))}
      </span>
    </button>
  );
}

function Rate({ arrow, word, pps, bps }: { arrow: string; word: string; pps(): number; bps(): number }) {
  return (
    <span className={styles.rate}>
      <span aria-hidden>{arrow}</span>
      <span className="sr-only">{word}</span>
      <Ticker subscribe={onSession} width={9} text={() => packetRate(pps())} />
      <Ticker className={styles.bits} subscribe={onSession} width={11} text={() => bitRate(bps())} />
    </span>
  );
}

function facts(info: InterfaceInfo): string[] {
  const speed =
    info.speedMbps === undefined
      ? []
      : [info.speedMbps >= 1000 ? `${info.speedMbps / 1000} Gbit/s` : `${info.speedMbps} Mbit/s`];
  return [
    info.driver ?? info.kind ?? (info.loopback ? 'loopback' : 'unknown driver'),
    ...speed,
    `MTU ${info.mtu}`,
    info.rxQueues === 1 ? '1 queue' : `${info.rxQueues} queues`,
  ];
}

function attachedWords(program: AttachedProgram): string {
  const mode = program.mode ? ` ${program.mode}` : '';
  return `${program.hook}${mode}: ${program.name || 'unnamed'} #${program.programId}${program.ours ? ' (xdpeek)' : ''}`;
}
