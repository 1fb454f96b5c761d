/** `-i`, `--netns`, `--hook` and `--mode` → what a capture attaches to: every interface at every hook. */
import type { CaptureTarget, Hook, XdpMode } from '../../shared/capture.ts';
import { usageError } from '../options/usage-error.ts';

/** As many as the privileged process takes. */
const TARGETS_MAX = 8;

export interface WhereOptions {
  readonly interface: readonly string[];
  readonly netns: string | undefined;
  readonly hook: readonly Hook[];
  readonly mode: XdpMode | undefined;
}

export function captureTargets({ interface: names, netns, hook, mode }: WhereOptions): CaptureTarget[] {
  const hooks: readonly Hook[] = hook.length > 0 ? hook : ['xdp'];
  if (mode !== undefined && !hooks.includes('xdp')) throw usageError('--mode is for --hook xdp');
  const targets = names.flatMap((ifname) => hooks.map((at) => target(ifname, at)));
  const keys = targets.map(({ ifname, hook: at }) => `${ifname}/${at}`);
  if (new Set(keys).size < keys.length) throw usageError('the same interface and hook are given twice');
  if (targets.length > TARGETS_MAX)
    throw usageError(`${targets.length} interface and hook pairs are too many: at most ${TARGETS_MAX} at a time`);
  return targets;

  function target(ifname: string, at: Hook): CaptureTarget {
    const base: CaptureTarget = netns === undefined ? { ifname, hook: at } : { ifname, netns, hook: at };
    return at === 'xdp' && mode !== undefined ? { ...base, mode } : base;
  }
}
