// npm run test:sanitize [-- test files…]: builds the addon with AddressSanitizer and UndefinedBehaviorSanitizer beside the real one, and runs the tests that
// load it into their own process. What the sanitizers find ends the process with a report: the test fails. Flags and includes are those of binding.gyp.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { main, SetupError, step } from './lib/log.mjs';
import { inRoot, nodeHeaders, productNode, root } from './lib/paths.mjs';
import { run } from './lib/run.mjs';
import { setup } from './lib/setup.mjs';

const SANITIZE = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-fno-omit-frame-pointer', '-O1'];
const output = inRoot('test/output/sanitize');
const TESTS = [
  'test/unit/assembly.test.ts',
  'test/unit/frame-writer.test.ts',
  ...['interfaces', 'hooks', 'capture', 'mapped', 'filter', 'afxdp', 'xsk-echo', 'soak'].map(
    (name) => `test/netns/${name}.test.ts`,
  ),
];
/** How fast it is, and what it weighs, says nothing with sanitizers. */
const NOT_OF_SPEED = '/packets a second|at a random moment/';

const [target] = JSON.parse(readFileSync(inRoot('native/binding.gyp'), 'utf8')).targets;

/** What gyp would make of the strings that this file has. */
function expanded(text) {
  if (text.includes('node-addon-api')) return inRoot('node_modules/node-addon-api');
  return text.replace('<(module_root_dir)', inRoot('native'));
}

function flags() {
  const includes = target.include_dirs.map((dir) => path.resolve(inRoot('native'), expanded(dir)));
  const kept = [...target.cflags, ...target.cflags_cc].filter((flag) => !/^-O\d$/.test(flag));
  return [
    ...kept,
    ...SANITIZE,
    ...target.defines.map((name) => `-D${name}`),
    ...[path.join(nodeHeaders(), 'include/node'), ...includes].map((dir) => `-I${dir}`),
  ];
}

/** Whether `object` is newer than all that its dependency file names. */
function fresh(object) {
  const depends = object.replace(/o$/, 'd');
  if (!existsSync(object) || !existsSync(depends)) return false;
  const made = statSync(object).mtimeMs;
  const named = readFileSync(depends, 'utf8')
    .replace(/^.*?:/, '')
    .split(/[\s\\]+/)
    .filter(Boolean);
  return named.every((file) => (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) < made);
}

async function compile() {
  const sources = readdirSync(inRoot('native/src')).filter((name) => name.endsWith('.cc'));
  const object = (name) => path.join(output, name.replace(/cc$/, 'o'));
  const waiting = sources.filter((name) => !fresh(object(name)));
  const one = async () => {
    for (let name = waiting.pop(); name; name = waiting.pop())
      await run('g++', ['-fPIC', '-MMD', ...flags(), '-c', inRoot('native/src', name), '-o', object(name)], {
        quiet: true,
      });
  };
  await Promise.all(Array.from({ length: availableParallelism() }, one));
  const addon = path.join(output, 'xdpeek.node');
  await run(
    'g++',
    ['-shared', ...SANITIZE, '-o', addon, ...sources.map(object), ...target.libraries.map(expanded), ...target.ldflags],
    { quiet: true },
  );
  return addon;
}

/** Loaded before all else, since node itself has no sanitizer. */
function runtime() {
  const file = execFileSync('g++', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).trim();
  if (!existsSync(file))
    throw new SetupError('g++ has no AddressSanitizer', 'Install it (Debian: apt-get install libasan8).');
  return file;
}

main(async () => {
  const wanted = process.argv.slice(2);
  await setup({ test: true });
  if (process.getuid?.() !== 0)
    throw new SetupError('the tests make network namespaces: they need root', 'Run: sudo npm run test:sanitize');
  mkdirSync(output, { recursive: true });
  let addon = '';
  await step('build the addon with sanitizers', async () => {
    addon = await compile();
  });
  const args = [
    '--test',
    '--test-force-exit',
    '--test-concurrency=1',
    '--test-timeout=300000',
    `--test-skip-pattern=${NOT_OF_SPEED}`,
  ];
  const env = {
    ...process.env,
    XDPEEK_TEST_ADDON: addon,
    LD_PRELOAD: runtime(),
    // Node and what the tests start end without freeing all they have.
    ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=1:quarantine_size_mb=8',
    UBSAN_OPTIONS: 'print_stacktrace=1',
  };
  const child = spawn(productNode, [...args, ...(wanted.length > 0 ? wanted : TESTS)], {
    cwd: root,
    stdio: 'inherit',
    env,
  });
  process.exitCode = await new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
});
