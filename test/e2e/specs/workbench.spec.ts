/** The workbench: a stranger's object opened, loaded, attached and counted; a refusal in its place; programs written here; the library. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from '../lib/fixtures.ts';
import { ROOT, SCREENSHOTS } from '../lib/hosts.ts';
import { attachedPrograms, NEAR } from '../lib/network.ts';
import { attachTo, deck, detach, face, OURS, outcome, write } from '../lib/workbench.ts';

/** Debian's, of xdp-tools: nothing of it is ours. */
const STRANGER = '/usr/lib/x86_64-linux-gnu/bpf/xdpfilt_alw_all.o';
const log = (page: Page) => page.getByRole('tree', { name: /Verifier’s log/ });

test("a stranger's object opens, loads, attaches, counts and is detached", async ({ window, running }) => {
  const { page } = window;
  await running.answerOpen(STRANGER);
  await page.keyboard.press('Control+Shift+o');
  const form = page.getByRole('region', { name: 'Object xdpfilt_alw_all.o' });
  await expect(form).toBeVisible();
  await expect(form.getByRole('region', { name: 'Programs' })).toContainText('xdpfilt_alw_all');
  await expect(form.getByRole('region', { name: 'Maps' })).toContainText('xdp_stats_map');
  await form.getByRole('button', { name: 'Load xdpfilt_alw_all' }).click();
  await expect(outcome(page)).toContainText('In the kernel');
  await outcome(page).getByRole('button', { name: 'Attach xdpfilt_alw_all' }).click();
  const dialog = page.getByRole('dialog', { name: 'Attach xdpfilt_alw_all' });
  await attachTo(dialog);
  await expect(dialog).toBeHidden();
  await expect.poll(attachedPrograms).toContain(NEAR.ifname);
  const row = deck(page).getByRole('listitem', { name: /^xdpfilt_alw_all, xdp on / });
  await expect(row).toContainText(/pass\s*[1-9]/);
  const passed = async () => Number(/pass: ([\d,]+)/.exec(await row.innerHTML())![1]!.replace(/,/g, ''));
  const before = await passed();
  await expect.poll(passed).toBeGreaterThan(before + 5);

  // Runs are counted when asked for.
  await deck(page)
    .getByRole('button', { name: /^Count the runs/ })
    .click();
  await expect(row).toContainText(/[1-9]\d* runs/);
  await deck(page).getByRole('button', { name: 'Stop counting runs' }).click();

  // The place is taken: it is named, and asked once.
  await outcome(page).getByRole('button', { name: 'Attach xdpfilt_alw_all' }).click();
  await attachTo(dialog, 'xdpfilt_alw_all');
  await expect(dialog.getByRole('alert')).toContainText(`xdpfilt_alw_all (program`);
  await expect(dialog.getByRole('button', { name: /^Replace / })).toBeEnabled();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await detach(page);
});

test('an object file that is dropped, on any view, opens in the workbench', async ({ window }) => {
  const { page } = window;
  await window.show('Flows');
  const dropped = await page.evaluateHandle(
    (content) => {
      const carried = new DataTransfer();
      carried.items.add(new File([new Uint8Array(content)], 'vlan_drop.bpf.o'));
      return carried;
    },
    [...readFileSync(OURS('vlan_drop'))],
  );
  await page.dispatchEvent('body', 'drop', { dataTransfer: dropped });
  await expect(page.getByRole('region', { name: 'Object vlan_drop.bpf.o' })).toContainText('license Dual BSD/GPL');
  await expect(page.getByRole('main', { name: 'Workbench' })).toBeVisible();
});

test('what is no object is refused in words, and what was open stays', async ({ window, running }) => {
  const { page } = window;
  await face(window, 'Object');
  await running.answerOpen(path.join(ROOT, 'README.md'));
  await page.getByRole('button', { name: 'Open object…' }).click();
  await expect(page.getByRole('alert')).toContainText(/ELF|object/i);
  await expect(page.getByRole('heading', { name: 'Open an eBPF object file' })).toBeVisible();
});

test('a refused program shows the reason at its source line', async ({ window, running }) => {
  const { page } = window;
  await running.answerOpen(OURS('tail_read'));
  await page.keyboard.press('Control+Shift+o');
  const programs = page.getByRole('region', { name: 'Programs', exact: true });
  await programs.getByRole('checkbox', { name: 'Load tail_read_end' }).check();
  await page.getByRole('button', { name: 'Load tail_read_end' }).click();
  await expect(outcome(page).getByRole('alert').first()).toContainText('The kernel did not take it');
  const refused = log(page).locator('[data-refused=true]');
  await expect(refused.first()).toContainText('verdict(ctx, *last)');
  await expect(refused.last()).toContainText(/pkt_end/);
  await expect(log(page)).toContainText(/data_end may be compared/);
  // The tree is walked and folded by keyboard.
  await log(page).focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await expect(log(page).locator('[data-refused=true]')).toHaveCount(1);
});

test('a global variable is set in a typed form, and what does not fit is said beside it', async ({
  window,
  running,
}) => {
  const { page } = window;
  await running.answerOpen(OURS('vlan_collect'));
  await page.keyboard.press('Control+Shift+o');
  const id = page.getByRole('textbox', { name: 'inner_id' });
  await id.fill('5000000000');
  await expect(page.getByRole('region', { name: 'Global variables' })).toContainText('0 to 4294967295');
  await expect(page.getByRole('button', { name: 'Load vlan_collect' })).toBeDisabled();
  await id.fill('77');
  await page.getByRole('button', { name: 'Load vlan_collect' }).click();
  await expect(outcome(page)).toContainText('In the kernel');
  const ids = /program (\d+)/.exec((await outcome(page).textContent())!)!;
  const maps = JSON.parse(execFileSync('bpftool', ['-j', 'prog', 'show', 'id', ids[1]!], { encoding: 'utf8' })) as {
    map_ids: number[];
  };
  const dumps = maps.map_ids.map((map) =>
    execFileSync('bpftool', ['-j', 'map', 'dump', 'id', `${map}`], { encoding: 'utf8' }),
  );
  expect(dumps.some((dump) => /"inner_id":\s*77/.test(dump))).toBe(true);
});

