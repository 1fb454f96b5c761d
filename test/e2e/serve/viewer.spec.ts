/** `xdpeek serve --viewer`: who has the second link sees what the first one's window shows, and is told in words what it may not do. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, expect, test } from '@playwright/test';
import { captureFile } from '../../fixtures/session.ts';
import { NODE, ROOT, SCREENSHOTS } from '../lib/hosts.ts';

test('sees the packets, and can neither start, stop, open nor look into the kernel', async ({ launchOptions }) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'xe-viewer-'));
  const file = path.join(folder, 'five.pcapng');
  writeFileSync(file, captureFile(5));
  const serve = spawn(NODE, [path.join(ROOT, 'dist/cli/main.mjs'), 'serve', '--viewer', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const browser = await chromium.launch(launchOptions);
  try {
    let said = '';
    serve.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const links = () => [...said.matchAll(/http:\S+token=\S+/g)].map(([link]) => link);
    await expect.poll(() => links().length).toBe(2);
    const page = await (await browser.newContext()).newPage();
    await page.goto(links()[1]!);
    const show = (view: string) => page.getByRole('button', { name: view, exact: true }).click();
    const refused = page.getByText(/for looking at the capture only/);
    await show('Packets');
    await expect(page.getByRole('row').nth(5)).toBeVisible();
    await show('Home');
    await expect(page.getByRole('heading', { name: 'You are looking on' })).toBeVisible();
    await page.getByRole('button', { name: 'Start', exact: true }).click();
    await expect(page.getByText('Could not start:')).toBeVisible();
    await expect(refused).toBeVisible();
    await page.screenshot({ path: path.join(SCREENSHOTS, 'serve-viewer.png') });
    await show('Programs');
    await page.getByRole('button', { name: 'Ask for permission' }).click();
    await expect(page.getByRole('main').getByText(/for looking at the capture only/)).toBeVisible();

    const owner = await (await browser.newContext()).newPage();
    await owner.goto(links()[0]!);
    await expect(owner.getByText('five.pcapng').first()).toBeVisible();
    await expect(owner.getByText('for looking at the capture only')).toHaveCount(0);
  } finally {
    await browser.close();
    const ended = once(serve, 'exit');
    serve.kill('SIGINT');
    await ended;
    rmSync(folder, { recursive: true });
  }
});
