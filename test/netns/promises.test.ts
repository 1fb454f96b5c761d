/**
 * Promises about the root process and its programs that are checked from outside, as somebody would who does not believe us: what the loaded programs call, which
 * files the process touches, what it is made of, and what another user of the machine can do to it.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { findLayout } from '../../electron/session/layout.ts';
import { PrivilegedClient } from '../../electron/session/privileged/privileged-client.ts';
import { directPlan } from '../../electron/session/privileged/spawn-plan.ts';
import type { Hook } from '../../electron/shared/capture.ts';
import { inFolder } from '../fixtures/session.ts';
import { AddonCapture } from './lib/addon-capture.ts';
import { withPair } from './lib/network.ts';
import { attempt, run } from './lib/process.ts';

const PAIR = { prefix: 'xj', quiet: true };
const layout = findLayout();

interface KernelProgram {
  id: number;
  name?: string;
}
const programs = async () => JSON.parse(await run('bpftool', ['-j', 'prog', 'show'])) as KernelProgram[];

/** What the kernel's own listing of a program calls: helpers by name, map operations by the name of their function. */
async function callsOf({ id }: KernelProgram): Promise<string[]> {
  const listing = await run('bpftool', ['prog', 'dump', 'xlated', 'id', `${id}`]);
  return [...listing.matchAll(/\bcall (\w+)#/g)].map(([, name]) => name!);
}

/** Everything that a capture may call. Nothing here writes a packet, user memory, or sends a packet elsewhere. */
const HARMLESS =
  /^(?:bpf_(?:map_lookup_elem|map_update_elem|tail_call|ktime_get_\w+|get_smp_processor_id|ringbuf_\w+|perf_event_output|perf_event_output_tp|skb_event_output|xdp_event_output|xdp_output|skb_output|xdp_load_bytes|skb_load_bytes|xdp_get_buff_len|probe_read_kernel|skb_pull_data|sk_skb_pull_data)|\w+map_(?:lookup|update)\w*)$/;
/** A socket's way out: the packet leaves the stack, which is what that hook is for. */
const AFXDP = /^bpf_(?:xdp_redirect_map|redirect_map|xdp_adjust_meta)$|^xsk_map_redirect$/;

for (const [hook, buffer] of [
  ['xdp', 'mapped'],
  ['xdp', 'ring'],
  ['tc-egress', 'mapped'],
  ['socket', 'perf'],
  ['afxdp', 'auto'],
] as const satisfies [Hook, string][])
  test(`${hook} (${buffer}): no loaded program calls what changes a packet or writes user memory`, () =>
    withPair(PAIR, async (_, { ifname, netns }) => {
      const before = new Set((await programs()).map(({ id }) => id));
      const capture = new AddonCapture([{ ifname, netns, hook }], { buffer });
      try {
        const ours = (await programs()).filter(({ id, name }) => !before.has(id) && name?.startsWith('xdpeek_'));
        assert.ok(ours.length >= 2, 'an entry and what it calls');
        const calls = [...new Set((await Promise.all(ours.map(callsOf))).flat())];
        assert.ok(calls.length > 3, `${calls}`);
        const other = calls.filter((name) => !HARMLESS.test(name) && !(hook === 'afxdp' && AFXDP.test(name)));
        assert.deepEqual(other, []);
      } finally {
        await capture.finish();
      }
    }));

const FILE_CALLS =
  'open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,chmod,fchmodat';
/** Where the process may read, beside its own installation. */
const READABLE = [
  '/proc/',
  '/sys/',
  '/dev/null',
  '/dev/urandom',
  '/etc/ld.so.cache',
  '/etc/ssl/', // Node's own
  '/lib',
  '/usr/lib',
  '/usr/share/',
  '/run/netns',
  '/run/xdpeek',
];

test('the root process opens nothing for writing, and no path but its own, the system’s and the namespace’s', () =>
  inFolder((folder) =>
    withPair(PAIR, async (_, { ifname, netns }) => {
      const log = path.join(folder, 'calls');
      const plan = directPlan(layout, 'capture');
      const traced = [
        '-f',
        '-qq',
        '-o',
        log,
        '-e',
        `trace=${FILE_CALLS}`,
        '-e',
        'signal=none',
        plan.file,
        ...plan.args,
      ];
      const client = await PrivilegedClient.start({ ...plan, file: '/usr/bin/strace', args: traced });
      try {
        await client.request('interfaces', { netns: '*' });
        const options = { targets: [{ ifname, netns, hook: 'xdp' as const }] };
        await client.request('captureStart', { captureId: 1, options, creditBytes: 1 << 20 });
        await client.request('snapshot', { captureId: 1, flows: true, stats: true });
        const hostile = { ...options, targets: [{ ...options.targets[0]!, ifname: '../../etc/x' }] };
        await assert.rejects(
          client.request('captureStart', { captureId: 2, options: hostile, creditBytes: 1 }),
          /not an interface name/,
        );
        await client.request('captureStop', { captureId: 1 });
      } finally {
        await client.close();
      }
      const lines = readFileSync(log, 'utf8').split('\n');
      const named = lines.filter((line) => /^\d+ +\w+\(.*"/.test(line));
      assert.ok(
        named.some((line) => line.includes('xdpeek.node')) && named.some((line) => line.includes(`/${netns}"`)),
      );
      const makes = named.filter(
        (line) => /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND/.test(line) || !/ open(at2?)?\(/.test(line),
      );
      assert.deepEqual(
        makes.filter((line) => !/"\/dev\/null"/.test(line)),
        [],
      );
      const paths = named.filter((line) => !/ = -1 ENOENT/.test(line)).map((line) => /"([^"]*)"/.exec(line)![1]!);
      const mine = path.dirname(layout.dist);
      const foreign = paths.filter(
        (name) => name.startsWith('/') && ![...READABLE, mine].some((where) => name.startsWith(where)),
      );
      assert.deepEqual(foreign, []);
    }),
  ));

test('the root process has no dissector, no reader of capture files and no libpcap in it', async () => {
  const needed = await run('readelf', ['-d', path.join(layout.dist, 'native/xdpeek.node')]);
  const libraries = [...needed.matchAll(/NEEDED.*\[([^\]]+)\]/g)].map(([, name]) => name!.replace(/\.so.*/, ''));
  const known = ['libelf', 'libz', 'libstdc++', 'libgcc_s', 'libm', 'libc', 'ld-linux-x86-64', 'ld-linux-aarch64'];
  assert.deepEqual(
    libraries.filter((name) => !known.includes(name)),
    [],
  );
  const map = JSON.parse(readFileSync(path.join(layout.dist, 'privileged/main.mjs.map'), 'utf8')) as {
    sources: string[];
  };
  assert.ok(map.sources.some((name) => name.endsWith('privileged/main.ts')));
  const outside = map.sources.filter((name) => !/\/electron\/(?:privileged|shared|transport)\//.test(`/${name}`));
  assert.deepEqual(outside, []);
});

/** A user of this machine who has nothing to do with us. */
const SOMEBODY = ['--reuid=65534', '--regid=65534', '--clear-groups', '--'];
let client: PrivilegedClient | undefined;
after(() => client?.close());

test('another user of the machine can neither signal it, look into it, trace it, nor reach it', async () => {
  client = await PrivilegedClient.start(directPlan(layout, 'capture'));
  const { pid } = client;
  const tries = [
    ['kill', '-TERM', `${pid}`],
    ['cat', `/proc/${pid}/environ`],
    ['cat', `/proc/${pid}/mem`],
    ['cat', `/proc/${pid}/maps`],
    ['ls', `/proc/${pid}/fd/`],
    ['sh', '-c', `exec 3<>/proc/${pid}/fd/0`],
    ['strace', '-p', `${pid}`, '-e', 'trace=none'],
  ];
  for (const each of tries) {
    const { status, stderr } = await attempt('setpriv', [...SOMEBODY, ...each]);
    assert.notEqual(status, 0, each.join(' '));
    assert.match(stderr, /not permitted|denied/i, each.join(' '));
  }
  // What it hears on are its own pipe and descriptors without a name.
  const held = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  const inodes = held.flatMap((name) => /^socket:\[(\d+)\]$/.exec(name)?.[1] ?? []);
  const unix = readFileSync(`/proc/${pid}/net/unix`, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const listening = unix.filter((fields) => inodes.includes(fields[6] ?? '') && fields.length > 7);
  assert.deepEqual(listening, []);
  const tcp = ['tcp', 'tcp6', 'udp', 'udp6'].map((name) => readFileSync(`/proc/${pid}/net/${name}`, 'utf8')).join('');
  for (const inode of inodes) assert.doesNotMatch(tcp, new RegExp(`\\s${inode}\\s`));
  assert.equal((await client.request('capabilities', {})).privileged, true, 'it lives');
});
