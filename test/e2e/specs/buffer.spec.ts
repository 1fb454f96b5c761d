/** How packets leave the kernel: each way is chosen in the options, and brings them. */
import path from 'node:path';
import { expect, test } from '../lib/fixtures.ts';
import { SCREENSHOTS } from '../lib/hosts.ts';

const WAYS = ['Auto', 'Mapped', 'Ring', 'Perf'];

for (const theme of ['light', 'dark'] as const)
  test(`every kernel buffer that the options offer brings packets, ${theme}`, async ({ window, host }) => {
    const { page } = window;
    await window.chooseTheme(theme);
    for (const way of WAYS) {
      await window.capture.getByRole('button', { name: 'Capture options' }).click();
      const options = page.getByRole('dialog', { name: 'Capture options' });
      const choice = options.getByRole('radio', { name: way });
      await choice.click();
      await expect(choice).toBeChecked();
      if (way === 'Mapped')
        await page.screenshot({ path: path.join(SCREENSHOTS, `${host}-kernel-buffer-${theme}.png`) });
      await page.keyboard.press('Escape');
      await expect(options).toHaveCount(0);
      await window.start();
      await window.show('Packets');
      await expect.poll(() => window.packetCount()).toBeGreaterThan(10);
      await expect(window.statusBar.getByRole('button', { name: 'Nothing is lost' })).toBeVisible();
      await window.stop();
    }
  });
