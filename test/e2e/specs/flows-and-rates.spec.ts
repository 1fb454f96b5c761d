/** Flows and rates come from the kernel's own tables while a capture runs. */
import { expect, test } from '../lib/fixtures.ts';
import { FAR, NEAR } from '../lib/network.ts';

test('flows show both ends, protocol, TCP state and live counts; sorting and searching work', async ({ window }) => {
  await window.start();
  await window.show('Flows');
  const udp = window.flowRows(/UDP/).filter({ hasText: '7777' }).first();
  await expect(udp).toContainText(FAR.ip);
  await expect(udp).toContainText(NEAR.ip);
  await expect(window.flowRows(/TCP/).filter({ hasText: '8080' }).first()).toBeVisible();
  await window.flowGrid
    .getByRole('columnheader', { name: /packets/i })
    .first()
    .click();
  await expect(window.flowGrid.getByRole('columnheader', { name: /packets/i }).first()).toHaveAttribute(
    'aria-sort',
    /ascending|descending/,
  );
  await window.page.getByRole('searchbox').fill('7777');
  await expect(window.flowRows(/8080/)).toHaveCount(0);
  await expect(window.flowRows(/7777/).first()).toBeVisible();
});

test('the live charts name what they show and move', async ({ window }) => {
  await window.start();
  await window.show('Live');
  const { page } = window;
  await expect(page.getByRole('region', { name: /^By verdict: .*pass [\d.]+/ })).toBeVisible();
  const protocols = page.getByRole('region', { name: /^By protocol: / });
  await expect(protocols).toHaveAccessibleName(/icmp/i);
  await expect(protocols).toHaveAccessibleName(/udp/i);
  await expect(page.getByRole('region', { name: 'Hosts' }).getByRole('button').first()).toBeVisible();
  const captured = async () =>
    Number(/captured\s*([\d,.\s]+)/.exec((await window.statusBar.textContent()) ?? '')?.[1]?.replace(/\D/g, ''));
  // The drawing itself is walked with the arrow keys.
  for (const name of ['By verdict', 'By protocol'])
    await expect(page.getByRole('application', { name: new RegExp(`^${name}: `) })).toBeVisible();
  const before = await captured();
  await expect.poll(captured).toBeGreaterThan(before);
});
