/** *Answer pings by AF_XDP…*: started on an interface that is being pinged, its queues counted live, stopped, nothing left. */
import path from 'node:path';
import { expect, test } from '../lib/fixtures.ts';
import { SCREENSHOTS } from '../lib/hosts.ts';
import { attachedPrograms, NEAR } from '../lib/network.ts';

for (const theme of ['light', 'dark'] as const)
  test(`pings are answered from user space, and counted, ${theme}`, async ({ window, host }) => {
    const { page } = window;
    await window.chooseTheme(theme);
    await page.keyboard.press('Control+Shift+P');
    await page.keyboard.type('answer pings');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Answer pings by AF_XDP' });
    await expect(dialog.getByRole('button', { name: 'Start' })).toBeDisabled();
    await dialog.getByRole('combobox', { name: 'Interface' }).selectOption(`${NEAR.netns}/${NEAR.ifname}`);
    await dialog.getByRole('radio', { name: 'One a queue' }).click();
    await dialog.getByRole('button', { name: `Start on ${NEAR.ifname}` }).click();
    await expect(dialog).toContainText(`Answering on ${NEAR.ifname} in ${NEAR.netns}`);
    await expect.poll(attachedPrograms).toContain(NEAR.ifname);
    const answered = dialog.getByRole('table', { name: 'Queues' }).getByRole('row').nth(1).getByRole('cell').nth(3);
    await expect.poll(async () => Number(await answered.textContent())).toBeGreaterThan(10);
    await page.screenshot({ path: path.join(SCREENSHOTS, `${host}-xsk-echo-${theme}.png`) });

    // It goes on while the dialog is closed.
    await dialog.getByRole('button', { name: 'Close' }).click();
    await expect(dialog).toBeHidden();
    await expect.poll(attachedPrograms).toContain(NEAR.ifname);
    await page.keyboard.press('Control+Shift+P');
    await page.keyboard.type('answer pings');
    await page.keyboard.press('Enter');
    await dialog.getByRole('button', { name: 'Stop' }).click();
    await expect.poll(attachedPrograms).toBe('');
    await expect(dialog.getByRole('table', { name: 'Queues' })).toBeVisible();
  });
