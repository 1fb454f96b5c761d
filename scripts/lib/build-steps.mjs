// The build, as data: each step names its inputs, its outputs and how to make them. `build()` runs the stale ones in order.

import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { removeStaleChunks } from './chunks.mjs';
import { locked } from './lock.mjs';
import { SetupError, step } from './log.mjs';
import { inRoot, nodeHeaders, productNode } from './paths.mjs';
import { run } from './run.mjs';
import { fingerprint, fresh, stamp } from './stale.mjs';

function need(tool, debianPackage) {
  if (spawnSync('which', [tool]).status !== 0)
    throw new SetupError(
      `${tool} is missing`,
      `Install it (Debian: apt-get install ${debianPackage}) and run this again.`,
    );
}

const buildNode = (args, options) => run(productNode, args, { quiet: true, ...options });

/** The root process loads the first, the session the next (libpcap; the pipe between the two), the command line the last. */
export const ADDONS = ['xdpeek.node', 'xdpeek-pcap.node', 'xdpeek-pipe.node', 'xdpeek-lines.node'];

async function addon() {
  need('g++', 'g++');
  const headers = nodeHeaders();
  if (!headers) throw new SetupError('the Node headers are missing', 'Remove node_modules and run this again.');
  const env = { ...process.env, npm_config_nodedir: headers };
  await buildNode(
    [
      inRoot('node_modules/node-gyp/bin/node-gyp.js'),
      isConfigured() ? 'build' : 'rebuild',
      '--directory',
      'native',
      '--nodedir',
      headers,
      '--jobs',
      'max',
    ],
    { env },
  );
  mkdirSync(inRoot('dist/native'), { recursive: true });
  for (const name of ADDONS) {
    // Under a new name first: a process that has the old one mapped keeps it.
    const fresh = inRoot(`dist/native/${name}.new`);
    copyFileSync(inRoot(`native/build/Release/${name}`), fresh);
    renameSync(fresh, inRoot(`dist/native/${name}`));
  }
}

/** What C programs that people write in the window include: libbpf's part for eBPF, and the kernel's own interface beside it. */
function headers() {
  const from = inRoot('native/vendor/build');
  for (const name of ['bpf_helpers.h', 'bpf_helper_defs.h', 'bpf_endian.h', 'bpf_tracing.h', 'bpf_core_read.h'])
    cpSync(`${from}/include/bpf/${name}`, inRoot(`dist/include/bpf/${name}`));
  cpSync(`${from}/uapi`, inRoot('dist/include/uapi'), { recursive: true });
}

/** Whether the makefiles that are there name the sources that are there: then only what changed is compiled. */
function isConfigured() {
  const makefile = (name) => inRoot(`native/build/${path.basename(name, '.node')}.target.mk`);
  if (!ADDONS.every((name) => existsSync(makefile(name)))) return false;
  return namesSources(makefile('xdpeek.node'), 'src') && namesSources(makefile('xdpeek-lines.node'), 'lines');
}

function namesSources(makefile, folder) {
  const named = new Set(readFileSync(makefile, 'utf8').match(new RegExp(`\\b${folder}/\\w+(?=\\.o)`, 'g')));
  const sources = readdirSync(inRoot('native', folder)).filter((name) => name.endsWith('.cc'));
  return (
    sources.length === named.size && sources.every((name) => named.has(`${folder}/${name.slice(0, -'.cc'.length)}`))
  );
}

/** ESM bundles for Node, CJS for Electron's main and the sandboxed preload (which cannot be ESM). */
const BUNDLES = [
  { entry: 'electron/privileged/main.ts', out: 'dist/privileged/main.mjs' },
  { entry: 'electron/session/main.ts', out: 'dist/session/main.mjs' },
  { entry: 'electron/session/filter/worker-main.ts', out: 'dist/session/filter-worker.mjs' },
  { entry: 'electron/session/scan/worker-main.ts', out: 'dist/session/scan-worker.mjs' },
  { entry: 'electron/session/workbench/objects-describe-main.ts', out: 'dist/session/describe-object.mjs' },
  { entry: 'electron/cli/main.ts', out: 'dist/cli/main.mjs' },
  { entry: 'electron/cli/read-threads/worker-main.ts', out: 'dist/cli/read-worker.mjs' },
  { entry: 'electron/cli/demo/traffic-main.ts', out: 'dist/cli/demo-traffic.mjs' },
  { entry: 'electron/app/main.ts', out: 'dist/app/main.cjs' },
  { entry: 'electron/preload/preload.ts', out: 'dist/preload/preload.cjs' },
];

