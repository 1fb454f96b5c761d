/** The packet list in the order of a column: by heading, keys and menu; under a filter; with a packet selected; and while packets come. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { CaptureParser } from '../../../electron/packets/pcap/capture-parser.ts';
import { enhancedPacket, interfaceDescription, sectionHeader } from '../../../electron/packets/pcap/writer.ts';
import { ascii, udpFrame } from '../../netns/lib/frames.ts';
import { expect, test } from '../lib/fixtures.ts';
import { ROOT, type Running, SCREENSHOTS } from '../lib/hosts.ts';
import type { InspectorWindow } from '../lib/window.ts';

const COUNT = 200_000;
/** Of these so many are dissected long enough to be seen. */
const MANY = 4;
const START = 1_700_000_000_000_000_000n;
const receiver = { mac: '02:77:00:00:00:02', ipv4: '10.77.0.2', ipv6: 'fd77::2' };

/** Packet n is of n·37 mod 251 + 1 bytes, from 10.77.1.(n mod 200); every tenth goes to port 7010. */
const payload = (n: number) => ((n * 37) % 251) + 1;
const frameOf = (n: number) =>
  udpFrame(
    { mac: '02:77:00:00:00:01', ipv4: `10.77.1.${n % 200}`, ipv6: 'fd77::1' },
    receiver,
    ascii('x'.repeat(payload(n))),
    { sourcePort: 20_000 + (n % 1000), destinationPort: n % 10 === 0 ? 7010 : 7001 },
  );

const made = new Set<string>();
function capture(count: number): string {
  const file = path.join(ROOT, `test/output/sort-${count}.pcapng`);
  if (made.has(file)) return file;
  made.add(file);
  const packet = (n: number) => {
    const bytes = frameOf(n);
    return enhancedPacket({ interfaceId: 0, epochNs: START + BigInt(n) * 1000n, wireLen: bytes.length, bytes });
  };
  const head = [sectionHeader(), interfaceDescription({ linkType: 1, name: 'lan0' })];
  writeFileSync(file, Buffer.concat([...head, ...Array.from({ length: count }, (_, i) => packet(i + 1))]));
  return file;
}

/** What the cells of a column say, from the top of the screen. */
const cells = (window: InspectorWindow, column: string) =>
  window.packetGrid
    .locator('[role=row][aria-rowindex]')
    .evaluateAll(
      (rows, name) =>
        rows
          .sort((a, b) => Number(a.getAttribute('aria-rowindex')) - Number(b.getAttribute('aria-rowindex')))
          .map((row) => row.querySelector(`[data-column="${name}"]`)?.textContent ?? ''),
      column,
    );
const firstCells = async (window: InspectorWindow, column: string, many = 5) =>
  (await cells(window, column)).slice(0, many);
const heading = (window: InspectorWindow, name: string) => window.packetGrid.getByRole('columnheader', { name });
const selectedNumber = (page: Page) =>
  page
    .locator('[role=row][aria-selected=true] [data-column=number]')
    .evaluateAll((all) => all.map((cell) => cell.textContent));

/** @param times so many of it are opened at once, which are merged */
async function opened(window: InspectorWindow, running: Running, count: number, times = 1): Promise<void> {
  await running.answerOpen(Array.from({ length: times }, () => capture(count)));
  await window.page.keyboard.press('Control+o');
  await expect.poll(() => window.storedPackets()).toBe(count * times);
  await window.show('Packets');
  await expect(window.packetRows().first()).toHaveAttribute('aria-rowindex', '1');
}

/** Numbers of the packets in the order of their lengths, those of one length in the order of the capture. */
function byLength(count: number, descending: boolean, which: (n: number) => boolean = () => true): string[] {
  const all = Array.from({ length: count }, (_, i) => i + 1).filter(which);
  const way = descending ? -1 : 1;
  return all.sort((a, b) => way * (payload(a) - payload(b)) || a - b).map(String);
}

test('a click sorts up, another down, a third takes the order back; the heading says so', async ({
  window,
  running,
}) => {
  await opened(window, running, COUNT);
  const length = heading(window, 'Length');
  await expect(length).toHaveAttribute('aria-sort', 'none');
  await length.click();
  await expect(length).toHaveAttribute('aria-sort', 'ascending');
  await expect.poll(() => firstCells(window, 'number')).toEqual(byLength(COUNT, false).slice(0, 5));
  await length.click();
  await expect(length).toHaveAttribute('aria-sort', 'descending');
  await expect.poll(() => firstCells(window, 'number')).toEqual(byLength(COUNT, true).slice(0, 5));
  expect(await window.packetCount()).toBe(COUNT);
  expect(await window.storedPackets()).toBe(COUNT);
  await length.click();
  await expect(length).toHaveAttribute('aria-sort', 'none');
  await expect.poll(() => firstCells(window, 'number')).toEqual(['1', '2', '3', '4', '5']);

  // Numbers go up already: a click turns them round, the next one back.
  const number = heading(window, 'No.');
  await number.click();
  await expect(number).toHaveAttribute('aria-sort', 'descending');
  await expect.poll(() => firstCells(window, 'number', 2)).toEqual([String(COUNT), String(COUNT - 1)]);
  await number.click();
  await expect.poll(() => firstCells(window, 'number', 2)).toEqual(['1', '2']);
});

