/** The display filter over the packet list: completed and checked while it is typed, applied by Enter, made from a field of a packet. */
import { expect, test } from '../lib/fixtures.ts';

test('a filter is completed, checked and applied; the list has only what matches, and all again without it', async ({
  window,
}) => {
  await window.start();
  await window.show('Packets');
  await expect(window.packetRows(/ICMP(?!v6)/).first()).toBeVisible();
  await expect(window.packetRows(/UDP/).first()).toBeVisible();
  await window.stop();
  const { page } = window;
  const filter = page.getByRole('combobox', { name: 'Display filter' });
  await page.keyboard.press('Control+/');
  await expect(filter).toBeFocused();
  await page.keyboard.type('icmp.ty');
  await page.getByRole('option', { name: /^icmp\.type/ }).waitFor();
  await page.keyboard.press('Tab');
  await expect(filter).toHaveValue('icmp.type');
  await page.keyboard.type(' == 99999');
  await expect(filter).toHaveAttribute('aria-invalid', 'true');

  await filter.fill('icmp.type == 8');
  await page.keyboard.press('Enter');
  const shown = page.getByRole('status', { name: 'Packets shown' });
  await expect(shown).toHaveText(/^[1-9][\d,]* of [\d,]+ \(/);
  await expect(window.packetRows(/ICMP(?!v6)/).first()).toBeVisible();
  await expect(window.packetRows(/UDP/)).toHaveCount(0);

  await filter.fill('ip.addr == 203.0.113.77');
  await page.keyboard.press('Enter');
  await expect(page.getByText('No packet matches')).toBeVisible();
  await page.getByRole('button', { name: 'Show all packets' }).click();
  await expect(window.packetRows().first()).toBeVisible();
});

test('a field of a packet becomes the filter, and another joins it', async ({ window }) => {
  await window.start();
  await window.show('Packets');
  await expect(window.packetRows(/TCP/).first()).toBeVisible();
  await window.stop();
  const { page } = window;
  await window.only('tcp');
  await window.packetRows(/TCP/).first().click();
  await window.open('Transmission Control Protocol');
  // Which one the first row belongs to depends on where the list has got to.
  const stream = window.field(/Stream index: \d+/).first();
  const index = /\d+/.exec(await stream.innerText())?.[0];
  await stream.click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Apply as filter', exact: true }).click();
  const filter = page.getByRole('combobox', { name: 'Display filter' });
  await expect(filter).toHaveValue(`tcp.stream == ${index}`);
  await expect(window.packetRows(/UDP/)).toHaveCount(0);
  await expect(window.packetRows(/TCP|HTTP/).first()).toBeVisible();
});
