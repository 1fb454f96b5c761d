import { isActive } from '../../state/capture-control.ts';
import { useInterfaceWatch } from '../../state/interfaces.ts';
import { useSession } from '../../state/session.ts';
import { Doors } from './doors.tsx';
import { InterfaceCards } from './interface-cards.tsx';
import { PrivilegePanel } from './privilege-panel.tsx';
import styles from './start-view.module.css';

export function StartView() {
  useInterfaceWatch();
  const host = useSession((s) => s.host);
  const active = useSession((s) => isActive(s.status));
  return (
    <div className={styles.page}>
      <div className={styles.column}>
        <header className={styles.head}>
          <h1 className={styles.title}>Choose where to look</h1>
          <p className={styles.sub}>
            {active
              ? 'A capture is running. Stop it to start another one.'
              : 'One click attaches and shows live packets, flows and rates.'}
            {host && (
              <>
                {' '}
                You are on <span className={styles.where}>{host.hostname}</span>, Linux {host.kernel}.
              </>
            )}
          </p>
        </header>
        <PrivilegePanel />
        <div className={styles.body}>
          <InterfaceCards />
          <Doors />
        </div>
      </div>
    </div>
  );
}
