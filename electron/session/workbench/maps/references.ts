/** Names of what values of maps stand for: programs, maps, interfaces. */
import type { MapReference } from '../../../shared/map-api.ts';
import type { Workbench } from '../workbench.ts';

export type Names = ReadonlyMap<number, string>;

export async function namesOf(workbench: Workbench, kind: MapReference['kind']): Promise<Names> {
  if (kind === 'interface') return interfaceNames(workbench);
  const things = await workbench.request(kind === 'program' ? 'programs' : 'maps', {});
  return new Map(things.map(({ id, name }) => [id, name]));
}

/** The kernel does not say in which namespace a devmap's interfaces are: all that have the number. */
async function interfaceNames(workbench: Workbench): Promise<Names> {
  const names = new Map<number, string>();
  for (const { ifindex, ifname, netns } of await workbench.interfaces()) {
    const name = netns ? `${ifname} (netns ${netns})` : ifname;
    const known = names.get(ifindex);
    names.set(ifindex, known === undefined ? name : `${known} or ${name}`);
  }
  return names;
}
