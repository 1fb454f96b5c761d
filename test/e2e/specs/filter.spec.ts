/** The capture filter in the window: checked while typed, changed while capturing, and what it kept away is counted. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from '../lib/fixtures.ts';
import { SCREENSHOTS } from '../lib/hosts.ts';
import { FAR, NEAR } from '../lib/network.ts';

test('a mistake is underlined where it is, said in libpcap’s words, and refused at the start', async ({ window }) => {
  const { page } = window;
  await window.filter.fill('tcp prot 80');
  await expect(window.filter).toHaveAttribute('aria-invalid', 'true');
  await expect(window.capture.locator('mark')).toHaveText('prot');
  await expect(window.capture.getByText(/syntax error/)).toBeVisible();
  await page.screenshot({ path: path.join(SCREENSHOTS, 'filter-mistake.png') });
  await window.card().click();
  await expect(window.failure).toContainText(/capture filter cannot be used: .*syntax error/);
  await window.filter.fill('icmp');
  await expect(window.filter).toHaveAttribute('aria-invalid', 'false');
});

test('what runs is filtered in the kernel, and Enter changes the filter without a stop', async ({ window, host }) => {
  const { page } = window;
  await window.filter.fill('icmp');
  await window.start();
  await window.show('Packets');
  await expect.poll(() => window.packetCount()).toBeGreaterThan(15);
  await expect(window.packetRows('ICMP').first()).toBeVisible();
  await expect(window.packetRows(/UDP|TCP|ICMPv6/)).toHaveCount(0);

  await window.filter.fill('udp');
  await window.filter.press('Enter');
  await expect(window.packetRows('UDP').first()).toBeVisible();
  await expect(window.statusBar).toContainText('Capturing');

  await window.statusBar.getByRole('button', { name: 'Nothing is lost' }).click();
  const ledger = page.getByRole('dialog', { name: 'Where the packets went' });
  const count = async (name: string) =>
    Number((await ledger.getByRole('row', { name }).getByRole('cell').first().innerText()).replace(/\D/g, ''));
  await expect.poll(() => count('Filtered')).toBeGreaterThan(20);
  expect(await count('Lost: kernel')).toBe(0);
  await expect(ledger).toContainText(`${NEAR.ifname} xdp`);
  await page.screenshot({ path: path.join(SCREENSHOTS, `${host}-ledger.png`) });
  await page.keyboard.press('Escape');
  await window.stop();
});

test('a preset is two clicks, and what was used before is there again', async ({ window }) => {
  const { page } = window;
  const menu = window.capture.getByRole('button', { name: 'Filter presets and history' });
  await menu.click();
  await page.getByRole('menuitem', { name: 'ICMP and ICMPv6' }).click();
  await expect(window.filter).toHaveValue('icmp or icmp6');
  await window.start();
  await window.stop();
  await menu.click();
  await page.getByRole('menuitem', { name: 'No filter' }).click();
  await expect(window.filter).toHaveValue('');
  await menu.click();
  await page.getByRole('menuitem', { name: 'icmp or icmp6', exact: true }).click();
  await expect(window.filter).toHaveValue('icmp or icmp6');
});

test('several interfaces in one capture; what happens to one of them is said and ends nothing', async ({ window }) => {
  const { page } = window;
  const picker = window.capture.getByRole('button', { name: /^Choose an interface|^Interface:/ });
  await picker.click();
  await window.interfaceOption(NEAR).click();
  await picker.click();
  await window.interfaceOption(FAR).getByRole('checkbox').check();
  await page.keyboard.press('Escape');
  await expect(window.capture.getByRole('button', { name: `Interface: ${NEAR.ifname}` })).toContainText('+1');
  await window.capture.getByRole('button', { name: 'Start', exact: true }).click();
  await window.running();
  await window.show('Packets');
  await expect(window.packetRows(`${NEAR.ifname} xdp`).first()).toBeVisible();
  await expect(window.packetRows(`${FAR.ifname} xdp`).first()).toBeVisible();
  execFileSync('ip', ['-n', FAR.netns, 'link', 'set', FAR.ifname, 'mtu', '1400']);
  await expect(window.capture.getByRole('status').filter({ hasText: /MTU.*1400/ })).toBeVisible();
  await expect(window.statusBar).toContainText('Capturing');
  execFileSync('ip', ['-n', FAR.netns, 'link', 'set', FAR.ifname, 'mtu', '1500']);
  await window.stop();
});

test('AF_XDP asks before it takes packets away, and gives the rest to the stack', async ({ window, host }) => {
  const { page } = window;
  await window.capture.getByRole('button', { name: /^Choose an interface|^Interface:/ }).click();
  await window.interfaceOption(NEAR).click();
  await window.capture.getByRole('button', { name: /^Hook:/ }).click();
  await page.getByRole('menuitemradio', { name: /^AF_XDP/ }).click();
  await window.filter.fill('icmp6');
  await window.capture.getByRole('button', { name: 'Start', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: /^Take packets away from / });
  await expect(dialog).toContainText('what matches “icmp6”');
  await page.screenshot({ path: path.join(SCREENSHOTS, `${host}-afxdp-asks.png`) });
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(window.capture.getByRole('button', { name: 'Start', exact: true })).toBeEnabled();
  await window.capture.getByRole('button', { name: 'Start', exact: true }).click();
  await dialog.getByRole('button', { name: 'Take them' }).click();
  await window.running();
  await window.show('Packets');
  await expect(window.packetRows('ICMPv6').first()).toBeVisible();
  await expect(window.packetRows(/redirect/).first()).toBeVisible();
  // What the filter leaves alone still reaches the machine.
  execFileSync('ip', ['netns', 'exec', FAR.netns, 'ping', '-c', '1', '-W', '10', NEAR.ip]);
  await window.stop();
});
