/** Files that were opened before: on the start page of both hosts, by name and never by path, opened again by a click. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pcapHeader, pcapRecord } from '../../../electron/packets/pcap/writer.ts';
import { expect, test } from '../lib/fixtures.ts';
import { ROOT } from '../lib/hosts.ts';

const folder = path.join(ROOT, 'test/output');
function written(name: string, packets: number): string {
  const file = path.join(folder, name);
  const records = Array.from({ length: packets }, (_, i) => pcapRecord(BigInt(i), 60, new Uint8Array(60), false));
  writeFileSync(file, Buffer.concat([pcapHeader(1, undefined, false), ...records]));
  return file;
}

test('opened files are on the start page and open again; forgotten they are gone', async ({ window, running }) => {
  const { page } = window;
  for (const [name, packets] of [
    ['few.pcap', 3],
    ['more.pcap', 5],
  ] as const) {
    await running.answerOpen(written(name, packets));
    await page.keyboard.press('Control+o');
    await expect.poll(() => window.storedPackets()).toBe(packets);
  }
  await window.show('Start');
  const recent = page.getByRole('region', { name: 'Recent files' });
  await expect(recent.getByRole('listitem')).toHaveText([/^more\.pcap/, /^few\.pcap/]);
  expect(await page.content()).not.toContain(folder);
  await recent.getByRole('button', { name: /^few\.pcap/ }).click();
  await expect.poll(() => window.storedPackets()).toBe(3);
  await window.show('Start');
  await expect(recent.getByRole('listitem')).toHaveText([/^few\.pcap/, /^more\.pcap/]);
  await recent.getByRole('button', { name: 'Forget these' }).click();
  await expect(recent).toHaveCount(0);
});
