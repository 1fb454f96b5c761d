/**
 * What xdpeek may do here, in words, with the button that asks for more. Watching the network needs root's rights; the window
 * never has them, it asks a small helper through pkexec.
 */
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import type { HostInfo } from '../../../electron/shared/api.ts';
import { useApi } from '../../api/backend-context.ts';
import { notifyError } from '../../state/notices.ts';
import { useSession } from '../../state/session.ts';
import { Button, cx } from '../../ui/index.ts';
import styles from './privilege-panel.module.css';

type Trouble = Exclude<HostInfo['privilege']['state'], 'unknown' | 'ready'>;

const WORDS: Record<Trouble, { title: string; words: string; button?: string; bad: boolean }> = {
  'needs-auth': {
    title: 'Watching the network needs your permission',
    words: 'A small helper attaches the eBPF programs as root; this window stays an ordinary program.',
    button: 'Allow…',
    bad: false,
  },
  dismissed: {
    title: 'The permission dialog was closed',
    words: 'Nothing was attached. Capture files can be opened without it.',
    button: 'Ask again',
    bad: false,
  },
  refused: {
    title: 'Permission was refused',
    words: 'This account may not run the capture helper as root. Ask an administrator, or open capture files.',
    button: 'Ask again',
    bad: true,
  },
  missing: {
    title: 'There is no way to become root here',
    words:
      'pkexec is not installed. Install it (Debian: apt install pkexec), or run "sudo xdpeek serve" and use the browser.',
    button: 'Look again',
    bad: true,
  },
  failed: { title: 'The capture helper did not start', words: '', button: 'Try again', bad: true },
};

export function PrivilegePanel() {
  const api = useApi();
  const privilege = useSession((s) => s.host?.privilege);
  const [asking, setAsking] = useState(false);
  if (!privilege || privilege.state === 'unknown' || privilege.state === 'ready') return null;
  const { title, words, button, bad } = WORDS[privilege.state];
  // Listing interfaces is the smallest thing that needs the helper: it makes the system ask.
  const ask = async () => {
    setAsking(true);
    try {
      const interfaces = await api.call('interfaces.list', {});
      useSession.setState({ interfaces, interfacesKnown: true });
    } catch (error) {
      notifyError(error);
    } finally {
      setAsking(false);
    }
  };
  return (
    <section className={cx(styles.panel, bad && styles.bad)} role="alert" aria-label="Permission">
      <KeyRound className={styles.icon} aria-hidden />
      <div>
        <h2 className={styles.title}>{title}</h2>
        <p className={styles.words}>
          {[privilege.error?.message, privilege.error?.hint ?? words].filter(Boolean).join(' ')}
        </p>
      </div>
      {button && (
        <Button tone={bad ? 'plain' : 'primary'} disabled={asking} onClick={() => void ask()}>
          {asking ? 'Waiting…' : button}
        </Button>
      )}
    </section>
  );
}
