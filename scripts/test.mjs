// npm test [-- suite…]: set up what is missing, then run every suite (or the named ones) and end with one line over all of them:
// "N passed, N failed, N skipped". Exit status 1 if anything failed or nothing ran.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { main, SetupError, say } from './lib/log.mjs';
import { inRoot, productNode, root } from './lib/paths.mjs';
import { setup } from './lib/setup.mjs';
import { SUITES } from './test/suites.mjs';

const output = inRoot('test/output');

function exec(args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(productNode, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

function testFiles(folder) {
  const dir = inRoot(folder);
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((name) => name.endsWith('.test.ts'))
    .sort()
    .map((name) => path.join(folder, name));
}

async function nodeSuite({ name, files, serial, timeoutMs = 240_000 }) {
  const list = testFiles(files);
  if (list.length === 0) return { passed: 0, failed: 0, skipped: 0, failures: [] };
  // Of this run alone: two at a time do not read each other's.
  const report = path.join(output, `${name}.${process.pid}.count.json`);
  const status = await exec([
    '--test',
    // A test that failed half-way may leave a child running: the run must still end.
    '--test-force-exit',
    `--import=${pathToFileURL(inRoot('scripts/test/blocking-output.mjs'))}`,
    `--test-timeout=${timeoutMs}`,
    `--test-concurrency=${serial ? 1 : 2}`,
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    `--test-reporter=${inRoot('scripts/test/count-reporter.mjs')}`,
    `--test-reporter-destination=${report}`,
    ...list,
  ]);
  const count = settle(report, status, name, (text) => JSON.parse(text));
  rmSync(report, { force: true });
  return count;
}

async function playwrightSuite({ name, playwright }) {
  if (!existsSync(inRoot(playwright))) return { passed: 0, failed: 0, skipped: 0, failures: [] };
  const report = path.join(output, `${name}.json`);
  rmSync(report, { force: true });
  const status = await exec([inRoot('node_modules/@playwright/test/cli.js'), 'test', '-c', playwright]);
  return settle(report, status, name, (text) => {
    const { stats } = JSON.parse(text);
    return { passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped, failures: [] };
  });
}

/** What a runner wrote of itself, if it came to that. */
function read(report, parse) {
  try {
    return parse(readFileSync(report, 'utf8'));
  } catch {
    return undefined;
  }
}

/** A runner that fails without counting a failure (crash, hook, no report, half a report) is one failure of its own. */
function settle(report, status, name, parse) {
  const told = read(report, parse);
  const count = told ?? { passed: 0, failed: 0, skipped: 0, failures: [] };
  if ((status !== 0 || !told) && count.failed === 0) {
    count.failed = 1;
    count.failures.push(`${name}: the runner ended with status ${status}${told ? '' : ', without a report'}`);
  }
  return count;
}

await main(async () => {
  const wanted = process.argv.slice(2);
  const unknown = wanted.find((name) => !SUITES.some((suite) => suite.name === name));
  if (unknown)
    throw new SetupError(`unknown suite '${unknown}'`, `Suites: ${SUITES.map((suite) => suite.name).join(', ')}`);
  await setup({ test: true });
  if (process.getuid?.() !== 0)
    throw new SetupError(
      'the tests make network namespaces and load eBPF programs: they need root',
      'Run: sudo npm test',
    );
  mkdirSync(output, { recursive: true });

  const total = { passed: 0, failed: 0, skipped: 0 };
  const failures = [];
  for (const suite of SUITES) {
    if (wanted.length > 0 && !wanted.includes(suite.name)) continue;
    const started = performance.now();
    say(`suite ${suite.name}`);
    const count = await (suite.playwright ? playwrightSuite(suite) : nodeSuite(suite));
    for (const key of ['passed', 'failed', 'skipped']) total[key] += count[key];
    failures.push(...count.failures);
    say(
      `suite ${suite.name}: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped in ${((performance.now() - started) / 1000).toFixed(0)} s`,
    );
  }
  for (const failure of failures) process.stdout.write(`failed: ${path.relative(root, failure)}\n`);
  process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
  process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);
});
