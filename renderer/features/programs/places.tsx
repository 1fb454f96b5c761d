/** What is attached to each interface, hook by hook, in the order in which the kernel runs it. */
import { EthernetPort } from 'lucide-react';
import type { AttachChain, AttachPlace, ProgramList } from '../../../electron/shared/workbench-api.ts';
import { cx, EmptyState } from '../../ui/index.ts';
import styles from './places.module.css';

const HOOKS: Partial<Record<AttachChain['hook'], string>> = {
  xdp: 'XDP',
  'tc-ingress': 'tc ingress',
  'tc-egress': 'tc egress',
};
const VIA = { link: 'link', netlink: 'netlink', tcx: 'TCX', clsact: 'clsact' } as const;

export interface PlacesProps {
  list: ProgramList | undefined;
  search: string;
  selected: number;
  onSelect(id: number): void;
}

export function Places({ list, search, selected, onSelect }: PlacesProps) {
  if (!list) return null;
  const places = list.places.filter((place) => matches(place, search));
  if (places.length === 0)
    return (
      <EmptyState
        icon={<EthernetPort aria-hidden />}
        title={search === '' ? 'Nothing is attached to any interface' : `No interface matches “${search}”`}
      >
        Every interface with an XDP or tc program shows here, with its programs in the order in which they run.
      </EmptyState>
    );
  return (
    <ul className={styles.places} aria-label="Interfaces with programs">
      {places.map((place) => (
        <li key={`${place.netns ?? ''}/${place.ifname}`} className={styles.place}>
          <h3 className={styles.title}>
            <EthernetPort aria-hidden size={14} />
            {place.ifname}
            {place.netns !== undefined && <span className={styles.netns}>{place.netns}</span>}
          </h3>
          {place.chains.map(({ hook, programs }) => (
            <div key={hook} className={styles.chain}>
              <span className={styles.hook}>{HOOKS[hook] ?? hook}</span>
              <ol className={styles.steps}>
                {programs.map(({ id, name, mode, via, ours }, i) => (
                  <li key={`${id} ${via}`}>
                    <button
                      type="button"
                      className={cx(styles.step, id === selected && styles.chosen)}
                      aria-pressed={id === selected}
                      onClick={() => onSelect(id)}
                    >
                      <span className={styles.order}>{i + 1}</span>
                      <span className={styles.program}>{name || `program ${id}`}</span>
                      <span className={`mono ${styles.id}`}>{id}</span>
                      <span className={styles.how}>
                        {[mode, VIA[via], ours && 'xdpeek'].filter(Boolean).join(' · ')}
                      </span>
                    </button>
                  </li>
                ))}
              </ol>
            </div>
          ))}
        </li>
      ))}
    </ul>
  );
}

function matches({ ifname, netns, chains }: AttachPlace, search: string): boolean {
  const names = chains.flatMap(({ hook, programs }) => [hook, ...programs.map(({ id, name }) => `${id} ${name}`)]);
  const text = [ifname, netns ?? '', ...names].join(' ').toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
