/** The Analysis view on real traffic: tables that lead back to packets, a stream that is followed, graphs of what was captured. */
import { expect, test } from '../lib/fixtures.ts';

test('conversations, protocols and notes are counted, and lead to their packets', async ({ window }) => {
  await window.start();
  await window.show('Packets');
  await window.wholeConnection();
  await window.stop();
  const { page } = window;
  await window.show('Analysis');

  const conversations = page.getByRole('grid', { name: 'TCP conversations' });
  const first = conversations.getByRole('row').nth(1);
  await expect(first).toContainText(/:\d+/);
  await first.click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Show its packets' }).click();
  const filter = page.getByRole('combobox', { name: 'Display filter' });
  await expect(filter).toHaveValue(/^tcp\.stream == \d+$/);
  await expect(window.packetRows(/TCP/).first()).toBeVisible();
  await expect(window.packetRows(/UDP|ARP/)).toHaveCount(0);

  // Only what the filter lets through is counted.
  await window.show('Analysis');
  await page.getByRole('radio', { name: /^Displayed/ }).click();
  await expect(conversations.getByRole('row')).toHaveCount(2);
  await page.getByRole('radio', { name: 'All packets' }).click();
  await page.getByRole('tab', { name: 'Protocols' }).click();
  const protocols = page.getByRole('grid', { name: 'Protocol hierarchy' });
  for (const name of [/^eth/, /^ip /, /^tcp/, /^udp/])
    await expect(protocols.getByRole('row', { name }).first()).toBeVisible();

  await page.getByRole('tab', { name: 'Expert' }).click();
  const note = page.getByRole('grid', { name: 'Expert notes' }).getByRole('row', { name: /establish request \(SYN\)/ });
  await note.first().click();
  await page.getByRole('button', { name: /^\d+$/ }).first().click();
  await expect(page.getByRole('grid', { name: 'Packets' }).locator('[aria-selected="true"]')).toContainText('[SYN]');
});

test('a stream is followed from its packet, as text and as bytes', async ({ window }) => {
  await window.start();
  await window.show('Packets');
  await window.wholeConnection();
  await window.stop();
  const { page } = window;
  await window.only('tcp.flags.syn == 1');
  await window
    .packetRows(/TCP.*Seq=0/)
    .first()
    .click();
  await page.keyboard.press('Control+Alt+Shift+T');
  const dialog = page.getByRole('dialog', { name: /^TCP stream \d+/ });
  const said = dialog.getByRole('region', { name: 'What was said' });
  await expect(said.getByRole('button').first()).toHaveAttribute('title', /^Packet \d/);
  await dialog.getByRole('radio', { name: 'Hex' }).click();
  await expect(said).toContainText(/00000000 {2}([0-9a-f]{2} ){8}/);
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
});

test('the I/O graph and the stream graph draw what was captured', async ({ window }) => {
  await window.start();
  await window.show('Packets');
  await window.wholeConnection();
  await window.stop();
  const { page } = window;
  await window.show('Analysis');
  await page.getByRole('tab', { name: 'I/O graph' }).click();
  const graph = page.getByRole('tabpanel', { name: 'I/O graph' });
  await expect(graph.locator('path.recharts-line-curve')).toHaveCount(2);
  const line = page.getByRole('textbox', { name: 'Filter of line 2' });
  await line.fill('no.such.field');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText('no.such.field');
  await expect(line).toHaveAttribute('aria-invalid', 'true');
  await line.fill('udp');
  await page.keyboard.press('Enter');
  await expect(graph.locator('path.recharts-line-curve')).toHaveCount(2);

  await page.getByRole('tab', { name: 'TCP stream' }).click();
  await expect(
    page.getByRole('tabpanel', { name: 'TCP stream' }).locator('.recharts-scatter-symbol').first(),
  ).toBeVisible();
});
