/** Packets on their way out: marked, commented, exported in each format, dragged; and files on their way in: several at once, damaged ones. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { enhancedPacket, interfaceDescription, sectionHeader } from '../../../electron/packets/pcap/writer.ts';
import { ascii, concat, udpFrame } from '../../netns/lib/frames.ts';
import { expect, test } from '../lib/fixtures.ts';
import { ROOT, SCREENSHOTS } from '../lib/hosts.ts';

const a = { mac: '02:77:00:00:00:01', ipv4: '10.77.0.1', ipv6: 'fd77::1' };
const b = { mac: '02:77:00:00:00:02', ipv4: '10.77.0.2', ipv6: 'fd77::2' };

/** UDP datagrams with these ports, a second apart from `first` on. */
function capture(name: string, ports: readonly number[], first = 0): string {
  const file = path.join(ROOT, 'test/output', name);
  const packets = ports.map((destinationPort, at) => {
    const bytes = udpFrame(a, b, ascii(`${name} ${at + 1}`), { destinationPort });
    const epochNs = 1_700_000_000_000_000_000n + BigInt(first + 2 * at) * 1_000_000_000n;
    return enhancedPacket({ interfaceId: 0, epochNs, wireLen: bytes.length, bytes });
  });
  writeFileSync(file, concat(sectionHeader(), interfaceDescription({ linkType: 1, name: 'lan0' }), ...packets));
  return file;
}

const tshark = (file: string, ...args: string[]) =>
  execFileSync('tshark', ['-r', file, ...args], { encoding: 'utf8' })
    .trim()
    .split('\n');
const ports = (file: string) => tshark(file, '-T', 'fields', '-e', 'udp.dstport');

test('marks, a comment and a time reference; the saved file has the comment', async ({ window, running }) => {
  const { page } = window;
  await running.answerOpen(capture('notes.pcapng', [7001, 7002, 7001, 7003]));
  await page.keyboard.press('Control+o');
  await expect.poll(() => window.storedPackets()).toBe(4);
  await window.show('Packets');
  await window.packetRows('7002').click();
  await page.keyboard.press('Control+m');
  await expect(window.packetRows('7002')).toHaveAttribute('data-marked', 'true');
  await page.keyboard.press('Control+Alt+c');
  const dialog = page.getByRole('dialog', { name: 'Comment of packet 2' });
  await dialog.getByRole('textbox', { name: 'Comment' }).fill('seen by me');
  await page.screenshot({ path: path.join(SCREENSHOTS, `${running.host}-comment-dialog.png`) });
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(window.packetRows('7002').getByLabel('commented')).toBeVisible();
  await window.open('Frame 2');
  await expect(window.field(/seen by me/).first()).toBeVisible();

  // The third is where times count from.
  await window.packetRows(/7001/).nth(1).click();
  await page.keyboard.press('Control+t');
  await expect(window.packetRows(/\*REF\*/)).toHaveCount(1);
  await expect(window.packetRows('7003')).toContainText('2.000000');

  await page.keyboard.press('Control+Shift+M');
  await expect(page.locator('[role=row][data-marked=true]')).toHaveCount(4);
  await page.keyboard.press('Control+Alt+m');
  await expect(page.locator('[role=row][data-marked=true]')).toHaveCount(0);

  const file = await running.saved(() => page.keyboard.press('Control+s'));
  await expect.poll(() => statSync(file, { throwIfNoEntry: false })?.size ?? 0).toBeGreaterThan(0);
  expect(tshark(file, '-T', 'fields', '-e', 'frame.number', '-e', 'frame.comment')[1]).toBe('2\tseen by me');
});

