/** The other ways in: a capture file (picked or dropped anywhere in the window) and the demo network. */
import { FileUp, FlaskConical, FolderOpen } from 'lucide-react';
import { useHost } from '../../api/backend-context.ts';
import { keysOf, runCommand } from '../../state/commands.ts';
import { notifyError } from '../../state/notices.ts';
import { useSession } from '../../state/session.ts';
import { Button, Kbd } from '../../ui/index.ts';
import styles from './doors.module.css';
import { RecentFiles } from './recent-files.tsx';

export function Doors() {
  return (
    <div className={styles.doors}>
      <section className={styles.door} aria-label="Capture files">
        <h2 className={styles.title}>
          <FileUp aria-hidden /> Look into a capture file
        </h2>
        <p className={styles.words}>
          pcap and pcapng, from tcpdump, Wireshark or xdpeek. Drop one or more anywhere in this window: several are
          merged by time.
        </p>
        <div className={styles.action}>
          <Button icon={<FolderOpen aria-hidden />} onClick={() => runCommand('file.open')}>
            Open file…
          </Button>
          <Kbd keys={keysOf('file.open') ?? ''} />
        </div>
      </section>
      <RecentFiles />
      <Demo />
      <section className={styles.keys} aria-label="Keys">
        {[
          ['capture.toggle', 'start or stop'],
          ['palette.open', 'every action'],
          ['view.live', 'rates'],
          ['view.packets', 'packets'],
          ['view.flows', 'flows'],
        ].map(([id, words]) => (
          <div key={id} className={styles.key}>
            <span>{words}</span>
            <Kbd keys={keysOf(id!) ?? ''} />
          </div>
        ))}
      </section>
    </div>
  );
}

function Demo() {
  const host = useHost();
  const running = useSession(
    (s) => s.host?.demo === true || s.interfaces.some((info) => info.netns?.startsWith('xdpeek-demo')),
  );
  const command = 'xdpeek serve --demo';
  return (
    <section className={styles.door} aria-label="Demo network">
      <h2 className={styles.title}>
        <FlaskConical aria-hidden /> Try the demo network
      </h2>
      {running ? (
        <p className={styles.words}>
          It is running: two namespaces with web, DNS, ping and VLAN traffic. Start on one of its cards.
        </p>
      ) : host.startDemo ? (
        <>
          <p className={styles.words}>
            Two namespaces with their own traffic, nothing of yours is touched, removed when you quit.
          </p>
          <div className={styles.action}>
            <Button icon={<FlaskConical aria-hidden />} onClick={() => void host.startDemo?.().catch(notifyError)}>
              Start the demo
            </Button>
          </div>
        </>
      ) : (
        <>
          <p className={styles.words}>
            Two namespaces with their own traffic; nothing of yours is touched. In a terminal:
          </p>
          <code className={styles.command}>{command}</code>
        </>
      )}
    </section>
  );
}
