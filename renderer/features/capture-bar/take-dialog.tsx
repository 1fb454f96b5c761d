/** Asked once a run of the window, before AF_XDP takes packets away from whoever they are for. */
import { TriangleAlert } from 'lucide-react';
import { useApi } from '../../api/backend-context.ts';
import { allowTaking, chosenPlaces, refuseTaking, useCaptureControl } from '../../state/capture-control.ts';
import { usePrefs } from '../../state/prefs.ts';
import { ConfirmDialog } from '../../ui/index.ts';

export function TakeDialog() {
  const api = useApi();
  const asking = useCaptureControl((s) => s.taking === 'asking');
  const filter = usePrefs((prefs) => prefs.filter.trim());
  const names = chosenPlaces(usePrefs())
    .map(({ ifname, netns }) => (netns ? `${ifname} in ${netns}` : ifname))
    .join(', ');
  if (!asking) return null;
  return (
    <ConfirmDialog
      icon={<TriangleAlert aria-hidden />}
      title={`Take packets away from ${names}?`}
      action="Take them"
      onCancel={refuseTaking}
      onConfirm={() => void allowTaking(api)}
    >
      AF_XDP puts {filter === '' ? 'every packet that arrives' : `what matches “${filter}”`} into xdpeek’s own sockets:
      this machine’s programs do not get them while the capture runs.
      {filter === '' && ' Without a filter that is all traffic, connections to this machine included.'}
    </ConfirmDialog>
  );
}
