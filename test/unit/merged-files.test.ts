/** Several captures as one. tshark and mergecap are the judges where they are installed. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  interfaceDescription,
  interfaceStatistics,
  pcapHeader,
  pcapRecord,
  sectionHeader,
} from '../../electron/packets/pcap/writer.ts';
import { createSession } from '../../electron/session/session.ts';
import {
  CUSTOM,
  fieldsOf,
  file,
  fileOfMany,
  folder,
  frame,
  opened,
  packet,
  portions,
  SECRETS,
  START,
  STEP,
  skip,
  tshark,
} from '../fixtures/written-captures.ts';
import { ascii, concat } from '../netns/lib/frames.ts';

const MAIN = path.resolve(import.meta.dirname, '../../electron/cli/main.ts');

describe('several files', () => {
  const first = concat(
    sectionHeader(),
    interfaceDescription({ linkType: 1, name: 'eth0' }),
    SECRETS,
    packet(0),
    packet(2),
    packet(5),
    interfaceStatistics({ interfaceId: 0, epochNs: START + 9n * STEP, received: 3n }),
  );
  const second = concat(
    pcapHeader(1, undefined, false),
    ...[1, 3].map((at) => pcapRecord(START + BigInt(at) * STEP, 60, frame(8000, `second ${at}`), false)),
  );
  const third = concat(
    sectionHeader(),
    interfaceDescription({ linkType: 1, name: 'eth0' }),
    interfaceDescription({ linkType: 101, name: 'tun0' }),
    packet(4, { interfaceId: 1, bytes: frame(9000, 'third').subarray(14) }),
    CUSTOM,
    packet(6, { comment: 'the last' }),
  );
  const paths = [file('a.pcapng', first), file('b.pcap', second), file('c.pcapng.gz', gzipSync(third))];
  const numbers = (to: string) =>
    fieldsOf(to, 'frame.time_epoch').map((time) => Math.round(Number(time) - 1_700_000_000));

  test('opened together: by time, interfaces of each apart, the file of each told; saved they are one file', {
    skip,
  }, async () => {
    const session = await opened(...paths);
    const api = session.api();
    assert.equal(session.status().error, undefined);
    assert.equal(session.status().fileName, 'a.pcapng and 2 others');
    assert.deepEqual(session.status().interfaces, [
      { name: 'eth0', file: 'a.pcapng' },
      { name: 'interface 1', file: 'b.pcap' },
      { name: 'eth0', file: 'c.pcapng.gz' },
      { name: 'tun0', file: 'c.pcapng.gz' },
    ]);
    const { rows } = await api.call('packets.rows', { start: 0, count: 10 });
    assert.deepEqual(
      rows.map(({ interfaceId }) => interfaceId),
      [0, 1, 0, 1, 3, 0, 2],
    );
    const to = path.join(folder, 'merged.pcapng');
    await session.saveCapture(to);
    assert.deepEqual(numbers(to), [0, 1, 2, 3, 4, 5, 6]);
    assert.deepEqual(fieldsOf(to, 'frame.comment').at(-1), 'the last');
    assert.deepEqual(portions(readFileSync(to), [SECRETS, CUSTOM, ascii('From b.pcap')]), [true, true, true]);
    await session.close();
  });

  test('read and convert merge as mergecap does', {
    skip: tshark && existsSync('/usr/bin/mergecap') ? false : 'mergecap is not installed',
  }, async () => {
    const run = (command: string, ...args: string[]) =>
      new Promise<{ status: number; stdout: string; stderr: string }>((resolve) =>
        execFile(command, args, (error, stdout, stderr) =>
          resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
        ),
      );
    const [ours, theirs] = [path.join(folder, 'ours.pcapng'), path.join(folder, 'theirs.pcapng')];
    const done = await run(process.execPath, MAIN, 'convert', ...paths, ours);
    assert.equal(done.status, 0, done.stderr);
    assert.match(done.stderr, /^7 packets of 7 written/);
    assert.equal(spawnSync('mergecap', ['-I', 'none', '-w', theirs, ...paths]).status, 0);
    const fields = [
      'frame.time_epoch',
      'frame.len',
      'frame.cap_len',
      'ip.src',
      'udp.dstport',
      'frame.interface_id',
      'frame.comment',
    ];
    assert.deepEqual(fieldsOf(ours, ...fields), fieldsOf(theirs, ...fields));
    const read = await run(
      process.execPath,
      MAIN,
      'read',
      ...paths,
      '-T',
      'fields',
      '-e',
      'frame.number',
      '-e',
      'udp.dstport',
    );
    assert.deepEqual(
      read.stdout
        .trim()
        .split('\n')
        .map((line) => line.split('\t')[0]),
      ['1', '2', '3', '4', '5', '6', '7'],
    );
    const broken = file('cut.pcapng', first.subarray(0, first.length - 10));
    const cut = await run(process.execPath, MAIN, 'read', broken, paths[1]!, '-T', 'fields', '-e', 'frame.number');
    assert.deepEqual([cut.status, cut.stdout.trim().split('\n').length], [1, 5]);
    assert.match(cut.stderr, /cut\.pcapng is damaged at byte \d+/);
    const none = path.join(folder, 'none.pcapng');
    const missing = await run(process.execPath, MAIN, 'read', paths[0]!, none);
    assert.equal(missing.stderr, `xdpeek: cannot read ${none}: there is no such file. Check the name.\n`);
  });

  test('one that is no capture is named, and what was open stays', async () => {
    const session = await opened(paths[0]!);
    await assert.rejects(session.openFile([paths[0]!, file('text.pcap', ascii('this is text'))]), {
      code: 'FORMAT',
      message: /^text\.pcap cannot be opened/,
    });
    await assert.rejects(session.openFile([paths[0]!, path.join(folder, 'nowhere')]), {
      code: 'ENOENT',
      message: /nowhere/,
    });
    assert.deepEqual([session.status().fileName, session.status().stored], ['a.pcapng', 3]);
    await session.close();
    assert.deepEqual(readdirSync(path.join(folder, 'spool')), []);
  });

  test('a long reading can be stopped: what was read stays and can be saved', { skip }, async () => {
    const session = createSession({ host: 'cli', version: 'test', spoolDir: path.join(folder, 'spool') });
    const api = session.api();
    await session.openFile([fileOfMany(), paths[0]!]);
    const { reading } = await api.call('capture.status', {});
    assert.ok(reading && reading.done > 0 && reading.done <= reading.total, JSON.stringify(reading));
    await assert.rejects(session.saveCapture(path.join(folder, 'early.pcapng')), {
      code: 'EBUSY',
      hint: /stop reading/,
    });
    await api.call('file.stop', {});
    while (session.status().state === 'starting') await new Promise((done) => setTimeout(done, 5));
    const { stored, notices } = session.status();
    assert.ok(stored > 0 && stored < 60_003, `${stored}`);
    assert.match(notices.join(), /^Reading was stopped at \d+ %/);
    const to = path.join(folder, 'part.pcapng');
    await session.saveCapture(to);
    assert.equal(fieldsOf(to, 'frame.number').length, stored);
    await session.close();
  });
});
