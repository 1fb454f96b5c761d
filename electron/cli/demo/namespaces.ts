/**
 * Making and removing the demo's two namespaces and the veth pair between them, with the `ip` program. All devices live
 * inside the namespaces, so removing those removes everything. The interface's alias names the process that owns the demo
 * (pid and start time): a demo whose owner is gone is stale and is removed by whoever comes next.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import { errorData, XdpeekError } from '../../shared/errors.ts';
import { type Plan, PREFIX_V4, PREFIX_V6, planOf, type Side, SLOTS } from './plan.ts';

const execute = promisify(execFile);
const SETTLE_MS = 1500;

const pathOf = ({ netns }: Side) => `/run/netns/${netns}`;

/** Runs `program`; its own last line becomes the error. */
async function run(program: string, args: readonly string[]): Promise<string> {
  try {
    return (await execute(program, [...args], { encoding: 'utf8' })).stdout;
  } catch (error) {
    const { stderr, code } = error as { stderr?: string; code?: unknown };
    if (code === 'ENOENT')
      throw new XdpeekError({
        code: 'ENOENT',
        message: `cannot make the demo network: the program ${program} is not installed`,
        hint: 'Install iproute2 (Debian: apt-get install iproute2) and try again.',
      });
    throw new XdpeekError({
      code: 'DEMO',
      message: `cannot make the demo network: ${stderr?.trim().split('\n').at(-1) || errorData(error).message}`,
      tried: [program, ...args].join(' '),
    });
  }
}

/** Field 22 of /proc/PID/stat, clock ticks since boot: tells a process from a later one with the same pid. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]; // the name before it may hold spaces
  } catch {
    return undefined;
  }
}

const ownerMark = (pid: number) => `xdpeek demo of process ${pid} started ${startTime(pid)}`;

async function ownerOf({ netns, ifname }: Side): Promise<number | undefined> {
  try {
    const [link] = JSON.parse(await run('ip', ['-n', netns, '-j', 'link', 'show', 'dev', ifname]));
    const pid = /^xdpeek demo of process (\d+) /.exec(link?.ifalias ?? '')?.[1];
    return pid !== undefined && link.ifalias === ownerMark(Number(pid)) ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
}

/** A demo that is just being set up has no mark yet: look twice before calling it stale. */
async function isOwned(side: Side): Promise<boolean> {
  if ((await ownerOf(side)) !== undefined) return true;
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  return (await ownerOf(side)) !== undefined;
}

/** Removes what dead demos left behind and returns the first free slot's plan. */
export async function freePlan(): Promise<Plan> {
  let free: Plan | undefined;
  for (let slot = 1; slot <= SLOTS; slot++) {
    const plan = planOf(slot);
    if (existsSync(pathOf(plan.a)) || existsSync(pathOf(plan.b))) {
      if (await isOwned(plan.a)) continue;
      removeNetwork(plan);
    }
    free ??= plan;
  }
  if (free) return free;
  throw new XdpeekError({
    code: 'EBUSY',
    message: `cannot start another demo: ${SLOTS} are running`,
    hint: 'End one of them; `ip netns` lists them.',
  });
}

/** IPv6 addresses work at once (no duplicate detection) and routers are not looked for: the link is ours alone. */
const SYSCTLS = ['accept_dad', 'router_solicitations', 'accept_ra'].flatMap((name) =>
  ['default', 'all'].map((scope) => `echo 0 > /proc/sys/net/ipv6/conf/${scope}/${name}`),
);

/** On failure everything done so far is removed again. */
export async function makeNetwork(plan: Plan): Promise<void> {
  const { a, b } = plan;
  // The first step claims the slot: it fails when the name exists, and then nothing is ours to remove.
  await run('ip', ['netns', 'add', a.netns]);
  try {
    await run('ip', ['netns', 'add', b.netns]);
    for (const side of [a, b]) await inside(side, 'sh', ['-c', `(${SYSCTLS.join(';')}) 2>/dev/null || true`]);
    await run('ip', [
      ...[
        '-n',
        a.netns,
        'link',
        'add',
        a.ifname,
        'address',
        a.mac,
        'numrxqueues',
        '2',
        'numtxqueues',
        '2',
        'type',
        'veth',
      ],
      ...['peer', 'name', b.ifname, 'address', b.mac, 'numrxqueues', '2', 'numtxqueues', '2', 'netns', b.netns],
    ]);
    await run('ip', ['-n', a.netns, 'link', 'set', 'dev', a.ifname, 'alias', ownerMark(process.pid)]);
    for (const side of [a, b]) await setUp(side);
  } catch (error) {
    removeNetwork(plan);
    throw error;
  }
}

async function setUp(side: Side): Promise<void> {
  const { netns, ifname } = side;
  // As on a wire: no super-packets, checksums filled in. Without ethtool the demo runs all the same.
  const off = ['tx', 'rx', 'tso', 'gso', 'gro'].flatMap((feature) => [feature, 'off']);
  await inside(side, 'ethtool', ['-K', ifname, ...off]).catch(() => {});
  await run('ip', ['-n', netns, 'link', 'set', 'lo', 'up']);
  await run('ip', ['-n', netns, 'address', 'add', `${side.ipv4}/${PREFIX_V4}`, 'broadcast', '+', 'dev', ifname]);
  await run('ip', ['-n', netns, 'address', 'add', `${side.ipv6}/${PREFIX_V6}`, 'dev', ifname, 'nodad']);
  await run('ip', ['-n', netns, 'link', 'set', ifname, 'up']);
}

/** nsenter, not `ip netns exec`, which would remount /sys for the program. */
export const enterArguments = (side: Side, program: string, args: readonly string[]): string[] => [
  `--net=${pathOf(side)}`,
  '--',
  program,
  ...args,
];

const inside = (side: Side, program: string, args: readonly string[]) =>
  run('nsenter', enterArguments(side, program, args));

/** Synchronous, so that an exiting process can still do it. What is gone already is no failure. */
export function removeNetwork({ a, b }: Plan): void {
  for (const side of [a, b]) removeNamespace(side);
}

function removeNamespace(side: Side): void {
  if (!existsSync(pathOf(side))) return;
  try {
    execFileSync('ip', ['netns', 'delete', side.netns], { stdio: 'ignore' });
  } catch {
    // somebody was faster
  }
}

/** Removes `side`'s name only if it still names the namespace that this process runs in: never a later demo's. */
export function removeOwnNamespace(side: Side): void {
  try {
    if (statSync('/proc/self/ns/net').ino === statSync(pathOf(side)).ino) removeNamespace(side);
  } catch {
    // gone already
  }
}
