/**
 * Connects to the backend and keeps state/session.ts true to what it says: status and host topics, and the end of the link.
 * One connection at a time; `reconnect` makes a new one after the old was lost.
 */
import { useCallback, useEffect, useState } from 'react';
import { errorData } from '../../electron/shared/errors.ts';
import { type Backend, connect } from '../api/connect.ts';
import { restoreDecoding } from '../state/decode.ts';
import { keepEqual } from '../state/keep-equal.ts';
import { notifyError } from '../state/notices.ts';
import { useSession } from '../state/session.ts';

/** Tells the session store about `backend`. Returns the undo. */
export function follow({ api }: Pick<Backend, 'api'>): () => void {
  const undo = [
    // Ten times a second: only what shows a part that changed is drawn again. The status itself is new each time: it is also a tick.
    api.subscribe('status', (status) =>
      useSession.setState((last) => ({ status: { ...keepEqual(last.status, status) } })),
    ),
    api.subscribe('host', (host) => useSession.setState({ host })),
    api.onClosed((closed) => useSession.setState({ link: 'closed', closed })),
  ];
  return () => {
    for (const stop of undo) stop();
  };
}

/** The backend once there is one; the last one stays while the link is down, so that what was seen stays readable. */
export function useLink(): { backend: Backend | null; reconnect: () => void } {
  const [backend, setBackend] = useState<Backend | null>(null);
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: each attempt is a new connection
  useEffect(() => {
    let stop: (() => void) | undefined;
    let cancelled = false;
    useSession.setState({ link: 'connecting' });
    connect().then(
      (next) => {
        if (cancelled) return;
        setBackend(next);
        useSession.setState({ link: 'ready', closed: undefined });
        stop = follow(next);
        restoreDecoding(next.api).catch(notifyError);
      },
      (error) => {
        if (!cancelled) useSession.setState({ link: 'closed', closed: errorData(error) });
      },
    );
    return () => {
      cancelled = true;
      stop?.();
    };
  }, [attempt]);

  const reconnect = useCallback(() => setAttempt((last) => last + 1), []);
  return { backend, reconnect };
}
