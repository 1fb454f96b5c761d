/** The kernels that tests are run on besides this machine's own: Debian's, unpacked from their packages into test/output/vm. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { run } from '../netns/lib/process.ts';

export const CACHE = path.resolve(import.meta.dirname, '../output/vm');

export interface Kernel {
  /** As `uname -r` says. */
  release: string;
  /** bzImage. */
  image: string;
  /** Folder with lib/modules. */
  root: string;
}

/** Version that people name → the Debian release that has it. */
export const KERNELS = { '6.1': 'bookworm', '6.12': 'trixie' } as const;
export type KernelName = keyof typeof KERNELS;

export async function fetchKernel(name: KernelName): Promise<Kernel> {
  const root = path.join(CACHE, `kernel-${name}`);
  await run('sh', [path.join(import.meta.dirname, 'fetch-kernel.sh'), KERNELS[name], root], { timeoutMs: 300_000 });
  const [release = ''] = readdirSync(path.join(root, 'lib/modules'));
  return { release, image: path.join(root, `boot/vmlinuz-${release}`), root };
}

/** Module files in the order in which they must be loaded, those built in left out. */
export async function moduleFiles({ root, release }: Kernel, names: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const name of names) {
    const shown = await run('modprobe', ['-d', root, '-S', release, '--show-depends', '--ignore-install', name]);
    for (const line of shown.split('\n')) {
      const file = /^insmod (\S+)/.exec(line)?.[1];
      if (file && !files.includes(file)) files.push(file);
    }
  }
  return files;
}
