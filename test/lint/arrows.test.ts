/**
 * The import arrows of ARCHITECTURE.md, as data. Every relative import of every source file must stay in its own folder or
 * follow an arrow; runtime-free folders may not import packages or Node modules. A break fails the build.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const root = path.resolve(import.meta.dirname, '../..');

/** folder → folders it may import; `packages` = bare imports it may use (`node:` for Node's own). */
const ARROWS: Record<string, { to: string[]; packages: string[] }> = {
  'electron/shared': { to: [], packages: [] },
  'electron/packets': { to: ['electron/shared'], packages: [] },
  'electron/transport': { to: ['electron/shared'], packages: ['node:'] },
  'electron/privileged': { to: ['electron/shared', 'electron/transport', 'native'], packages: ['node:'] },
  'electron/session': { to: ['electron/shared', 'electron/transport', 'electron/packets'], packages: ['node:'] },
  'electron/app': { to: ['electron/shared', 'electron/transport'], packages: ['node:', 'electron'] },
  'electron/preload': { to: ['electron/shared'], packages: ['electron'] },
  'electron/serve': { to: ['electron/shared', 'electron/transport', 'electron/session'], packages: ['node:', 'ws'] },
  'electron/cli': {
    to: ['electron/shared', 'electron/transport', 'electron/packets', 'electron/session', 'electron/serve'],
    packages: ['node:'],
  },
  renderer: {
    to: ['electron/shared'],
    packages: [
      'react',
      'zustand',
      'recharts',
      'radix-ui',
      'cmdk',
      'lucide-react',
      'react-resizable-panels',
      '@codemirror/',
      '@lezer/',
    ],
  },
};

function sources(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(
      (name) =>
        /\.(ts|tsx)$/.test(name) &&
        !name.endsWith('.d.ts') &&
        !name.includes('node_modules') &&
        !name.endsWith('vite.config.ts'),
    )
    .map((name) => path.join(folder, name));
}

const IMPORT =
  /^\s*(?:import|export)\s[^'"]*?from\s+['"]([^'"]+)['"]|^\s*import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;

function imports(file: string): string[] {
  return [...readFileSync(path.join(root, file), 'utf8').matchAll(IMPORT)].map((m) => (m[1] ?? m[2] ?? m[3])!);
}

function breaks(folder: string, file: string, wanted: string): string | null {
  const { to, packages } = ARROWS[folder]!;
  if (!wanted.startsWith('.'))
    return packages.some((name) =>
      name.endsWith(':') || name.endsWith('/')
        ? wanted.startsWith(name)
        : wanted === name || wanted.startsWith(`${name}/`) || (name === 'react' && wanted.startsWith('react-dom')),
    )
      ? null
      : `${file} imports package ${wanted}`;
  const target = path.normalize(path.join(path.dirname(file), wanted));
  const inside = [folder, ...to].some((allowed) => target === allowed || target.startsWith(`${allowed}/`));
  return inside ? null : `${file} imports ${target}`;
}

for (const folder of Object.keys(ARROWS))
  test(`${folder} imports only what its arrows allow`, () => {
    const found = sources(folder).flatMap((file) => imports(file).map((wanted) => breaks(folder, file, wanted)));
    assert.deepEqual(found.filter(Boolean), []);
    assert.ok(sources(folder).length > 0, 'the folder has sources');
  });

test('renderer features never import each other', () => {
  const found = sources('renderer/features').flatMap((file) => {
    const own = file.split('/').slice(0, 3).join('/');
    return imports(file)
      .filter((wanted) => wanted.startsWith('.'))
      .map((wanted) => path.normalize(path.join(path.dirname(file), wanted)))
      .filter((target) => target.startsWith('renderer/features/') && !target.startsWith(`${own}/`) && target !== own)
      .map((target) => `${file} imports ${target}`);
  });
  assert.deepEqual(found, []);
});

test('ARCHITECTURE.md names every folder of the table', () => {
  const text = readFileSync(path.join(root, 'ARCHITECTURE.md'), 'utf8');
  for (const folder of Object.keys(ARROWS)) assert.ok(text.includes(`| \`${folder}\` |`), folder);
});