test('find goes on, comes back, goes around, and says when there is nothing', async ({ window, running }) => {
  const { page } = window;
  await running.answerOpen(capture('find.pcapng', [7001, 7002, 7001, 7003]));
  await page.keyboard.press('Control+o');
  await expect.poll(() => window.storedPackets()).toBe(4);
  await window.show('Packets');
  await window.packetRows('7002').click();
  await page.keyboard.press('Control+f');
  const bar = page.getByRole('search', { name: 'Find packet' });
  const text = bar.getByRole('textbox', { name: 'What to find' });
  await expect(text).toBeFocused();
  const chosen = window.packetGrid.locator('[aria-selected=true]');
  await text.fill('7001');
  await page.keyboard.press('Enter');
  await expect(chosen).toHaveAttribute('aria-rowindex', '3');
  await page.keyboard.press('Enter');
  await expect(chosen).toHaveAttribute('aria-rowindex', '1');
  await expect(bar).toContainText('other end');
  await page.keyboard.press('Shift+Enter');
  await expect(chosen).toHaveAttribute('aria-rowindex', '3');
  await text.fill('nothing of the kind');
  await page.keyboard.press('Enter');
  await expect(bar).toContainText('No packet matches');
  await page.keyboard.press('Escape');
  await expect(bar).toHaveCount(0);
});

test('a colouring rule colours its rows, and a field gets a column', async ({ window, running }) => {
  const { page } = window;
  await running.answerOpen(capture('rules.pcapng', [7001, 7002]));
  await page.keyboard.press('Control+o');
  await expect.poll(() => window.storedPackets()).toBe(2);
  await window.show('Packets');
  await page.getByRole('button', { name: 'Colouring rules…' }).click();
  const dialog = page.getByRole('dialog', { name: /olouring rules/ });
  await dialog.getByRole('button', { name: 'Add a rule' }).click();
  await dialog.getByRole('textbox', { name: 'Filter of rule 1' }).fill('udp.dstport == 7002');
  await page.screenshot({ path: path.join(SCREENSHOTS, `${running.host}-rules-dialog.png`) });
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(window.packetRows('7002')).toHaveAttribute('data-rule', /\d/);
  await expect(window.packetRows('7001')).not.toHaveAttribute('data-rule', /\d/);

  await window.packetRows('7002').click();
  await window.open('User Datagram Protocol');
  await window
    .field(/^Destination Port: 7002/)
    .first()
    .click({ button: 'right' });
  await page.getByRole('menuitemcheckbox', { name: 'Column of its own' }).click();
  await expect(window.packetGrid.getByRole('columnheader', { name: 'udp.dstport' })).toBeVisible();
  await expect(window.packetRows().first().getByRole('gridcell', { name: '7001', exact: true })).toBeVisible();
});

test('export: what is displayed, what is selected, a conversation; pcap, and compressed', async ({
  window,
  running,
}) => {
  const { page } = window;
  await running.answerOpen(capture('export.pcapng', [7001, 7002, 7001, 7003]));
  await page.keyboard.press('Control+o');
  await expect.poll(() => window.storedPackets()).toBe(4);
  await window.show('Packets');
  const dialog = page.getByRole('dialog', { name: 'Export packets' });
  const save = (how: () => Promise<void>) => running.saved(how);
  const written = async (file: string) => {
    await expect.poll(() => statSync(file, { throwIfNoEntry: false })?.size ?? 0).toBeGreaterThan(0);
    return file;
  };
  const go = () => dialog.getByRole('button', { name: /^(Download|Save as…)$/ }).click();

  await page.getByRole('combobox', { name: 'Display filter' }).fill('udp.dstport == 7001');
  await page.keyboard.press('Enter');
  await expect(window.packetRows()).toHaveCount(2);
  await page.keyboard.press('Control+Shift+E');
  await expect(dialog.getByRole('radio', { name: /Displayed packets/ })).toBeChecked();
  await expect(dialog).toContainText('2 packets of 4.');
  await page.screenshot({ path: path.join(SCREENSHOTS, `${running.host}-export-dialog.png`) });
  expect(ports(await written(await save(go)))).toEqual(['7001', '7001']);

  await page.getByRole('combobox', { name: 'Display filter' }).fill('');
  await page.keyboard.press('Enter');
  await expect(window.packetRows()).toHaveCount(4);
  await window.packetRows('7002').click();
  await window.packetRows('7003').click({ modifiers: ['Shift'] });
  await page.keyboard.press('Control+Shift+E');
  await expect(dialog.getByRole('radio', { name: 'Selected packets' })).toBeChecked();
  await expect(dialog).toContainText('3 packets of 4.');
  await dialog.getByRole('combobox', { name: 'Format' }).selectOption('pcap, nanoseconds');
  await dialog.getByRole('combobox', { name: 'Compression' }).selectOption('gzip (.gz)');
  const packed = await written(await save(go));
  const plain = `${packed}.plain.pcap`;
  writeFileSync(plain, gunzipSync(readFileSync(packed)));
  expect(ports(plain)).toEqual(['7002', '7001', '7003']);

  // A click inside of what is selected takes the selection back to that row.
  await window.packetRows('7003').click();
  await expect(window.packetGrid.locator('[aria-selected=true]')).toHaveCount(1);
  await window.packetRows('7003').click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Export this conversation…' }).click();
  await expect(dialog.getByRole('radio', { name: /^UDP stream \d/ })).toBeChecked();
  expect(ports(await written(await save(go)))).toEqual(['7003']);
});

