/** A window that finds a capture already there (a reload, `xdpeek FILE`, a second tab) shows it instead of the start page. */
import { useEffect } from 'react';
import { useSession } from '../state/session.ts';
import { showView, useView } from '../state/view.ts';

export function useFirstView(): void {
  const linked = useSession((s) => s.link === 'ready');
  const source = useSession((s) => s.status.source);
  const generation = useSession((s) => s.status.generation);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new capture or file is looked at once
  useEffect(() => {
    if (!linked || useView.getState().view !== 'start') return;
    if (source === 'live') showView('live');
    if (source === 'file') showView('packets');
  }, [linked, source, generation]);
}
