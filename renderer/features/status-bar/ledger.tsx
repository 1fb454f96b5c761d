/**
 * The truth about loss. In the bar: what each hop lost, 0 included. Under it, on a click: where every packet that reached our program
 * went, as a sum that adds up, by interface and by CPU.
 */
import type { CaptureCounters } from '../../../electron/shared/capture.ts';
import { useSession } from '../../state/session.ts';
import { cx, grouped, Popover, Ticker } from '../../ui/index.ts';
import styles from './ledger.module.css';

const onSession = (paint: () => void) => useSession.subscribe(paint);
const counters = () => useSession.getState().status.counters;

const HOPS = [
  ['kernel', 'lostKernel', 'the kernel buffer was full'],
  ['pipe', 'lostPipe', 'the root process had no room: the session was slow'],
  ['store', 'lostStore', 'the disk or the packet store could not take them'],
] as const;

export function Ledger() {
  const lost = useSession((s) => HOPS.some(([, counter]) => s.status.counters[counter] > 0));
  return (
    <Popover
      label="Where the packets went"
      side="top"
      className={styles.panel}
      trigger={
        <button
          type="button"
          className={styles.trigger}
          aria-label={lost ? 'Packets were lost: where' : 'Nothing is lost'}
        >
          lost
          {HOPS.map(([name, counter]) => (
            <Hop key={name} name={name} counter={counter} />
          ))}
        </button>
      }
    >
      <Sum />
      <ByInterface />
      <ByCpu />
    </Popover>
  );
}

function Hop({ name, counter }: { name: string; counter: (typeof HOPS)[number][1] }) {
  const any = useSession((s) => s.status.counters[counter] > 0);
  return (
    <span className={cx(styles.hop, any && styles.losing)}>
      {name}
      <Ticker subscribe={onSession} width={1} text={() => grouped(counters()[counter])} className={styles.value} />
    </span>
  );
}

type Total = Exclude<keyof CaptureCounters, 'interfaces' | 'cpus'>;

const LINES: readonly { name: string; counter: Total; what: string; loss?: boolean }[] = [
  { name: 'Filtered', counter: 'filteredPackets', what: 'refused by the capture filter, never wanted' },
  { name: 'Matched', counter: 'matchedPackets', what: 'all others that reached our program' },
  { name: 'Captured', counter: 'capturedPackets', what: 'handed over by the kernel' },
  { name: 'Skipped', counter: 'skippedPackets', what: 'left out by sampling' },
  ...HOPS.map(([name, counter, what]) => ({ name: `Lost: ${name}`, counter, what, loss: true })),
  {
    name: 'Interface drops',
    counter: 'lostInterface',
    what: 'by the driver, before our program could see them',
    loss: true,
  },
];

function Sum() {
  return (
    <table className={styles.table}>
      <caption>Where the packets went</caption>
      <tbody>
        {LINES.map(({ name, counter, what, loss }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td className={styles.number}>
              <Figure counter={counter} loss={loss ?? false} />
            </td>
            <td className={styles.what}>{what}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Figure({ counter, loss }: { counter: Total; loss: boolean }) {
  const bad = useSession((s) => loss && s.status.counters[counter] > 0);
  return (
    <Ticker
      subscribe={onSession}
      text={() => grouped(counters()[counter])}
      className={bad ? styles.losing : undefined}
    />
  );
}

function ByInterface() {
  const interfaces = useSession((s) => s.status.counters.interfaces);
  const attachments = useSession((s) => s.status.attachments);
  if (!interfaces || interfaces.length === 0) return null;
  return (
    <table className={styles.table}>
      <caption>By interface</caption>
      <thead>
        <tr>
          <th scope="col">Interface</th>
          <th scope="col">Matched</th>
          <th scope="col">Filtered</th>
          <th scope="col">Skipped</th>
          <th scope="col">Lost</th>
        </tr>
      </thead>
      <tbody>
        {interfaces.map((each) => {
          const at = attachments.find(({ interfaceId }) => interfaceId === each.interfaceId);
          return (
            <tr key={each.interfaceId}>
              <th scope="row">
                {at
                  ? `${at.ifname} ${at.observed ? `${at.observed.side} ${at.observed.name}` : at.hook}`
                  : each.interfaceId}
              </th>
              <td className={styles.number}>{grouped(each.matchedPackets)}</td>
              <td className={styles.number}>{grouped(each.filteredPackets)}</td>
              <td className={styles.number}>{grouped(each.skippedPackets)}</td>
              <td className={cx(styles.number, each.lostKernel > 0 && styles.losing)}>{grouped(each.lostKernel)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function ByCpu() {
  const cpus = useSession((s) => s.status.counters.cpus);
  if (!cpus || cpus.length === 0) return null;
  return (
    <table className={styles.table}>
      <caption>By CPU</caption>
      <thead>
        <tr>
          <th scope="col">CPU</th>
          <th scope="col">Matched</th>
          <th scope="col">Lost</th>
        </tr>
      </thead>
      <tbody>
        {cpus.map(({ cpu, matchedPackets, lostKernel }) => (
          <tr key={cpu}>
            <th scope="row">{cpu}</th>
            <td className={styles.number}>{grouped(matchedPackets)}</td>
            <td className={cx(styles.number, lostKernel > 0 && styles.losing)}>{grouped(lostKernel)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
