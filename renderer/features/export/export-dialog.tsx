/** Export packets: which, in what format, compressed or not; how many that are is counted while one chooses. */
import { useEffect, useState } from 'react';
import {
  type ExportFormat,
  type ExportPacking,
  type ExportPlan,
  extensionOf,
  type PacketChoice,
} from '../../../electron/shared/export.ts';
import { useApi, useHost } from '../../api/backend-context.ts';
import { useDisplayFilter } from '../../state/display-filter.ts';
import { exportStem, useExport } from '../../state/export.ts';
import { notifyError } from '../../state/notices.ts';
import { useSession } from '../../state/session.ts';
import { Button, Dialog, grouped, PlatformSelect } from '../../ui/index.ts';
import styles from './export.module.css';

const AGAIN_MS = 250;
const FORMATS: readonly { value: ExportFormat; label: string }[] = [
  { value: 'pcapng', label: 'pcapng: interfaces, comments, names and secrets too' },
  { value: 'pcap-ns', label: 'pcap, nanoseconds' },
  { value: 'pcap', label: 'pcap, microseconds (for old tools)' },
];
const PACKINGS: readonly { value: ExportPacking; label: string }[] = [
  { value: 'none', label: 'Not compressed' },
  { value: 'gz', label: 'gzip (.gz)' },
  { value: 'zst', label: 'zstd (.zst)' },
];

interface Offer {
  id: string;
  label: string;
  /** Goes into the file's name. */
  word: string;
  packets: PacketChoice;
  disabled?: boolean;
}

function useOffers(): Offer[] {
  const filter = useDisplayFilter((s) => s.applied);
  const marked = useSession((s) => s.status.marked ?? 0);
  const { chosen, flow } = useExport();
  return [
    ...(flow
      ? [{ id: 'flow', label: flow.title, word: 'flow', packets: { of: 'filter', filter: flow.filter } } as const]
      : []),
    { id: 'all', label: 'All packets', word: 'all', packets: { of: 'filter', filter: '' } },
    {
      id: 'shown',
      label: 'Displayed packets',
      word: 'displayed',
      packets: { of: 'filter', filter },
      disabled: filter === '',
    },
    { id: 'marked', label: 'Marked packets', word: 'marked', packets: { of: 'marked' }, disabled: marked === 0 },
    {
      id: 'chosen',
      label: chosen && chosen.last > chosen.first ? 'Selected packets' : 'Selected packet',
      word: 'selected',
      packets: { of: 'rows', ...(chosen ?? { filter: '', first: 0, last: 0 }) },
      disabled: !chosen,
    },
  ];
}

/** Asked again while a filter is still looking. */
function usePlan(packets: PacketChoice | undefined): { plan?: ExportPlan; problem?: string } {
  const api = useApi();
  const [known, setKnown] = useState<{ plan?: ExportPlan; problem?: string }>({});
  const text = JSON.stringify(packets);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const ask = () =>
      api.call('export.plan', { packets: JSON.parse(text) }).then(
        (plan) => {
          if (over) return;
          setKnown({ plan });
          if (plan.scanned < plan.total) timer = setTimeout(ask, AGAIN_MS);
        },
        (error: Error) => !over && setKnown({ problem: error.message }),
      );
    if (text !== undefined) void ask();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [api, text]);
  return known;
}

export function ExportDialog() {
  const open = useExport((s) => s.open);
  return open ? <Content onClose={() => useExport.setState({ open: false, flow: undefined })} /> : null;
}

function Content({ onClose }: { onClose(): void }) {
  const host = useHost();
  const offers = useOffers();
  const filtered = useDisplayFilter((s) => s.applied !== '');
  const flow = useExport((s) => s.flow);
  const several = useExport(({ chosen }) => chosen !== undefined && chosen.last > chosen.first);
  const [id, setId] = useState(flow ? 'flow' : several ? 'chosen' : filtered ? 'shown' : 'all');
  const [format, setFormat] = useState<ExportFormat>('pcapng');
  const [packing, setPacking] = useState<ExportPacking>('none');
  const offer = offers.find((each) => each.id === id && !each.disabled) ?? offers.find(({ disabled }) => !disabled)!;
  const { plan, problem } = usePlan(offer.packets);
  const name = `${exportStem(offer.word)}${extensionOf({ format, packing })}`;
  const nothing = plan !== undefined && plan.packets === 0 && plan.scanned >= plan.total;
  const save = () => {
    // What goes wrong while it is written is told where the progress was.
    host.exportPackets({ packets: offer.packets, format, packing }, name).catch(notifyError);
    onClose();
  };
  return (
    <Dialog label="Export packets" className={styles.dialog} onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <h2 className={styles.title}>Export packets</h2>
        <fieldset className={styles.offers}>
          <legend className={styles.legend}>Which</legend>
          {offers.map((each) => (
            <label key={each.id} className={styles.offer} data-disabled={each.disabled}>
              <input
                type="radio"
                name="which"
                checked={each.id === offer.id}
                disabled={each.disabled === true}
                onChange={() => setId(each.id)}
              />
              <span>{each.label}</span>
              {each.id === 'shown' && filtered && each.packets.of === 'filter' && (
                <code className={styles.filter}>{each.packets.filter}</code>
              )}
            </label>
          ))}
        </fieldset>
        <div className={styles.row}>
          <PlatformSelect label="Format" value={format} groups={[{ options: FORMATS }]} onChange={setFormat} />
          <PlatformSelect label="Compression" value={packing} groups={[{ options: PACKINGS }]} onChange={setPacking} />
        </div>
        <output className={styles.note} data-problem={problem !== undefined}>
          {problem ?? <Count plan={plan} />}
          {format !== 'pcapng' && (plan?.linkTypes ?? 1) > 1 && (
            <> A pcap file holds one link type, and this capture has {plan?.linkTypes}.</>
          )}
          {format !== 'pcapng' && <> Comments and interface names are left out.</>}
        </output>
        <div className={styles.actions}>
          <span className={`mono ${styles.name}`} title={name}>
            {name}
          </span>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="primary" disabled={nothing || problem !== undefined}>
            {host.kind === 'serve' ? 'Download' : 'Save as…'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Count({ plan }: { plan: ExportPlan | undefined }) {
  if (!plan) return <>Counting…</>;
  const words = `${grouped(plan.packets)} ${plan.packets === 1 ? 'packet' : 'packets'}`;
  return plan.scanned < plan.total ? (
    <>
      {words} so far, {grouped(plan.scanned)} of {grouped(plan.total)} looked at.
    </>
  ) : (
    <>
      {words} of {grouped(plan.total)}.
    </>
  );
}
