/** The workbench in the words of people: its faces, what is loaded and attached there, and how that is done. */
import path from 'node:path';
import { expect, type Locator, type Page } from '@playwright/test';
import { ROOT } from './hosts.ts';
import { attachedPrograms, NEAR } from './network.ts';
import type { InspectorWindow } from './window.ts';

export const OURS = (name: string) => path.join(ROOT, `dist/bpf/library/${name}.bpf.o`);
export const PLACE = `${NEAR.netns}/${NEAR.ifname}`;

export const outcome = (page: Page) => page.getByRole('region', { name: 'Outcome' });
export const deck = (page: Page) => page.getByRole('region', { name: 'Loaded and attached' });

export async function face(window: InspectorWindow, name: 'Object' | 'Write' | 'Library'): Promise<void> {
  await window.show('Workbench');
  await window.page.getByRole('tab', { name, exact: true }).click();
}

/** `there`: the program that the list must know of first, since the form asks before it takes its place. */
export async function attachTo(scope: Locator, there?: string): Promise<void> {
  const select = scope.getByLabel('Interface', { exact: true });
  await expect(select.locator(`option[value="${PLACE}"]`)).toContainText(there ? `XDP: ${there}` : NEAR.ifname);
  await select.selectOption(PLACE);
  await scope.getByRole('button', { name: 'Attach', exact: true }).click();
}

/** What is attached in `row` of the deck is taken off `place`, which the question names. */
export async function detachRow(page: Page, row: Locator, place: string): Promise<void> {
  await row.getByRole('button', { name: 'Detach' }).click();
  const dialog = page.getByRole('dialog', { name: /^Detach / });
  await expect(dialog).toContainText(place);
  await dialog.getByRole('button', { name: 'Detach' }).click();
  await expect(row).toHaveCount(0);
}

export async function detach(page: Page): Promise<void> {
  const place = `xdp on ${NEAR.ifname} in ${NEAR.netns}`;
  await detachRow(page, deck(page).getByRole('listitem', { name: new RegExp(`, ${place}$`) }), place);
  await expect.poll(attachedPrograms).toBe('');
}

/** Puts `text` into the editor in place of what is there. */
export async function write(page: Page, label: string, text: string): Promise<void> {
  await page.getByRole('textbox', { name: label }).click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
}
