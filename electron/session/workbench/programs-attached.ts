/** Where programs are attached, in words: by links, and by netlink on interfaces (XDP, clsact), which have none. */
import type { AttachedProgram, InterfaceInfo } from '../../shared/capture.ts';
import type { LinkInfo, ProgramInfo } from '../../shared/workbench.ts';
import type { AttachChain, AttachPlace } from '../../shared/workbench-api.ts';

/** Program id → places. */
export function attachedWords(
  links: readonly LinkInfo[],
  interfaces: readonly InterfaceInfo[],
): (programId: number) => string[] {
  const words = new Map<number, string[]>();
  const add = (id: number, text: string) => {
    const list = words.get(id);
    if (!list) words.set(id, [text]);
    else if (!list.includes(text)) list.push(text);
  };
  for (const { programId, target } of links) if (programId > 0 && target !== '') add(programId, target);
  for (const place of interfaces)
    for (const attached of place.attached)
      if (!links.some((link) => isThere(link, place, attached)))
        add(attached.programId, `${hookWords(attached)} on ${interfaceWords(place)}`);
  return (id) => words.get(id) ?? [];
}

/**
 * Interfaces that have programs, with each hook's in the order in which they run: as the kernel tells, TCX before clsact.
 * @param programs their whole names: what hangs on an interface is told with the kernel's, of 15 letters
 */
export function attachPlaces(
  links: readonly LinkInfo[],
  interfaces: readonly InterfaceInfo[],
  programs: readonly Pick<ProgramInfo, 'id' | 'name'>[],
): AttachPlace[] {
  const names = new Map(programs.map(({ id, name }) => [id, name]));
  return interfaces
    .filter(({ attached }) => attached.length > 0)
    .map((place) => {
      const chains: AttachChain[] = [];
      for (const attached of place.attached) {
        const { hook, programId, name, mode, ours } = attached;
        const link = links.find((each) => isThere(each, place, attached) && isOfHook(each, hook));
        const found = chains.find((each) => each.hook === hook);
        const chain = found ?? { hook, programs: [] };
        if (!found) chains.push(chain);
        chain.programs.push({
          id: programId,
          name: names.get(programId) ?? name,
          ...(mode && { mode }),
          via: hook.startsWith('tc-') ? (link ? 'tcx' : 'clsact') : link ? 'link' : 'netlink',
          ...(link && { linkId: link.id }),
          ours,
        });
      }
      return { ifname: place.ifname, ...(place.netns !== undefined && { netns: place.netns }), chains };
    });
}

/** "tcx_ingress" is tc-ingress. */
function isOfHook({ type, attachType }: LinkInfo, hook: AttachedProgram['hook']): boolean {
  return type === 'tcx' ? `tc-${attachType?.replace('tcx_', '')}` === hook : type === hook;
}

function isThere(link: LinkInfo, { ifname, netns }: InterfaceInfo, { programId }: AttachedProgram): boolean {
  return link.programId === programId && link.ifname === ifname && link.netns === netns;
}

function hookWords({ hook, mode }: AttachedProgram): string {
  return mode ? `${hook} (${mode})` : hook;
}

function interfaceWords({ ifname, netns }: InterfaceInfo): string {
  return netns === undefined ? ifname : `${ifname} in network namespace ${netns}`;
}
