/** Every interface that can be seen, as cards in at most three sections. Skeletons keep the place until the first list is here. */
import type { InterfaceInfo } from '../../../electron/shared/capture.ts';
import { groupByNetns, interfaceKey } from '../../state/interfaces.ts';
import { useSession } from '../../state/session.ts';
import { EmptyState } from '../../ui/index.ts';
import styles from './interface-card.module.css';
import { InterfaceCard } from './interface-card.tsx';

export function InterfaceCards() {
  const interfaces = useSession((s) => s.interfaces);
  const known = useSession((s) => s.interfacesKnown);
  if (!known)
    return (
      <div className={styles.grid} role="status" aria-busy="true" aria-label="Reading the interfaces">
        {['a', 'b', 'c'].map((key) => (
          <div key={key} className={styles.skeleton} />
        ))}
      </div>
    );
  if (interfaces.length === 0)
    return (
      <EmptyState title="No interface can be seen">
        Network interfaces show up here as soon as xdpeek may ask the kernel for them.
      </EmptyState>
    );
  const sections = sectionsOf(groupByNetns(interfaces));
  return (
    <div>
      {sections.map(({ title, members }) => (
        <section key={title} className={styles.group} aria-label={title}>
          <h2 className={styles.heading}>{title}</h2>
          <div className={styles.grid}>
            {members.map((info) => (
              <InterfaceCard key={interfaceKey(info)} info={info} />
            ))}
          </div>
        </section>
      ))}
    </div>
  );
}

interface Section {
  title: string;
  members: InterfaceInfo[];
}

/** The demo first (it is what its user came for), this namespace, then all others together: each card names its own. */
function sectionsOf(groups: { netns: string; interfaces: InterfaceInfo[] }[]): Section[] {
  const pick = (title: string, wanted: (netns: string) => boolean): Section => ({
    title,
    // Every namespace has its own loopback; those of others are noise here, and stay in the picker.
    members: groups
      .filter(({ netns }) => wanted(netns))
      .flatMap(({ netns, interfaces }) => interfaces.filter((info) => netns === '' || !info.loopback)),
  });
  const isDemo = (netns: string) => netns.startsWith('xdpeek-demo');
  return [
    pick('Demo network', isDemo),
    pick('This namespace', (netns) => netns === ''),
    pick('Other namespaces', (netns) => netns !== '' && !isDemo(netns)),
  ].filter(({ members }) => members.length > 0);
}
