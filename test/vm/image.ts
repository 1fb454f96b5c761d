/**
 * What a guest boots into: a small initramfs (busybox, modules, guest/init.sh) and a disk with the product as it was built, the tests and
 * the tools they run, copied from this machine with the libraries they need.
 */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { run } from '../netns/lib/process.ts';
import { CACHE, type Kernel, moduleFiles } from './kernels.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const MODULES = ['virtio_pci', 'virtio_blk', 'veth', 'tun', 'bridge', 'sch_ingress', 'cls_bpf'];
const TOOLS = [
  'sh',
  'ip',
  'tc',
  'bpftool',
  'ethtool',
  'ping',
  'nsenter',
  'taskset',
  'mktemp',
  'rm',
  'cat',
  'id',
  'uname',
  'xdp-loader',
];
/** What libxdp reads at run time. */
const DATA = ['/usr/lib/x86_64-linux-gnu/bpf/xdp-dispatcher.o'];
/** Of the checkout, what tests in a guest import and run. */
const PARTS = [
  'dist/native',
  'dist/bpf',
  'dist/privileged',
  'dist/session',
  'dist/cli',
  'electron',
  'native/index.d.ts',
  'test/netns',
  'test/vm',
  'test/golden',
  'package.json',
  'scripts/xdpeek',
];

/** Loader and shared libraries of a program, by ldd. */
function libraries(file: string): string[] {
  try {
    const text = execFileSync('ldd', [file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return [...text.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map((match) => match[1]!);
  } catch {
    return []; // static
  }
}

function copyInto(folder: string, file: string): void {
  const to = path.join(folder, file);
  mkdirSync(path.dirname(to), { recursive: true });
  copyFileSync(realpathSync(file), to);
}

/** One disk for all kernels, made anew at each run: the product may have changed. */
export async function makeDisk(): Promise<string> {
  const staging = path.join(CACHE, 'staging');
  const disk = path.join(CACHE, 'disk.ext4');
  rmSync(staging, { recursive: true, force: true });
  for (const folder of [
    'proc',
    'sys',
    'dev',
    'run',
    'tmp',
    'root',
    'etc',
    'usr/bin',
    'usr/sbin',
    'usr/lib',
    'usr/lib64',
  ])
    mkdirSync(path.join(staging, folder), { recursive: true });
  for (const link of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${link}`, path.join(staging, link));
  writeFileSync(path.join(staging, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  const node = path.join(ROOT, 'node_modules/node/bin/node');
  const tools = TOOLS.map((name) => execFileSync('which', [name], { encoding: 'utf8' }).trim());
  const programs = [
    ...tools,
    realpathSync(node),
    path.join(ROOT, 'dist/native/xdpeek.node'),
    path.join(ROOT, 'dist/native/xdpeek-pcap.node'),
    path.join(ROOT, 'dist/native/xdpeek-pipe.node'),
  ];
  for (const file of new Set(programs.flatMap(libraries))) copyInto(staging, file);
  for (const file of [...tools, ...DATA]) copyInto(staging, file);
  for (const part of PARTS) cpSync(path.join(ROOT, part), path.join(staging, 'xdpeek', part), { recursive: true });
  mkdirSync(path.join(staging, 'xdpeek/node_modules/node/bin'), { recursive: true });
  copyFileSync(realpathSync(node), path.join(staging, 'xdpeek/node_modules/node/bin/node'));
  compilePrograms(path.join(staging, 'xdpeek/test/vm/guest/programs'));
  rmSync(disk, { force: true });
  await run('mke2fs', ['-q', '-t', 'ext4', '-O', '^has_journal', '-E', 'root_owner=0:0', '-d', staging, disk, '768M']);
  rmSync(staging, { recursive: true });
  return disk;
}

/** The programs that tests observe, with BTF as anybody's would be. */
function compilePrograms(folder: string): void {
  const vendor = path.join(ROOT, 'native/vendor/build');
  const multiarch = execFileSync('gcc', ['-print-multiarch'], { encoding: 'utf8' }).trim();
  const include = [`-I${vendor}/uapi`, `-I${vendor}/include`, '-idirafter', `/usr/include/${multiarch}`];
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.bpf.c')))
    execFileSync('clang', ['-g', '-O2', '-target', 'bpf', ...include, '-c', name, '-o', name.replace(/c$/, 'o')], {
      cwd: folder,
    });
}

export async function makeInitramfs(kernel: Kernel): Promise<string> {
  const staging = path.join(CACHE, `initramfs-${kernel.release}`);
  const archive = `${staging}.cpio`;
  rmSync(staging, { recursive: true, force: true });
  for (const folder of ['bin', 'modules', 'proc', 'sys', 'dev', 'disk'])
    mkdirSync(path.join(staging, folder), { recursive: true });
  copyInto(staging, '/bin/busybox');
  for (const name of ['sh', 'mount', 'insmod', 'chroot', 'poweroff', 'echo', 'cat', 'sync'])
    symlinkSync('busybox', path.join(staging, 'bin', name));
  const modules = await moduleFiles(kernel, MODULES);
  for (const [i, file] of modules.entries()) {
    const to = path.join(staging, 'modules', `${String(i).padStart(2, '0')}.ko`);
    if (file.endsWith('.xz')) writeFileSync(to, execFileSync('xz', ['-dc', file], { maxBuffer: 64 << 20 }));
    else copyFileSync(file, to);
  }
  copyFileSync(path.join(import.meta.dirname, 'guest/init.sh'), path.join(staging, 'init'));
  execFileSync('chmod', ['755', path.join(staging, 'init')]);
  await run('sh', ['-ec', `cd '${staging}' && find . | cpio -o -H newc --quiet > '${archive}'`]);
  rmSync(staging, { recursive: true });
  if (!existsSync(archive)) throw new Error('cpio made no archive');
  return archive;
}
