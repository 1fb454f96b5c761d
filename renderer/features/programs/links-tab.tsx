/** Where a program is attached, link by link, with who holds each; and the way to take it off. */
import { Unlink } from 'lucide-react';
import { useState } from 'react';
import type { AttachPlace, ProgramDetail, ProgramRow } from '../../../electron/shared/workbench-api.ts';
import { useApi } from '../../api/backend-context.ts';
import { notify, notifyError } from '../../state/notices.ts';
import { Button, ConfirmDialog, EmptyState } from '../../ui/index.ts';
import { type Attachment, attachmentsOf, consequence } from './attachments.ts';
import styles from './links.module.css';

export interface LinksTabProps {
  row: ProgramRow;
  detail: ProgramDetail;
  places: readonly AttachPlace[];
  onChange(): void;
}

export function LinksTab({ row, detail, places, onChange }: LinksTabProps) {
  const api = useApi();
  const [asking, setAsking] = useState<Attachment>();
  const attachments = attachmentsOf(row.id, detail.links, places);
  const name = row.name || `Program ${row.id}`;
  const detach = async (attachment: Attachment) => {
    setAsking(undefined);
    try {
      if (attachment.kind === 'link')
        await api.call('links.detach', { linkId: attachment.link.id, expectedProgramId: row.id });
      else await api.call('attachments.detachFrom', { target: attachment.target, expectedId: row.id });
      notify(`${name} is detached`);
    } catch (error) {
      notifyError(error);
    }
    onChange();
  };
  if (attachments.length === 0)
    return (
      <EmptyState icon={<Unlink aria-hidden />} title="It is attached nowhere">
        A program that nothing calls only takes memory. Others may reach it by tail calls, or a map may hold it.
      </EmptyState>
    );
  return (
    <div className={styles.face}>
      <ul className={styles.list} aria-label="Links">
        {attachments.map((attachment) => (
          <li key={attachment.kind === 'link' ? attachment.link.id : attachment.words} className={styles.item}>
            <div className={styles.what}>
              <span className={styles.target}>{attachment.words}</span>
              <span className={styles.how}>{how(attachment)}</span>
            </div>
            <Button size="sm" icon={<Unlink aria-hidden />} onClick={() => setAsking(attachment)}>
              Detach…
            </Button>
          </li>
        ))}
      </ul>
      {asking && (
        <ConfirmDialog
          title={`Detach ${name}?`}
          action="Detach"
          onCancel={() => setAsking(undefined)}
          onConfirm={() => void detach(asking)}
        >
          {consequence(asking, name)}{' '}
          {row.ours ? '' : 'xdpeek did not attach it: whoever did may count on it, or attach it again.'}
        </ConfirmDialog>
      )}
    </div>
  );
}

function how(attachment: Attachment): string {
  if (attachment.kind === 'netlink')
    return attachment.via === 'clsact' ? 'clsact filter, no link' : 'by netlink, no link: it stays when its owner ends';
  const { id, type, holders, pinned } = attachment.link;
  const held = holders.map(({ pid, comm }) => `${comm} (${pid})`).join(', ');
  return [`link ${id}, ${type}`, held && `held by ${held}`, pinned.length > 0 && `pinned at ${pinned.join(', ')}`]
    .filter(Boolean)
    .join(' · ');
}
