/** Programs put in their places from the window: in that of another one, at tc, on a tracepoint, on a socket; and taken off again. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { addon } from '../../netns/lib/addon.ts';
import { expect, test } from '../lib/fixtures.ts';
import { SCREENSHOTS } from '../lib/hosts.ts';
import { attachedPrograms, NEAR } from '../lib/network.ts';
import { attachTo, deck, detach, detachRow, face, OURS, outcome, write } from '../lib/workbench.ts';

const HERE = `${NEAR.ifname} in ${NEAR.netns}`;
const attachedAt = (hook: string) =>
  addon
    .interfaces(NEAR.netns)
    .find(({ ifname }) => ifname === NEAR.ifname)!
    .attached.filter((each) => each.hook === hook)
    .map(({ name }) => name);

/** The sum over the CPUs of what the map `map` of the newest program `program` holds at `key`. */
function counted(program: string, map: string, key: number): number {
  const id = addon.programs().findLast(({ name }) => name === program)?.mapIds;
  const found = addon.maps().find((each) => id?.includes(each.id) && each.name === map);
  const values = found && addon.mapLookup(found.id, new Uint8Array(Uint32Array.of(key).buffer));
  if (!values) return -1;
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
  let sum = 0;
  for (let at = 0; at < values.byteLength; at += 8) sum += Number(view.getBigUint64(at, true));
  return sum;
}

test('the program of a place is replaced by another, which is asked once; the old one is out of it', async ({
  window,
  running,
  host,
}) => {
  const { page } = window;
  await running.answerOpen(OURS('xdp_pass'));
  await page.keyboard.press('Control+Shift+o');
  await page.getByRole('button', { name: 'Load 3 programs' }).click();
  await expect(outcome(page)).toContainText('In the kernel');
  await outcome(page).getByRole('button', { name: 'Attach xdp_pass' }).click();
  const first = page.getByRole('dialog', { name: 'Attach xdp_pass' });
  await attachTo(first);
  await expect(first).toBeHidden();
  await expect.poll(() => attachedAt('xdp')).toEqual(['xdp_pass']);

  await outcome(page).getByRole('button', { name: 'Attach xdp_drop' }).click();
  const dialog = page.getByRole('dialog', { name: 'Attach xdp_drop' });
  await attachTo(dialog, 'xdp_pass');
  await expect(dialog.getByRole('alert')).toContainText(/xdp_pass \(program \d+\) is at xdp on/);
  await expect(dialog.getByRole('alert')).toContainText('xdp_drop takes its place');
  expect(attachedAt('xdp'), 'nothing happened yet').toEqual(['xdp_pass']);
  await page.screenshot({ path: path.join(SCREENSHOTS, `${host}-replace.png`) });
  await dialog.getByRole('button', { name: 'Replace xdp_pass' }).click();
  await expect(dialog).toBeHidden();
  await expect.poll(() => attachedAt('xdp')).toEqual(['xdp_drop']);
  await expect(deck(page).getByRole('listitem', { name: `xdp_drop, xdp on ${HERE}` })).toContainText(/drop\s*[1-9]/);
  await expect(deck(page).getByRole('listitem', { name: 'xdp_pass, not attached' })).toBeVisible();
  await detach(page);
});

test('a tc program is put before those of its hook, and taken off', async ({ window, host }) => {
  const { page } = window;
  await face(window, 'Write');
  await page.getByRole('button', { name: /^Type of the program: / }).click();
  await page.getByRole('menuitemradio', { name: /^tc classifier/ }).click();
  await write(page, 'eBPF assembly', 'r0 = -1\nexit\n');
  const place = `tc egress on ${HERE}`;
  for (const [name, order] of [
    ['lets_pass', 'Default'],
    ['goes_first', 'First'],
  ] as const) {
    await page.getByRole('textbox', { name: 'Name of the program' }).fill(name);
    await page.getByRole('region', { name: 'Program', exact: true }).getByRole('button', { name: 'Load' }).click();
    await outcome(page)
      .getByRole('button', { name: `Attach ${name}` })
      .click();
    const dialog = page.getByRole('dialog', { name: `Attach ${name}` });
    await dialog.getByRole('combobox', { name: 'Where' }).selectOption('tc-egress');
    await dialog.getByRole('radio', { name: order }).click();
    await page.screenshot({ path: path.join(SCREENSHOTS, `${host}-attach-tc.png`) });
    await attachTo(dialog);
    await expect(dialog).toBeHidden();
  }
  await expect.poll(() => attachedAt('tc-egress')).toEqual(['goes_first', 'lets_pass']);
  for (const name of ['lets_pass', 'goes_first'])
    await detachRow(page, deck(page).getByRole('listitem', { name: `${name}, ${place}` }), place);
  await expect.poll(() => attachedAt('tc-egress')).toEqual([]);
});

