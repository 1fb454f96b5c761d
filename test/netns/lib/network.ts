/**
 * Throw-away networks: namespaces with unique names (prefix, pid, counter), veth pairs with fixed addresses, bridges. All devices live
 * inside the namespaces, so removing those removes everything; that happens on success, on failure, at a signal and, for
 * runs that were killed outright, at the next run with the same prefix.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import type { Endpoint } from './frames.ts';
import { run } from './process.ts';

/** One end of a veth pair. */
export interface VethEnd extends Endpoint {
  netns: string;
  ifname: string;
}

export interface VethOptions {
  ifname?: string;
  mtu?: number;
  /** RX and TX queues of both ends. */
  queues?: number;
  /** false (default): segmentation, checksum offload and GRO are off, so that what is captured is what a wire would carry. */
  offload?: boolean;
  /** true: no IPv6, no ARP (neighbours are fixed): nothing is on the wire but what the test sends. */
  quiet?: boolean;
}

export interface NetworkOptions {
  /** Two or three letters of the part that the test belongs to. */
  prefix: string;
}

const existing = new Set<Network>();
let counter = 0;

function removeAllSync(): void {
  for (const network of existing) network.closeSync();
}
process.on('exit', removeAllSync);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    removeAllSync();
    process.exit(128 + { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 }[signal]);
  });

/** Namespaces of our naming whose process is gone. */
function sweepStale(prefix: string): void {
  if (!existsSync('/run/netns')) return;
  for (const name of readdirSync('/run/netns')) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (pid && !existsSync(`/proc/${pid}`)) execFileSync('ip', ['netns', 'delete', name], { stdio: 'ignore' });
  }
}

export class Network {
  readonly namespaces: string[] = [];
  readonly #prefix: string;
  #links = 0;

  constructor({ prefix }: NetworkOptions) {
    this.#prefix = prefix;
    sweepStale(prefix);
    existing.add(this);
  }

  /** A new namespace with loopback up; `label` ends its name. IPv6 addresses are usable at once (no duplicate detection). */
  async namespace(label: string): Promise<string> {
    const name = `${this.#prefix}${process.pid}-${counter++}${label}`;
    await run('ip', ['netns', 'add', name]);
    this.namespaces.push(name);
    await this.sysctl(name, {
      'net/ipv6/conf/default/accept_dad': 0,
      'net/ipv6/conf/all/accept_dad': 0,
      'net/ipv6/conf/default/router_solicitations': 0,
      'net/ipv6/conf/default/accept_ra': 0,
    });
    await run('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
    return name;
  }

  /** Writes /proc/sys/… of the namespace. */
  async sysctl(netns: string, values: Record<string, number>): Promise<void> {
    const lines = Object.entries(values).map(([key, value]) => `echo ${value} > /proc/sys/${key}`);
    await run('sh', ['-ec', lines.join('\n')], { netns });
  }

  /** A veth pair between two namespaces, up and addressed: link n is 10.77.n.0/24 and fd77:n::/64, ends .1 and .2. */
  async veth(netnsA: string, netnsB: string, options: VethOptions = {}): Promise<[VethEnd, VethEnd]> {
    const { ifname = 'veth0', mtu = 1500, queues, offload = false, quiet = false } = options;
    const n = this.#links++;
    const end = (netns: string, host: number): VethEnd => ({
      netns,
      ifname,
      mac: `02:77:00:00:${n.toString(16).padStart(2, '0')}:0${host}`,
      ipv4: `10.77.${n}.${host}`,
      ipv6: `fd77:${n.toString(16)}::${host}`,
    });
    const ends: [VethEnd, VethEnd] = [end(netnsA, 1), end(netnsB, 2)];
    const [a, b] = ends;
    const queueArgs = queues ? ['numrxqueues', `${queues}`, 'numtxqueues', `${queues}`] : [];
    await run('ip', [
      ...['-n', a.netns, 'link', 'add', ifname, 'mtu', `${mtu}`, 'address', a.mac, ...queueArgs, 'type', 'veth'],
      ...['peer', 'name', ifname, 'mtu', `${mtu}`, 'address', b.mac, ...queueArgs, 'netns', b.netns],
    ]);
    for (const [own, peer] of [ends, ends.toReversed() as [VethEnd, VethEnd]])
      await this.#setUp(own, peer, offload, quiet);
    return ends;
  }

  async #setUp(own: VethEnd, peer: VethEnd, offload: boolean, quiet: boolean): Promise<void> {
    const { netns, ifname } = own;
    if (quiet) await this.sysctl(netns, { [`net/ipv6/conf/${ifname}/disable_ipv6`]: 1 });
    if (!offload)
      await run('ethtool', ['-K', ifname, 'tx', 'off', 'rx', 'off', 'tso', 'off', 'gso', 'off', 'gro', 'off'], {
        netns,
      });
    const lines = [
      `address add ${own.ipv4}/24 dev ${ifname}`,
      quiet ? `link set ${ifname} arp off` : `address add ${own.ipv6}/64 dev ${ifname} nodad`,
      `link set ${ifname} up`,
      quiet ? `neighbour replace ${peer.ipv4} lladdr ${peer.mac} dev ${ifname} nud permanent` : '',
    ];
    await run('ip', ['-n', netns, '-batch', '-'], { input: lines.join('\n') });
  }

  /** A bridge in `netns`, up. */
  async bridge(netns: string, ifname = 'br0'): Promise<string> {
    await run('ip', ['-n', netns, 'link', 'add', ifname, 'type', 'bridge']);
    await run('ip', ['-n', netns, 'link', 'set', ifname, 'up']);
    return ifname;
  }

  /** Removes the namespaces and, with them, every device inside. */
  async close(): Promise<void> {
    while (this.namespaces.length > 0)
      await run('ip', ['netns', 'delete', this.namespaces.at(-1)!]).finally(() => this.namespaces.pop());
    existing.delete(this);
  }

  closeSync(): void {
    for (const name of this.namespaces.splice(0)) {
      try {
        execFileSync('ip', ['netns', 'delete', name], { stdio: 'ignore' });
      } catch {
        // gone already
      }
    }
    existing.delete(this);
  }
}

/** Runs `body` with a network that is removed whatever happens. */
export async function withNetwork<T>(options: NetworkOptions, body: (network: Network) => Promise<T>): Promise<T> {
  const network = new Network(options);
  try {
    return await body(network);
  } finally {
    await network.close();
  }
}

/** The usual case: two namespaces joined by a veth pair. */
export async function withPair<T>(
  options: NetworkOptions & VethOptions,
  body: (a: VethEnd, b: VethEnd, network: Network) => Promise<T>,
): Promise<T> {
  return withNetwork(options, async (network) => {
    const [a, b] = await network.veth(await network.namespace('a'), await network.namespace('b'), options);
    return body(a, b, network);
  });
}
