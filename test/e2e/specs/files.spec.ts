/** Capture files: saved by the window, judged by tshark, opened again. */
import { execFileSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { enhancedPacket, interfaceDescription, sectionHeader } from '../../../electron/packets/pcap/writer.ts';
import { concat, numberedFrames } from '../../netns/lib/frames.ts';
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

const a = { mac: '02:78:00:00:00:01', ipv4: '10.78.0.1', ipv6: 'fd78::1' };
const b = { mac: '02:78:00:00:00:02', ipv4: '10.78.0.2', ipv6: 'fd78::2' };

function capture(count: number): Uint8Array {
  const packets = numberedFrames(a, b, count).map((bytes, i) =>
    enhancedPacket({ interfaceId: 0, epochNs: 1_700_000_000_000_000_000n + BigInt(i), wireLen: bytes.length, bytes }),
  );
  return concat(sectionHeader(), interfaceDescription({ linkType: 1, name: 'lan0' }), ...packets);
}

test('a file without packets says so; one that is cut short says where; another file is no news', async ({
  window,
  running,
}) => {
  const { page } = window;
  const open = async (name: string, bytes: Uint8Array) => {
    const file = path.join(ROOT, 'test/output', name);
    writeFileSync(file, bytes);
    await running.answerOpen(file);
    await page.keyboard.press('Control+o');
    await expect(window.statusBar).toContainText(name);
  };
  await open('none.pcapng', capture(0));
  await window.show('Packets');
  await expect(page.getByText('none.pcapng has no packets')).toBeVisible();

  await open('whole.pcapng', capture(30));
  await expect.poll(() => window.storedPackets()).toBe(30);
  await expect(window.failure).toHaveCount(0);
  await open('cut.pcapng', capture(60).slice(0, -20));
  await expect.poll(() => window.storedPackets()).toBe(59);
  await expect(window.failure).toContainText(/Not whole: cut\.pcapng is damaged at byte \d+: .*cut short/);
  await expect(page.getByRole('button', { name: /new$/ })).toHaveCount(0);
  await window.failure.getByRole('button', { name: 'Dismiss' }).click();
  await expect(window.failure).toHaveCount(0);
});
