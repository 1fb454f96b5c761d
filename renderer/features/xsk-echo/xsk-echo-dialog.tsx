/** *Answer pings by AF_XDP…*: the responder is started on an interface, its queues are counted live; it goes on when the dialog closes, until it is stopped. */
import { Play, Square, X } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { type ErrorData, errorData } from '../../../electron/shared/errors.ts';
import type { XskEchoCounts } from '../../../electron/shared/workbench.ts';
import type { XskEchoWish } from '../../../electron/shared/workbench-api.ts';
import { useApi } from '../../api/backend-context.ts';
import { useCommand } from '../../state/commands.ts';
import { groupByNetns, interfaceKey, useInterfaceWatch } from '../../state/interfaces.ts';
import { useSession } from '../../state/session.ts';
import { showXskEcho, useXskEcho, type XskTakes } from '../../state/xsk-echo.ts';
import { Button, Dialog, grouped, IconButton, PlatformSelect, Segments, sentence } from '../../ui/index.ts';
import styles from './xsk-echo.module.css';

const EVERY_MS = 500;

export function XskEchoDialog() {
  const open = useXskEcho((s) => s.open);
  useCommand({ id: 'workbench.xskEcho', run: () => showXskEcho(true) });
  if (!open) return null;
  return (
    <Dialog label="Answer pings by AF_XDP" className={styles.dialog} onClose={() => showXskEcho(false)}>
      <Responder />
    </Dialog>
  );
}

const ABOUT: Record<XskTakes, ReactNode> = {
  pings: (
    <>
      The library’s <span className="mono">xsk_echo_reply</span> hands ICMP and ICMPv6 echo requests to one AF_XDP
      socket a queue; they are answered where they lie. Everything else goes to the stack.
    </>
  ),
  'every-second': (
    <>
      The library’s <span className="mono">xsk_alternate</span> hands every second packet to one AF_XDP socket a queue:
      pings are answered there, other packets are thrown away. The rest goes to the stack.
    </>
  ),
};

interface Reading {
  wish: XskEchoWish;
  counts: XskEchoCounts;
  /** Answers a second, by queue. */
  rates: readonly number[];
}

/** Undefined until it is known whether one runs. */
function useReading(): { reading: Reading | null | undefined; look(): void } {
  const api = useApi();
  const [reading, setReading] = useState<Reading | null>();
  const [turn, setTurn] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another turn begins to look anew
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last: { counts: XskEchoCounts; atMs: number } | undefined;
    const look = () =>
      api.call('xsk.echo.get', {}).then(
        (found) => {
          if (over) return;
          const atMs = performance.now();
          const rates = found?.counts.queues.map(({ answered }, i) => {
            const before = last?.counts.queues[i]?.answered ?? answered;
            return Math.round(((answered - before) * 1000) / Math.max(1, atMs - (last?.atMs ?? atMs)));
          });
          setReading(found && { ...found, rates: rates ?? [] });
          last = found ? { counts: found.counts, atMs } : undefined;
          if (found) timer = setTimeout(look, EVERY_MS);
        },
        () => !over && setReading(null),
      );
    void look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [api, turn]);
  return { reading, look: () => setTurn((now) => now + 1) };
}

