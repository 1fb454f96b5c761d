/** `dump -w` under load: 400 k packets a second of 60 bytes for five seconds, or as many as this machine takes, all of them in a file on tmpfs. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { capturing, nothingAttached, withFolder } from './cli-lib.ts';
import { losesNothing } from './lib/attempts.ts';
import { generate } from './lib/generator.ts';
import { withPair } from './lib/network.ts';
import { run } from './lib/process.ts';

const PPS = 400_000;
const SECONDS = 5;

/** Packets in a summary line, by what follows the number. */
function figure(summary: string, pattern: RegExp): number {
  return Number((pattern.exec(summary)?.[1] ?? '0').replaceAll(',', ''));
}

/** How many were lost. */
async function attemptOnce(folder: string, asked: number): Promise<number> {
  return withPair({ prefix: 'xl', quiet: true }, async (a, b) => {
    const file = path.join(folder, 'f.pcapng');
    const dump = await capturing(['dump', '-i', b.ifname, '-w', file], b.netns);
    const { sent, pps } = await generate(a, { bytes: 60, pps: asked, count: asked * SECONDS }, b);
    assert.equal(sent, asked * SECONDS);
    const { status, stderr } = await dump.stop('SIGINT');
    assert.equal(status, 0, stderr);
    const captured = figure(stderr, /^([\d,]+) packets \(.* captured/m);
    const lost = ['kernel buffer full', 'reader too slow', 'file could not take them']
      .map((hop) => figure(stderr, new RegExp(`([\\d,]+) packets? \\(${hop}\\)`)))
      .reduce((sum, count) => sum + count, 0);
    assert.equal(captured + lost, sent, `every packet is accounted for: ${stderr}`);
    const [, written] = /:\s+(\d+)/.exec(await run('capinfos', ['-Mc', file]))!;
    assert.equal(Number(written), captured, 'what the summary says is what the file holds');
    assert.ok(statSync(file).size > captured * 96);
    await nothingAttached(b.netns, b.ifname);
    process.stdout.write(`# offered ${Math.round(pps)} pps, captured ${captured} of ${sent}\n`);
    await run('rm', [file]);
    return lost;
  });
}

test('400 k packets/s of 60 B for 5 s, or what this machine takes: nothing is lost', { timeout: 180_000 }, () =>
  withFolder(async (folder) => {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=1g', 'xl', folder]);
    try {
      await losesNothing(PPS, (pps) => attemptOnce(folder, pps));
    } finally {
      await run('umount', [folder]);
    }
  }),
);
