/** The Maps view: maps of the capture's own programs while traffic runs, and maps that bpftool made and looks at afterwards. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Locator } from '@playwright/test';
import { expect, test } from '../lib/fixtures.ts';
import { ROOT, SCREENSHOTS } from '../lib/hosts.ts';
import { offeredText } from '../lib/offered.ts';
import type { InspectorWindow } from '../lib/window.ts';

const PIN = `/sys/fs/bpf/xdpeek_e2e_${process.pid}`;
const bpftool = (...args: string[]) => execFileSync('bpftool', args, { encoding: 'utf8' });
const dump = () => JSON.parse(bpftool('-j', 'map', 'dump', 'pinned', PIN)) as { key: string[]; value: string[] }[];

function hash(name: string, entries: number): number {
  bpftool('map', 'create', PIN, 'type', 'hash', 'key', '4', 'value', '8', 'entries', '64', 'name', name);
  for (let i = 1; i <= entries; i++)
    bpftool('map', 'update', 'pinned', PIN, 'key', 'hex', ...bytes(i, 4), 'value', 'hex', ...bytes(10 * i, 8));
  return (JSON.parse(bpftool('-j', 'map', 'show', 'pinned', PIN)) as { id: number }).id;
}

const bytes = (value: number, length: number) =>
  Array.from({ length }, (_, i) => ((value / 256 ** i) & 255).toString(16).padStart(2, '0'));

test.afterEach(() => rm(PIN, { force: true }));

/** Opens the view and the map of this name; returns its pane. */
async function openMap(window: InspectorWindow, name: string): Promise<Locator> {
  const { page } = window;
  await window.show('Maps');
  await page.getByRole('searchbox', { name: 'Search maps' }).fill(name);
  await page.getByRole('grid', { name: 'Maps' }).getByRole('row').filter({ hasText: name }).last().click();
  return page.getByRole('region', { name: /^Map \d+/ });
}

test('maps of a running capture: typed members, watched with rates, charted', async ({ window }) => {
  await window.start();
  const pane = await openMap(window, 'flows');
  const { page } = window;
  const grid = pane.getByRole('grid', { name: /^Entries of map/ });
  await expect(grid.getByRole('columnheader', { name: /packets/ }).first()).toBeVisible();
  await expect(grid.getByRole('row').nth(1)).toBeVisible();
  // Its programs count while we look: a rate shows, and what changed is marked.
  await pane.getByRole('button', { name: 'Watch' }).click();
  await expect(pane.getByRole('button', { name: 'Watch' })).toHaveAttribute('aria-pressed', 'true');
  await expect(grid.getByText(/^\+\d/).first()).toBeVisible();
  const chosen = grid.getByRole('row').nth(1);
  await chosen.click();
  await pane.getByRole('button', { name: 'Chart' }).click();
  const chart = page.getByRole('region', { name: /^Chart of value\.packets/ });
  // A point a second joins the line. What it draws may be flat, a path of no height: so its points are counted, not its looks.
  const line = chart.locator('path.recharts-line-curve');
  const points = async () => ((await line.getAttribute('d')) ?? '').split('L').length;
  await expect.poll(points).toBeGreaterThan(2);
  await expect(line).toHaveCSS('stroke-width', '1.5px');
  await chart.getByRole('radio', { name: 'Value' }).click();
  await expect.poll(points).toBeGreaterThan(3);
  await chart.getByRole('button', { name: 'Close the chart' }).click();
  await expect(chart).toHaveCount(0);
});

test('entries are added, changed, deleted and found; bpftool sees the same', async ({ window }) => {
  const id = hash('e2e_edit', 3);
  const pane = await openMap(window, 'e2e_edit');
  const { page } = window;
  const grid = pane.getByRole('grid', { name: `Entries of map ${id}` });
  await expect(grid.getByRole('row')).toHaveCount(1 + 3);

  await pane.getByRole('button', { name: 'Add entry' }).click();
  const add = page.getByRole('dialog', { name: /^Add an entry to map/ });
  await add.getByLabel(/^key/).fill('07000000');
  await add.getByLabel(/^value/).fill('2a');
  await add.getByRole('button', { name: 'Add' }).click();
  // Too short: said in place, and nothing is written.
  await expect(add.getByRole('alert')).toContainText('8 bytes');
  expect(dump()).toHaveLength(3);
  await add.getByLabel(/^value/).fill('2a00000000000000');
  await add.getByRole('button', { name: 'Add' }).click();
  await expect(add).toHaveCount(0);
  expect(dump().map(({ key }) => key[0])).toContain('0x07');

  await grid.getByRole('row').filter({ hasText: '07000000' }).click();
  await pane.getByRole('button', { name: 'Change…' }).click();
  const change = page.getByRole('dialog', { name: /^Change 07000000 of map/ });
  await change.getByLabel(/^value/).fill('2b00000000000000');
  await change.getByRole('button', { name: 'Write' }).click();
  await expect(grid.getByRole('row').filter({ hasText: '2b00000000000000' })).toBeVisible();

  await pane.getByRole('searchbox', { name: 'Filter entries' }).fill('key == 07000000');
  await page.keyboard.press('Enter');
  await expect(grid.getByRole('row')).toHaveCount(1 + 1);
  await pane.getByRole('searchbox', { name: 'Filter entries' }).fill('nothing.like > 5');
  await page.keyboard.press('Enter');
  await expect(pane.getByRole('alert')).toContainText('nothing.like');
  await pane.getByRole('searchbox', { name: 'Filter entries' }).press('Escape');
  await expect(grid.getByRole('row')).toHaveCount(1 + 4);

  await grid.getByRole('row').filter({ hasText: '07000000' }).click();
  await pane.getByRole('button', { name: 'Delete…' }).click();
  const ask = page.getByRole('dialog', { name: /^Delete 07000000 from map/ });
  await ask.getByRole('button', { name: 'Delete' }).click();
  await expect(grid.getByRole('row')).toHaveCount(1 + 3);
  expect(dump()).toHaveLength(3);
});