test('a program on a tracepoint counts its event', async ({ window, host }) => {
  const { page } = window;
  await face(window, 'Library');
  await page.getByRole('button', { name: /execve_count/ }).click();
  const use = page.getByRole('form', { name: 'Use execve_count' });
  await use.getByRole('combobox', { name: 'Where' }).selectOption('tracepoint');
  await expect(use.getByRole('textbox', { name: 'Tracepoint' })).toHaveValue('syscalls:sys_enter_execve');
  await use.getByRole('button', { name: 'Attach', exact: true }).click();
  const row = deck(page).getByRole('listitem', { name: /tracepoint syscalls:sys_enter_execve$/ });
  await expect(row).toBeVisible();
  await page.screenshot({ path: path.join(SCREENSHOTS, `${host}-attach-tracepoint.png`) });
  const calls = () => counted('execve_count_tp', 'calls', 0);
  const before = calls();
  expect(before).toBeGreaterThanOrEqual(0);
  for (let i = 0; i < 5; i++) execFileSync('true');
  expect(calls()).toBeGreaterThanOrEqual(before + 5);
  await detachRow(page, row, 'tracepoint syscalls:sys_enter_execve');
});

test('a socket filter sees what its interface does', async ({ window, host }) => {
  const { page } = window;
  await face(window, 'Library');
  await page.getByRole('button', { name: /udp_local_only/ }).click();
  const use = page.getByRole('form', { name: 'Use udp_local_only' });
  await use.getByRole('combobox', { name: 'Where' }).selectOption('socket');
  await attachTo(use);
  const row = deck(page).getByRole('listitem', { name: `udp_local_only, socket on ${HERE}` });
  await expect(row).toBeVisible();
  await page.screenshot({ path: path.join(SCREENSHOTS, `${host}-attach-socket.png`) });
  await expect.poll(() => counted('udp_local_only', 'packets', 0)).toBeGreaterThan(10);
  expect(attachedPrograms(), 'nothing sits on the interface itself').toBe('');
  await detachRow(page, row, `socket on ${HERE}`);
});

test('a socket filter is tried on a UDP socket that listens', async ({ window }) => {
  const { page } = window;
  await face(window, 'Library');
  await page.getByRole('button', { name: /udp_local_only/ }).click();
  const use = page.getByRole('form', { name: 'Use udp_local_only' });
  const attach = use.getByRole('button', { name: 'Attach', exact: true });
  await use.getByRole('textbox', { name: 'Port' }).fill('70000');
  await expect(attach).toBeDisabled();
  await use.getByRole('textbox', { name: 'Port' }).fill(`7070@${NEAR.netns}`);
  await attach.click();
  const place = `UDP port 7070 in ${NEAR.netns}`;
  const row = deck(page).getByRole('listitem', { name: `udp_local_only, ${place}` });
  await expect(row).toBeVisible();
  for (const address of ['127.0.0.1', NEAR.ip, '127.0.0.1'])
    execFileSync('nsenter', [`--net=/run/netns/${NEAR.netns}`, 'bash', '-c', `echo hello > /dev/udp/${address}/7070`]);
  await expect.poll(() => counted('udp_local_only', 'packets', 1)).toBe(2);
  expect(counted('udp_local_only', 'packets', 0), 'what came to its other address').toBe(1);
  await detachRow(page, row, place);
});