/** A table of the dissectors, for who does not load them. */
const portClasses = () =>
  execFileSync(productNode, [inRoot('electron/cli/read-threads/write-port-classes.ts')], { encoding: 'utf8' });

/** A process that was started from the build before may still load its chunks. */
const STALE_MS = 3_600_000;
export const esmFolders = () =>
  [...new Set(BUNDLES.filter(({ out }) => out.endsWith('.mjs')).map(({ out }) => path.dirname(out)))].map((folder) =>
    inRoot(folder),
  );

async function bundles() {
  const { build } = await import('esbuild');
  const { version } = JSON.parse((await import('node:fs')).readFileSync(inRoot('package.json'), 'utf8'));
  const common = {
    bundle: true,
    platform: 'node',
    target: 'node24',
    sourcemap: 'linked',
    logLevel: 'warning',
    external: ['electron'],
    define: { XDPEEK_VERSION: JSON.stringify(version), XDPEEK_PORT_CLASSES: portClasses() },
    legalComments: 'linked',
  };
  // CommonJS dependencies inside an ESM bundle still call require() for Node's own modules.
  const banner = {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  };
  const present = BUNDLES.filter(({ entry }) => existsSync(inRoot(entry)));
  const esm = present.filter(({ out }) => out.endsWith('.mjs'));
  const cjs = present.filter(({ out }) => out.endsWith('.cjs'));
  // Lazy imports become chunks of their own, so that a command loads only what it needs.
  for (const { entry, out } of esm)
    await build({
      ...common,
      entryPoints: { [path.basename(out, '.mjs')]: inRoot(entry) },
      outdir: path.dirname(inRoot(out)),
      format: 'esm',
      splitting: true,
      outExtension: { '.js': '.mjs' },
      chunkNames: 'chunks/[name]-[hash]',
      banner,
    });
  for (const { entry, out } of cjs)
    await build({ ...common, entryPoints: [inRoot(entry)], outfile: inRoot(out), format: 'cjs' });
  for (const folder of esmFolders()) removeStaleChunks(folder, STALE_MS);
}

export const STEPS = [
  {
    name: 'libbpf',
    title: 'build libbpf 1.5.0',
    inputs: ['native/vendor/build-libbpf.sh'],
    outputs: ['native/vendor/build/lib/libbpf.a'],
    make: () => run('sh', [inRoot('native/vendor/build-libbpf.sh')], { quiet: true }),
  },
  {
    name: 'bpf',
    title: 'compile the eBPF programs',
    inputs: ['bpf', 'native/vendor/build-libbpf.sh'],
    outputs: ['dist/bpf', 'dist/include'],
    make: () => {
      need('clang', 'clang');
      headers();
      return run('make', ['-C', inRoot('bpf'), '-j2', `OUT=${inRoot('dist/bpf')}`], { quiet: true });
    },
  },
  {
    name: 'addon',
    title: 'build the addon',
    inputs: ['native', 'bpf/events.h', 'node_modules/.xdpeek-lock'],
    outputs: ADDONS.map((name) => `dist/native/${name}`),
    make: addon,
  },
  {
    name: 'bundles',
    title: 'bundle the processes',
    inputs: ['electron', 'package.json', 'node_modules/.xdpeek-lock', 'scripts/lib/build-steps.mjs'],
    outputs: BUNDLES.map(({ out }) => out),
    make: bundles,
  },
  {
    name: 'renderer',
    title: 'build the window',
    inputs: ['renderer', 'electron/shared', 'node_modules/.xdpeek-lock'],
    outputs: ['dist/renderer/index.html'],
    make: () => buildNode([inRoot('node_modules/vite/bin/vite.js'), 'build', inRoot('renderer'), '--logLevel', 'warn']),
  },
];

/** Builds the named steps (all by default), each only when stale; `force` rebuilds. */
export async function build(names = [], { force = false } = {}) {
  const wanted = STEPS.filter(({ name }) => names.length === 0 || names.includes(name));
  const stale = ({ name, inputs, outputs }) => force || !fresh(name, fingerprint(inputs), outputs);
  if (!wanted.some(stale)) return;
  await locked(async () => {
    for (const each of wanted) {
      if (!stale(each)) continue;
      const print = fingerprint(each.inputs);
      await step(each.title, each.make);
      stamp(each.name, print);
    }
  });
}
