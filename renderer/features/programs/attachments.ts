/** How a program holds on to what it is attached to, and how it can be taken off. Pure. */
import type { AttachTarget, LinkInfo } from '../../../electron/shared/workbench.ts';
import type { AttachPlace } from '../../../electron/shared/workbench-api.ts';

export type Attachment =
  | { kind: 'link'; link: LinkInfo; words: string }
  /** By netlink: no link says who made it. */
  | { kind: 'netlink'; target: AttachTarget; via: string; words: string };

export function attachmentsOf(id: number, links: readonly LinkInfo[], places: readonly AttachPlace[]): Attachment[] {
  const found: Attachment[] = links.map((link) => ({ kind: 'link', link, words: link.target }));
  for (const { ifname, netns, chains } of places)
    for (const { hook, programs } of chains)
      for (const program of programs) {
        if (program.id !== id || program.linkId !== undefined) continue;
        if (hook !== 'xdp' && hook !== 'tc-ingress' && hook !== 'tc-egress') continue;
        const place = netns === undefined ? ifname : `${ifname} in network namespace ${netns}`;
        const { mode } = program;
        found.push({
          kind: 'netlink',
          via: program.via,
          words: `${hook}${mode ? ` (${mode})` : ''} on ${place}`,
          target: {
            kind: 'interface',
            ifname,
            ...(netns !== undefined && { netns }),
            hook,
            ...(mode && { mode }),
          },
        });
      }
  return found;
}

/** What changes when it is taken off, in one sentence. */
export function consequence({ words, ...attachment }: Attachment, program: string): string {
  const what = /\bxdp\b/.test(words)
    ? 'Packets go on to the stack without it.'
    : /tc|tcx/.test(words)
      ? 'Packets pass the hook without it.'
      : 'It does not run there any more.';
  const pins = attachment.kind === 'link' ? attachment.link.pinned : [];
  const kept = pins.length > 0 ? ` The pin ${pins.join(', ')} stays, and holds a link that does nothing any more.` : '';
  return `${program} is taken off ${words}. ${what}${kept}`;
}
