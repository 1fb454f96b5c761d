/**
 * The package as a machine gets it: the deb is built here, unpacked, looked over, and its own xdpeek captures from a veth pair
 * through its own Node, addon and eBPF objects, mounted where they will be installed. Nothing of the checkout's dist is used.
 */
import assert from 'node:assert/strict';
import { type ExecFileSyncOptions, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';

const root = path.resolve(import.meta.dirname, '../..');
const node = path.join(root, 'node_modules/node/bin/node');
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const NETNS = 'xdp-pkg';

const run = (file: string, args: string[], options: ExecFileSyncOptions = {}) =>
  String(
    execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26, ...options }),
  );

let folder = '';
let deb = '';
/** The unpacked package. */
let tree = '';

/** A command with the package's /opt where it will be installed, in a mount namespace of its own. */
function installed(command: string[], options: { netns?: string; timeout?: number } = {}) {
  const mount =
    'mount -t tmpfs none /opt && mkdir /opt/xdpeek && mount --bind "$0/opt/xdpeek" /opt/xdpeek && exec "$@"';
  const inside = ['--mount', '--propagation', 'private', 'sh', '-c', mount, tree, ...command];
  const [file, ...args] = options.netns
    ? ['nsenter', `--net=/run/netns/${options.netns}`, 'unshare', ...inside]
    : ['unshare', ...inside];
  return spawnSync(file as string, args, { encoding: 'utf8', timeout: options.timeout ?? 30_000 });
}
const xdpeek = (args: string[], options = {}) => installed([path.join(tree, 'usr/bin/xdpeek'), ...args], options);

