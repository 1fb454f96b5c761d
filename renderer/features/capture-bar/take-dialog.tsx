/** Asked once a run of the window, before AF_XDP takes packets away from whoever they are for. */
import { TriangleAlert } from 'lucide-react';
import { useApi } from '../../api/backend-context.ts';
import { allowTaking, chosenPlaces, refuseTaking, useCaptureControl } from '../../state/capture-control.ts';
import { usePrefs } from '../../state/prefs.ts';
import { Button, Dialog } from '../../ui/index.ts';
import styles from './take-dialog.module.css';

export function TakeDialog() {
  const api = useApi();
  const asking = useCaptureControl((s) => s.taking === 'asking');
  const filter = usePrefs((prefs) => prefs.filter.trim());
  const names = chosenPlaces(usePrefs())
    .map(({ ifname, netns }) => (netns ? `${ifname} in ${netns}` : ifname))
    .join(', ');
  if (!asking) return null;
  return (
    <Dialog label="Take packets away?" className={styles.dialog} onClose={refuseTaking}>
      <h2 className={styles.title}>
        <TriangleAlert aria-hidden /> Take packets away from {names}?
      </h2>
      <p className={styles.words}>
        AF_XDP puts {filter === '' ? 'every packet that arrives' : `what matches “${filter}”`} into xdpeek’s own
        sockets: this machine’s programs do not get them while the capture runs.
        {filter === '' && ' Without a filter that is all traffic, connections to this machine included.'}
      </p>
      <div className={styles.actions}>
        <Button onClick={refuseTaking}>Cancel</Button>
        <Button tone="danger" onClick={() => void allowTaking(api)}>
          Take them
        </Button>
      </div>
    </Dialog>
  );
}