/** A map of named types: an enum, bit-fields, records in records. Returns the folder of its pins. */
async function typedMap(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'xm-e2e-'));
  const object = path.join(folder, 'typed.o');
  const include = `-I/usr/include/${execFileSync('gcc', ['-print-multiarch'], { encoding: 'utf8' }).trim()}`;
  const source = path.join(ROOT, 'test/netns/lib/typed-map.bpf.c');
  execFileSync('clang', ['-g', '-O2', '-target', 'bpf', include, '-c', source, '-o', object]);
  bpftool('prog', 'load', object, `${PIN}_program`, 'pinmaps', `${PIN}_maps`);
  await rm(folder, { recursive: true });
  return `${PIN}_maps`;
}

test('an entry is added by its types: enums by name, members by their own fields, what does not fit said beside them', async ({
  window,
  host,
}) => {
  const pins = await typedMap();
  try {
    const { page } = window;
    const pane = await openMap(window, 'typed');
    await pane.getByRole('button', { name: 'Add entry' }).click();
    const add = page.getByRole('dialog', { name: /^Add an entry to map/ });
    await add.getByRole('textbox', { name: 'id', exact: true }).fill('7');
    await add.getByRole('combobox', { name: 'color' }).selectOption('GREEN');
    await add.getByRole('textbox', { name: 'three' }).fill('9');
    await expect(add.getByText('Takes 0 to 7.')).toBeVisible();
    await page.screenshot({ path: path.join(SCREENSHOTS, `${host}-typed-entry.png`) });
    await add.getByRole('textbox', { name: 'three' }).fill('6');
    await expect(add.getByText('Takes 0 to 7.')).toHaveCount(0);
    await add.getByRole('textbox', { name: 'minus' }).fill('-9');
    await add.getByRole('checkbox', { name: 'yes' }).check();
    await add.getByRole('button', { name: 'Add' }).click();
    await expect(add).toHaveCount(0);
    interface Formatted {
      formatted: { key: { id: number; color: unknown }; value: Record<string, unknown> };
    }
    const [entry] = JSON.parse(bpftool('-j', 'map', 'dump', 'pinned', `${pins}/typed`)) as Formatted[];
    expect(entry!.formatted.key).toEqual({ id: 7, color: 'GREEN' });
    expect(['three', 'packets'].map((name) => Number(entry!.formatted.value[name]))).toEqual([6, 0]);

    await pane
      .getByRole('grid', { name: /^Entries of map/ })
      .getByRole('row')
      .nth(1)
      .click();
    await pane.getByRole('button', { name: 'Change…' }).click();
    const change = page.getByRole('dialog', { name: /^Change/ });
    // The key is what it is.
    await expect(change.getByRole('combobox', { name: 'color' })).toBeDisabled();
    await expect(change.getByRole('textbox', { name: 'minus' })).toHaveValue('-9');
    await expect(change.getByRole('checkbox', { name: 'yes' })).toBeChecked();
    await page.keyboard.press('Escape');
  } finally {
    await rm(pins, { recursive: true });
    await rm(`${PIN}_program`);
  }
});

test('snapshots are compared, entries exported, the map pinned and unpinned', async ({ window, running }) => {
  const id = hash('e2e_keep', 2);
  const pane = await openMap(window, 'e2e_keep');
  const { page } = window;
  await pane.getByRole('tab', { name: 'Snapshots' }).click();
  await pane.getByRole('button', { name: 'Take snapshot' }).click();
  await expect(pane.getByRole('button', { name: 'Compare' })).toBeVisible();
  bpftool('map', 'update', 'pinned', PIN, 'key', 'hex', ...bytes(1, 4), 'value', 'hex', ...bytes(77, 8));
  bpftool('map', 'delete', 'pinned', PIN, 'key', 'hex', ...bytes(2, 4));
  await pane.getByRole('button', { name: 'Compare' }).click();
  await expect(pane.getByRole('status')).toContainText('1 changed, 0 new, 1 gone, 0 the same');

  const exported = async () => {
    await pane.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: /JSON/ }).click();
  };
  const text =
    running.host === 'serve'
      ? await readFile(await running.saved(exported), 'utf8')
      : await offeredText(page, exported);
  const lines = text.trim().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([{ key: '01000000', value: '4d00000000000000' }]);

  const name = `e2e${process.pid}`;
  await pane.getByRole('button', { name: 'Pin…' }).click();
  const pin = page.getByRole('dialog', { name: 'Pin map' });
  await pin.getByRole('textbox').fill(name);
  await pin.getByRole('button', { name: 'Pin' }).click();
  await expect(pin).toHaveCount(0);
  await page.getByRole('radio', { name: 'Pinned' }).click();
  await page.getByRole('searchbox', { name: 'Search maps' }).fill(`${name}-not`);
  await page.getByRole('button', { name: 'Show all pins' }).click();
  await page.getByRole('searchbox', { name: 'Search maps' }).fill(name);
  const row = page.getByRole('list', { name: 'Pins' }).getByRole('listitem');
  await expect(row).toContainText(String(id));
  await row.getByRole('button', { name: /^Unpin/ }).click();
  await page
    .getByRole('dialog', { name: /^Unpin/ })
    .getByRole('button', { name: 'Unpin' })
    .click();
  await expect(row).toHaveCount(0);
  expect(bpftool('-j', 'map', 'show', 'pinned', PIN)).toContain(`"id":${id}`);
});
