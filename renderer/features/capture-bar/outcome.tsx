/** What really happened at the attachment points, as one word in the bar; the whole of it in a panel under that. */
import { ChevronDown, FileText, TriangleAlert } from 'lucide-react';
import type { AttachmentInfo } from '../../../electron/shared/capture.ts';
import { useSession } from '../../state/session.ts';
import { cx, Popover, sentence } from '../../ui/index.ts';
import { attachmentWords, VIA_WORDS } from './hooks.ts';
import styles from './outcome.module.css';

export function Outcome() {
  const attachments = useSession((s) => s.status.attachments);
  const state = useSession((s) => s.status.state);
  const source = useSession((s) => s.status.source);
  const options = useSession((s) => s.status.options);
  if (source === 'file')
    return (
      <span className={styles.chip}>
        <FileText aria-hidden /> File
      </span>
    );
  const [first] = attachments;
  if (state !== 'running' || !first) return null;
  const noted = attachments.some(({ note }) => note !== undefined);
  const more = attachments.length - 1;
  const facts = [
    options?.packets === false && 'Counters only: no packet leaves the kernel.',
    options?.sample !== undefined && options.sample > 1 && `One packet in ${options.sample} of each CPU is captured.`,
    options?.snaplen !== undefined && `At most ${options.snaplen} bytes of each packet are kept.`,
  ].filter((fact): fact is string => typeof fact === 'string');
  return (
    <Popover
      label="What is attached"
      className={styles.panel}
      trigger={
        <button type="button" className={cx(styles.chip, styles.button, noted && styles.noted)}>
          {noted && <TriangleAlert aria-hidden />}
          <span className={styles.word}>{attachmentWords(first)}</span>
          {more > 0 && <span className={styles.more}>+{more}</span>}
          <ChevronDown aria-hidden />
        </button>
      }
    >
      <ul className={styles.list} aria-label="Attached programs">
        {attachments.map((attachment) => (
          <Attached key={attachment.interfaceId} attachment={attachment} />
        ))}
      </ul>
      {facts.map((fact) => (
        <p key={fact} className={styles.fact}>
          {fact}
        </p>
      ))}
    </Popover>
  );
}

function Attached({ attachment }: { attachment: AttachmentInfo }) {
  const { ifname, netns, programId, via, note } = attachment;
  return (
    <li className={styles.attached}>
      <span className={styles.line}>
        <strong>{ifname}</strong>
        {netns && <span className={styles.netns}>{netns}</span>}
        <span className={styles.hook}>{attachmentWords(attachment)}</span>
      </span>
      <span className={styles.via}>
        Program {programId}, {VIA_WORDS[via]}.
      </span>
      {note && <span className={styles.note}>{sentence(note)}</span>}
    </li>
  );
}
