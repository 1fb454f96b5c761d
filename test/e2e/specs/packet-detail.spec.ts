/** Looking into one packet: the field tree and the hex view are two faces of the same bytes. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { observedFile } from '../../fixtures/observed.ts';
import { expect, test } from '../lib/fixtures.ts';
import { ROOT, SCREENSHOTS } from '../lib/hosts.ts';

test('an ICMP packet shows type, code, identifier and sequence, and no ports', async ({ window }) => {
  await window.start();
  await window.show('Packets');
  const row = window.packetRows(/ICMP(?!v6)/).first();
  await expect(row).toBeVisible();
  await window.stop();
  await window.only('icmp');
  await window
    .packetRows(/ICMP(?!v6)/)
    .first()
    .click();
  await window.open('Internet Control Message Protocol');
  for (const field of [/^Type: /, /^Code: /, /^Identifier/, /^Sequence Number/])
    await expect(window.field(field).first()).toBeVisible();
  await expect(window.field(/Port:/)).toHaveCount(0);
});

test('hovering a field lights its bytes, hovering bytes lights their field', async ({ window }) => {
  await window.start();
  await window.show('Packets');
  await expect(window.packetRows(/ICMP(?!v6)/).first()).toBeVisible();
  await window.stop();
  await window.only('icmp');
  await window
    .packetRows(/ICMP(?!v6)/)
    .first()
    .click();
  await window.open('Internet Protocol Version 4');
  await window
    .field(/^Source Address: /)
    .first()
    .hover();
  await expect.poll(() => window.litBytes()).toEqual([26, 27, 28, 29]);
  await window.byte(30).hover();
  await expect(window.litField()).toContainText(/^Destination Address: /);
});

test('an observed packet shows what the program changed and the way to its other image', async ({
  window,
  running,
}) => {
  const file = path.join(ROOT, 'test/output/observed.pcapng');
  writeFileSync(file, observedFile());
  await running.answerOpen(file);
  await window.page.keyboard.press('Control+o');
  await expect.poll(() => window.storedPackets()).toBe(7);
  await window.show('Packets');
  await window
    .packetRows(/before/)
    .first()
    .click();
  const pane = window.page.getByText('Before nat · 4 bytes changed');
  await expect(pane).toBeVisible();
  await window.page.getByRole('button', { name: 'After: packet 3' }).click();
  await expect(window.page.getByText('After nat · 4 bytes changed')).toBeVisible();
  await expect
    .poll(() => window.page.locator('[data-changed=true]').evaluateAll((all) => all.map((one) => one.textContent)))
    .toEqual(['c6', '33', '.', '3', '64', '09', 'd', '.']);
  await window.page.screenshot({ path: path.join(SCREENSHOTS, 'observed-pair.png') });
});