before(() => {
  run(node, [path.join(root, 'scripts/package.mjs'), 'deb'], {
    env: { ...process.env, XDPEEK_DEB_LEVEL: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const architecture = run('dpkg', ['--print-architecture']).trim();
  deb = path.join(root, `release/xdpeek_${version}_${architecture}.deb`);
  folder = mkdtempSync(path.join(tmpdir(), 'xdpeek-package-'));
  tree = path.join(folder, 'tree');
  run('dpkg-deb', ['-x', deb, tree]);
  // Of a run that was killed.
  spawnSync('ip', ['netns', 'del', NETNS]);
  run('ip', ['netns', 'add', NETNS]);
  // Only what the test sends: no neighbour discovery of the kernel's own.
  run('ip', [
    'netns',
    'exec',
    NETNS,
    'sysctl',
    '-qw',
    'net.ipv6.conf.all.disable_ipv6=1',
    'net.ipv6.conf.default.disable_ipv6=1',
  ]);
  run('ip', ['-n', NETNS, 'link', 'add', 'pk0', 'type', 'veth', 'peer', 'name', 'pk1']);
  run('ip', ['-n', NETNS, 'addr', 'add', '10.99.0.1/24', 'dev', 'pk0']);
  for (const name of ['lo', 'pk0', 'pk1']) run('ip', ['-n', NETNS, 'link', 'set', name, 'up']);
});

after(() => {
  spawnSync('ip', ['netns', 'del', NETNS]);
  rmSync(folder, { recursive: true, force: true });
});

test('the control file names what is needed and nothing is empty', () => {
  const fields = run('dpkg-deb', ['-f', deb]);
  assert.match(fields, /^Package: xdpeek$/m);
  assert.match(fields, new RegExp(`^Version: ${version.replaceAll('.', '\\.')}$`, 'm'));
  assert.match(fields, /^Depends: .*libelf1/m);
  assert.match(fields, /^Recommends: pkexec/m);
  assert.match(fields, /^Installed-Size: [1-9]\d{4,}$/m);
  for (const line of fields.split('\n')) assert.ok(line.length <= 80 || /^(Depends|Maintainer)/.test(line), line);
});

test('everything is owned by root, nothing is writable for others or set-uid', () => {
  const lines = run('dpkg-deb', ['-c', deb]).trim().split('\n');
  assert.ok(lines.length > 30);
  for (const line of lines) {
    const [mode = '', owner] = line.split(/\s+/);
    assert.equal(owner, 'root/root', line);
    assert.match(mode, /^(drwxr-xr-x|-rwxr-xr-x|-rw-r--r--|lrwxrwxrwx)$/, line);
  }
});

test('what root runs and what the desktop reads are where the policy and the specifications say', () => {
  const policy = readFileSync(path.join(tree, 'usr/share/polkit-1/actions/org.xdpeek.xdpeek.policy'), 'utf8');
  const pinned = [...policy.matchAll(/policykit\.exec\.path">([^<]+)</g)].map(([, file]) => file as string);
  assert.deepEqual(pinned, [
    '/usr/lib/xdpeek/xdpeek-privileged-capture',
    '/usr/lib/xdpeek/xdpeek-privileged-workbench',
  ]);
  for (const file of pinned) assert.equal(statSync(path.join(tree, file)).mode & 0o7777, 0o755);
  assert.doesNotMatch(policy, /allow_gui|<allow_\w+>yes/);

  for (const size of [16, 32, 48, 128, 256, 512])
    assert.ok(existsSync(path.join(tree, `usr/share/icons/hicolor/${size}x${size}/apps/xdpeek.png`)), String(size));
  run('desktop-file-validate', [path.join(tree, 'usr/share/applications/xdpeek.desktop')]);
  run('appstreamcli', ['validate', '--no-net', path.join(tree, 'usr/share/metainfo/org.xdpeek.xdpeek.metainfo.xml')]);
  assert.match(readFileSync(path.join(tree, 'usr/share/applications/xdpeek.desktop'), 'utf8'), /^Exec=\S+ %f$/m);
  for (const file of ['copyright', 'changelog.gz'])
    assert.ok(existsSync(path.join(tree, 'usr/share/doc/xdpeek', file)), file);
  assert.ok(existsSync(path.join(tree, 'usr/share/man/man1/xdpeek.1.gz')));
});

test('the addon and the eBPF objects are files outside the asar; nothing of the source or of node_modules is inside', () => {
  const resources = path.join(tree, 'opt/xdpeek/resources');
  assert.ok(existsSync(path.join(resources, 'dist/native/xdpeek.node')));
  const programs = readdirSync(path.join(resources, 'dist/bpf'));
  const ours = new Set(['library', 'parse.h', 'events.h']);
  assert.deepEqual(
    programs.filter((name) => !name.endsWith('.bpf.o') && !ours.has(name)),
    [],
  );
  // The library's programs come with the source that people read, and with the headers that it includes.
  const library = readdirSync(path.join(resources, 'dist/bpf/library'));
  const sources = library.filter((name) => name.endsWith('.bpf.c'));
  assert.deepEqual(
    sources,
    readdirSync(path.join(root, 'bpf/library')).filter((name) => name.endsWith('.bpf.c')),
  );
  for (const name of sources) assert.ok(library.includes(name.replace(/c$/, 'o')), name);
  for (const name of ['library.h', 'traffic.h']) assert.ok(library.includes(name), name);
  const asar = readFileSync(path.join(resources, 'app.asar')).toString('latin1');
  const header = asar.slice(0, asar.indexOf('\n'));
  for (const name of ['main.cjs', 'preload.cjs']) assert.ok(header.includes(`"${name}"`), name);
  for (const name of ['node_modules', '.node"', '.ts"', '.map"']) assert.ok(!header.includes(name), name);
});

test('fuses are set as promised', async () => {
  const { getCurrentFuseWire, FuseV1Options } = await import('@electron/fuses');
  const wire = await getCurrentFuseWire(path.join(tree, 'opt/xdpeek/xdpeek'));
  const on = '1'.charCodeAt(0);
  const state = (fuse: number) => (wire as unknown as Record<number, number>)[fuse] === on;
  for (const off of [
    FuseV1Options.RunAsNode,
    FuseV1Options.EnableNodeOptionsEnvironmentVariable,
    FuseV1Options.EnableNodeCliInspectArguments,
    FuseV1Options.GrantFileProtocolExtraPrivileges,
  ])
    assert.equal(state(off), false, FuseV1Options[off]);
  assert.equal(state(FuseV1Options.OnlyLoadAppFromAsar), true);
});

test('maintainer scripts parse and end well here', () => {
  const control = path.join(folder, 'control');
  run('dpkg-deb', ['-e', deb, control]);
  for (const script of ['postinst', 'postrm']) run('bash', ['-n', path.join(control, script)]);
  const { status, stderr } = installed(['bash', path.join(control, 'postinst'), 'configure']);
  assert.equal(status, 0, stderr);
});

test('the launcher takes no argument, drops the environment and starts the privileged process', () => {
  const launcher = path.join(tree, 'usr/lib/xdpeek/xdpeek-privileged-capture');
  for (const args of [['capture'], [''], ['--role', 'workbench']])
    assert.equal(installed([launcher, ...args]).status, 2, args.join(' '));
  // A closed stdin is the client going away: greeted, then gone, whatever the environment asked for.
  const hostile = { NODE_OPTIONS: '--version', LD_PRELOAD: '/nonexistent.so', NODE_PATH: '/tmp', PKEXEC_UID: '0; id' };
  const set = Object.entries(hostile).map(([name, value]) => `${name}=${value}`);
  const { stdout, status, stderr } = installed(['env', ...set, 'sh', '-c', '"$0" </dev/null', launcher]);
  assert.match(stdout, /"event":"hello".*"role":"capture"/s, stderr);
  assert.equal(status, 0, stderr);
});

test('xdpeek --version and ifaces run from the unpacked tree', () => {
  const printed = spawnSync(path.join(tree, 'usr/bin/xdpeek'), ['--version'], { encoding: 'utf8', cwd: '/' });
  assert.equal(printed.stdout, `xdpeek ${version}\n`, printed.stderr);
  const { stdout, stderr, status } = xdpeek(['ifaces', '--json'], { netns: NETNS });
  assert.equal(status, 0, stderr);
  const names = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).ifname);
  assert.ok(names.includes('pk0') && names.includes('pk1'), stdout);
});

test('the threads of the session and of read start from the unpacked tree', () => {
  const resources = path.join(tree, 'opt/xdpeek/resources');
  const script = `import { Worker } from 'node:worker_threads';
    const ended = new Int32Array(new SharedArrayBuffer(4));
    const thread = new Worker(process.argv[1], { execArgv: [] });
    thread.on('message', ({ kind, message }) => { console.log(kind, message); process.exit(0); });
    thread.postMessage({ kind: 'begin', job: 1, file: '/nonexistent/capture', text: 'tcp', ended });`;
  const scan = path.join(resources, 'dist/session/scan-worker.mjs');
  const said = run(path.join(resources, 'bin/node'), ['--input-type=module', '-e', script, scan]);
  assert.match(said, /^failed ENOENT.*\/nonexistent\/capture/);

  assert.ok(existsSync(path.join(resources, 'dist/cli/read-worker.mjs')));
  const file = path.join(folder, 'large.pcap');
  const frame = Buffer.alloc(60_000, 'x');
  frame.writeUInt16BE(0x88b5, 12);
  const record = Buffer.concat([Buffer.from(new Uint32Array([1, 2, frame.length, frame.length]).buffer), frame]);
  const head = Buffer.from(new Uint32Array([0xa1b2c3d4, 0x00040002, 0, 0, 262_144, 1]).buffer);
  writeFileSync(file, Buffer.concat([head, ...new Array<Buffer>(500).fill(record)]));
  const [threads, one] = [[], ['-c', '1000']].map((more) => xdpeek(['read', file, ...more]));
  assert.equal(threads!.status, 0, threads!.stderr);
  assert.equal(threads!.stdout.split('\n').length, 501);
  assert.equal(threads!.stdout, one!.stdout);
});

test('the packaged xdpeek captures what a veth pair carries, and leaves nothing attached', () => {
  const file = path.join(folder, 'capture.pcapng');
  const sender = spawn(
    'nsenter',
    [`--net=/run/netns/${NETNS}`, 'ping', '-b', '-I', 'pk0', '-i', '0.1', '-c', '200', '10.99.0.255'],
    { stdio: 'ignore' },
  );
  try {
    const { status, stderr } = xdpeek(['dump', '-i', 'pk1', '-c', '5', '-w', file], { netns: NETNS });
    assert.equal(status, 0, stderr);
  } finally {
    sender.kill();
  }
  const frames = run('tshark', ['-r', file, '-T', 'fields', '-e', 'frame.len', '-e', 'icmp.type']).trim().split('\n');
  assert.equal(frames.length, 5);
  assert.ok(
    frames.every((line) => line === '98\t8'),
    frames.join('; '),
  );
  assert.doesNotMatch(run('nsenter', [`--net=/run/netns/${NETNS}`, 'bpftool', 'net']), /pk1/);
});
