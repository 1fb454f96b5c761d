/** The Monitor and the trace log in the window: what is wrong meets the eye first, with what really happened in the kernel. */
import path from 'node:path';
import { attachCause } from '../../netns/lib/monitor-causes.ts';
import { expect, test } from '../lib/fixtures.ts';
import { SCREENSHOTS } from '../lib/hosts.ts';
import { NEAR } from '../lib/network.ts';

test('the monitor says what it does, counts what goes wrong, and names it', async ({ window, host }) => {
  const { page } = window;
  await window.show('Monitor');
  await expect(page.getByRole('heading', { name: 'Nothing is watched yet' })).toBeVisible();
  await expect(page.getByText('no traffic changes', { exact: false })).toBeVisible();
  const detach = await attachCause(NEAR, 'give_up', { mode: 'generic' });
  try {
    await page.getByRole('button', { name: 'Start the monitor' }).click();
    const wrong = page.getByRole('region', { name: 'What is wrong' });
    await expect(wrong.getByRole('heading')).toHaveText(/\d things? goe?s? wrong/);
    await expect(wrong.getByText(/XDP exceptions ABORTED: [\d,.]+\/s/)).toBeVisible();
    await expect(wrong.getByText('the program gave up', { exact: false })).toBeVisible();
    const exceptions = page.getByRole('region', { name: 'Exceptions', exact: true });
    await exceptions.getByRole('button', { name: /ABORTED/ }).click();
    await expect(exceptions.getByText(/^CPU \d+$/).first()).toBeVisible();
    await expect(page.getByRole('region', { name: /^XDP, per second: .*exceptions [1-9]/ })).toBeVisible();
    for (const theme of ['dark', 'light'] as const) {
      await window.chooseTheme(theme);
      await page.waitForTimeout(2500);
      await page.screenshot({ path: path.join(SCREENSHOTS, `${host}-monitor-${theme}.png`) });
    }
  } finally {
    detach();
  }
  // Over, and still told.
  await expect(page.getByText('over,', { exact: false }).first()).toBeVisible();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Stopped. These are the last figures' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Exceptions', exact: true })).toContainText('ABORTED');
});

test('a root process that dies does not look like a quiet machine', async ({ window, running }) => {
  const { page } = window;
  await window.show('Monitor');
  const before = new Set(running.privilegedPids());
  await page.getByRole('button', { name: 'Start the monitor' }).click();
  await expect(page.getByRole('region', { name: 'What is wrong' })).toBeVisible();
  const started = running.privilegedPids().filter((pid) => !before.has(pid));
  expect(started).toHaveLength(1);
  process.kill(started[0]!, 'SIGKILL');
  const alert = page.getByRole('alert').filter({ hasText: 'killed by SIGKILL' });
  await expect(alert).toBeVisible();
  await alert.getByRole('button', { name: 'Start again' }).click();
  await expect(alert).toBeHidden();
});

test('the trace log shows lines decoded, is searched, and stands still while it is paused', async ({
  window,
  host,
}) => {
  const { page } = window;
  await window.show('Monitor');
  await page.getByRole('tab', { name: 'Trace log' }).click();
  await page.getByRole('button', { name: 'Follow the trace log' }).click();
  const detach = await attachCause(NEAR, 'say', { mode: 'generic' });
  try {
    const rows = page.getByRole('grid', { name: 'Trace log' }).getByRole('row');
    const line = rows.filter({ hasText: /src: ([\da-f]{2}:){5}[\da-f]{2}, .*proto: IPv4 \(0x0800\)/ });
    await expect(line.first()).toBeVisible();
    await page.getByRole('searchbox', { name: 'Search the trace log' }).fill('ipv6');
    await expect(rows.filter({ hasText: 'IPv6 (0x86dd)' }).first()).toBeVisible();
    await expect(rows.filter({ hasText: 'IPv4' })).toHaveCount(0);
    await page.getByRole('button', { name: 'Pause' }).click();
    const more = page.getByText(/[\d,]+ new lines?/);
    await expect(more).toBeVisible();
    const newest = rows.last();
    const [text, count] = [await newest.textContent(), await more.textContent()];
    await expect(more).not.toHaveText(count!);
    await expect(newest).toHaveText(text!);
    for (const theme of ['dark', 'light'] as const) {
      await window.chooseTheme(theme);
      await page.waitForTimeout(600);
      await page.screenshot({ path: path.join(SCREENSHOTS, `${host}-trace-${theme}.png`) });
    }
    await page.getByRole('button', { name: 'Resume' }).click();
    await expect(newest).not.toHaveText(text!);
    await page.getByRole('searchbox', { name: 'Search the trace log' }).fill('nothing says this');
    await expect(page.getByRole('heading', { name: /No line has/ })).toBeVisible();
  } finally {
    detach();
  }
});
