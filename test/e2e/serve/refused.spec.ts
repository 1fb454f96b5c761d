/** A password that is not given: each view of the workbench says so, and what to do; nothing asks twice by itself. */
import path from 'node:path';
import { chromium, expect, type Page } from '@playwright/test';
import { test as base } from '../lib/fixtures.ts';
import { ROOT, SCREENSHOTS } from '../lib/hosts.ts';
import { type Refusing, startRefusing } from '../lib/refusing.ts';
import { InspectorWindow } from '../lib/window.ts';

const test = base.extend<{ running: Refusing; window: InspectorWindow }>({
  running: async ({ launchOptions }, use) => {
    const browser = await chromium.launch(launchOptions);
    const running = await startRefusing(browser);
    await use(running);
    await running.close();
    await browser.close();
  },
  window: async ({ running }, use) => {
    const window = new InspectorWindow(running);
    await expect(running.page.getByRole('heading', { name: 'Choose where to look' })).toBeVisible();
    await use(window);
    window.expectNoPageErrors();
  },
});

const DISMISSED = 'The request for administrator rights was dismissed';
const shoot = (page: Page, name: string) =>
  page.screenshot({ path: path.join(SCREENSHOTS, `serve-refused-${name}.png`) });
/** Longer than any list waits before it looks again. */
const aWhile = (page: Page) => page.waitForTimeout(2500);

for (const [view, what] of [
  ['Programs', 'Looking at the kernel’s programs'],
  ['Maps', 'Looking into the kernel’s maps'],
] as const)
  test(`${view}: asked for when somebody says so, dismissed, refused, and asked for again`, async ({
    window,
    running,
  }) => {
    const { page } = window;
    await window.show(view);
    await expect(page.getByRole('heading', { name: `${what} needs your permission` })).toBeVisible();
    await aWhile(page);
    expect(running.asked(), 'nothing asks before somebody said so').toBe(0);
    await shoot(page, `${view.toLowerCase()}-before`);

    await page.getByRole('button', { name: 'Ask for permission' }).click();
    await expect(page.getByRole('heading', { name: DISMISSED })).toBeVisible();
    await expect(page.getByText('Try again and enter the password.')).toBeVisible();
    await aWhile(page);
    expect(running.asked(), 'once is once').toBe(1);

    running.answer(127, 'Error executing command as another user: Not authorized\n');
    await page.getByRole('button', { name: 'Ask again' }).click();
    await expect(
      page.getByRole('heading', { name: /^Administrator rights were refused: .*Not authorized/ }),
    ).toBeVisible();
    await expect(page.getByText("Ask this machine's administrator, or run xdpeek as root.")).toBeVisible();
    expect(running.asked()).toBe(2);
    await shoot(page, view.toLowerCase());

    running.answer(127, 'Error: No authentication agent found.\n');
    await page.getByRole('button', { name: 'Ask again' }).click();
    await expect(page.getByRole('heading', { name: /no polkit authentication agent is running/ })).toBeVisible();
    await expect(page.getByText(/Run xdpeek as root \(sudo\)/)).toBeVisible();
  });

test('Workbench: an object, a text and a program of the library that may not be loaded say so, with the way out', async ({
  window,
  running,
}) => {
  const { page } = window;
  await running.answerOpen(path.join(ROOT, 'dist/bpf/library/vlan_drop.bpf.o'));
  await page.keyboard.press('Control+Shift+o');
  // What stands in it needs no rights.
  await expect(page.getByRole('region', { name: 'Object vlan_drop.bpf.o' })).toContainText('vlan_drop');
  expect(running.asked()).toBe(0);
  await page.getByRole('button', { name: 'Load vlan_drop' }).click();
  await expect(page.getByRole('heading', { name: DISMISSED })).toBeVisible();
  await aWhile(page);
  expect(running.asked()).toBe(1);
  await shoot(page, 'workbench-object');
  running.answer(127, 'Not authorized\n');
  await page.getByRole('button', { name: 'Load again' }).click();
  await expect(page.getByRole('heading', { name: /^Administrator rights were refused/ })).toBeVisible();
  await expect(page.getByText("Ask this machine's administrator, or run xdpeek as root.")).toBeVisible();

  await page.getByRole('tab', { name: 'Write' }).click();
  await expect(page.getByRole('textbox', { name: 'eBPF assembly' })).toBeVisible();
  await page.getByRole('region', { name: 'Program', exact: true }).getByRole('button', { name: 'Load' }).click();
  await expect(page.getByRole('heading', { name: /^Administrator rights were refused/ })).toBeVisible();
  expect(running.asked()).toBe(3);

  await page.getByRole('tab', { name: 'Library' }).click();
  await page.getByRole('button', { name: /vlan_drop/ }).click();
  const use = page.getByRole('form', { name: 'Use vlan_drop' });
  await use.getByLabel('Interface', { exact: true }).selectOption('/lo');
  await use.getByRole('button', { name: 'Attach', exact: true }).click();
  const alert = use.getByRole('alert');
  await expect(alert).toContainText('Permission was not given');
  await expect(alert).toContainText('or run xdpeek as root');
  await aWhile(page);
  expect(running.asked(), 'what is attached is not looked for: that would ask again').toBe(4);
  await shoot(page, 'workbench-library');
});
