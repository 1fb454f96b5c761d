/** Where programs are attached, in words: by links, and by netlink on interfaces (XDP, clsact), which have none. */
import type { AttachedProgram, InterfaceInfo } from '../../shared/capture.ts';
import type { LinkInfo } from '../../shared/workbench.ts';

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

function isThere(link: LinkInfo, { ifname, netns }: InterfaceInfo, { programId }: AttachedProgram): boolean {
  return link.programId === programId && link.ifname === ifname && link.netns === netns;
}

function hookWords({ hook, mode }: AttachedProgram): string {
  return mode ? `${hook} (${mode})` : hook;
}

function interfaceWords({ ifname, netns }: InterfaceInfo): string {
  return netns === undefined ? ifname : `${ifname} (netns ${netns})`;
}
