/** What only the app has: a page without powers, a native menu, a session that can die and come back. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MENU_COMMANDS } from '../../../electron/shared/commands.ts';
import { expect, test } from '../lib/fixtures.ts';
import { ROOT, SCREENSHOTS } from '../lib/hosts.ts';
import { demoNamespaces } from '../lib/network.ts';

test('the page has named functions only: no Node, no ipc, no eval, no inline script', async ({ window }) => {
  const found = await window.page.evaluate(async () => {
    const scope = globalThis as unknown as Record<string, unknown>;
    const script = document.createElement('script');
    script.textContent = 'globalThis.inlineRan = true';
    document.head.append(script);
    // In a task of the page's own: what DevTools evaluates directly is exempt from the policy.
    const evaluated = await new Promise<boolean>((resolve) =>
      setTimeout(() => {
        try {
          resolve(new Function('return true')());
        } catch {
          resolve(false);
        }
      }),
    );
    return {
      powers: ['require', 'process', 'module', 'ipcRenderer', 'electron', 'Buffer'].filter((name) => name in scope),
      host: Object.keys(scope['xdpeekHost'] as object).sort(),
      frozen: Object.isFrozen(scope['xdpeekHost']),
      inlineRan: 'inlineRan' in scope,
      evaluated,
    };
  });
  expect(found).toEqual({
    powers: [],
    host: [
      'dragOut',
      'exportPackets',
      'forgetRecent',
      'kind',
      'onCommand',
      'openCapture',
      'openDropped',
      'openExternal',
      'openKeyLog',
      'openObject',
      'openRecent',
      'recentFiles',
      'saveCapture',
      'setTheme',
      'startDemo',
    ],
    frozen: true,
    inlineRan: false,
    evaluated: false,
  });
  window.forgivePolicyViolations();
});

test('navigation and new windows are refused', async ({ window, running }) => {
  const { page } = window;
  const before = page.url();
  await page.evaluate(() => {
    window.open('https://example.com/');
    const link = document.createElement('a');
    link.href = 'https://example.com/';
    document.body.append(link);
    link.click();
  });
  await page.waitForTimeout(500);
  expect(page.url()).toBe(before);
  await expect(window.card()).toBeVisible();
  expect(await running.electron?.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
});

test('openExternal takes https only, and the suggested name of a save cannot choose a folder', async ({ window }) => {
  const refusals = await window.page.evaluate(async () => {
    const host = (globalThis as unknown as { xdpeekHost: import('../../../electron/shared/api.ts').HostApi })
      .xdpeekHost;
    const words = (work: Promise<unknown> | undefined) =>
      work?.then(
        () => 'accepted',
        (error: Error) => error.message,
      );
    return [
      await words(host.openExternal?.('http://example.com/')),
      await words(host.openExternal?.('file:///etc/passwd')),
      await words(host.saveCapture('../../etc/cron.d/x')),
    ];
  });
  expect(refusals).toEqual([
    'only https addresses without credentials are opened',
    'only https addresses without credentials are opened',
    'the suggested name is not a plain file name',
  ]);
});

test('the native menu has every command, and choosing one reaches the page', async ({ window, running }) => {
  const ids = Object.values(MENU_COMMANDS).flatMap((commands) => commands.map(({ id }) => id));
  const missing = await running.electron?.evaluate(
    ({ Menu }, wanted) => wanted.filter((id) => !Menu.getApplicationMenu()?.getMenuItemById(id)),
    ids as string[],
  );
  expect(missing).toEqual([]);
  await running.electron?.evaluate(
    ({ Menu }) => void Menu.getApplicationMenu()?.getMenuItemById('view.flows')?.click(),
  );
  await expect(
    window.page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: 'Flows' }),
  ).toHaveAttribute('aria-current', 'page');
});

test('a dropped file opens, by a path that the page never sees', async ({ window, running }) => {
  const file = path.join(ROOT, 'test/output/two-frames.pcap');
  writeFileSync(file, twoFrames());
  const cdp = await running.page.context().newCDPSession(window.page);
  const data = { items: [], files: [file], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await cdp.send('Input.dispatchDragEvent', { type, x: 700, y: 400, data });
  await expect(window.statusBar).toContainText('two-frames.pcap');
  await expect.poll(() => window.storedPackets()).toBe(2);
});

test('dropped together they are merged; recent files are on the start page and in the menu, without their paths', async ({
  window,
  running,
}) => {
  const { page } = window;
  const files = ['one.pcap', 'two.pcap'].map((name) => path.join(ROOT, 'test/output', name));
  for (const file of files) writeFileSync(file, twoFrames());
  const cdp = await running.page.context().newCDPSession(page);
  const data = { items: [], files, dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await cdp.send('Input.dispatchDragEvent', { type, x: 700, y: 400, data });
  await expect(window.statusBar).toContainText('one.pcap and 1 other');
  await expect.poll(() => window.storedPackets()).toBe(4);

  await window.show('Start');
  const recent = page.getByRole('region', { name: 'Recent files' });
  await expect(recent.getByRole('listitem')).toHaveText([/^one\.pcap/, /^two\.pcap/]);
  expect(await recent.innerHTML()).not.toContain(ROOT);
  await page.screenshot({ path: path.join(SCREENSHOTS, 'electron-recent.png') });
  await recent.getByRole('button', { name: /^two\.pcap/ }).click();
  await expect.poll(() => window.storedPackets()).toBe(2);
  const labels = await running.electron?.evaluate(({ Menu }) => {
    const menu = Menu.getApplicationMenu()?.getMenuItemById('file.recent');
    return (menu as unknown as { menu: { items: { label?: string }[] } }).menu.items.map(({ label }) => label);
  });
  expect(labels).toEqual(['two.pcap', 'one.pcap', undefined, 'Forget These']);
  await window.show('Start');
  await page.getByRole('button', { name: 'Forget these' }).click();
  await expect(recent).toHaveCount(0);
});

test('the demo network starts from the window, is there to capture, and goes with the app', async ({
  window,
  running,
}) => {
  const { page } = window;
  const before = demoNamespaces();
  await page.getByRole('button', { name: 'Start the demo' }).click();
  const ours = () => demoNamespaces().find((name) => !before.includes(name)) ?? '';
  await expect.poll(ours).not.toBe('');
  const card = page
    .getByRole('button', { name: new RegExp(`^Start on \\S+ in namespace ${ours().replace(/[ab]$/, '')}`) })
    .first();
  await expect(card).toBeEnabled();
  await expect(page.getByText(/^It is running/)).toBeVisible();
  await card.click();
  await window.running();
  await window.show('Packets');
  await expect.poll(() => window.packetCount()).toBeGreaterThan(5);
  await running.close();
  await expect.poll(() => demoNamespaces().filter((name) => !before.includes(name))).toEqual([]);
});

test('when the session process dies the window says so, and a new one takes over', async ({ window, running }) => {
  const [pid] = sessionPids(running.electron?.process().pid as number);
  expect(pid).toBeDefined();
  process.kill(pid as number, 'SIGKILL');
  await expect(window.statusBar).toContainText('Disconnected');
  await window.page
    .getByRole('button', { name: /reconnect|connect again/i })
    .first()
    .click();
  await expect(window.statusBar).toContainText('Ready');
  await window.start();
});

/** A pcap of two 60-byte Ethernet frames (draft-gharris-opsawg-pcap: header 24 bytes, record header 16). */
function twoFrames(): Uint8Array {
  const file = new DataView(new ArrayBuffer(24 + 2 * (16 + 60)));
  file.setUint32(0, 0xa1b2c3d4, true);
  file.setUint16(4, 2, true);
  file.setUint16(6, 4, true);
  file.setUint32(16, 65_535, true);
  file.setUint32(20, 1, true);
  for (let n = 0; n < 2; n++) {
    const at = 24 + n * 76;
    file.setUint32(at, 1_700_000_000 + n, true);
    file.setUint32(at + 8, 60, true);
    file.setUint32(at + 12, 60, true);
  }
  return new Uint8Array(file.buffer);
}

function sessionPids(parent: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('session/main.mjs') &&
          readFileSync(`/proc/${pid}/status`, 'utf8').includes(`PPid:\t${parent}\n`)
        );
      } catch {
        return false;
      }
    });
}
