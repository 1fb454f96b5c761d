/** Object files on their way to the window: whole bytes and a bare name; folders, pipes and what is too large are refused before they are read. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { readObjectFile } from '../../electron/app/object-file.ts';
import { OBJECT_MAX_BYTES } from '../../electron/shared/workbench.ts';
import { isObjectName, readObjectFile as readDropped } from '../../renderer/api/object-file.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'xdpeek-object-'));
after(() => rmSync(folder, { recursive: true }));
const at = (name: string) => path.join(folder, name);

test('the page gets the bytes and the bare name', async () => {
  writeFileSync(at('x.o'), Uint8Array.of(0x7f, 0x45, 0x4c, 0x46));
  const { name, bytes } = await readObjectFile(at('x.o'));
  assert.equal(name, 'x.o');
  assert.deepEqual(bytes, Uint8Array.of(0x7f, 0x45, 0x4c, 0x46));
  assert.equal(Object.getPrototypeOf(bytes), Uint8Array.prototype, 'no Buffer crosses the bridge');
});

test('folders, pipes without a writer, large files and missing ones are refused', { timeout: 30_000 }, async () => {
  execFileSync('mkfifo', [at('pipe.o')]);
  writeFileSync(at('large.o'), '');
  truncateSync(at('large.o'), OBJECT_MAX_BYTES + 1);
  await assert.rejects(readObjectFile(folder), /EISDIR|not a plain file/);
  await assert.rejects(readObjectFile(at('pipe.o')), /pipe\.o is not a plain file/);
  await assert.rejects(readObjectFile(at('large.o')), /at most 16 MiB/);
  await assert.rejects(readObjectFile(at('none.o')), { message: 'none.o cannot be opened: ENOENT' });
});

test('a dropped file is read whole, or refused by its size before', async () => {
  assert.deepEqual(await readDropped(new File([Uint8Array.of(1, 2)], 'a.o')), {
    name: 'a.o',
    bytes: Uint8Array.of(1, 2),
  });
  const large = new File([], 'large.o');
  Object.defineProperty(large, 'size', { value: OBJECT_MAX_BYTES + 1 });
  await assert.rejects(readDropped(large), /large\.o has 16777217 bytes/);
  assert.deepEqual(['a.o', 'b.bpf.o', 'c.pcapng', 'o'].map(isObjectName), [true, true, false, false]);
});
