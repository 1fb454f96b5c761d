/** The app's pure parts: its command line, its checks of what pages send, its memory of the window, its asset table. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseArguments } from '../../electron/app/arguments.ts';
import { assetHandler, CONTENT_SECURITY_POLICY } from '../../electron/app/asset-protocol.ts';
import {
  checkDroppedPaths,
  checkExport,
  checkExternalUrl,
  checkNothing,
  checkSuggestedName,
  checkTheme,
} from '../../electron/app/checks.ts';
import { layout } from '../../electron/app/layout.ts';
import { isOurs } from '../../electron/app/origin.ts';
import { RecentFiles } from '../../electron/app/recent-files.ts';
import { refuseRoot } from '../../electron/app/root-guard.ts';
import { parseSettings, SettingsFile, visibleBounds } from '../../electron/app/settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'xdpeek-desktop-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('arguments: files become absolute, Chromium switches pass, too many are refused', () => {
  assert.deepEqual(parseArguments(['--no-sandbox', 'a.pcapng', '--demo', '/b.pcap'], '/home/u'), {
    demo: true,
    version: false,
    files: ['/home/u/a.pcapng', '/b.pcap'],
  });
  assert.deepEqual(parseArguments(['--', '--odd-name'], '/home/u').files, ['/home/u/--odd-name']);
  assert.equal(parseArguments(['--version'], '/').version, true);
  assert.throws(() => parseArguments(Array(65).fill('a'), '/'), { code: 'USAGE' });
  assert.throws(() => parseArguments([''], '/'), { code: 'USAGE' });
  assert.throws(() => parseArguments(['x'.repeat(5000)], '/'), { code: 'USAGE' });
});

test('only the exact origin is ours', () => {
  assert.ok(isOurs('app://xdpeek/index.html'));
  for (const url of [
    'app://xdpeek.evil/',
    'app://evil/xdpeek',
    'https://xdpeek/',
    'app://user@xdpeek/',
    'app://xdpeek:1/',
    'file:///x',
    'nonsense',
    '',
  ])
    assert.equal(isOurs(url), false, url);
});

test('ipc arguments: anything but the exact shape is refused', () => {
  assert.deepEqual(checkNothing([]), []);
  assert.throws(() => checkNothing([1]), { code: 'EINVAL' });
  assert.deepEqual(checkDroppedPaths(['/tmp/a b.pcap', '/b']), ['/tmp/a b.pcap', '/b']);
  assert.throws(() => checkDroppedPaths(['/a', '']), { code: 'ENOENT' });
  for (const args of [['relative'], ['/a\0b'], [7], ['/a', ['/b']], Array(65).fill('/a'), []])
    assert.throws(() => checkDroppedPaths(args), { code: 'EINVAL' }, JSON.stringify(args));
  const request = { packets: { of: 'rows', filter: '', first: 0, last: 3 }, format: 'pcap', packing: 'gz' };
  assert.deepEqual(checkExport([request, 'a.pcap.gz']), [request, 'a.pcap.gz']);
  for (const args of [
    [request],
    [request, '../a'],
    [{ ...request, path: '/etc/passwd' }, 'a'],
    [{ ...request, format: 'exe' }, 'a'],
    [{ ...request, packets: { of: 'file', filter: '' } }, 'a'],
    [{ ...request, packets: { of: 'rows', filter: '', first: -1, last: 3 } }, 'a'],
    [{ ...request, packets: null }, 'a'],
  ])
    assert.throws(() => checkExport(args), /./, JSON.stringify(args));
  assert.deepEqual(checkSuggestedName(['veth0 capture.pcapng']), ['veth0 capture.pcapng']);
  for (const name of ['../../etc/cron.d/x', '/etc/passwd', '..', '', 'a\nb', 'a\u001b[2J', 'x'.repeat(300), null])
    assert.throws(() => checkSuggestedName([name]), { code: 'EINVAL' }, String(name));
  assert.deepEqual(checkExternalUrl(['https://www.rfc-editor.org/rfc/rfc792']), [
    'https://www.rfc-editor.org/rfc/rfc792',
  ]);
  for (const url of ['http://a/', 'file:///etc/passwd', 'javascript:alert(1)', 'https://u:p@a/', 'x', 'smb://a/'])
    assert.throws(() => checkExternalUrl([url]), { code: 'EINVAL' }, url);
  assert.deepEqual(checkTheme(['dark']), ['dark']);
  assert.throws(() => checkTheme(['blue']), { code: 'EINVAL' });
});

test('settings survive a round trip; damage counts as absent', () => {
  const path = join(folder, 'deep', 'window.json');
  const file = new SettingsFile(path);
  assert.deepEqual(file.current, { theme: 'system', maximized: false, recent: [] });
  file.save({ theme: 'dark', bounds: { x: 10, y: 20, width: 1200, height: 800 } });
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(new SettingsFile(path).current, JSON.parse(readFileSync(path, 'utf8')));
  for (const text of [
    '',
    '{',
    'null',
    '[]',
    '{"theme":"blue","maximized":"yes","bounds":{"x":1}}',
    '{"bounds":{"x":0,"y":0,"width":1e9,"height":1e9}}',
    '{"recent":[{"path":"relative","openedMs":1},{"path":"/a"},7,null]}',
  ])
    assert.deepEqual(parseSettings(text), { theme: 'system', maximized: false, recent: [] }, text);
});

test('recent files: the last one first, each once, never by path; what is gone is left out and cannot be opened', () => {
  const path = join(folder, 'recent.json');
  const recent = new RecentFiles(new SettingsFile(path));
  let changes = 0;
  recent.onChange = () => changes++;
  const files = ['one.pcap', 'two.pcap', 'three.pcap'].map((name) => join(folder, name));
  for (const file of files) writeFileSync(file, 'x');
  for (const file of [...files, files[0]!]) recent.add([file]);
  assert.deepEqual(
    recent.list().map(({ name, sizeBytes }) => [name, sizeBytes]),
    [
      ['one.pcap', 1],
      ['three.pcap', 1],
      ['two.pcap', 1],
    ],
  );
  assert.doesNotMatch(JSON.stringify(recent.list()), new RegExp(folder));
  const [first, second] = recent.list();
  assert.equal(recent.pathOf(first!.token), files[0]);
  rmSync(files[0]!);
  assert.throws(() => recent.pathOf(first!.token), { code: 'ENOENT' });
  assert.throws(() => recent.pathOf('/etc/passwd'), { code: 'ENOENT' });
  const later = new RecentFiles(new SettingsFile(path));
  assert.deepEqual(
    later.list().map(({ name }) => name),
    ['three.pcap', 'two.pcap'],
  );
  assert.throws(() => later.pathOf(second!.token), { code: 'ENOENT' }, 'a token is good for one run');
  recent.clear();
  assert.deepEqual(recent.list(), []);
  assert.equal(changes, 6);
});

test('a window is put back only where a display still shows it', () => {
  const display = { x: 0, y: 0, width: 1920, height: 1080 };
  const bounds = { x: 100, y: 100, width: 900, height: 700 };
  assert.deepEqual(visibleBounds(bounds, [display]), bounds);
  assert.equal(visibleBounds({ ...bounds, x: 3000 }, [display]), undefined);
  assert.equal(visibleBounds({ ...bounds, y: -50 }, [display]), undefined);
  assert.equal(visibleBounds(undefined, [display]), undefined);
});

test('assets: only what was in the folder, with strict headers', async () => {
  const root = join(folder, 'renderer');
  mkdirSync(join(root, 'assets'), { recursive: true });
  writeFileSync(join(root, 'index.html'), '<!doctype html>');
  writeFileSync(join(root, 'assets', 'app.js'), 'export {}');
  writeFileSync(join(root, 'assets', 'app.js.map'), '{}');
  writeFileSync(join(folder, 'secret'), 'no');
  symlinkSync(join(folder, 'secret'), join(root, 'link.html'));
  const handle = assetHandler(root);
  const get = (path: string, method = 'GET') => handle(new Request(`app://xdpeek${path}`, { method }));

  const page = await get('/');
  assert.equal(page.status, 200);
  assert.equal(page.headers.get('content-security-policy'), CONTENT_SECURITY_POLICY);
  assert.doesNotMatch(CONTENT_SECURITY_POLICY, /unsafe|\*|https?:/);
  assert.equal(await (await get('/assets/app.js')).text(), 'export {}');
  assert.equal((await get('/assets/app.js')).headers.get('x-content-type-options'), 'nosniff');
  for (const path of [
    '/../secret',
    '/%2e%2e/secret',
    '/..%2fsecret',
    '/link.html',
    '/assets/app.js.map',
    '/assets',
    '/nope',
  ])
    assert.equal((await get(path)).status, 404, path);
  assert.equal((await get('/', 'POST')).status, 405);
  assert.equal((await handle(new Request('app://other/index.html'))).status, 404);
});

test('the layout keeps what plain Node runs outside the asar', () => {
  assert.deepEqual(layout('/src/dist/app', undefined), {
    inside: '/src/dist',
    outside: '/src/dist',
    node: '/src/node_modules/node/bin/node',
  });
  assert.deepEqual(layout('/opt/xdpeek/resources/app.asar/dist/app', '/opt/xdpeek/resources'), {
    inside: '/opt/xdpeek/resources/app.asar/dist',
    outside: '/opt/xdpeek/resources/dist',
    node: '/opt/xdpeek/resources/bin/node',
  });
});

test('the window refuses to run as root', () => {
  assert.throws(() => refuseRoot(0, '45.4.1'), { code: 'EPERM', hint: /xdpeek serve/ });
  refuseRoot(1000, '45.4.1');
});
