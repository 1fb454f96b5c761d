/** The packet list under hands: it follows the newest until one looks up, goes anywhere in a long file, and chooses rows by keys and pointer. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { enhancedPacket, interfaceDescription, sectionHeader } from '../../../electron/packets/pcap/writer.ts';
import { ascii, udpFrame } from '../../netns/lib/frames.ts';
import { expect, test } from '../lib/fixtures.ts';
import { ROOT } from '../lib/hosts.ts';

const a = { mac: '02:77:00:00:00:01', ipv4: '10.77.0.1', ipv6: 'fd77::1' };
const b = { mac: '02:77:00:00:00:02', ipv4: '10.77.0.2', ipv6: 'fd77::2' };
/** More rows than an element can be high: the list is scaled. */
const COUNT = 500_000;

function capture(count: number): string {
  const file = path.join(ROOT, `test/output/list-${count}.pcapng`);
  const frame = udpFrame(a, b, ascii('x'), { destinationPort: 7001 });
  const packet = (i: number) =>
    enhancedPacket({
      interfaceId: 0,
      epochNs: 1_700_000_000_000_000_000n + BigInt(i) * 1000n,
      wireLen: frame.length,
      bytes: frame,
    });
  const head = [sectionHeader(), interfaceDescription({ linkType: 1, name: 'lan0' })];
  writeFileSync(file, Buffer.concat([...head, ...Array.from({ length: count }, (_, i) => packet(i))]));
  return file;
}

const numbers = (rows: Locator) =>
  rows.evaluateAll((all) => all.map((row) => Number(row.getAttribute('aria-rowindex'))).sort((x, y) => x - y));
const firstOnScreen = async (rows: Locator) => (await numbers(rows))[0];
/** A wheel turns for some frames: the first row when it has come to rest. */
async function firstAtRest(rows: Locator, page: Page): Promise<number | undefined> {
  let first = await firstOnScreen(rows);
  await expect(async () => {
    const before = first;
    await page.waitForTimeout(200);
    first = await firstOnScreen(rows);
    expect(first).toBe(before);
  }).toPass();
  return first;
}
const chosen = (page: Page) =>
  numbers(page.getByRole('grid', { name: 'Packets' }).locator('[role=row][aria-selected=true]'));

test('it follows the newest packet; looking up holds it still and counts what is new; End follows again', async ({
  window,
}) => {
  const { page } = window;
  const follow = await window.startFollowed();
  const last = async () => (await numbers(window.packetRows())).at(-1)!;
  const before = await last();
  await expect.poll(last).toBeGreaterThan(before);

  await window.packetGrid.hover();
  await page.mouse.wheel(0, -300);
  await expect(follow).toHaveAttribute('aria-pressed', 'false');
  const pill = page.getByRole('button', { name: /^[\d,]+ new$/ });
  await expect(pill).toBeVisible();
  const top = await firstAtRest(window.packetRows(), page);
  const count = await window.packetCount();
  await expect.poll(() => window.packetCount()).toBeGreaterThan(count + 20);
  expect(await firstOnScreen(window.packetRows())).toBe(top);

  await pill.click();
  await expect(follow).toHaveAttribute('aria-pressed', 'true');
  await expect(pill).toBeHidden();
  await expect.poll(last).toBeGreaterThan(count);

  // A place, not a row: while the list runs, an element shows the first row now and the last one a moment later.
  await window.packetGrid.click({ position: { x: 300, y: 80 } });
  await expect(follow).toHaveAttribute('aria-pressed', 'false');
  await page.keyboard.press('End');
  await expect(follow).toHaveAttribute('aria-pressed', 'true');
});

test('a list longer than the screen can be is walked by wheel, keys and number, to its very ends', async ({
  window,
  running,
}) => {
  const { page } = window;
  await running.answerOpen(capture(COUNT));
  await page.keyboard.press('Control+o');
  await expect.poll(() => window.storedPackets()).toBe(COUNT);
  await window.show('Packets');
  await expect(window.packetRows().first()).toHaveAttribute('aria-rowindex', '1');
  await window.packetGrid.hover();
  await page.mouse.wheel(0, 22 * 7);
  await expect.poll(() => firstOnScreen(window.packetRows())).toBe(8);

  await window.packetRows().first().click();
  await expect.poll(() => chosen(page)).toEqual([8]);
  await page.keyboard.press('ArrowDown');
  await expect.poll(() => chosen(page)).toEqual([9]);
  await page.keyboard.press('End');
  await expect.poll(() => chosen(page)).toEqual([COUNT]);
  await page.keyboard.press('PageUp');
  await expect.poll(async () => (await chosen(page))[0]).toBeGreaterThan(COUNT - 100);
  await page.keyboard.press('Home');
  await expect.poll(() => chosen(page)).toEqual([1]);

  await page.keyboard.press('Control+g');
  await page.getByRole('textbox', { name: 'Packet number' }).fill('345,678');
  await page.keyboard.press('Enter');
  await expect.poll(() => chosen(page)).toEqual([345_678]);
  await expect(window.details).toContainText('Frame 345678');
});

test('Shift chooses several, by keys and pointer; a plain click takes one', async ({ window, running }) => {
  const { page } = window;
  await running.answerOpen(capture(40));
  await page.keyboard.press('Control+o');
  await expect.poll(() => window.storedPackets()).toBe(40);
  await window.show('Packets');
  const row = (number: number) => window.packetGrid.locator(`[role=row][aria-rowindex="${number}"]`);
  await row(3).click();
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowDown');
  await expect.poll(() => chosen(page)).toEqual([3, 4, 5]);
  await page.keyboard.press('Shift+ArrowUp');
  await expect.poll(() => chosen(page)).toEqual([3, 4]);
  await row(6).click({ modifiers: ['Shift'] });
  await expect.poll(() => chosen(page)).toEqual([3, 4, 5, 6]);
  await row(4).click();
  await expect.poll(() => chosen(page)).toEqual([4]);
  await page.keyboard.press('ArrowUp');
  await expect.poll(() => chosen(page)).toEqual([3]);
});
