/** Lists and dialogs by keyboard: the menu of a list's selected row, what opens inside of a dialog, what Escape closes; and what fits in the smallest window. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Locator } from '@playwright/test';
import { PROTOCOL_SAMPLES } from '../../golden/protocol-samples.ts';
import { sampleFile } from '../../golden/samples.ts';
import { expect, test } from '../lib/fixtures.ts';
import type { Running } from '../lib/hosts.ts';
import type { InspectorWindow } from '../lib/window.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'xf-keys-e2e-'));
const file = path.join(folder, 'media.pcapng');
writeFileSync(file, sampleFile(PROTOCOL_SAMPLES['rtp_heuristic']!));
test.afterAll(() => rmSync(folder, { recursive: true }));

async function opened(window: InspectorWindow, running: Running): Promise<void> {
  await running.answerOpen(file);
  await window.page.keyboard.press('Control+o');
  await expect.poll(() => window.storedPackets()).toBe(13);
  await window.show('Packets');
  await window.packetRows().nth(3).click();
}

test('a list that was clicked has the focus, and the menu key opens the menu of its selected row', async ({
  window,
  running,
}) => {
  const { page } = window;
  await opened(window, running);
  const menuAt = async (of: Locator) => {
    let row: { y: number; height: number } | null = null;
    // Once what was clicked has made room for itself.
    const atRest = async () => {
      const before = row?.y;
      row = await of.boundingBox();
      return row !== null && row.y === before;
    };
    await expect.poll(atRest).toBe(true);
    const below = row!.y + row!.height;
    await page.keyboard.press('Shift+F10');
    await expect
      .poll(async () => Math.abs(((await page.getByRole('menu').boundingBox())?.y ?? 0) - below))
      .toBeLessThan(4);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('menu')).toHaveCount(0);
  };
  await expect(window.packetGrid).toBeFocused();
  await menuAt(window.packetRows().nth(3));

  // The columns need no pointer either.
  const verdict = window.packetGrid.getByRole('columnheader', { name: 'Verdict' });
  for (const count of [0, 1]) {
    await page.getByRole('button', { name: 'Columns' }).press('Enter');
    await page.getByRole('menuitemcheckbox', { name: 'Verdict' }).press('Enter');
    await expect(verdict).toHaveCount(count);
  }

  await window.show('Analysis');
  await page.getByRole('tab', { name: 'Endpoints' }).click();
  const grid = page.getByRole('grid', { name: 'UDP endpoints' });
  const row = grid.getByRole('row').nth(2);
  await row.click();
  await expect(grid).toBeFocused();
  await menuAt(row);
  await expect(grid).toBeFocused();
});

test('what opens inside of a dialog can be seen and chosen; Escape closes one thing, a slip of the pointer nothing', async ({
  window,
  running,
}) => {
  const { page } = window;
  await opened(window, running);
  await page.keyboard.press('Control+Shift+U');
  const decode = page.getByRole('dialog', { name: 'Decode as' });
  await expect(decode.getByPlaceholder('Search protocols')).toBeFocused();
  const kind = decode.getByRole('button', { name: /^Kind of number/ });
  await kind.click();
  await page.getByRole('menuitemradio', { name: 'EtherType' }).click();
  await expect(kind).toHaveAccessibleName('Kind of number: EtherType');
  await kind.click();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('menu')).toHaveCount(0);
  await expect(decode).toBeVisible();
  // Text is selected with the pointer, which is let go of outside.
  const number = (await decode.getByRole('textbox', { name: 'EtherType' }).boundingBox())!;
  await page.mouse.move(number.x + 20, number.y + 8);
  await page.mouse.down();
  await page.mouse.move(4, 300);
  await page.mouse.up();
  await expect(decode).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(decode).toHaveCount(0);

  await page.keyboard.press('Control+Alt+Shift+T');
  const stream = page.getByRole('dialog', { name: /^UDP stream/ });
  await stream.getByRole('button', { name: 'Close' }).hover();
  // In the dialog, which is above everything else.
  await expect(stream.getByRole('tooltip', { name: /Close/ })).toBeVisible();
  await stream.getByRole('button', { name: 'Close' }).focus();
  await page.keyboard.press('Escape');
  await expect(stream).toHaveCount(0);
});

test('a filter that is sent before it was checked is not applied unless it is one', async ({ window, running }) => {
  const { page } = window;
  await opened(window, running);
  await page.keyboard.press('Control+/');
  await page.keyboard.insertText('udp.port == = 3');
  await page.keyboard.press('Enter');
  await expect(page.getByText('None of the')).toHaveCount(0);
  await expect(page.locator('#display-filter-problem')).toBeVisible();
  await expect(window.packetRows().first()).toBeVisible();
  await window.displayFilter.fill('udp.port == 45000');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status', { name: 'Packets shown' })).toHaveText(/^\d+ of 13 \(/);
});

test('in the smallest window nothing is cut off or scrolls that need not', async ({ window, running }) => {
  const { page } = window;
  await page.setViewportSize({ width: 1024, height: 640 });
  await opened(window, running);
  // The packet list is as wide as its place: a scroll bar for eight pixels would take a row's height.
  const sideways = () =>
    window
      .packetRows()
      .first()
      .evaluate((row) => {
        let over = 0;
        for (let at = row.parentElement; at && at.role !== 'grid'; at = at.parentElement)
          over = Math.max(over, at.scrollWidth - at.clientWidth);
        return over;
      });
  await expect.poll(sideways).toBe(0);
  await window.packetRows().nth(3).click({ button: 'right' });
  for (const name of ['Copy row', 'Stream graph'])
    await expect(page.getByRole('menuitem', { name })).toBeInViewport({ ratio: 1 });
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+Shift+U');
  const decode = page.getByRole('dialog', { name: 'Decode as' });
  await expect(decode).toBeInViewport({ ratio: 1 });
  await page.keyboard.press('Escape');
  await expect(decode).toHaveCount(0);
  // No clock asks again for the flows of a file: the first answer must not be lost when the view finds its size.
  await window.show('Flows');
  await expect(window.flowRows(/UDP/)).toHaveCount(6);
  await window.show('Analysis');
  await page.getByRole('tab', { name: 'TCP stream' }).click();
  for (const name of ['Follow', 'Packets'])
    await expect(page.getByRole('tabpanel').getByRole('button', { name })).toBeInViewport({ ratio: 1 });
  // A strip above takes its height from the views, not from what stands below them.
  await page.setViewportSize({ width: 1024, height: 560 });
  await expect(page.getByRole('button', { name: 'Settings' })).toBeInViewport({ ratio: 1 });
});
