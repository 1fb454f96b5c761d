/** Whether the text is a capture filter, asked a moment after the last key; the latest question wins. */
import { useEffect, useState } from 'react';
import type { FilterCheck } from '../../../electron/shared/api.ts';
import { LINKTYPE_ETHERNET } from '../../../electron/shared/capture.ts';
import { useApi } from '../../api/backend-context.ts';
import { chosenPlaces, isActive } from '../../state/capture-control.ts';
import { usePrefs } from '../../state/prefs.ts';
import { useSession } from '../../state/session.ts';

const PAUSE_MS = 120;

/** Undefined while nothing is known of this text. */
export function useFilterCheck(text: string): FilterCheck | undefined {
  const api = useApi();
  const linkTypes = useLinkTypes();
  const [answer, setAnswer] = useState<{ text: string; check: FilterCheck }>();
  useEffect(() => {
    let current = true;
    const ask = () =>
      api.call('filter.check', { filter: text, linkTypes: linkTypes.split(',').map(Number) }).then(
        (check) => current && setAnswer({ text, check }),
        () => {}, // the link is gone: the window says so elsewhere
      );
    const timer = setTimeout(ask, PAUSE_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [api, text, linkTypes]);
  return answer?.text === text ? answer.check : undefined;
}

/** Of what runs, or of what is chosen; joined, so that the same ones are the same value. */
function useLinkTypes(): string {
  const prefs = usePrefs();
  return useSession(({ status, interfaces }) => {
    const types = isActive(status)
      ? status.attachments.map(({ linkType }) => linkType)
      : chosenPlaces(prefs).flatMap(
          ({ ifname, netns }) =>
            interfaces.find((info) => info.ifname === ifname && (info.netns ?? '') === netns)?.linkType ?? [],
        );
    return [...new Set(types.length > 0 ? types : [LINKTYPE_ETHERNET])].join(',');
  });
}
