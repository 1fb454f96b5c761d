/** `xdpeek prog detach`: only what was meant, whoever attached it. */
import type { Workbench } from '../../../session/workbench/workbench.ts';
import { XdpeekError } from '../../../shared/errors.ts';
import { type LinkInfo, PIN_FOLDER } from '../../../shared/workbench.ts';
import type { Invocation } from '../../options/spec.ts';
import { usageError } from '../../options/usage-error.ts';
import type { Context } from '../../start.ts';
import { interfacePlace, placeWords, splitInterface } from '../../workbench/attach-place.ts';
import type { progDetach } from '../../workbench/table-attach.ts';
import { withWorkbench } from '../../workbench/with-workbench.ts';

export async function run({ options }: Invocation<typeof progDetach>, { out }: Context): Promise<number> {
  const { interface: ifname, netns, hook, mode, expect, link, pin } = options;
  const ways = [ifname, link, pin].filter((each) => each !== undefined).length;
  if (ways !== 1) throw usageError('say what to detach: -i IF --expect ID, --link ID, or --pin NAME');
  if (ifname === undefined && (hook ?? netns ?? mode) !== undefined)
    throw usageError('--hook, --mode and --netns go with -i');
  return withWorkbench(async (workbench) => {
    if (ifname !== undefined && expect === undefined) throw await expectWhat(workbench, ifname, options);
    const links = await workbench.request('links', {});
    if (ifname !== undefined) {
      const target = interfacePlace(ifname, netns, hook ?? 'xdp', mode);
      await workbench.request('detachFrom', { target, expectedId: expect! });
      await out.write(`program ${expect} is detached from ${placeWords(target)}\n`);
      await unpinAll(
        workbench,
        links.filter(({ programId }) => programId === expect),
      );
      return 0;
    }
    const found = links.find(({ id, pinned }) =>
      link === undefined ? pinned.includes(`${PIN_FOLDER}/${pin}`) : id === link,
    );
    if (!found)
      throw new XdpeekError({
        code: 'ENOENT',
        message: link === undefined ? `no link is pinned as ${pin}` : `there is no link ${link}`,
        hint: "'xdpeek link list' shows what there is.",
      });
    await workbench.request('linkDetach', { linkId: found.id, expectedProgramId: expect ?? found.programId });
    await out.write(`link ${found.id} (${found.target}) is detached from program ${found.programId}\n`);
    await unpinAll(workbench, [found]);
    return 0;
  });
}

/** What is attached there now, in the words that would take it off. */
async function expectWhat(
  workbench: Workbench,
  name: string,
  { netns, hook = 'xdp' }: Invocation<typeof progDetach>['options'],
): Promise<Error> {
  const where = splitInterface(name, netns);
  const there = (await workbench.interfacesIn(where.netns)).find(({ ifname }) => ifname === where.ifname);
  const programs = there?.attached.filter((each) => each.hook === hook) ?? [];
  const ids = programs.map(({ programId, name: program }) => `--expect ${programId} (${program})`);
  return usageError(
    'with -i, say which program must be there: --expect ID',
    !there
      ? `There is no interface ${where.ifname}; 'xdpeek ifaces' lists them.`
      : ids.length === 0
        ? `Nothing is attached at ${hook} there now.`
        : `There is ${ids.join(', ')}.`,
  );
}

/** Pins of ours whose link holds on to nothing any more. Those of others are theirs. */
async function unpinAll(workbench: Workbench, candidates: readonly LinkInfo[]): Promise<void> {
  const names = candidates.flatMap(({ pinned }) =>
    pinned.filter((path) => path.startsWith(`${PIN_FOLDER}/`)).map((path) => path.slice(PIN_FOLDER.length + 1)),
  );
  if (names.length === 0) return;
  const now = await workbench.request('links', {});
  const gone = (path: string) => {
    const link = now.find(({ pinned }) => pinned.includes(path));
    return link !== undefined && (link.type === 'xdp' || link.type === 'tcx') && (link.ifindex ?? 0) === 0;
  };
  for (const name of names) if (gone(`${PIN_FOLDER}/${name}`)) await workbench.request('unpin', { name });
}
