/** Every interface that can be seen, as a card a namespace group. Skeletons keep the place until the first list is here. */
import { groupByNetns, interfaceKey } from '../../state/interfaces.ts';
import { useSession } from '../../state/session.ts';
import { EmptyState } from '../../ui/index.ts';
import styles from './interface-card.module.css';
import { InterfaceCard } from './interface-card.tsx';

export function InterfaceCards() {
  const interfaces = useSession((s) => s.interfaces);
  const known = useSession((s) => s.interfacesKnown);
  const demo = useSession((s) => s.host?.demo ?? false);
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
  const groups = groupByNetns(interfaces);
  // In a demo its own namespaces are what people came for.
  if (demo) groups.sort((a, b) => Number(isDemo(b.netns)) - Number(isDemo(a.netns)));
  return (
    <div>
      {groups.map(({ netns, interfaces: members }) => (
        <section key={netns} className={styles.group} aria-label={netnsWords(netns)}>
          <h2 className={styles.heading}>
            {netnsWords(netns)}
            {isDemo(netns) && <span className={styles.demo}>demo traffic</span>}
          </h2>
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

function isDemo(netns: string): boolean {
  return netns.startsWith('xdpeek-demo');
}

function netnsWords(netns: string): string {
  return netns === '' ? 'This namespace' : `Namespace ${netns}`;
}
