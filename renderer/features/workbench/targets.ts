/** Where a program can be attached: the places that suit its type, and what its section already says. Pure. */
import type { TcxOrder, XdpMode } from '../../../electron/shared/capture.ts';
import type { AttachTarget } from '../../../electron/shared/workbench.ts';
import type { Attachable } from '../../state/workbench.ts';

export const PLACES = [
  'object',
  'xdp',
  'tc-ingress',
  'tc-egress',
  'tracepoint',
  'raw-tracepoint',
  'kprobe',
  'kretprobe',
  'socket',
  'udp',
] as const;
export type Place = (typeof PLACES)[number];

export const PLACE_WORDS: Record<Place, { label: string; detail: string }> = {
  object: { label: 'As its section says', detail: 'The object file names the place' },
  xdp: { label: 'XDP', detail: 'Each frame as it arrives, before the stack' },
  'tc-ingress': { label: 'tc ingress', detail: 'Packets on their way in' },
  'tc-egress': { label: 'tc egress', detail: 'Packets on their way out' },
  tracepoint: { label: 'Tracepoint', detail: 'An event of the kernel with stable fields' },
  'raw-tracepoint': { label: 'Raw tracepoint', detail: 'The same event, its bare arguments' },
  kprobe: { label: 'kprobe', detail: 'Where a function of the kernel begins' },
  kretprobe: { label: 'kretprobe', detail: 'Where a function of the kernel returns' },
  socket: { label: 'Socket filter', detail: 'Copies of what an interface sees, on a packet socket' },
  udp: { label: 'UDP socket', detail: 'What is sent to a port where xdpeek listens, and throws it away' },
};

const BY_TYPE: Record<string, readonly Place[]> = {
  xdp: ['xdp'],
  sched_cls: ['tc-ingress', 'tc-egress'],
  sched_act: ['tc-ingress', 'tc-egress'],
  tracepoint: ['tracepoint'],
  raw_tracepoint: ['raw-tracepoint'],
  raw_tracepoint_writable: ['raw-tracepoint'],
  kprobe: ['kprobe', 'kretprobe'],
  socket_filter: ['socket', 'udp'],
};

/** What the section names beside the type: "tp/xdp/xdp_exception" → "xdp:xdp_exception", "kprobe/tcp_connect" → "tcp_connect". */
export function namedBySection(section: string): string | undefined {
  const [first, ...rest] = section.replace(/^\?/, '').split('/');
  if (rest.length === 0 || rest.some((part) => part === '')) return undefined;
  return first === 'tp' || first === 'tracepoint' ? rest.join(':') : rest.join('/');
}

/** The first is the likeliest. */
export function placesFor({ type, section }: Pick<Attachable, 'type' | 'section'>): readonly Place[] {
  const own = BY_TYPE[type];
  if (!own) return ['object'];
  const onInterface = own.some((place) => place === 'xdp' || place === 'socket' || place.startsWith('tc-'));
  if (onInterface) return own;
  return section !== undefined && namedBySection(section) !== undefined ? ['object', ...own] : own;
}

export const needsInterface = (place: Place) => place === 'xdp' || place === 'socket' || place.startsWith('tc-');
export const needsName = (place: Place) => place.endsWith('tracepoint') || place.startsWith('k') || place === 'udp';

export interface Choice {
  place: Place;
  ifname: string;
  netns: string;
  mode: XdpMode;
  order: TcxOrder | 'default';
  /** Of the tracepoint or function; of a UDP socket its port, PORT or PORT@NAMESPACE. */
  name: string;
}

export function targetOf({ place, ifname, netns, mode, order, name }: Choice): AttachTarget {
  const where = { ifname, ...(netns !== '' && { netns }) };
  switch (place) {
    case 'xdp':
      return { kind: 'interface', ...where, hook: 'xdp', mode };
    case 'tc-ingress':
    case 'tc-egress':
      return { kind: 'interface', ...where, hook: place, ...(order !== 'default' && { order }) };
    case 'socket':
      return { kind: 'socket', ...where };
    case 'udp': {
      const [, port, where] = UDP_PORT.exec(name.trim()) ?? [];
      return { kind: 'udp', port: Number(port), ...(where !== undefined && { netns: where }) };
    }
    case 'tracepoint':
    case 'raw-tracepoint':
      return { kind: 'tracepoint', name: name.trim(), ...(place === 'raw-tracepoint' && { raw: true }) };
    case 'kprobe':
    case 'kretprobe':
      return { kind: 'kprobe', function: name.trim(), ...(place === 'kretprobe' && { atReturn: true }) };
    case 'object':
      return { kind: 'object' };
  }
}

const UDP_PORT = /^(\d{1,5})(?:@(\S+))?$/;

/** What is wrong with the name of a tracepoint or function, or with a port. */
export function wrongName(place: Place, name: string): string | undefined {
  const text = name.trim();
  if (place === 'udp') {
    const port = Number(UDP_PORT.exec(text)?.[1]);
    return port >= 1 && port <= 65_535 ? undefined : 'A port, 1 to 65535; PORT@NAME in another network namespace';
  }
  if (place.endsWith('tracepoint')) return /^\w+:\w+$/.test(text) ? undefined : 'GROUP:NAME, as in xdp:xdp_exception';
  return /^[A-Za-z_][\w.]*$/.test(text) ? undefined : 'The name of a kernel function, as in tcp_v4_connect';
}

/** "xdp on veth0 in blue", for titles and questions. */
export function targetText(target: AttachTarget): string {
  switch (target.kind) {
    case 'interface':
    case 'socket': {
      const hook = target.kind === 'socket' ? 'socket' : target.hook.replace('-', ' ');
      return `${hook} on ${target.ifname}${target.netns === undefined ? '' : ` in ${target.netns}`}`;
    }
    case 'udp':
      return `UDP port ${target.port}${target.netns === undefined ? '' : ` in ${target.netns}`}`;
    case 'tracepoint':
      return `${target.raw ? 'raw ' : ''}tracepoint ${target.name}`;
    case 'kprobe':
      return `${target.atReturn ? 'kretprobe' : 'kprobe'} ${target.function}`;
    case 'object':
      return 'where its section says';
  }
}
