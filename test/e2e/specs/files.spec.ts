/** Capture files: saved by the window, judged by tshark, opened again. */
import { execFileSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '../lib/fixtures.ts';
import { ROOT } from '../lib/hosts.ts';

/** -1 while the file is not whole. */
function packetsIn(file: string): number {
  try {
    const out = execFileSync('tshark', ['-r', file, '-T', 'fields', '-e', 'frame.len'], { encoding: 'utf8' });
    return out.trim().split('\n').length;
  } catch {
    return -1;
  }
}

test('a saved capture has exactly the packets shown, and opens again', async ({ window, running }) => {
  await window.start();
  await window.show('Packets');
  await expect.poll(() => window.packetCount()).toBeGreaterThan(20);
  await window.stop();
  await window.packetRows().first().waitFor();
  const count = await window.storedPackets();
  const file = await running.saved(() => window.page.keyboard.press('Control+s'));
  await expect.poll(() => statSync(file, { throwIfNoEntry: false })?.size ?? 0).toBeGreaterThan(0);
  await expect.poll(() => packetsIn(file)).toBe(count);

  await running.answerOpen(file);
  await window.page.keyboard.press('Control+o');
  await expect(window.statusBar).toContainText('File');
  await expect(window.statusBar).toContainText(path.basename(file));
  await expect.poll(() => window.storedPackets()).toBe(count);
  await window.show('Packets');
  await expect(window.packetRows('ICMP').first()).toBeVisible();
});

test('a file that is no capture is refused in words', async ({ window, running }) => {
  const file = path.join(ROOT, 'test/output/not-a-capture.pcapng');
  writeFileSync(file, 'this is no capture file at all\n');
  await running.answerOpen(file);
  await window.page.keyboard.press('Control+o');
  // Its name stays as it is written.
  await expect(window.page.getByText(/^not-a-capture\.pcapng cannot be opened: .*not a pcap/)).toBeVisible();
});
