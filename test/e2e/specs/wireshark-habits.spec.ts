/** What hands know from Wireshark: from packet to packet while the details have the focus, along a conversation, Ctrl+C, and a cell as a filter. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { enhancedPacket, interfaceDescription, sectionHeader } from '../../../electron/packets/pcap/writer.ts';
import { ascii, concat, udpFrame } from '../../netns/lib/frames.ts';
import { expect, test } from '../lib/fixtures.ts';
import type { Running } from '../lib/hosts.ts';
import type { InspectorWindow } from '../lib/window.ts';

const a = { mac: '02:77:00:00:00:01', ipv4: '10.77.0.1', ipv6: 'fd77::1' };
const b = { mac: '02:77:00:00:00:02', ipv4: '10.77.0.2', ipv6: 'fd77::2' };
const COUNT = 12;

/** Odd packets are one conversation, even ones another, in the other direction. */
function capture(): Uint8Array {
  const frame = (i: number) =>
    i % 2 === 0
      ? udpFrame(a, b, ascii(`said ${i}`), { destinationPort: 7001 })
      : udpFrame(b, a, ascii(`answered ${i}`), { destinationPort: 7002 });
  const packets = Array.from({ length: COUNT }, (_, i) => {
    const bytes = frame(i);
    return enhancedPacket({
      interfaceId: 0,
      epochNs: 1_700_000_000_000_000_000n + BigInt(i) * 1000n,
      wireLen: bytes.length,
      bytes,
    });
  });
  return concat(sectionHeader(), interfaceDescription({ linkType: 1, name: 'lan0' }), ...packets);
}

const folder = mkdtempSync(path.join(tmpdir(), 'xf-habits-e2e-'));
const file = path.join(folder, 'two.pcapng');
writeFileSync(file, capture());
test.afterAll(() => rmSync(folder, { recursive: true }));

async function opened(window: InspectorWindow, running: Running) {
  await running.answerOpen(file);
  await window.page.keyboard.press('Control+o');
  await expect.poll(() => window.storedPackets()).toBe(COUNT);
  await window.show('Packets');
  return (number: number) => window.packetGrid.locator(`[role=row][aria-rowindex="${number}"]`);
}

test('Ctrl+Down and Ctrl+Up go through the list from anywhere, Ctrl+. and Ctrl+, along the conversation', async ({
  window,
  running,
}) => {
  const { page } = window;
  const row = await opened(window, running);
  const selected = (number: number) => expect(row(number)).toHaveAttribute('aria-selected', 'true');
  await row(3).click();
  const tree = page.getByRole('tree', { name: 'Packet details' });
  await page.getByRole('treeitem', { name: /^Internet Protocol/ }).click();
  await page.keyboard.press('Control+ArrowDown');
  await selected(4);
  await page.keyboard.press('Control+ArrowUp');
  await page.keyboard.press('Control+ArrowUp');
  await selected(2);
  await expect(tree).toBeFocused();
  await page.keyboard.press('Control+.');
  await selected(4);
  await page.keyboard.press('Control+.');
  await selected(6);
  await page.keyboard.press('Control+,');
  await selected(4);
});

test('Ctrl+C takes the row, all chosen rows, the field, the bytes; Ctrl+F goes back to what is looked for', async ({
  window,
  running,
}) => {
  const { page } = window;
  const row = await opened(window, running);
  const find = page.getByRole('textbox', { name: 'What to find' });
  const filter = page.getByRole('combobox', { name: 'Display filter' });
  /** What a field has when it is pasted. */
  const pasted = async () => {
    await filter.fill('');
    await filter.press('Control+v');
    return filter.inputValue();
  };
  await row(1).click();
  await page.keyboard.press('Control+c');
  expect(await pasted()).toMatch(/^1\s+0\.000000000\s+10\.77\.0\.1\s+10\.77\.0\.2\s+UDP\s+\d+/);
  await row(2).click();
  await row(4).click({ modifiers: ['Shift'] });
  await page.keyboard.press('Control+c');
  await expect(page.getByText('Copied 3 rows')).toBeVisible();
  expect((await pasted()).match(/0\.00000000[1-3]|0\.00000[1-3]000/g)).toHaveLength(3);

  await row(1).click();
  await page.getByRole('treeitem', { name: /^Internet Protocol/ }).click();
  await page.keyboard.press('Control+c');
  expect(await pasted()).toBe('Internet Protocol Version 4, Src: 10.77.0.1, Dst: 10.77.0.2');
  await page.getByTestId('hex').focus();
  await page.keyboard.press('Control+c');
  expect(await pasted()).toMatch(/^45[0-9a-f]{38}$/);

  await page.keyboard.press('Control+f');
  await expect(find).toBeFocused();
  await find.fill('said');
  await row(5).click();
  await expect(find).not.toBeFocused();
  await page.keyboard.press('Control+f');
  await expect(find).toBeFocused();
});

test('a mark shows on the selected row while the list has the focus, and times are told with their date', async ({
  window,
  running,
}) => {
  const { page } = window;
  const row = await opened(window, running);
  const ground = () => row(3).evaluate((element) => getComputedStyle(element).backgroundColor);
  await row(3).click();
  await expect(row(3)).toHaveAttribute('aria-selected', 'true');
  const plain = await ground();
  await page.keyboard.press('Control+m');
  await expect(row(3)).toHaveAttribute('data-marked', 'true');
  await expect(window.packetGrid).toBeFocused();
  expect(await ground()).not.toBe(plain);

  await page.getByRole('button', { name: /^Time: / }).click();
  await page.getByRole('menuitemradio', { name: 'Date and time, UTC' }).click();
  const cell = row(2).locator('[data-column=time]');
  await expect(cell).toHaveText('2023-11-14 22:13:20.000001');
  expect(await cell.evaluate((element) => element.scrollWidth <= element.clientWidth)).toBe(true);
});

test('a cell becomes the filter, and another is left out', async ({ window, running }) => {
  const { page } = window;
  const row = await opened(window, running);
  const filter = page.getByRole('combobox', { name: 'Display filter' });
  const shown = page.getByRole('status', { name: 'Packets shown' });
  await row(1).getByText('10.77.0.1', { exact: true }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Apply as filter' }).click();
  await expect(filter).toHaveValue('ip.src == 10.77.0.1');
  await expect(shown).toHaveText(/^6 of 12/);
  await window.packetRows().nth(1).getByText('3', { exact: true }).click({ button: 'right' });
  await page.getByRole('menuitem', { name: '…and not this' }).click();
  await expect(filter).toHaveValue('(ip.src == 10.77.0.1) && !(frame.number == 3)');
  await expect(shown).toHaveText(/^5 of 12/);
});
