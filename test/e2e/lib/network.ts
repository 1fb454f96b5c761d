/**
 * The network under test: two namespaces joined by a veth pair, with steady, bounded traffic of several kinds (ICMP and ICMPv6
 * echo, UDP, TCP connections). Everything goes when it is closed; leftovers of a killed run go before the next.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { NODE } from './hosts.ts';

/** Another run on this machine has a network of its own. The process that makes the workers of a run comes here first: they inherit its number. */
process.env['XDPEEK_E2E_RUN'] ??= `${process.pid}`;
const PREFIX = 'xdp-e2e';
const RUN = process.env['XDPEEK_E2E_RUN'];
export const NEAR = { netns: `${PREFIX}${RUN}-near`, ifname: 'e2e0', ip: '10.77.0.1', ip6: 'fd77::1' } as const;
export const FAR = { netns: `${PREFIX}${RUN}-far`, ifname: 'e2e1', ip: '10.77.0.2', ip6: 'fd77::2' } as const;

const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] });

/** This run's own, and those of runs that are gone. */
export function removeLeftovers(): void {
  if (!existsSync('/run/netns')) return;
  for (const name of readdirSync('/run/netns')) {
    const run = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (!run || (run !== RUN && existsSync(`/proc/${run}`))) continue;
    try {
      ip('netns', 'del', name);
    } catch {
      // Another run has removed it meanwhile.
    }
  }
}

export class TestNetwork {
  private readonly children: ChildProcess[] = [];

  constructor() {
    // One worker at a time: what is there is of one that failed half-way.
    removeLeftovers();
    ip('netns', 'add', NEAR.netns);
    ip('netns', 'add', FAR.netns);
    ip('link', 'add', NEAR.ifname, 'netns', NEAR.netns, 'type', 'veth', 'peer', 'name', FAR.ifname, 'netns', FAR.netns);
    for (const end of [NEAR, FAR]) {
      ip('-n', end.netns, 'link', 'set', 'lo', 'up');
      ip('-n', end.netns, 'link', 'set', end.ifname, 'up');
      ip('-n', end.netns, 'addr', 'add', `${end.ip}/24`, 'dev', end.ifname);
      ip('-n', end.netns, 'addr', 'add', `${end.ip6}/64`, 'dev', end.ifname, 'nodad');
    }
    const traffic = path.join(import.meta.dirname, 'traffic.ts');
    this.inside(NEAR.netns, [NODE, traffic, 'answer']);
    this.inside(FAR.netns, [NODE, traffic, 'talk', NEAR.ip]);
    this.inside(FAR.netns, ['ping', '-q', '-i', '0.1', '-w', '3600', NEAR.ip]);
    this.inside(FAR.netns, ['ping', '-q', '-i', '0.2', '-w', '3600', NEAR.ip6]);
  }

  private inside(netns: string, command: string[]): void {
    const child = spawn('nsenter', [`--net=/run/netns/${netns}`, ...command], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    this.children.push(child);
  }

  async close(): Promise<void> {
    for (const child of this.children) {
      if (child.exitCode !== null) continue;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    }
    removeLeftovers();
  }
}

/** Of demos, anybody's. */
export const demoNamespaces = (): string[] =>
  execFileSync('ip', ['netns'], { encoding: 'utf8' }).match(/^xdpeek-demo\S*/gm) ?? [];

/** What bpftool sees attached in both namespaces; "" when nothing is. */
export function attachedPrograms(): string {
  return [NEAR, FAR]
    .map(({ netns }) => execFileSync('nsenter', [`--net=/run/netns/${netns}`, 'bpftool', 'net'], { encoding: 'utf8' }))
    .flatMap((text) => text.split('\n'))
    .filter((line) => /^e2e\d\(\d+\)/.test(line))
    .join('\n');
}
