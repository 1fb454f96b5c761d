/** Where `prog attach` and `prog detach` mean: options → AttachTarget. */
import type { TcxOrder, XdpMode } from '../../shared/capture.ts';
import { interfaceName, netnsName } from '../../shared/validate.ts';
import type { AttachTarget } from '../../shared/workbench.ts';
import { quoted, usageError } from '../options/usage-error.ts';

type InterfaceHook = 'xdp' | 'tc-ingress' | 'tc-egress' | 'socket';

export interface PlaceOptions {
  readonly interface: string | undefined;
  readonly netns: string | undefined;
  readonly hook: InterfaceHook | undefined;
  readonly mode: XdpMode | undefined;
  readonly order?: TcxOrder | undefined;
  readonly tracepoint?: string | undefined;
  readonly 'raw-tracepoint'?: boolean;
  readonly kprobe?: string | undefined;
  readonly kretprobe?: string | undefined;
  readonly udp?: number | undefined;
}

const HOOK_OF_TYPE: Record<string, InterfaceHook> = {
  xdp: 'xdp',
  sched_cls: 'tc-ingress',
  sched_act: 'tc-ingress',
  socket_filter: 'socket',
};

/** What can be told before anything is loaded. */
export function checkPlace(options: PlaceOptions): void {
  const { interface: ifname, tracepoint, kprobe, kretprobe, udp, hook, mode, order, netns } = options;
  const said = [
    ifname !== undefined && '-i',
    tracepoint !== undefined && '--tracepoint',
    kprobe !== undefined && '--kprobe',
    kretprobe !== undefined && '--kretprobe',
    udp !== undefined && '--udp',
  ].filter((each) => each !== false);
  if (said.length > 1) throw usageError(`${said.join(' and ')} do not go together: a program is attached at one place`);
  if (options['raw-tracepoint'] && tracepoint === undefined) throw usageError('--raw-tracepoint needs --tracepoint');
  const ofInterface = hook !== undefined || mode !== undefined || order !== undefined;
  if (ifname === undefined && (ofInterface || (netns !== undefined && udp === undefined)))
    throw usageError('--hook, --mode, --order and --netns are about an interface: name it with -i');
  if (mode !== undefined && hook !== undefined && hook !== 'xdp') throw usageError('--mode is for --hook xdp');
  if (order !== undefined && hook !== undefined && !hook.startsWith('tc-'))
    throw usageError('--order is for --hook tc-ingress and tc-egress');
  if (tracepoint !== undefined && !/^\w+:\w+$/.test(tracepoint))
    throw usageError(`--tracepoint takes GROUP:NAME, as in xdp:xdp_exception, not ${quoted(tracepoint)}`);
}

/** @param type of the program, in libbpf's words */
export function attachPlace(options: PlaceOptions, type: string, name: string): AttachTarget {
  const { tracepoint, kprobe, kretprobe, udp, mode, order, netns } = options;
  if (udp !== undefined) {
    if (type !== 'socket_filter')
      throw usageError(`${quoted(name)} is of type ${type}, which is no filter of a socket`);
    return { kind: 'udp', port: udp, ...(netns !== undefined && { netns: netnsName(netns, '--netns') }) };
  }
  if (tracepoint !== undefined)
    return { kind: 'tracepoint', name: tracepoint, ...(options['raw-tracepoint'] && { raw: true }) };
  if (kprobe !== undefined) return { kind: 'kprobe', function: kprobe };
  if (kretprobe !== undefined) return { kind: 'kprobe', function: kretprobe, atReturn: true };
  const hook = options.hook ?? HOOK_OF_TYPE[type];
  if (options.interface === undefined) {
    if (hook === undefined) return { kind: 'object' };
    throw usageError(
      `${quoted(name)} is a program for packets: say where, with -i IF${type === 'socket_filter' ? ' or --udp PORT' : ''}`,
    );
  }
  if (hook === undefined) throw usageError(`${quoted(name)} is of type ${type}, which is not attached to interfaces`);
  const fits = HOOK_OF_TYPE[type]?.slice(0, 3) === hook.slice(0, 3);
  if (!fits)
    throw usageError(
      `${quoted(name)} is of type ${type}, which does not go to --hook ${hook}`,
      `It goes to ${HOOK_OF_TYPE[type] === 'tc-ingress' ? 'tc-ingress and tc-egress' : (HOOK_OF_TYPE[type] ?? 'no interface')}.`,
    );
  if (mode !== undefined && hook !== 'xdp') throw usageError('--mode is for XDP programs');
  if (order !== undefined && !hook.startsWith('tc-')) throw usageError('--order is for tc programs');
  return interfacePlace(options.interface, options.netns, hook, mode, order);
}

/** `-i IF@NS`, or `-i IF --netns NS`. */
export function splitInterface(name: string, namespace: string | undefined): { ifname: string; netns?: string } {
  const split = name.lastIndexOf('@');
  const ifname = split > 0 ? name.slice(0, split) : name;
  const netns = split > 0 ? name.slice(split + 1) : namespace;
  return { ifname: interfaceName(ifname, '-i'), ...(netns !== undefined && { netns: netnsName(netns, '--netns') }) };
}

export function interfacePlace(
  name: string,
  namespace: string | undefined,
  hook: InterfaceHook,
  mode?: XdpMode,
  order?: TcxOrder,
): AttachTarget {
  const where = splitInterface(name, namespace);
  if (hook === 'socket') return { kind: 'socket', ...where };
  return {
    kind: 'interface',
    ...where,
    hook,
    ...(mode !== undefined && hook === 'xdp' && { mode }),
    ...(order !== undefined && hook !== 'xdp' && { order }),
  };
}

/** "veth0 in blue (xdp)", "tracepoint xdp:xdp_exception". */
export function placeWords(target: AttachTarget): string {
  switch (target.kind) {
    case 'interface':
    case 'socket': {
      const hook = target.kind === 'socket' ? 'socket' : target.hook;
      return `${target.ifname}${target.netns === undefined ? '' : ` in ${target.netns}`} (${hook})`;
    }
    case 'udp':
      return `a UDP socket on port ${target.port}${target.netns === undefined ? '' : ` in ${target.netns}`}`;
    case 'tracepoint':
      return `${target.raw ? 'raw ' : ''}tracepoint ${target.name}`;
    case 'kprobe':
      return `${target.atReturn ? 'the return of ' : ''}kernel function ${target.function}`;
    case 'object':
      return 'the place that its section names';
  }
}
