/** Errors about an interface that is not there say where one of its name is: it is mostly in another network namespace. */
import type { InterfaceInfo } from '../shared/capture.ts';
import { type ErrorData, errorData } from '../shared/errors.ts';

interface Asked {
  ifname: string;
  netns?: string;
}

/** @param params of the method that failed, checked */
export function withWhereabouts(error: unknown, params: unknown, everywhere: () => InterfaceInfo[]): ErrorData {
  const data = errorData(error);
  if (data.code !== 'ENODEV') return data;
  const missing = asked(params).find(({ ifname }) => data.message.includes(ifname));
  if (!missing) return data;
  const places = everywhere().filter(({ ifname, netns }) => ifname === missing.ifname && netns !== missing.netns);
  if (places.length === 0) return data;
  const names = places
    .slice(0, 3)
    .map(({ ifname, netns }) =>
      netns ? `network namespace ${netns} (${ifname}@${netns})` : 'the network namespace of this process',
    );
  return { ...data, hint: `One of that name is in ${names.join(', or in ')}.` };
}

/** Places in parameters of captureStart, attach, detachFrom, xskEchoStart. */
function asked(params: unknown): Asked[] {
  const { options, target, ifname, netns } = params as {
    options?: { targets?: Asked[] };
    target?: Partial<Asked>;
  } & Partial<Asked>;
  const all = [...(options?.targets ?? []), target ?? {}, { ifname, netns }];
  return all.filter((each): each is Asked => typeof each.ifname === 'string');
}
