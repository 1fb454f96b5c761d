/** Names of what values of maps stand for: programs, maps, interfaces. */
import { XdpeekError } from '../../../shared/errors.ts';
import type { MapReference } from '../../../shared/map-api.ts';
import type { Workbench } from '../workbench.ts';

export type Names = ReadonlyMap<number, string>;

export async function namesOf(workbench: Workbench, kind: MapReference['kind']): Promise<Names> {
  if (kind === 'interface') return interfaceNames(workbench);
  const things = await workbench.request(kind === 'program' ? 'programs' : 'maps', {});
  return new Map(things.map(({ id, name }) => [id, name]));
}

/** Loopback has number 1 in every namespace. */
const MOST_NAMES = 3;

/** The kernel does not say in which namespace a devmap's interfaces are: those that have the number. */
async function interfaceNames(workbench: Workbench): Promise<Names> {
  const names = new Map<number, string[]>();
  for (const { ifindex, ifname, netns } of await workbench.interfaces()) {
    const name = netns ? `${ifname} (netns ${netns})` : ifname;
    names.set(ifindex, [...(names.get(ifindex) ?? []), name]);
  }
  return new Map(
    [...names].map(([ifindex, all]) => {
      const more = all.length - MOST_NAMES;
      return [
        ifindex,
        [...all.slice(0, MOST_NAMES), ...(more > 0 ? [more === 1 ? '1 other' : `${more} others`] : [])].join(' or '),
      ];
    }),
  );
}

/** What people may write for a number that stands for something: its name, where only one has it. Anything else is returned as it is. */
export async function idNamed(
  workbench: Workbench,
  kind: MapReference['kind'],
  text: string,
  netns: string | undefined,
): Promise<string> {
  const name = text.trim();
  if (!/^[A-Za-z_.@][^\s]*$/.test(name)) return text;
  const found =
    kind === 'interface'
      ? (await workbench.interfacesIn(netns)).filter(({ ifname }) => ifname === name).map(({ ifindex }) => ifindex)
      : kind === 'program'
        ? (await workbench.request('programs', {})).filter((each) => each.name === name).map(({ id }) => id)
        : (await workbench.request('maps', {})).filter((each) => each.name === name).map(({ id }) => id);
  if (found.length === 1) return String(found[0]);
  throw new XdpeekError({
    code: found.length === 0 ? 'ENOENT' : 'EINVAL',
    message:
      found.length === 0
        ? `there is no ${kind} "${name}"${netns === undefined ? '' : ` in network namespace ${netns}`}`
        : `${found.length} ${kind}s are called "${name}"`,
    hint:
      found.length === 0
        ? `Write its ${kind === 'interface' ? 'name or number' : 'id'}.`
        : `Write one of their ids: ${found.join(', ')}.`,
  });
}
