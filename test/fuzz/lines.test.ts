/**
 * The addon of lines beside one thread that dissects all: captures of conversations in any state, between a few hosts, with packets that were lost, repeated,
 * overtaken, cut and bent. Both must print the same bytes. FUZZ_SEED repeats a run (with FUZZ_ROUNDS=1 that capture alone), FUZZ_ROUNDS makes it longer.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { sameBothWays } from '../fixtures/both-ways.ts';
import { captureOf, waysOf } from './line-captures.ts';
import { random } from './mutate.ts';

const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_129);
const ROUNDS = Number(process.env['FUZZ_ROUNDS'] ?? 600);

const folder = mkdtempSync(path.join(tmpdir(), 'xdpeek-lines-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test(`${ROUNDS} captures are printed by the addon and its thread as by one thread`, async () => {
  const file = path.join(folder, 'capture.pcap');
  let [packets, here] = [0, 0];
  for (let seed = SEED; seed < SEED + ROUNDS; seed++) {
    const next = random(seed);
    const capture = captureOf(next);
    try {
      const printed = await sameBothWays(file, capture, waysOf(next));
      packets += printed.here.length;
      here += printed.here.filter(Boolean).length;
    } catch (error) {
      throw new Error(`FUZZ_SEED=${seed} FUZZ_ROUNDS=1: ${(error as Error).message}`, { cause: error });
    }
  }
  assert.ok(
    ROUNDS < 100 || (packets > 50 * ROUNDS && here > packets / 4),
    `the addon printed ${here} of ${packets} packets`,
  );
});
