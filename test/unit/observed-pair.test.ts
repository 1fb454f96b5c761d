/** The two images of an observed packet find each other in a file, with the bytes that the program changed. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { FileData } from '../../electron/session/data/file-data.ts';
import { packetDetail, rowsWindow } from '../../electron/session/rows.ts';
import { observedFile } from '../fixtures/observed.ts';

test('each image names the other; what was changed is marked; rows say their side', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'xu-'));
  const file = path.join(folder, 'observed.pcapng');
  writeFileSync(file, observedFile());
  const data = await FileData.open(file, 'observed.pcapng');
  try {
    await data.load(() => {});
    const pairs = [1, 2, 3, 4, 5, 6, 7].map((number) => packetDetail(data.table, number).pair);
    const rewritten = { changed: [[30, 4]], lengthBefore: 62, lengthAfter: 62 };
    const same = { changed: [], lengthBefore: 82, lengthAfter: 82 };
    assert.deepEqual(pairs.slice(0, 4), [
      { number: 3, ...rewritten },
      { number: 4, ...same },
      { number: 1, ...rewritten },
      { number: 2, ...same },
    ]);
    assert.equal(pairs[4]?.number, 6);
    assert.deepEqual([pairs[5]?.lengthBefore, pairs[5]?.lengthAfter], [102, 94]);
    assert.equal(pairs[6], undefined);
    const { rows } = rowsWindow(data.table, { start: 0, count: 7 });
    assert.deepEqual(
      rows.map(({ observed, verdict }) => `${observed?.side} ${observed?.program} ${verdict ?? ''}`.trim()),
      ['before nat', 'before nat', 'after nat tx', 'after nat drop', 'before nat', 'after nat pass', 'before nat'],
    );
  } finally {
    await data.dispose();
    rmSync(folder, { recursive: true });
  }
});