test('several files are opened together, by time, with the file of each interface', async ({ window, running }) => {
  const { page } = window;
  const files = [capture('first.pcapng', [8001, 8003]), capture('second.pcapng', [8002, 8004], 1)];
  await running.answerOpen(files);
  await page.keyboard.press('Control+o');
  await expect.poll(() => window.storedPackets()).toBe(4);
  await expect(window.statusBar).toContainText('first.pcapng and 1 other');
  await window.show('Packets');
  for (const [at, port] of ['8001', '8002', '8003', '8004'].entries())
    await expect(window.packetRows().nth(at)).toContainText(port);
  await expect(window.packetRows('8002')).toContainText('lan0 · second.pcapng');
  await page.screenshot({ path: path.join(SCREENSHOTS, `${running.host}-merged.png`) });
});

test('packets are dragged out of the window as a file', async ({ window, running }) => {
  const { page } = window;
  await running.answerOpen(capture('drag.pcapng', [7001, 7002, 7003]));
  await page.keyboard.press('Control+o');
  await expect.poll(() => window.storedPackets()).toBe(3);
  await window.show('Packets');
  await window.packetRows('7001').click();
  await window.packetRows('7002').click({ modifiers: ['Shift'] });
  const carried = await window.packetRows('7002').evaluate((row) => {
    const dataTransfer = new DataTransfer();
    const event = new DragEvent('dragstart', { bubbles: true, cancelable: true, dataTransfer });
    row.dispatchEvent(event);
    return { prevented: event.defaultPrevented, url: dataTransfer.getData('DownloadURL'), types: dataTransfer.types };
  });
  if (running.host === 'electron') {
    expect(carried.prevented).toBe(true);
    const dragged = () =>
      running.electron!.evaluate(
        ({ BrowserWindow }) =>
          (BrowserWindow.getAllWindows()[0]?.webContents as { dragged?: { file: string } } | undefined)?.dragged
            ?.file ?? '',
      );
    await expect.poll(dragged).toMatch(/drag-selected\.pcapng$/);
    const file = await dragged();
    expect(ports(file)).toEqual(['7001', '7002']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(path.join(file, '../..')).mode & 0o777).toBe(0o700);
    await running.close();
    expect(existsSync(file)).toBe(false);
    return;
  }
  expect(carried.types).toEqual(['downloadurl', 'text/uri-list']);
  const [, type, name, url] = /^([^:]+):([^:]+):(http.*)$/.exec(carried.url) ?? [];
  expect([type, name]).toEqual(['application/vnd.tcpdump.pcap', 'drag-selected.pcapng']);
  const bytes = await page.evaluate(async (from) => [...new Uint8Array(await (await fetch(from)).arrayBuffer())], url!);
  const file = path.join(ROOT, 'test/output/dragged.pcapng');
  writeFileSync(file, Uint8Array.from(bytes));
  expect(ports(file)).toEqual(['7001', '7002']);
});
