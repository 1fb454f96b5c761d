/** "Decode as…": a packet's port is given a protocol from its row's menu; the list is decoded anew, the rule is remembered and taken away. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PROTOCOL_SAMPLES } from '../../golden/protocol-samples.ts';
import { sampleFile } from '../../golden/samples.ts';
import { Talk } from '../../golden/talk.ts';
import { expect, test } from '../lib/fixtures.ts';
import { SCREENSHOTS } from '../lib/hosts.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'xf-decode-e2e-'));
const file = path.join(folder, 'unusual-port.pcapng');
writeFileSync(
  file,
  sampleFile(new Talk(8888).s('220 ready\r\n').c('USER anonymous\r\n').s('331 password please\r\n').sample),
);
test.afterAll(() => rmSync(folder, { recursive: true }));

for (const theme of ['light', 'dark'] as const)
  test(`a port becomes a protocol, and is itself again, ${theme}`, async ({ window, running, host }) => {
    const { page } = window;
    await window.chooseTheme(theme);
    await running.answerOpen(file);
    await page.keyboard.press('Control+o');
    await expect.poll(() => window.storedPackets()).toBe(6);
    await window.show('Packets');
    await expect(window.packetRows('FTP')).toHaveCount(0);

    await window.packetRows().nth(3).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Decode as…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Decode as' });
    await expect(dialog.getByText('No rules yet')).toBeVisible();
    // The port that nothing claims is what is offered.
    await expect(dialog.getByRole('textbox', { name: 'TCP port' })).toHaveValue('8888');
    await expect(dialog.getByRole('button', { name: 'Add' })).toBeDisabled();
    await dialog.getByPlaceholder('Search protocols').fill('file transfer');
    await page.keyboard.press('Enter');
    await expect(dialog.getByRole('status', { name: 'Protocol chosen' })).toHaveText(/^ftp /);
    await page.screenshot({ path: path.join(SCREENSHOTS, `${host}-decode-new-${theme}.png`) });
    await dialog.getByRole('button', { name: 'Add' }).click();
    await expect(dialog.getByRole('list', { name: 'Rules' })).toContainText('8888');
    await expect(window.packetRows('FTP')).toHaveCount(3);

    await dialog.getByRole('textbox', { name: 'TCP port' }).fill('70000');
    await expect(dialog.getByRole('alert')).toHaveText(/0 to 65535/);
    await page.screenshot({ path: path.join(SCREENSHOTS, `${host}-decode-rules-${theme}.png`) });
    await dialog.getByRole('button', { name: 'Done' }).click();
    await expect(window.packetRows('Request: USER anonymous')).toHaveCount(1);
    await page.screenshot({ path: path.join(SCREENSHOTS, `${host}-decode-list-${theme}.png`) });

    expect(await page.evaluate(() => localStorage.getItem('xdpeek.prefs'))).toMatch(/"protocol":"ftp"/);
    await page.keyboard.press('Control+Shift+U');
    await dialog.getByRole('button', { name: 'Remove TCP port 8888' }).click();
    await expect(dialog.getByText('No rules yet')).toBeVisible();
    await expect(window.packetRows('FTP')).toHaveCount(0);
  });

test('RTP that nothing announced is recognised when it is asked for, and remembered', async ({ window, running }) => {
  const { page } = window;
  const media = path.join(folder, 'media.pcapng');
  writeFileSync(media, sampleFile(PROTOCOL_SAMPLES['rtp_heuristic']!));
  await running.answerOpen(media);
  await page.keyboard.press('Control+o');
  await expect.poll(() => window.storedPackets()).toBe(13);
  await window.show('Packets');
  await expect(window.packetRows('SSRC=0x11223344')).toHaveCount(0);
  await page.keyboard.press('Control+Shift+U');
  const dialog = page.getByRole('dialog', { name: 'Decode as' });
  const choice = dialog.getByRole('checkbox', { name: /RTP that nothing announced/ });
  await choice.check();
  await expect(window.packetRows('SSRC=0x11223344')).toHaveCount(3);
  expect(await page.evaluate(() => localStorage.getItem('xdpeek.prefs'))).toMatch(/"heuristics":\["rtp_udp"\]/);
  await choice.uncheck();
  await expect(window.packetRows('SSRC=0x11223344')).toHaveCount(0);
});

test('rules that were remembered are used by a session that has none', async ({ window, running }) => {
  const { page } = window;
  await page.evaluate(() => {
    const rule = { table: 'tcp.port', from: 8888, to: 8888, protocol: 'ftp' };
    const unknown = { ...rule, protocol: 'not-a-protocol' };
    localStorage.setItem('xdpeek.prefs', JSON.stringify({ decode: [unknown, rule] }));
  });
  await page.reload();
  await window.ready();
  await running.answerOpen(file);
  await page.keyboard.press('Control+o');
  await expect.poll(() => window.storedPackets()).toBe(6);
  await window.show('Packets');
  await expect(window.packetRows('FTP')).toHaveCount(3);
});
