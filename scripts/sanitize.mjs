// npm run test:sanitize [-- test files…]: builds the addons of capture and of lines with AddressSanitizer and UndefinedBehaviorSanitizer beside the real ones,
// and runs the tests that load them into their own process. What the sanitizers find ends the process with a report: the test fails. Flags and includes are those of binding.gyp.
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
/** Folders of sources, and the environment variable by which tests take the build. */
const ADDONS = { xdpeek: ['src', 'XDPEEK_TEST_ADDON'], 'xdpeek-lines': ['lines', 'XDPEEK_TEST_LINES'] };
const NETNS = 'test/netns/';
const TESTS = [
  'test/unit/assembly.test.ts',
  'test/unit/frame-writer.test.ts',
  ...['', '-tcp', '-tls', '-http', '-many'].map((of) => `test/unit/native-lines${of}.test.ts`),
  'test/fuzz/lines.test.ts',
  ...['interfaces', 'hooks', 'capture', 'mapped', 'filter', 'afxdp', 'xsk-echo', 'soak'].map(
    (name) => `${NETNS}${name}.test.ts`,
  ),
];
/** How fast it is, and what it weighs, says nothing with sanitizers. */
const NOT_OF_SPEED = '/packets a second|at a random moment/';

const { targets } = JSON.parse(readFileSync(inRoot('native/binding.gyp'), 'utf8'));

/** What gyp would make of the strings that this file has. */
function expanded(text) {
  if (text.includes('node-addon-api')) return inRoot('node_modules/node-addon-api');
  return text.replace('<(module_root_dir)', inRoot('native'));
}

function flags(target) {
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

async function compile(addonName, folder) {
  const target = targets.find(({ target_name }) => target_name === addonName);
  const sources = readdirSync(inRoot('native', folder)).filter((name) => name.endsWith('.cc'));
  const objects = path.join(output, folder);
  mkdirSync(objects, { recursive: true });
  const object = (name) => path.join(objects, name.replace(/cc$/, 'o'));
  const waiting = sources.filter((name) => !fresh(object(name)));
  const one = async () => {
    for (let name = waiting.pop(); name; name = waiting.pop())
      await run('g++', ['-fPIC', '-MMD', ...flags(target), '-c', inRoot('native', folder, name), '-o', object(name)], {
        quiet: true,
      });
  };
  await Promise.all(Array.from({ length: availableParallelism() }, one));
  const addon = path.join(output, `${addonName}.node`);
  await run(
    'g++',
    [
      '-shared',
      ...SANITIZE,
      '-o',
      addon,
      ...sources.map(object),
      ...(target.libraries ?? []).map(expanded),
      ...target.ldflags,
    ],
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
  const tests = wanted.length > 0 ? wanted : TESTS;
  if (process.getuid?.() !== 0 && tests.some((name) => name.includes(NETNS)))
    throw new SetupError('the tests make network namespaces: they need root', 'Run: sudo npm run test:sanitize');
  const builds = {};
  await step('build the addons with sanitizers', async () => {
    for (const [name, [folder, variable]] of Object.entries(ADDONS)) builds[variable] = await compile(name, folder);
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
    ...builds,
    LD_PRELOAD: runtime(),
    // Node and what the tests start end without freeing all they have.
    ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=1:quarantine_size_mb=8',
    UBSAN_OPTIONS: 'print_stacktrace=1',
  };
  const child = spawn(productNode, [...args, ...tests], {
    cwd: root,
    stdio: 'inherit',
    env,
  });
  process.exitCode = await new Promise((resolve) => child.on('exit', (code) => resolve(code ?? 1)));
});
