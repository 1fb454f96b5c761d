/** The comment of one packet: kept with the capture, and saved in its file. */
import { useEffect, useState } from 'react';
import { useApi } from '../../api/backend-context.ts';
import { notifyError } from '../../state/notices.ts';
import { Button, Dialog, grouped } from '../../ui/index.ts';
import styles from './dialogs.module.css';

const LONGEST = 16_000;

export function CommentDialog({ number, onClose }: { number: number; onClose(): void }) {
  const api = useApi();
  const [text, setText] = useState<string>();
  useEffect(() => {
    api.call('packets.detail', { number }).then(
      ({ layers }) => {
        const frame = layers.find(({ name }) => name === 'frame');
        const comments = frame?.children?.filter(({ name }) => name === 'frame.comment') ?? [];
        setText(comments.map(({ value }) => value ?? '').join('\n'));
      },
      () => setText(''),
    );
  }, [api, number]);
  const keep = (next: string) => {
    api.call('packets.comment', { number, text: next }).then(onClose, notifyError);
  };
  return (
    <Dialog label={`Comment of packet ${number}`} className={styles.dialog} onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          keep(text ?? '');
        }}
      >
        <h2 className={styles.title}>Comment of packet {grouped(number)}</h2>
        <textarea
          className={styles.text}
          aria-label="Comment"
          rows={5}
          maxLength={LONGEST}
          disabled={text === undefined}
          value={text ?? ''}
          ref={(element) => element?.focus()}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => event.key === 'Enter' && event.ctrlKey && keep(text ?? '')}
        />
        <p className={styles.note}>It goes into the file when the capture is saved as pcapng.</p>
        <div className={styles.actions}>
          <Button onClick={() => keep('')} disabled={!text}>
            Remove
          </Button>
          <span className={styles.grow} />
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="primary">
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
