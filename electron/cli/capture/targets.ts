/**
 * `-i`, `--netns`, `--hook` and what refines them → what a capture attaches to: every interface at every hook. `-i IF@NS`
 * names an interface of another namespace, so that one capture can span several.
 */
import { existsSync } from 'node:fs';
import { type CaptureTarget, type Hook, MAX_TARGETS, type TcxOrder, type XdpMode } from '../../shared/capture.ts';
import { interfaceName, netnsName } from '../../shared/validate.ts';
import { usageError } from '../options/usage-error.ts';

/** What `--hook` takes: a hook, tc for both directions of it, or xsk, another word for afxdp. */
export type HookWord = Hook | 'tc' | 'xsk';

const XDP_HOOKS: readonly Hook[] = ['xdp', 'afxdp'];
const TC_HOOKS: readonly Hook[] = ['tc-ingress', 'tc-egress'];

export interface WhereOptions {
  readonly interface: readonly string[];
  readonly netns: string | undefined;
  readonly hook: readonly HookWord[];
  readonly mode: XdpMode | undefined;
  readonly order?: TcxOrder | undefined;
  readonly program?: string | undefined;
  readonly 'busy-poll'?: boolean;
}

export function captureTargets(options: WhereOptions): CaptureTarget[] {
  const { interface: names, netns, hook, mode, order, program, 'busy-poll': busyPoll = false } = options;
  const words: readonly HookWord[] = hook.length > 0 ? hook : ['xdp'];
  const hooks = words.flatMap((word) => (word === 'tc' ? TC_HOOKS : word === 'xsk' ? (['afxdp'] as const) : [word]));
  const some = (of: readonly Hook[]): boolean => hooks.some((each) => of.includes(each));
  if (mode !== undefined && !some(XDP_HOOKS)) throw usageError('--mode is for --hook xdp and afxdp');
  if (order !== undefined && !some(TC_HOOKS)) throw usageError('--order is for --hook tc, tc-ingress and tc-egress');
  if (program !== undefined && !hooks.includes('observe')) throw usageError('--program is for --hook observe');
  if (busyPoll && !hooks.includes('afxdp')) throw usageError('--busy-poll is for --hook afxdp');
  const targets = names.flatMap((name) => hooks.map((at) => target(name, at)));
  const keys = targets.map(({ ifname, netns: ns = '', hook: at }) => `${ns}/${ifname}/${at}`);
  if (new Set(keys).size < keys.length) throw usageError('the same interface and hook are given twice');
  if (targets.length > MAX_TARGETS)
    throw usageError(`${targets.length} interface and hook pairs are too many: at most ${MAX_TARGETS} at a time`);
  return targets;

  function target(name: string, at: Hook): CaptureTarget {
    const split = name.lastIndexOf('@');
    const ifname = split > 0 ? name.slice(0, split) : name;
    const where = split > 0 ? name.slice(split + 1) : netns;
    if (ifname === 'any' && !existsSync('/sys/class/net/any'))
      throw usageError(
        "there is no interface 'any': programs are attached to interfaces one by one",
        "Give -i for each; 'xdpeek ifaces' lists them.",
      );
    return {
      ifname: interfaceName(ifname, '-i'),
      hook: at,
      ...(where === undefined ? {} : { netns: netnsName(where, '--netns') }),
      ...(mode !== undefined && XDP_HOOKS.includes(at) ? { mode } : {}),
      ...(order !== undefined && TC_HOOKS.includes(at) ? { order } : {}),
      ...(program !== undefined && at === 'observe' ? { program } : {}),
      ...(busyPoll && at === 'afxdp' ? { busyPoll } : {}),
    };
  }
}
