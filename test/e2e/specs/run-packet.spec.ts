/** *Run through program…*: an echo request through the library's icmp_echo, bytes edited, several packets, what is refused, a case saved that `prog test` runs. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { echoFrame } from '../../netns/lib/echo-frames.ts';
import { expect, test } from '../lib/fixtures.ts';
import { NODE, ROOT, type Running, SCREENSHOTS } from '../lib/hosts.ts';
import { offeredText } from '../lib/offered.ts';
import type { InspectorWindow } from '../lib/window.ts';

const NEAR = { mac: '02:77:00:00:00:01', ipv4: '10.77.0.1', ipv6: 'fd77::1' };
const FAR = { mac: '02:77:00:00:00:02', ipv4: '10.77.0.2', ipv6: 'fd77::2' };

const folder = mkdtempSync(path.join(tmpdir(), 'xr-e2e-'));
const file = path.join(folder, 'pings.pcap');
writeFileSync(
  file,
  pcap([echoFrame(NEAR, FAR), echoFrame(FAR, NEAR, { type: 0 }), echoFrame(NEAR, FAR, { family: 6 })]),
);
test.afterAll(() => rmSync(folder, { recursive: true }));

/** Of Ethernet frames, a millisecond apart. */
function pcap(frames: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(65535, 16);
  head.writeUInt32LE(1, 20);
  const records = frames.flatMap((frame, i) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(1_700_000_000, 0);
    record.writeUInt32LE(1000 * i, 4);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    return [record, frame];
  });
  return Buffer.concat([head, ...records]);
}

async function opened(window: InspectorWindow, running: Running): Promise<void> {
  await running.answerOpen(file);
  await window.page.keyboard.press('Control+o');
  await expect.poll(() => window.storedPackets()).toBe(3);
  await window.show('Packets');
}

const dialogOf = (page: Page) => page.getByRole('dialog', { name: 'Run through program' });

async function ask(window: InspectorWindow, row: number) {
  await window.packetRows().nth(row).click({ button: 'right' });
  await window.page.getByRole('menuitem', { name: 'Run through program…' }).click();
  return dialogOf(window.page);
}

async function choose(page: Page, program: string): Promise<void> {
  await dialogOf(page).getByRole('searchbox', { name: 'Find a program' }).fill(program);
  await dialogOf(page).getByRole('group', { name: 'Library' }).getByRole('option').first().click();
}

for (const theme of ['light', 'dark'] as const)
  test(`icmp_echo answers an echo request: verdict, fields, bytes, maps, ${theme}`, async ({
    window,
    running,
    host,
  }) => {
    const { page } = window;
    await window.chooseTheme(theme);
    await opened(window, running);
    const dialog = await ask(window, 0);
    await expect(dialog.getByRole('heading')).toHaveText('Run packet 1 through a program');
    await expect(dialog.getByRole('textbox', { name: 'Bytes' })).toHaveValue(
      /^02 77 00 00 00 02 02 77 00 00 00 01 08 00/,
    );
    await choose(page, 'icmp_echo');
    await page.screenshot({ path: path.join(SCREENSHOTS, `${host}-run-bytes-${theme}.png`) });
    await dialog.getByRole('button', { name: 'Run', exact: true }).click();

    const result = dialog.getByRole('region', { name: 'Result' });
    await expect(result).toContainText('XDP_TX');
    await expect(result.locator('[data-verdict=tx]')).toBeVisible();
    await expect(result).toContainText(/\d+ ns a run, of 1,000/);
    const fields = result.getByRole('table', { name: 'Changed fields' });
    const row = (name: string) => fields.getByRole('row').filter({ hasText: name });
    await expect(row('eth.src')).toContainText(`${NEAR.mac}${FAR.mac}`);
    await expect(row('eth.dst')).toContainText(`${FAR.mac}${NEAR.mac}`);
    await expect(row('ip.src')).toContainText(`${NEAR.ipv4}${FAR.ipv4}`);
    await expect(row('ip.dst')).toContainText(`${FAR.ipv4}${NEAR.ipv4}`);
    await expect(row('icmp.type')).toContainText('8 (Echo (ping) request)0 (Echo (ping) reply)');
    await expect(row('icmp.checksum')).toContainText(/\[correct\]0x.*\[correct\]/);
    await expect(fields.getByRole('row')).toHaveCount(7);
    await expect(result.getByRole('table', { name: 'Map changes' })).toContainText('verdicts');
    const bytes = result.getByRole('region', { name: 'Bytes before and after' });
    await expect(bytes.getByTestId('before')).toContainText('00000277000000020277');
    await expect(bytes.getByTestId('after')).toContainText('0000027700000001');
    await row('icmp.type').hover();
    await page.screenshot({ path: path.join(SCREENSHOTS, `${host}-run-result-${theme}.png`) });
  });

