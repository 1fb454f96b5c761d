/** Static checks that fail the build: types folder by folder, Biome's rules and formatting, and repository hygiene. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const root = path.resolve(import.meta.dirname, '../..');
const bin = (name: string) => path.join(root, 'node_modules/.bin', name);
const execute = promisify(execFile);

const projects = [...readdirSync(path.join(root, 'electron')).map((name) => `electron/${name}`), 'renderer', 'test'];

for (const project of projects)
  test(`${project} type-checks under its own tsconfig`, { timeout: 180_000 }, async () => {
    const result = await execute(bin('tsc'), ['-p', project], { cwd: root }).catch(
      (error) => error as { stdout: string },
    );
    assert.equal(result.stdout.trim(), '');
  });

test('Biome finds nothing', async () => {
  const result = await execute(bin('biome'), ['check', '--error-on-warnings', '--max-diagnostics=50'], {
    cwd: root,
    maxBuffer: 1 << 26,
  }).catch((error) => error as { code: number; stdout: string; stderr: string });
  assert.equal('code' in result ? `${result.stdout}${result.stderr}` : '', '');
});

const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
  .split('\0')
  .filter((name) => name && existsSync(path.join(root, name)));
const text = (name: string) => readFileSync(path.join(root, name), 'utf8');

test('only the agreed names stand at the top', () => {
  const allowed = new Set([
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'biome.json',
    'electron',
    'renderer',
    'native',
    'bpf',
    'assets',
    'test',
    'electron-builder.yml',
    'README.md',
    'ARCHITECTURE.md',
    'LICENSE',
    '.ci',
    'scripts',
    '.gitignore',
    '.npmrc',
  ]);
  assert.deepEqual(
    [...new Set(tracked.map((name) => name.split('/')[0]!))].filter((name) => !allowed.has(name)),
    [],
  );
});

test('no committed file names a package registry or mirror host', () => {
  const hosts = /registry\.npm[a-z]*\.|deb\.debian\.org|snapshot\.debian|security\.debian\.org|nodejs\.org\/dist/;
  assert.deepEqual(
    tracked.filter((name) => !name.startsWith('test/lint/') && !/\.(png|ico)$/.test(name) && hosts.test(text(name))),
    [],
  );
});

test('no test is skipped, focused or empty', () => {
  const found = tracked
    .filter((name) => /^test\/.*\.(test|spec)\.ts$/.test(name) && !name.startsWith('test/lint/'))
    .filter((name) => /\b(?:test|it|describe)\.(?:skip|only|todo|fixme)\b|\bskip:\s*true/.test(text(name)));
  assert.deepEqual(found, []);
});

test('source files stay short enough to read (500 lines, tables aside)', () => {
  const long = tracked
    .filter((name) => /^(electron|renderer|native|bpf)\/.*\.(ts|tsx|c|cc|h|css)$/.test(name))
    .filter((name) => text(name).split('\n').length > 500);
  assert.deepEqual(long, []);
});
