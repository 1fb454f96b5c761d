/**
 * What xdpeek may do here, in words, with the button that asks for more. Interfaces can be listed by anyone; attaching needs root's
 * rights, which this window never has: a small helper gets them through pkexec when a capture starts. While the capture bar shows
 * why the last start was refused, this panel keeps quiet.
 */
import { KeyRound } from 'lucide-react';
import type { HostInfo } from '../../../electron/shared/api.ts';
import { useApi } from '../../api/backend-context.ts';
import { startCapture, useCaptureControl } from '../../state/capture-control.ts';
import { usePrefs } from '../../state/prefs.ts';
import { useSession } from '../../state/session.ts';
import { Button, cx, sentence } from '../../ui/index.ts';
import styles from './privilege-panel.module.css';

type Trouble = Exclude<HostInfo['privilege']['state'], 'unknown' | 'ready'>;

const WORDS: Record<Trouble, { title: string; words: string; button?: string; bad: boolean }> = {
  'needs-auth': {
    title: 'Starting will ask for your permission',
    words: 'A small helper attaches the eBPF programs as root; this window stays an ordinary program.',
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
      'Install pkexec and a polkit agent, or run "sudo xdpeek serve" and use the browser. Capture files can be opened.',
    button: 'Try again',
    bad: true,
  },
  failed: {
    title: 'The capture helper did not start',
    words: 'Capture files can be opened without it.',
    button: 'Try again',
    bad: true,
  },
};

const LOOKING_ON = {
  title: 'You are looking on',
  words: 'What others capture is shown here as it comes. Starting, stopping and opening files is theirs.',
  bad: false,
} satisfies (typeof WORDS)[Trouble];

export function PrivilegePanel() {
  const api = useApi();
  const privilege = useSession((s) => s.host?.privilege);
  const viewer = useSession((s) => s.host?.viewer);
  const busy = useCaptureControl((s) => s.pending !== undefined);
  const toldAbove = useCaptureControl((s) => s.refused !== undefined);
  const chosen = usePrefs((prefs) => prefs.ifname);
  if (!privilege || privilege.state === 'unknown' || privilege.state === 'ready' || toldAbove) return null;
  const { title, words, button, bad }: (typeof WORDS)[Trouble] = viewer ? LOOKING_ON : WORDS[privilege.state];
  const said = viewer
    ? [words]
    : [privilege.error && sentence(privilege.error.message), privilege.error?.hint ?? words];
  return (
    <section className={cx(styles.panel, bad && styles.bad)} role="alert" aria-label="Permission">
      <KeyRound className={styles.icon} aria-hidden />
      <div>
        <h2 className={styles.title}>{title}</h2>
        <p className={styles.words}>{said.filter(Boolean).join(' ')}</p>
      </div>
      {button && chosen && (
        <Button disabled={busy} onClick={() => void startCapture(api)}>
          {busy ? 'Waiting…' : `${button} (${chosen})`}
        </Button>
      )}
    </section>
  );
}