test('bytes that are edited are what is run; too few and no hexadecimal are said beside them', async ({
  window,
  running,
}) => {
  const { page } = window;
  await opened(window, running);
  const dialog = await ask(window, 0);
  await choose(page, 'icmp_echo');
  const bytes = dialog.getByRole('textbox', { name: 'Bytes' });
  await expect(bytes).toHaveValue(/^02 77/);
  const text = await bytes.inputValue();
  const run = dialog.getByRole('button', { name: 'Run', exact: true });
  await bytes.fill('02 77 0g');
  await expect(dialog.getByRole('status')).toContainText('"g"');
  await expect(run).toBeDisabled();
  await bytes.fill('02 77 00');
  await expect(dialog.getByRole('status')).toContainText('3 bytes: the kernel runs no packet under 14');
  // Another protocol than ICMP: not answered.
  await bytes.fill(text.replace(/(40) 01 /, '$1 11 '));
  await run.click();
  await expect(dialog.getByRole('region', { name: 'Result' })).toContainText('XDP_PASS');
  await expect(dialog.getByRole('region', { name: 'Result' })).toContainText('left the program as it came');
});

test('a selection is run packet by packet', async ({ window, running, host }) => {
  const { page } = window;
  await opened(window, running);
  await window.packetRows().nth(0).click();
  await window
    .packetRows()
    .nth(2)
    .click({ modifiers: ['Shift'] });
  await page.keyboard.press('Control+Alt+r');
  const dialog = dialogOf(page);
  await expect(dialog.getByRole('heading').first()).toHaveText('Run 3 packets through a program');
  await choose(page, 'icmp_echo');
  await dialog.getByRole('button', { name: 'Run', exact: true }).click();
  const packets = dialog.getByRole('listbox', { name: 'Packets that were run' }).getByRole('option');
  await expect(packets).toHaveText(['1XDP_TX', '2XDP_PASS', '3XDP_TX']);
  await packets.nth(2).click();
  await expect(dialog.getByRole('region', { name: 'Result' })).toContainText('icmpv6.type');
  await page.screenshot({ path: path.join(SCREENSHOTS, `${host}-run-several.png`) });
});

test('a result is saved as a case, and the command line holds the program to it', async ({ window, running }) => {
  const { page } = window;
  await opened(window, running);
  const dialog = await ask(window, 0);
  await choose(page, 'icmp_echo');
  await dialog.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(dialog.getByRole('textbox', { name: 'Program in the case' })).toHaveValue('icmp_echo');
  const save = dialog.getByRole('button', { name: 'Save case…' });
  const cases = mkdtempSync(path.join(folder, 'cases-'));
  const file = path.join(cases, 'echo.json');
  if (running.host === 'serve') copyFileSync(await running.saved(() => save.click()), file);
  else writeFileSync(file, await offeredText(page, () => save.click()));
  const main = path.join(ROOT, 'dist/cli/main.mjs');
  expect(execFileSync(NODE, [main, 'prog', 'test', cases], { encoding: 'utf8' })).toMatch(
    /^ok {4}echo\.json {2}XDP_TX/,
  );
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});
