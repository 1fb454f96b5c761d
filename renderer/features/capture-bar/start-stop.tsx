/** The one button that matters. Its place and width never change; its word, shape and colour say what it will do. */
import { Play, Square } from 'lucide-react';
import { useApi } from '../../api/backend-context.ts';
import { toggleCapture, useCaptureControl } from '../../state/capture-control.ts';
import { keysOf } from '../../state/commands.ts';
import { usePrefs } from '../../state/prefs.ts';
import { useSession } from '../../state/session.ts';
import { Button, Tooltip } from '../../ui/index.ts';
import styles from './capture-bar.module.css';

export function StartStop({ active }: { active: boolean }) {
  const api = useApi();
  const state = useSession((s) => s.status.state);
  const linked = useSession((s) => s.link === 'ready');
  const pending = useCaptureControl((s) => s.pending);
  const chosen = usePrefs((prefs) => prefs.ifname);
  const word =
    pending === 'start' || state === 'starting'
      ? 'Starting'
      : pending === 'stop' || state === 'stopping'
        ? 'Stopping'
        : active
          ? 'Stop'
          : 'Start';
  const label = active
    ? 'Stop: detach and keep what was captured'
    : chosen
      ? `Start on ${chosen}`
      : 'Choose an interface first';
  return (
    <Tooltip label={label} keys={keysOf('capture.toggle')}>
      <Button
        className={styles.start}
        tone={active ? 'danger' : 'primary'}
        icon={active ? <Square aria-hidden /> : <Play aria-hidden />}
        disabled={!linked || pending !== undefined || (!active && !chosen)}
        onClick={() => void toggleCapture(api)}
      >
        {word}
      </Button>
    </Tooltip>
  );
}
