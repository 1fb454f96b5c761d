/**
 * What a fresh window starts from. One that finds a capture already there (a reload, `xdpeek FILE`, a second tab) shows it instead of
 * the start page; one whose interface is not chosen, or is gone, proposes the likeliest, so that Ctrl+E works at once.
 */
import { useEffect } from 'react';
import type { InterfaceInfo } from '../../electron/shared/capture.ts';
import { choose } from '../state/capture-control.ts';
import { usePrefs } from '../state/prefs.ts';
import { useSession } from '../state/session.ts';
import { showView, useView } from '../state/view.ts';

/** The demo's where there is one; else the first that is up, here, and not loopback. */
export function likeliest(interfaces: readonly InterfaceInfo[]): InterfaceInfo | undefined {
  const usable = interfaces.filter((info) => info.up && !info.loopback);
  return (
    usable.find((info) => info.netns?.startsWith('xdpeek-demo')) ??
    usable.find((info) => info.netns === undefined && info.running) ??
    usable[0]
  );
}

export function useFirstView(): void {
  const linked = useSession((s) => s.link === 'ready');
  const source = useSession((s) => s.status.source);
  const generation = useSession((s) => s.status.generation);
  const target = useSession((s) => s.status.options?.targets[0]);
  const interfaces = useSession((s) => s.interfaces);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each new capture or file is looked at once
  useEffect(() => {
    if (!linked || useView.getState().view !== 'start') return;
    if (source === 'live') showView('live');
    if (source === 'file') showView('packets');
  }, [linked, source, generation]);

  useEffect(() => {
    const { ifname, netns } = usePrefs.getState();
    if (ifname === '' && target) choose(target);
    else if (!interfaces.some((info) => info.ifname === ifname && (info.netns ?? '') === netns)) {
      const proposal = likeliest(interfaces);
      if (proposal) choose(proposal);
    }
  }, [interfaces, target]);
}
