/** The main job on real traffic: choose an interface, see packets, stop; nothing stays attached. */
import { expect, test } from '../lib/fixtures.ts';
import { attachedPrograms, FAR, NEAR } from '../lib/network.ts';

test('the start page shows every interface with its namespace, driver and state', async ({ window }) => {
  for (const end of [NEAR, FAR]) await expect(window.card(end)).toContainText(`MTU 1500`);
  await expect(window.card()).toContainText('veth');
  await expect(window.card()).toContainText(NEAR.ip);
  await expect(window.card()).toHaveAccessibleName(/, up$/);
});

test('one click captures real traffic: rows appear, counts grow, the status bar follows', async ({ window }) => {
  await window.start();
  await expect.poll(attachedPrograms).toContain(NEAR.ifname);
  await window.show('Packets');
  await expect(window.packetRows('ICMP').first()).toBeVisible();
  await expect(window.packetRows(FAR.ip).first()).toBeVisible();
  const before = await window.packetCount();
  await expect.poll(() => window.packetCount()).toBeGreaterThan(before + 20);
  await expect(window.statusBar).toContainText('Capturing');
  await expect(window.statusBar).toContainText(/captured\s*[1-9]/);
  await expect(window.statusBar).toContainText(/kernel\s*0.*pipe\s*0.*store\s*0/s);
});

test('stop detaches, keeps what was captured and says so', async ({ window }) => {
  await window.start();
  await window.show('Packets');
  await expect.poll(() => window.packetCount()).toBeGreaterThan(10);
  await window.stop();
  await expect(window.statusBar).toContainText('Stopped');
  await expect.poll(attachedPrograms).toBe('');
  const kept = await window.storedPackets();
  expect(kept).toBeGreaterThan(10);
  await expect.poll(() => window.packetCount()).toBe(kept);
  await window.page.waitForTimeout(700);
  expect(await window.packetCount()).toBe(kept);
});

test('the keyboard alone starts, looks and stops', async ({ window }) => {
  await window.start();
  await window.page.keyboard.press('Control+e');
  await expect(window.statusBar).toContainText('Stopped');
  await window.page.keyboard.press('Control+e');
  await window.running();
  await window.show('Packets');
  await expect(window.packetRows().first()).toBeVisible();
  await window.page.keyboard.press('Control+e');
  await expect(window.statusBar).toContainText('Stopped');
});