test('assembly is checked as it is typed, a typo shows its place, and two instructions load', async ({ window }) => {
  const { page } = window;
  await face(window, 'Write');
  await write(page, 'eBPF assembly', 'r0 = 2\nexti\n');
  const program = page.getByRole('region', { name: 'Program', exact: true });
  await expect(program.getByRole('status')).toContainText('1 error, in line 2');
  await expect(page.getByRole('note')).toContainText('this is no instruction: exti');
  await expect(program.getByRole('button', { name: 'Load' })).toBeDisabled();
  await write(page, 'eBPF assembly', 'r0 = 2\nexit\n');
  await expect(program.getByRole('status')).toContainText('2 instructions');
  await page.keyboard.press('Control+Enter');
  await expect(outcome(page)).toContainText('In the kernel');
  const row = deck(page).getByRole('listitem', { name: 'program, not attached' });
  await expect(row).toBeVisible();
  // The text is there after a look elsewhere, and can be undone.
  await face(window, 'Library');
  await face(window, 'Write');
  await expect(page.getByRole('textbox', { name: 'eBPF assembly' })).toContainText('exit');
  await row.getByRole('button', { name: 'Unload' }).click();
  await page
    .getByRole('dialog', { name: /^Unload / })
    .getByRole('button', { name: 'Unload' })
    .click();
  await expect(row).toBeHidden();
});

test('C is compiled with the errors in their place, then loaded', async ({ window }) => {
  const { page } = window;
  await face(window, 'Write');
  await page.getByRole('radio', { name: 'C', exact: true }).click();
  const program = page.getByRole('region', { name: 'Program', exact: true });
  const source = page.getByRole('textbox', { name: 'C source' });
  await source.click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.insertText('int x = nothing;\n');
  await program.getByRole('button', { name: 'Compile and load' }).click();
  await expect(page.getByRole('note').first()).toContainText(/undeclared identifier/);
  await source.click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Delete');
  await program.getByRole('button', { name: 'Compile and load' }).click();
  await expect(outcome(page)).toContainText('In the kernel');
  await expect(outcome(page).getByRole('button', { name: 'Attach drop_port' })).toBeVisible();
});

test('a program of the library is attached with its parameters, and does what they say', async ({ window }) => {
  const { page } = window;
  await face(window, 'Library');
  await page.getByRole('button', { name: /patch_ports/ }).click();
  const use = page.getByRole('form', { name: 'Use patch_ports' });
  await use.getByRole('textbox', { name: 'Port' }).fill('70000');
  await expect(use.getByText('Port is a port, 1 to 65535.').first()).toBeVisible();
  await use.getByRole('textbox', { name: 'Port' }).fill('7777');
  await use.getByRole('textbox', { name: 'By' }).fill('3');
  await attachTo(use);
  const row = deck(page).getByRole('listitem', { name: /^patch_ports, xdp on / });
  await expect(row).toContainText(/pass\s*[1-9]/);
  await expect(page.getByRole('region', { name: 'Source' })).toContainText('#include "library.h"');
  const id = JSON.parse(execFileSync('bpftool', ['-j', 'prog', 'show'], { encoding: 'utf8' })) as {
    id: number;
    name?: string;
    map_ids?: number[];
  }[];
  const mine = id.filter(({ name }) => name === 'patch_ports').at(-1)!;
  const dumps = mine.map_ids!.map((map) =>
    execFileSync('bpftool', ['-j', 'map', 'dump', 'id', `${map}`], { encoding: 'utf8' }),
  );
  expect(dumps.join('\n')).toMatch(/"port":\s*7777/);
  await detach(page);
});

test('a program made to be refused is a lesson', async ({ window }) => {
  const { page } = window;
  await face(window, 'Library');
  await page.getByRole('button', { name: /tail_read_length/ }).click();
  await page.getByRole('button', { name: 'Load, to see it refused' }).click();
  await expect(log(page).locator('[data-refused=true]').last()).toContainText(
    /invalid access to packet|outside of the packet/,
  );
});

for (const theme of ['dark', 'light'] as const)
  test(`the workbench in pictures, ${theme}`, async ({ window, running, host }) => {
    const { page } = window;
    await window.chooseTheme(theme);
    const shoot = (name: string) =>
      page.screenshot({ path: path.join(SCREENSHOTS, `${host}-workbench-${name}-${theme}.png`) });
    await running.answerOpen(STRANGER);
    await page.keyboard.press('Control+Shift+o');
    await page.getByRole('button', { name: 'Load xdpfilt_alw_all' }).click();
    await expect(outcome(page)).toContainText('In the kernel');
    await shoot('object');
    await face(window, 'Write');
    await expect(page.getByRole('textbox', { name: 'eBPF assembly' })).toBeVisible();
    await shoot('write');
    await page.setViewportSize({ width: 1024, height: 640 });
    for (const name of ['Object', 'Write', 'Library'] as const) {
      await face(window, name);
      await page.waitForTimeout(300);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, `${name} scrolls sideways`).toBe(0);
      await shoot(`${name.toLowerCase()}-small`);
    }
  });