test('headings take the keyboard: arrows go along them, Enter and Space sort, the menu sorts and takes the order back', async ({
  window,
  running,
}) => {
  const { page } = window;
  await opened(window, running, 400);
  await window.packetGrid.focus();
  await page.keyboard.press('Tab');
  await expect(heading(window, 'No.').getByRole('button')).toBeFocused();
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight');
  await expect(heading(window, 'Source').getByRole('button')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(heading(window, 'Source')).toHaveAttribute('aria-sort', 'ascending');
  await expect
    .poll(() => firstCells(window, 'source', 4))
    .toEqual(['10.77.1.0', '10.77.1.0', '10.77.1.1', '10.77.1.1']);
  await page.keyboard.press('Space');
  await expect(heading(window, 'Source')).toHaveAttribute('aria-sort', 'descending');
  await expect.poll(() => firstCells(window, 'number', 3)).toEqual(['199', '399', '198']);

  await page.keyboard.press('Shift+F10');
  await expect(page.getByRole('menuitemcheckbox', { name: 'Sort descending' })).toHaveAttribute('aria-checked', 'true');
  await page.getByRole('menuitemcheckbox', { name: 'Capture order' }).click();
  await expect(heading(window, 'Source')).toHaveAttribute('aria-sort', 'none');
  await heading(window, 'Length').click({ button: 'right' });
  await page.getByRole('menuitemcheckbox', { name: 'Sort descending' }).click();
  await expect.poll(() => firstCells(window, 'number', 3)).toEqual(byLength(400, true).slice(0, 3));

  // An edge that is dragged is no click.
  const box = (await heading(window, 'Source').boundingBox())!;
  await page.mouse.move(box.x + box.width - 3, box.y + 8);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width + 40, box.y + 8, { steps: 4 });
  await page.mouse.up();
  await expect.poll(async () => (await heading(window, 'Source').boundingBox())!.width).toBe(box.width + 43);
  await expect(heading(window, 'Length')).toHaveAttribute('aria-sort', 'descending');
});

test('the packet that is selected stays so and in view; keys walk, Find and "Go to" go by the order; a filter keeps it', async ({
  window,
  running,
}) => {
  const { page } = window;
  await opened(window, running, COUNT);
  await window.packetRows().nth(4).click();
  await expect.poll(() => selectedNumber(page)).toEqual(['5']);
  await expect(window.details).toContainText('Frame 5:');
  await heading(window, 'Length').click();
  await expect(heading(window, 'Length')).toHaveAttribute('aria-sort', 'ascending');
  await expect.poll(() => selectedNumber(page)).toEqual(['5']);
  await expect(window.details).toContainText('Frame 5:');

  const order = byLength(COUNT, false);
  await page.keyboard.press('Control+ArrowDown');
  await expect.poll(() => selectedNumber(page)).toEqual([order[order.indexOf('5') + 1]]);
  await page.keyboard.press('Control+g');
  await page.getByRole('textbox', { name: 'Packet number' }).fill('150000');
  await page.keyboard.press('Enter');
  await expect.poll(() => selectedNumber(page)).toEqual(['150000']);
  await page.keyboard.press('Control+f');
  await page.getByRole('textbox', { name: 'What to find' }).fill('20050 → 7010');
  await page.keyboard.press('Enter');
  const next = order.slice(order.indexOf('150000') + 1).find((n) => Number(n) % 1000 === 50);
  await expect.poll(() => selectedNumber(page)).toEqual([next]);
  await page.keyboard.press('Escape');

  await window.only('udp.dstport == 7010');
  const filtered = byLength(COUNT, false, (n) => n % 10 === 0);
  await expect.poll(() => window.packetCount()).toBe(filtered.length);
  await expect.poll(() => window.storedPackets()).toBe(filtered.length);
  await expect(page.getByRole('status', { name: 'Packets shown' })).toHaveText('20,000 of 200,000 (10 %)');
  await expect(heading(window, 'Length')).toHaveAttribute('aria-sort', 'ascending');
  await expect.poll(() => selectedNumber(page)).toEqual([next]);
  await window.packetGrid.focus();
  await page.keyboard.press('Home');
  await expect.poll(() => firstCells(window, 'number')).toEqual(filtered.slice(0, 5));
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowDown');

  // What is chosen in the order of the list is written in that of the capture.
  await page.keyboard.press('Control+Shift+e');
  await page.getByRole('radio', { name: 'Selected packets' }).check();
  const file = await running.saved(() => page.getByRole('button', { name: 'Download' }).click());
  const written: number[] = [];
  const parser = new CaptureParser({ packet: (...row) => void written.push(row[2]) });
  parser.push(readFileSync(file));
  const chosen = filtered
    .slice(0, 3)
    .map(Number)
    .sort((x, y) => x - y);
  expect(written).toEqual(chosen.map((n) => frameOf(n).length));

  await page.getByRole('button', { name: 'Clear the filter' }).click();
  await expect.poll(() => window.packetCount()).toBe(COUNT);
  await expect.poll(() => selectedNumber(page)).toEqual([filtered[0]]);
  await heading(window, 'No.').click();
  await expect(heading(window, 'Length')).toHaveAttribute('aria-sort', 'none');
  await expect.poll(() => selectedNumber(page)).toEqual([filtered[0]]);
});

