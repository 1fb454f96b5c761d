/** Looking into one packet: the field tree and the hex view are two faces of the same bytes. */
import { expect, test } from '../lib/fixtures.ts';

test('an ICMP packet shows type, code, identifier and sequence, and no ports', async ({ window }) => {
  await window.start();
  await window.show('Packets');
  const row = window.packetRows(/ICMP(?!v6)/).first();
  await expect(row).toBeVisible();
  await window.stop();
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