function Responder() {
  const api = useApi();
  const { reading, look } = useReading();
  const [place, setPlace] = useState('');
  const [threads, setThreads] = useState<'one' | 'each'>('one');
  const [takes, setTakes] = useState(useXskEcho.getState().takes);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorData>();
  const [ended, setEnded] = useState<XskEchoCounts>();
  const interfaces = useSession((s) => s.interfaces);
  const at = interfaces.find((info) => interfaceKey(info) === place);
  const doing = async (work: () => Promise<unknown>) => {
    setBusy(true);
    setError(undefined);
    await work().catch((reason) => setError(errorData(reason)));
    setBusy(false);
    look();
  };
  const start = () =>
    doing(async () => {
      const { ifname, netns } = at!;
      setEnded(undefined);
      await api.call('xsk.echo.start', {
        ifname,
        ...(netns !== undefined && { netns }),
        mode: 'auto',
        zeroCopy: 'auto',
        threads,
        takes,
      });
    });
  const stop = () => doing(async () => setEnded(await api.call('xsk.echo.stop', {})));
  const counts = reading?.counts ?? ended;
  return (
    <div className={styles.frame}>
      <header className={styles.head}>
        <h2 className={styles.title}>Answer pings by AF_XDP</h2>
        <IconButton label="Close" keys="Escape" icon={<X aria-hidden />} onClick={() => showXskEcho(false)} />
      </header>
      <p className={styles.about}>
        {ABOUT[reading?.wish.takes ?? takes]} It takes the interface’s XDP hook until it is stopped.
      </p>
      {reading ? (
        <p className={styles.where}>
          Answering on <b className="mono">{reading.wish.ifname}</b>
          {reading.wish.netns && (
            <>
              {' '}
              in <b className="mono">{reading.wish.netns}</b>
            </>
          )}
        </p>
      ) : (
        <div className={styles.form}>
          <InterfaceChoice value={place} onChange={setPlace} />
          <Segments
            label="Threads"
            value={threads}
            options={[
              { value: 'one', label: 'One thread' },
              { value: 'each', label: 'One a queue' },
            ]}
            onChange={setThreads}
          />
          <Segments
            label="Takes"
            value={takes}
            options={[
              { value: 'pings', label: 'Pings' },
              { value: 'every-second', label: 'Every second packet' },
            ]}
            onChange={setTakes}
          />
        </div>
      )}
      {error && (
        <p className={styles.error} role="alert">
          {sentence(error.message)} {error.hint && sentence(error.hint)}
        </p>
      )}
      {counts && <Queues counts={counts} rates={reading?.rates ?? []} />}
      <footer className={styles.foot}>
        {reading ? (
          <Button icon={<Square aria-hidden />} disabled={busy} onClick={() => void stop()}>
            Stop
          </Button>
        ) : (
          <Button
            tone="primary"
            icon={<Play aria-hidden />}
            disabled={busy || !at || reading === undefined}
            onClick={() => void start()}
          >
            {at ? `Start on ${at.ifname}` : 'Start'}
          </Button>
        )}
      </footer>
    </div>
  );
}

function InterfaceChoice({ value, onChange }: { value: string; onChange(key: string): void }) {
  const interfaces = useSession((s) => s.interfaces);
  useInterfaceWatch();
  const groups = groupByNetns(interfaces).map(({ netns, interfaces: list }) => ({
    label: netns === '' ? 'This namespace' : `Namespace ${netns}`,
    options: list.map((info) => ({ value: interfaceKey(info), label: info.ifname })),
  }));
  return (
    <PlatformSelect
      label="Interface"
      className={styles.interface}
      value={value}
      groups={[{ options: [{ value: '', label: 'Choose an interface', disabled: true }] }, ...groups]}
      onChange={onChange}
    />
  );
}

function Queues({ counts: { queues }, rates }: { counts: XskEchoCounts; rates: readonly number[] }) {
  return (
    <table className={styles.table} aria-label="Queues">
      <thead>
        <tr>
          {['Queue', 'Mode', 'Received', 'Answered', 'A second', 'Ignored', 'Not sent', 'Dropped'].map((title) => (
            <th key={title}>{title}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {queues.map(({ queue, mode, received, answered, ignored, txFull, fillEmpty, rxDropped }, i) => (
          <tr key={queue}>
            <td>{queue}</td>
            <td>{mode}</td>
            {[received, answered, rates[i] ?? 0, ignored, txFull, fillEmpty + rxDropped].map((count, column) => (
              // Columns have no identity but their place.
              // biome-ignore lint/suspicious/noArrayIndexKey: see above
              <td key={column} className="mono">
                {grouped(count)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
