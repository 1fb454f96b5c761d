// Debian packages that building, running and testing need. Installs what is missing when it may (root, or sudo without a
// question being hidden), and says so first; else it prints the one command to run.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { SetupError, say, step } from './log.mjs';
import { run } from './run.mjs';

const BUILD = [
  'gcc',
  'g++',
  'make',
  'python3',
  'clang',
  'llvm',
  'libelf-dev',
  'libpcap-dev',
  'zlib1g-dev',
  'libc6-dev',
  'linux-libc-dev',
  'ca-certificates',
  'tar',
  'patch',
];
const RUN = ['iproute2', 'iputils-ping'];
const TEST = [
  'tcpdump',
  'tshark',
  'bpftool',
  'chromium',
  'ethtool',
  'iputils-arping',
  'procps',
  'strace',
  'util-linux',
  'pkexec',
  'polkitd',
  'fakeroot',
  'dpkg-dev',
  'desktop-file-utils',
  'appstream',
  'librsvg2-bin',
  'xdp-tools',
  'qemu-system-x86',
  'busybox-static',
  'cpio',
  'kmod',
  'e2fsprogs',
  'xz-utils',
];

function missing(packages) {
  const query = spawnSync('dpkg-query', ['-W', '-f', `\${Package} \${db:Status-Status}\n`, ...packages], {
    encoding: 'utf8',
  });
  if (query.error) return null;
  const installed = new Set(
    query.stdout
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  return packages.filter((name) => !installed.has(name));
}

/** @param {{ test: boolean }} options */
export async function ensureDebianPackages({ test }) {
  const wanted = [...BUILD, ...RUN, ...(test ? TEST : [])];
  const absent = missing(wanted);
  if (absent === null) {
    const tools = ['clang', 'g++', 'make', 'python3', 'ip'].filter((tool) => spawnSync('which', [tool]).status !== 0);
    if (tools.length === 0) return;
    throw new SetupError(
      `this is not a Debian-like system and these tools are missing: ${tools.join(', ')}`,
      'Install clang, llvm, a C++ compiler, make, python3, libelf and zlib headers and iproute2 with your package manager, then run this again.',
    );
  }
  if (absent.length === 0) return;

  const rootUser = process.getuid?.() === 0;
  const sudo = !rootUser && existsSync('/usr/bin/sudo');
  const command = `apt-get install --no-install-recommends ${absent.join(' ')}`;
  if (!rootUser && !sudo)
    throw new SetupError(`these Debian packages are missing: ${absent.join(', ')}`, `Run as root:  ${command}`);

  say(`these Debian packages are missing and will be installed${sudo ? ' with sudo' : ''}: ${absent.join(', ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (args) =>
    rootUser
      ? run('apt-get', args, { env, quiet: true, hint: HINT })
      : run('sudo', ['DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args], { quiet: true, hint: HINT });
  await step('refresh the package lists', () => apt(['update', '-q']));
  await step('install Debian packages', () => apt(['install', '-y', '-q', '--no-install-recommends', ...absent]));
}
const HINT = 'Check that this machine reaches its Debian mirror (apt-get update), then run this again.';
