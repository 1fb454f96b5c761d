/** Files of blocks as they are written: whole ones, in order, private, never through a link. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { BlockFile } from '../../electron/session/files/block-file.ts';
import { firstPacketNs, wholeBlocks } from '../../electron/session/files/blocks.ts';
import { createSpool } from '../../electron/session/files/spool.ts';
import { BASE_NS, captureFile, HEADER, inFolder, packetBlock } from '../fixtures/session.ts';

test('walking blocks: whole ones only, as many packets as wanted, never past a broken length', () => {
  const bytes = captureFile(5);
  const block = packetBlock(0).length;
  assert.deepEqual(wholeBlocks(bytes), { bytes: bytes.length, packets: 5, wireBytes: 300 });
  assert.deepEqual(wholeBlocks(bytes, bytes.length, 2), {
    bytes: HEADER.length + 2 * block,
    packets: 2,
    wireBytes: 120,
  });
  assert.deepEqual(wholeBlocks(bytes, bytes.length - 1), { bytes: bytes.length - block, packets: 4, wireBytes: 240 });
  assert.deepEqual(wholeBlocks(bytes, bytes.length, 0), { bytes: HEADER.length, packets: 0, wireBytes: 0 });
  const broken = Buffer.from(bytes);
  broken.writeUInt32LE(3, HEADER.length + 4);
  assert.deepEqual(wholeBlocks(broken), { bytes: HEADER.length, packets: 0, wireBytes: 0 });
  assert.equal(firstPacketNs(bytes), BASE_NS);
  assert.equal(firstPacketNs(HEADER), undefined);
});

test('a block file is new, 0600, in order, and never goes through a link', () =>
  inFolder(async (folder) => {
    const file = path.join(folder, 'a.pcapng');
    const out = await BlockFile.create(file);
    const pieces = Array.from({ length: 700 }, (_, n) => packetBlock(n));
    const written = await Promise.all(pieces.map((piece) => out.append(piece, 1)));
    await out.close();
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readFileSync(file), Buffer.concat(pieces));
    assert.deepEqual(written[3], { offset: 3 * pieces[0]!.length, bytes: pieces[3]!.length, packets: 1 });
    await assert.rejects(BlockFile.create(file), { code: 'EEXIST', hint: /name/ });
    symlinkSync(file, path.join(folder, 'link'));
    await assert.rejects(BlockFile.replace(path.join(folder, 'link')), { code: 'ELOOP' });
    await assert.rejects(BlockFile.create(path.join(folder, 'link')), { code: 'EEXIST' });
    await assert.rejects(BlockFile.replace(folder), { code: 'EISDIR' });
    await assert.rejects(BlockFile.replace(path.join(folder, 'no/file')), { code: 'ENOENT' });
    await (await BlockFile.replace(file)).close();
    assert.equal(statSync(file).size, 0);
  }));

test('whoever swaps a name for a link and back while files are made under it gets none made elsewhere', () =>
  inFolder(async (folder) => {
    const [here, elsewhere] = ['here', 'elsewhere'].map((name) => path.join(folder, name));
    for (const each of [here!, elsewhere!]) mkdirSync(each);
    const file = path.join(here!, 'out.pcapng');
    const swap = `const fs = require('node:fs');
      for (const until = Date.now() + 2500; Date.now() < until; )
        for (const make of [() => fs.symlinkSync(process.argv[2], process.argv[1]), () => fs.writeFileSync(process.argv[1], '')])
          try { fs.rmSync(process.argv[1], { force: true }); make(); } catch {}`;
    const swapper = spawn(process.execPath, ['-e', swap, file, path.join(elsewhere!, 'target')], { stdio: 'inherit' });
    const told = new Map<string, number>();
    const count = (what: string) => told.set(what, (told.get(what) ?? 0) + 1);
    while (swapper.exitCode === null)
      for (const open of [BlockFile.create, BlockFile.replace])
        await open(file).then(
          (made) => made.close().then(() => count('made')),
          (error: { code: string }) => count(error.code),
        );
    assert.deepEqual(readdirSync(elsewhere!), []);
    for (const each of ['made', 'ELOOP', 'EEXIST']) assert.ok(told.get(each)! > 10, `${each}: ${told.get(each)}`);
  }));

test('a device that is full: nothing is claimed to be written, the reason is kept', async () => {
  const out = await BlockFile.replace('/dev/full');
  assert.deepEqual(await out.append(packetBlock(0), 1), { offset: 0, bytes: 0, packets: 0 });
  assert.equal(out.failed?.code, 'ENOSPC');
  assert.deepEqual(await out.append(packetBlock(1), 1), { offset: 0, bytes: 0, packets: 0 });
  await out.close();
});

test('the spool folder is private, its names are not to be guessed', () =>
  inFolder(async (folder) => {
    const dir = path.join(folder, 'deep/er');
    const [a, b] = [await createSpool(dir), await createSpool(dir)];
    assert.equal(statSync(dir).mode & 0o777, 0o700);
    assert.notEqual(a.path, b.path);
    assert.match(path.basename(a.path), /^capture-[\w-]{12}\.pcapng$/);
    symlinkSync(dir, path.join(folder, 'link'));
    await assert.rejects(createSpool(path.join(folder, 'link')), { code: 'EPERM' });
    await a.close();
    await b.close();
  }));
