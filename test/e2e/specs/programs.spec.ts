/** The Programs view on a program that is really attached: list and rates, code with its source, calls, links, order, and taking it off. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from '../lib/fixtures.ts';
import { ROOT, SCREENSHOTS } from '../lib/hosts.ts';
import { attachedPrograms, NEAR } from '../lib/network.ts';

const PINS = '/sys/fs/bpf/xdpeek-e2e-programs';
const inNear = (...command: string[]) =>
  execFileSync('nsenter', [`--net=/run/netns/${NEAR.netns}`, ...command], { encoding: 'utf8' });

let id = '';

test.beforeEach(() => {
  rmSync(PINS, { recursive: true, force: true });
  execFileSync('bpftool', ['prog', 'loadall', path.join(ROOT, 'dist/bpf/library/traffic_calls.bpf.o'), PINS]);
  const shown = execFileSync('bpftool', ['-j', 'prog', 'show', 'pinned', `${PINS}/traffic_calls`], {
    encoding: 'utf8',
  });
  id = String((JSON.parse(shown) as { id: number }).id);
  inNear('ip', 'link', 'set', 'dev', NEAR.ifname, 'xdpgeneric', 'pinned', `${PINS}/traffic_calls`);
});
test.afterEach(() => {
  inNear('ip', 'link', 'set', 'dev', NEAR.ifname, 'xdpgeneric', 'off');
  rmSync(PINS, { recursive: true, force: true });
});

/** By the cell that says the id and nothing else. */
const rowOf = (page: Page) =>
  page
    .getByRole('grid', { name: 'Programs' })
    .getByRole('row')
    .filter({ has: page.getByRole('gridcell', { name: id, exact: true }) })
    .filter({ hasText: 'traffic_calls' });

test('a program that somebody attached: found, counted, read, followed, taken off', async ({ window, host }) => {
  const { page } = window;
  await window.show('Programs');
  const grid = page.getByRole('grid', { name: 'Programs' });
  const row = rowOf(page);
  await expect(row).toContainText('traffic_calls');
  await expect(row).toContainText(NEAR.ifname);
  await page.keyboard.press('Control+f');
  await page.keyboard.type(`${NEAR.ifname} ${id}`);
  await expect(grid).toHaveAttribute('aria-rowcount', '1');
  await row.click();

  // Rates come and go with the switch.
  const detail = page.getByRole('region', { name: 'Program traffic_calls' });
  await expect(detail.getByText('Runs a second').locator('..')).toContainText('–');
  await page.getByRole('button', { name: 'Statistics' }).click();
  await expect(detail.getByText('Runs a second').locator('..')).toContainText(/\d/);
  await expect(detail.getByText('ns a run').locator('..')).toContainText(/\d/);
  await page.screenshot({ path: path.join(SCREENSHOTS, `${host}-programs.png`) });
  await page.getByRole('button', { name: 'Statistics' }).click();

  // Code: instructions with the lines of C they come from; a call is followed and come back from.
  await detail.getByRole('tab', { name: 'Code' }).click();
  const code = detail.getByRole('listbox', { name: 'Code' });
  await expect(code.getByRole('option').filter({ hasText: 'int traffic_calls(struct xdp_md *ctx)' })).toBeVisible();
  const call = code.getByRole('option').filter({ hasText: 'call pc' }).filter({ hasText: 'handle_ipv4' });
  const current = code.locator('[role=option][aria-selected=true]');
  await code.focus();
  // Page by page, each drawn before the next: the call may be on any.
  while ((await call.count()) === 0) {
    const at = await code.getAttribute('aria-activedescendant');
    await page.keyboard.press('PageDown');
    await expect(code).not.toHaveAttribute('aria-activedescendant', at!);
    await expect(current).toBeInViewport({ ratio: 1 });
  }
  await call.first().click();
  await page.keyboard.press('Enter');
  await expect(current).toBeVisible();
  await expect(current).not.toContainText('call pc');
  await expect(code.getByRole('option').filter({ hasText: /^handle_ipv4$/ })).toBeVisible();
  await page.keyboard.press('Backspace');
  await expect(current).toContainText('handle_ipv4');
  const shown = await code.getByRole('option').count();
  await detail.getByRole('button', { name: 'Source' }).click();
  await expect(code.getByRole('option').filter({ hasText: 'traffic_calls.bpf.c' })).toHaveCount(0);
  expect(shown).toBeGreaterThan(10);
  await page.screenshot({ path: path.join(SCREENSHOTS, `${host}-programs-code.png`) });
  await detail.getByRole('radio', { name: 'Machine code' }).click();
  const machine = process.arch === 'x64' ? 'push rbp' : /[0-9a-f]{2} [0-9a-f]{2}/;
  await expect(code.getByRole('option').filter({ hasText: machine }).first()).toBeVisible();

  // Calls lead back into the code.
  await detail.getByRole('tab', { name: 'Calls' }).click();
  const calls = detail.getByRole('list', { name: 'Calls' });
  await expect(calls.getByRole('button', { name: 'count_tcp' })).toHaveCount(2);
  await calls.getByRole('button', { name: 'handle_ipv6' }).click();
  await expect(current).toBeVisible();
  await expect(code.getByRole('option').filter({ hasText: /^handle_ipv6$/ })).toBeVisible();

  // By interface: the hook, and what runs there.
  await page.getByRole('radio', { name: 'By interface' }).click();
  const places = page.getByRole('list', { name: 'Interfaces with programs' });
  await expect(places.getByRole('button', { name: /traffic_calls/ })).toContainText('generic');

  // Taken off only after it was said what changes.
  await detail.getByRole('tab', { name: 'Links' }).click();
  await detail.getByRole('button', { name: 'Detach…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Detach traffic_calls?' });
  await expect(dialog).toContainText(`xdp (generic) on ${NEAR.ifname} in network namespace ${NEAR.netns}`);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect.poll(attachedPrograms).toContain(NEAR.ifname);
  await detail.getByRole('button', { name: 'Detach…' }).click();
  await dialog.getByRole('button', { name: 'Detach', exact: true }).click();
  await expect(detail.getByText('It is attached nowhere')).toBeVisible();
  await expect.poll(attachedPrograms).toBe('');
});

test('a program that goes away while it is looked at says so; the search that finds nothing offers all again', async ({
  window,
}) => {
  const { page } = window;
  await window.show('Programs');
  await rowOf(page).click();
  await expect(page.getByRole('region', { name: 'Program traffic_calls' })).toBeVisible();
  inNear('ip', 'link', 'set', 'dev', NEAR.ifname, 'xdpgeneric', 'off');
  rmSync(PINS, { recursive: true, force: true });
  await expect(page.getByText(`Program ${id} is gone`)).toBeVisible();
  await page.keyboard.press('Control+f');
  await page.keyboard.type('no such program');
  await page.getByRole('button', { name: 'Show all programs' }).click();
  await expect(page.getByText('No program matches')).toHaveCount(0);
});