test('what takes long says how far it is, and can be called off', async ({ window, running }) => {
  const { page } = window;
  await opened(window, running, COUNT, MANY);
  await heading(window, 'Info').click();
  const cancel = page.getByRole('button', { name: 'Cancel', exact: true });
  await cancel.click();
  await expect(cancel).toBeHidden();
  await expect(heading(window, 'Info')).toHaveAttribute('aria-sort', 'none');
  expect(await firstCells(window, 'number', 2)).toEqual(['1', '2']);
  await heading(window, 'Length').click();
  await expect(heading(window, 'Length')).toHaveAttribute('aria-sort', 'ascending');
  await heading(window, 'Info').click();
  await expect(cancel).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(cancel).toBeHidden();
  await expect(heading(window, 'Length')).toHaveAttribute('aria-sort', 'ascending');
  await heading(window, 'Info').click();
  await expect(heading(window, 'Info')).toHaveAttribute('aria-sort', 'ascending');
  const info = await cells(window, 'info');
  expect(info.length).toBeGreaterThan(10);
  expect(info).toEqual(info.toSorted());
});

test('a capture that runs: the sorted list holds still and counts what is new; its own order follows again', async ({
  window,
}) => {
  const { page } = window;
  const follow = await window.startFollowed();
  await heading(window, 'Length').click();
  await expect(heading(window, 'Length')).toHaveAttribute('aria-sort', 'ascending');
  await expect(follow).toHaveAttribute('aria-pressed', 'false');
  const rows = await window.packetCount();
  const again = page.getByRole('button', { name: /^[\d,]+ new: sort again$/ });
  await expect(again).toBeVisible();
  await expect(again).toHaveText(/^\s*[\d,]{2,} new/);
  expect([await window.packetCount(), await window.storedPackets()]).toEqual([rows, rows]);
  await page.screenshot({ path: path.join(SCREENSHOTS, 'serve-sorted-live.png') });
  await again.click();
  await expect.poll(() => window.packetCount()).toBeGreaterThanOrEqual(rows + 10);
  await expect(heading(window, 'Length')).toHaveAttribute('aria-sort', 'ascending');
  const lengths = (await cells(window, 'length')).map(Number);
  expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
  await heading(window, 'No.').click();
  await expect(follow).toHaveAttribute('aria-pressed', 'true');
  const held = await window.packetCount();
  await expect.poll(() => window.packetCount()).toBeGreaterThan(held);
});

for (const theme of ['dark', 'light'] as const)
  test(`a sorted list in pictures, ${theme}`, async ({ window, running }) => {
    const { page } = window;
    await opened(window, running, COUNT, MANY);
    await window.chooseTheme(theme);
    await heading(window, 'Length').click();
    await expect(heading(window, 'Length')).toHaveAttribute('aria-sort', 'ascending');
    await heading(window, 'Source').click();
    await heading(window, 'Source').click();
    await expect(heading(window, 'Source')).toHaveAttribute('aria-sort', 'descending');
    await window.packetRows().nth(2).click();
    await page.screenshot({ path: path.join(SCREENSHOTS, `serve-sorted-${theme}.png`) });
    await heading(window, 'Source').click({ button: 'right' });
    await expect(page.getByRole('menuitemcheckbox', { name: 'Sort descending' })).toBeVisible();
    await page.screenshot({ path: path.join(SCREENSHOTS, `serve-sort-menu-${theme}.png`) });
    await page.keyboard.press('Escape');
    await heading(window, 'Info').click();
    const progress = page.getByRole('status').filter({ hasText: 'Sorting by Info' });
    await expect(progress).toBeVisible();
    await page.screenshot({ path: path.join(SCREENSHOTS, `serve-sorting-${theme}.png`) });
    await expect(progress).toBeHidden();
  });
