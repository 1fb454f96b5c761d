/** The names of a ring's files: numbered, and dated by the clock on the wall as dumpcap's are. date(1) is the judge. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { RingSink } from '../../electron/cli/capture/ring-sink.ts';
import { sectionHeader } from '../../electron/packets/pcap/writer.ts';

const wallClock = (TZ: string) =>
  execFileSync('date', ['+%Y%m%d%H%M%S'], { encoding: 'utf8', env: { ...process.env, TZ } }).trim();

test('local time, on both sides of Greenwich', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'xr-'));
  const before = process.env['TZ'];
  t.after(() => {
    rmSync(folder, { recursive: true });
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  });
  for (const zone of ['Asia/Tokyo', 'America/St_Johns']) {
    process.env['TZ'] = zone;
    const name = `r${zone.length}`;
    const ring = new RingSink(path.join(folder, `${name}.pcapng`), {
      size: 1 << 20,
      seconds: undefined,
      packets: undefined,
      files: undefined,
    });
    const from = wallClock(zone);
    await ring.take(sectionHeader({ application: 'test' }), 0);
    const to = wallClock(zone);
    await ring.close();
    const [made = ''] = readdirSync(folder).filter((file) => file.startsWith(`${name}_`));
    const stamp = new RegExp(`^${name}_00001_(\\d{14})\\.pcapng$`).exec(made)?.[1] ?? '';
    assert.ok(from <= stamp && stamp <= to, `${zone}: ${made} between ${from} and ${to}`);
  }
});
