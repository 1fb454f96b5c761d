/** What really happened at the attachment points: the mode the kernel used, the link that holds it, and why not the first choice. */
import type { AttachmentInfo } from '../../../electron/shared/capture.ts';
import { useSession } from '../../state/session.ts';
import { cx, Tooltip } from '../../ui/index.ts';
import styles from './capture-bar.module.css';

const VIA = {
  'xdp-link': 'Held by a bpf_link: the kernel detaches it if xdpeek dies',
  'tcx-link': 'Held by a TCX link: the kernel detaches it if xdpeek dies',
  clsact: 'A clsact filter: journalled, and removed at the next start if xdpeek dies',
} as const;

function words(attachment: AttachmentInfo): string {
  if (attachment.hook === 'xdp') return `XDP ${attachment.actualMode ?? ''}`.trim();
  return attachment.via === 'clsact'
    ? `${attachment.hook.replace('-', ' ')} (clsact)`
    : attachment.hook.replace('-', ' ');
}

export function Outcome() {
  const attachments = useSession((s) => s.status.attachments);
  const state = useSession((s) => s.status.state);
  const source = useSession((s) => s.status.source);
  const fileName = useSession((s) => s.status.fileName);
  const countersOnly = useSession((s) => s.status.options?.packets === false);
  if (source === 'file')
    return (
      <div className={styles.outcome}>
        <span className={styles.fact}>File</span>
        <span className={styles.rest}>{fileName}</span>
      </div>
    );
  if (state !== 'running') return <div className={styles.outcome} />;
  const notes = attachments.flatMap((attachment) => attachment.note ?? []);
  return (
    <div className={styles.outcome}>
      {attachments.map((attachment) => (
        <Tooltip key={attachment.target} label={`${VIA[attachment.via]}. Program ${attachment.programId}.`}>
          <span className={styles.fact}>{words(attachment)}</span>
        </Tooltip>
      ))}
      {countersOnly && <span className={styles.fact}>counters only</span>}
      {notes.length > 0 && (
        <Tooltip label={notes.join(' · ')}>
          <span className={cx(styles.fact, styles.noteFact, styles.rest)}>{notes.join(' · ')}</span>
        </Tooltip>
      )}
    </div>
  );
}
