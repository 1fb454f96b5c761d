/** Files that are written: chosen packets in each format, comments in them, whatever block a capture holds, and what goes wrong. tshark is the judge where it is installed. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { Writable } from 'node:stream';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { interfaceDescription, sectionHeader } from '../../electron/packets/pcap/writer.ts';
import { saveFile } from '../../electron/session/files/save.ts';
import type { Session } from '../../electron/session/session.ts';
import type { PacketChoice } from '../../electron/shared/export.ts';
import {
  block,
  CUSTOM,
  capture,
  exportOf,
  fieldsOf,
  file,
  fileOfMany,
  folder,
  frame,
  leftovers,
  NAMES,
  opened,
  packet,
  portions,
  SECRETS,
  skip,
  UNKNOWN,
} from '../fixtures/written-captures.ts';
import { ascii, concat } from '../netns/lib/frames.ts';

const execFileAsync = promisify(execFile);

describe('comments in the saved file', () => {
  test('new ones are there, old ones replaced or gone, everything else byte for byte', { skip }, async () => {
    const session = await opened(file('source.pcapng', capture));
    const api = session.api();
    await api.call('packets.comment', { number: 1, text: 'die erste — 1️⃣' });
    await api.call('packets.comment', { number: 2, text: 'instead of the old one' });
    const to = await exportOf(session, { of: 'filter', filter: '' });
    assert.deepEqual(fieldsOf(to, 'frame.comment'), ['die erste — 1️⃣', 'instead of the old one', '', '', '']);
    assert.deepEqual(
      fieldsOf(to, 'frame.packet_id')[1],
      fieldsOf(path.join(folder, 'source.pcapng'), 'frame.packet_id')[1],
    );
    const written = readFileSync(to);
    assert.deepEqual(portions(written, [NAMES, SECRETS, CUSTOM, UNKNOWN, packet(2), packet(4)]), Array(6).fill(true));
    await api.call('packets.comment', { number: 2, text: '' });
    assert.deepEqual(fieldsOf(await exportOf(session, { of: 'filter', filter: '' }), 'frame.comment').slice(0, 2), [
      'die erste — 1️⃣',
      '',
    ]);
    // Opened again they are comments of the file, and saved again the file is the same.
    const again = await opened(to);
    const same = path.join(folder, 'same.pcapng');
    await again.saveCapture(same);
    assert.ok(readFileSync(same).equals(written));
    await again.close();
    await session.close();
  });

  test('in big-endian sections, in simple and in obsolete packet blocks too', { skip }, async () => {
    const bytes = frame(7000, 'odd');
    const u16 = (value: number) => Uint8Array.of(value >> 8, value);
    const u32 = (value: number) => concat(u16(value >>> 16), u16(value & 0xffff));
    const padded = concat(bytes, new Uint8Array(-bytes.length & 3));
    const big = (type: number, ...parts: Uint8Array[]) => block(type, concat(...parts), false);
    const old = concat(
      big(0x0a0d0d0a, u32(0x1a2b3c4d), u16(1), u16(0), u32(0xffffffff), u32(0xffffffff)),
      big(1, u16(1), u16(0), u32(0)),
      big(
        6,
        u32(0),
        u32(0x60a24),
        u32(0x1000),
        u32(bytes.length),
        u32(bytes.length),
        padded,
        u16(1),
        u16(3),
        ascii('old\0'),
        u16(2),
        u16(4),
        u32(1),
        u32(0),
      ),
      big(2, u16(0), u16(0), u32(0x60a24), u32(0x2000), u32(bytes.length), u32(bytes.length), padded),
      big(3, u32(bytes.length), padded),
    );
    const big_ = file('big.pcapng', old);
    const session = await opened(big_);
    const api = session.api();
    for (const number of [1, 2, 3]) await api.call('packets.comment', { number, text: `note ${number}` });
    const to = await exportOf(session, { of: 'filter', filter: '' });
    assert.deepEqual(
      fieldsOf(to, 'frame.comment', 'frame.len', 'udp.dstport'),
      [1, 2, 3].map((n) => `note ${n}\t${bytes.length}\t7000`),
    );
    const times = fieldsOf(to, 'frame.time_epoch');
    assert.equal(times[0], fieldsOf(path.join(folder, 'big.pcapng'), 'frame.time_epoch')[0]);
    assert.equal(times[2], times[1], 'a packet without a time has that of the one before it');
    await session.close();
    // In one section with a little-endian file each number is turned round.
    const both = await opened(file('little.pcapng', capture), big_);
    const merged = await exportOf(both, { of: 'filter', filter: '' });
    await both.close();
    const fields = ['frame.time_epoch', 'frame.interface_id', 'frame.packet_flags', 'frame.comment'];
    assert.deepEqual(
      fieldsOf(merged, ...fields).slice(0, 3),
      fieldsOf(big_, ...fields).map((line) => line.replace('\t0\t', '\t1\t').replace(/^\t/, `${times[1]}\t`)),
    );
  });
});

describe('export', () => {
  test('all, displayed, marked, rows and a stream; what was written opens without a warning', { skip }, async () => {
    const session = await opened(path.join(folder, 'source.pcapng'));
    const api = session.api();
    const texts = async (packets: PacketChoice) =>
      fieldsOf(await exportOf(session, packets), 'data.data').map((hex) => Buffer.from(hex, 'hex').toString().at(-1));
    assert.deepEqual(await texts({ of: 'filter', filter: '' }), ['1', '2', '3', '4', '5']);
    assert.deepEqual(await texts({ of: 'filter', filter: 'udp.dstport == 7001' }), ['2', '4']);
    assert.deepEqual(await texts({ of: 'filter', filter: 'udp.stream == 0' }), ['1', '3', '5']);
    assert.deepEqual(await texts({ of: 'rows', filter: 'udp.stream == 0', first: 1, last: 9 }), ['3', '5']);
    assert.deepEqual(await texts({ of: 'rows', filter: '', first: 3, last: 3 }), ['4']);
    await api.call('packets.mark', { packets: { of: 'rows', filter: '', first: 0, last: 1 }, marked: true });
    assert.deepEqual(await texts({ of: 'marked' }), ['1', '2']);
    const some = readFileSync(await exportOf(session, { of: 'rows', filter: '', first: 0, last: 0 }));
    assert.deepEqual(portions(some, [NAMES, SECRETS, CUSTOM, UNKNOWN, packet(0), packet(1)]), [
      true,
      true,
      true,
      true,
      true,
      false,
    ]);
    assert.deepEqual(await api.call('export.plan', { packets: { of: 'marked' } }), {
      packets: 2,
      scanned: 5,
      total: 5,
      linkTypes: 1,
    });
    await assert.rejects(exportOf(session, { of: 'filter', filter: 'tcp' }), { code: 'ENOENT', message: /no packet/ });
    await assert.rejects(exportOf(session, { of: 'filter', filter: 'tcp ==' }), { code: 'FILTER' });
    assert.deepEqual(leftovers(), []);
    await session.close();
  });

  test('pcap with micro- and nanoseconds, compressed by gzip and zstd', { skip }, async () => {
    const session = await opened(path.join(folder, 'source.pcapng'));
    const all = { of: 'filter', filter: '' } as const;
    const us = await exportOf(session, all, { format: 'pcap' }, 'pcap');
    const ns = await exportOf(session, all, { format: 'pcap-ns' }, 'pcap');
    assert.deepEqual(fieldsOf(us, 'frame.time_epoch')[1], '1700000001.000000000');
    assert.deepEqual(
      fieldsOf(ns, 'frame.time_epoch'),
      fieldsOf(path.join(folder, 'source.pcapng'), 'frame.time_epoch'),
    );
    const gz = await exportOf(session, all, { packing: 'gz' }, 'pcapng.gz');
    assert.ok(gunzipSync(readFileSync(gz)).equals(capture));
    const zst = await exportOf(session, all, { packing: 'zst', format: 'pcap-ns' }, 'pcap.zst');
    assert.ok(zstdDecompressSync(readFileSync(zst)).equals(readFileSync(ns)));
    // Ctrl+S goes by the name.
    const named = path.join(folder, 'named.pcap.gz');
    await session.saveCapture(named);
    assert.ok(gunzipSync(readFileSync(named)).equals(readFileSync(ns)));
    await session.close();
  });

  test('pcap refuses packets of two link types, but not those of one of them', { skip }, async () => {
    const two = concat(
      sectionHeader(),
      interfaceDescription({ linkType: 1 }),
      interfaceDescription({ linkType: 101 }),
      packet(0),
      packet(1, { interfaceId: 1, bytes: frame(1, 'raw').subarray(14) }),
    );
    const session = await opened(file('two.pcapng', two));
    await assert.rejects(exportOf(session, { of: 'filter', filter: '' }, { format: 'pcap' }), {
      code: 'EINVAL',
      hint: /pcapng/,
    });
    const raw = await exportOf(session, { of: 'rows', filter: '', first: 1, last: 1 }, { format: 'pcap' });
    assert.deepEqual(fieldsOf(raw, 'frame.encap_type', 'ip.src'), ['7\t10.77.0.1']);
    assert.deepEqual(leftovers(), []);
    await session.close();
  });

  test('of a damaged file what is good is written, as a whole file', { skip }, async () => {
    const session = await opened(
      file('damaged.pcapng', concat(capture.subarray(0, capture.length - 30), ascii('rubbish'))),
    );
    assert.match(session.status().error?.message ?? '', /damaged at byte/);
    const to = path.join(folder, 'good.pcapng');
    await session.saveCapture(to);
    assert.equal(fieldsOf(to, 'frame.number').length, 5);
    await session.close();
  });
});

describe('what goes wrong while writing', () => {
  const endless = async function* () {
    for (;;) {
      yield new Uint8Array(1 << 16);
      await new Promise((done) => setImmediate(done));
    }
  };

  test('cancelled: the old file is as it was, nothing of the new one stays', async () => {
    const session = await opened(fileOfMany());
    const api = session.api();
    await api.call('packets.comment', { number: 1, text: 'so that it is not copied as it is' });
    const to = file('target.pcapng', ascii('an older file'));
    const progress: number[] = [];
    session.subscribe('status', (value) => {
      const { transfer } = value as ReturnType<Session['status']>;
      if (transfer) progress.push(transfer.done);
    });
    const written = session.exportPackets(
      { packets: { of: 'filter', filter: 'udp' }, format: 'pcapng', packing: 'none' },
      to,
    );
    const refused = assert.rejects(written, { code: 'CANCELLED', message: /nothing was written/ });
    await assert.rejects(session.saveCapture(path.join(folder, 'second.pcapng')), { code: 'EBUSY' });
    assert.equal(session.status().transfer?.name, 'target.pcapng');
    await api.call('export.cancel', {});
    await refused;
    assert.equal(readFileSync(to, 'utf8'), 'an older file');
    assert.deepEqual(leftovers(), []);
    assert.equal(session.status().transfer, undefined);

    // Another capture takes the place of the one that is being written.
    const slow = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => void setTimeout(done, 20) });
    const download = assert.rejects(
      session.exportPackets({ packets: { of: 'filter', filter: '' }, format: 'pcapng', packing: 'none' }, slow),
      { code: 'CANCELLED' },
    );
    await session.openFile(path.join(folder, 'source.pcapng'));
    await download;
    await session.close();
  });

  test('no permission, no folder, a folder, a read-only place: what and what to do', async () => {
    const locked = path.join(folder, 'locked');
    mkdirSync(locked, { mode: 0o555 });
    const failing: [string, RegExp, RegExp][] = [
      [path.join(folder, 'none', 'x.pcapng'), /^x\.pcapng was not written: its folder does not exist$/, /Make it/],
      [locked, /^locked was not written: it is a folder$/, /file in it/],
      [path.join(folder, `${'x'.repeat(300)}.pcapng`), /the name is too long/, /shorter/],
    ];
    // Root may write anywhere.
    if (process.getuid?.() !== 0) failing.push([path.join(locked, 'x'), /no permission to write there/, /of your own/]);
    for (const [to, message, hint] of failing) await assert.rejects(saveFile(to, endless()), { message, hint }, to);
    chmodSync(locked, 0o755);
  });

  test('a full disk is told as one, and leaves nothing', {
    skip: process.getuid?.() === 0 ? false : 'needs root to mount a small disk',
  }, async () => {
    const disk = path.join(folder, 'disk');
    mkdirSync(disk);
    assert.equal(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'none', disk]).status, 0);
    try {
      const to = path.join(disk, 'big.pcapng');
      await assert.rejects(saveFile(to, endless()), {
        code: 'ENOSPC',
        message: 'big.pcapng was not written: the disk is full',
        hint: /Free some space/,
      });
      assert.deepEqual(readdirSync(disk), []);
    } finally {
      spawnSync('umount', [disk]);
    }
  });

  test('a device is written to and stays one; a link stays one, and what it leads to is written whole', async () => {
    const some = async function* () {
      yield ascii('a capture');
    };
    const at = (name: string) => path.join(folder, name);
    if (process.getuid?.() === 0) {
      for (const [name, minor] of [
        ['null', 3],
        ['full', 7],
      ] as const)
        assert.equal(spawnSync('mknod', [at(name), 'c', '1', `${minor}`]).status, 0);
      await saveFile(at('null'), some());
      await assert.rejects(saveFile(at('full'), some()), {
        code: 'ENOSPC',
        message: /^full was not written: the disk is full/,
      });
      for (const name of ['null', 'full']) assert.ok(statSync(at(name)).isCharacterDevice(), name);
    }
    assert.equal(spawnSync('mkfifo', [at('pipe')]).status, 0);
    // Who reads it may come later.
    const read = execFileAsync('sh', ['-c', 'sleep 0.3; exec cat "$0"', at('pipe')]);
    await saveFile(at('pipe'), some());
    assert.equal((await read).stdout, 'a capture');
    assert.ok(statSync(at('pipe')).isFIFO());
    mkdirSync(at('elsewhere'));
    writeFileSync(at('elsewhere/real.pcapng'), 'old');
    symlinkSync(at('elsewhere/real.pcapng'), at('link.pcapng'));
    await saveFile(at('link.pcapng'), some());
    assert.ok(lstatSync(at('link.pcapng')).isSymbolicLink());
    assert.equal(readFileSync(at('elsewhere/real.pcapng'), 'utf8'), 'a capture');
    assert.deepEqual(leftovers(), []);
    assert.deepEqual(readdirSync(at('elsewhere')), ['real.pcapng']);
  });

  test('a new file is the user’s alone', async () => {
    const to = path.join(folder, 'mine.pcapng');
    await saveFile(
      to,
      (async function* () {
        yield ascii('x');
      })(),
    );
    assert.equal(statSync(to).mode & 0o777, 0o600);
  });
});
