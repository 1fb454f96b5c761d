/**
 * Why the capture ended or could not start: what happened, what to do, and the button that does it. It stays until the next start
 * or until it is dismissed; a capture that died never looks like a quiet network.
 */
import { CircleAlert, RotateCcw, X } from 'lucide-react';
import { useState } from 'react';
import { useApi } from '../../api/backend-context.ts';
import { dismissRefusal, startCapture, useCaptureControl } from '../../state/capture-control.ts';
import { usePrefs } from '../../state/prefs.ts';
import { useSession } from '../../state/session.ts';
import { Button, IconButton, sentence } from '../../ui/index.ts';
import styles from './failure-strip.module.css';

export function FailureStrip() {
  const api = useApi();
  const status = useSession((s) => s.status);
  const refused = useCaptureControl((s) => s.refused);
  const pending = useCaptureControl((s) => s.pending);
  const hasInterface = usePrefs((prefs) => prefs.ifname !== '');
  const [dismissed, setDismissed] = useState<string>();
  // A file that is damaged is shown up to there: what it lacks must not go unsaid.
  const damaged = status.source === 'file' && status.state !== 'failed';
  const died = status.state === 'failed' || damaged ? status.error : undefined;
  const diedKey = `${status.generation}/${died?.message}`;
  const error = refused ?? (dismissed === diedKey ? undefined : died);
  if (!error || pending === 'start') return null;
  const warns = damaged && !refused;
  const title = refused
    ? 'Could not start'
    : damaged
      ? 'Not whole'
      : status.source === 'file'
        ? 'Could not open'
        : 'Capture ended';
  const dismiss = () => {
    dismissRefusal();
    setDismissed(diedKey);
  };
  return (
    <div className={styles.strip} role="alert" data-tone={warns ? 'warn' : undefined}>
      <CircleAlert className={styles.icon} aria-hidden />
      <div className={styles.words}>
        <strong>{title}:</strong> {sentence(error.message)}
        {warns && <span className={styles.hint}> What is before it is shown.</span>}
        {error.hint && <span className={styles.hint}> {error.hint}</span>}
      </div>
      {status.source !== 'file' && hasInterface && (
        <Button size="sm" tone="danger" icon={<RotateCcw aria-hidden />} onClick={() => void startCapture(api)}>
          Start again
        </Button>
      )}
      <IconButton size="sm" label="Dismiss" icon={<X aria-hidden />} onClick={dismiss} />
    </div>
  );
}
