/** Themes, the palette, small windows; and a picture of every view in both themes for people to judge. */
import path from 'node:path';
import { expect, test } from '../lib/fixtures.ts';
import { SCREENSHOTS } from '../lib/hosts.ts';
import { VIEWS } from '../lib/window.ts';

test('the theme switches at once and is remembered', async ({ window }) => {
  const { page } = window;
  const html = page.locator('html');
  for (const theme of ['light', 'dark'] as const) {
    await window.chooseTheme(theme);
    await expect(html).toHaveAttribute('data-theme', theme);
  }
  await window.chooseTheme('light');
  await page.reload();
  await window.ready();
  await expect(html).toHaveAttribute('data-theme', 'light');
});

test('the command palette finds and runs an action by keyboard', async ({ window }) => {
  const { page } = window;
  await page.keyboard.press('Control+Shift+P');
  await page.keyboard.type('flows');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('navigation', { name: 'Views' }).getByRole('button', { name: 'Flows' })).toHaveAttribute(
    'aria-current',
    'page',
  );
});

test('at 1024 by 640 nothing important is cut off', async ({ window }) => {
  const { page } = window;
  await page.setViewportSize({ width: 1024, height: 640 });
  await window.start();
  for (const view of VIEWS) {
    await window.show(view);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, `${view} scrolls sideways`).toBe(0);
    await expect(window.capture.getByRole('button', { name: 'Stop' })).toBeInViewport({ ratio: 1 });
    await expect(window.statusBar).toBeInViewport({ ratio: 1 });
  }
});

for (const theme of ['dark', 'light'] as const)
  test(`every view in pictures, ${theme}`, async ({ window, host }) => {
    const { page } = window;
    await window.chooseTheme(theme);
    await page.mouse.move(0, 0);
    const shoot = (name: string) => page.screenshot({ path: path.join(SCREENSHOTS, `${host}-${name}-${theme}.png`) });
    await shoot('start');
    await window.start();
    await page.waitForTimeout(4000);
    for (const view of ['Live', 'Flows', 'Analysis', 'Packets'] as const) {
      await window.show(view);
      await page.waitForTimeout(1200);
      if (view === 'Packets') await window.packetRows(/TCP/).first().click();
      if (view === 'Packets') await page.waitForTimeout(300);
      await shoot(view.toLowerCase());
    }
    await window.stop();
    await shoot('stopped');
  });
