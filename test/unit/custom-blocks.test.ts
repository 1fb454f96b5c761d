/**
 * Custom blocks and options (draft-ietf-opsawg-pcapng): what may be copied goes along, what may not stays behind as soon as the file is not the same any
 * more; big-endian sections in a merged capture; what cannot go along is told. tshark reads what comes out.
 */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { BlockCopier } from '../../electron/packets/pcap/block-copier.ts';
import { createSession, type Session } from '../../electron/session/session.ts';
import type { PacketChoice } from '../../electron/shared/export.ts';
import { frame } from '../fixtures/capture-variants.ts';
import { CaptureWriter, joined, TYPE, utf8 } from '../fixtures/capture-writer.ts';

const MAIN = path.resolve(import.meta.dirname, '../../electron/cli/main.ts');
const folder = mkdtempSync(path.join(tmpdir(), 'xf-custom-'));
after(() => rmSync(folder, { recursive: true }));
const skip = spawnSync('tshark', ['--version']).status === 0 ? false : 'tshark is not installed';

const ENTERPRISE = 32_473;
const [TEXT, BYTES, LOCAL_TEXT, LOCAL_BYTES] = [2988, 2989, 19_372, 19_373];
const big = new CaptureWriter(false);
const little = new CaptureWriter(true);

/** Both kinds in every place: blocks of their own, and options of each block that has options. */
function capture(w: CaptureWriter, name: string): Uint8Array {
  const both = (where: string): [number, Uint8Array][] => [
    [LOCAL_BYTES!, joined(w.u32(ENTERPRISE), utf8(`goes ${where}`))],
    [1, utf8(`comment ${where}`)],
    [BYTES!, joined(w.u32(ENTERPRISE), utf8(`stays ${where}`))],
    [LOCAL_TEXT!, joined(w.u32(ENTERPRISE), utf8(`goes too ${where}`))],
    [TEXT!, joined(w.u32(ENTERPRISE), utf8(`stays too ${where}`))],
  ];
  const only = (where: string): [number, Uint8Array][] => both(where).slice(0, 1);
  const at = (n: number) => BigInt(n) * 1_000_000n;
  return joined(
    w.section(both(`${name} section`)),
    w.interface(1, 0, both(`${name} interface`)),
    w.names([[[10, 0, 0, 1], 'one']], both(`${name} names`)),
    w.secrets(0x544c534b, utf8('nothing\n'), both(`${name} secrets`)),
    w.custom(TYPE.CUSTOM, ENTERPRISE, utf8(`block stays ${name}`)),
    w.packet(0, at(1), frame(1), both(`${name} packet 1`)),
    w.custom(TYPE.CUSTOM_LOCAL, ENTERPRISE, utf8(`block goes ${name}`)),
    w.packet(0, at(2), frame(2), only(`${name} packet 2`)),
    w.obsoletePacket(0, 0, at(3), frame(3), both(`${name} packet 3`)),
    w.custom(TYPE.CUSTOM_LOCAL, ENTERPRISE, new Uint8Array(100_000).fill(0x47)),
    w.packet(0, at(4), frame(4)),
    w.statistics(0, at(5), both(`${name} statistics`)),
  );
}

const texts = (bytes: Uint8Array, pattern: RegExp) => Buffer.from(bytes).toString('latin1').match(pattern) ?? [];
const goes = (bytes: Uint8Array) => texts(bytes, /goes( too)? [a-z]+|G{1000}/g);
const stays = (bytes: Uint8Array) =>
  texts(bytes, /(block )?stays( too)? [a-z]+ [a-z]+( \d)?|block stays [a-z]+/g).sort();

function file(name: string, bytes: Uint8Array): string {
  const at = path.join(folder, name);
  writeFileSync(at, bytes);
  return at;
}
const xdpeek = (...args: string[]) =>
  new Promise<{ status: number; stderr: string }>((resolve) =>
    execFile(process.execPath, [MAIN, ...args], (error, _stdout, stderr) =>
      resolve({ status: error ? Number(error.code) : 0, stderr }),
    ),
  );
/** Rows of packets; tshark shows custom blocks as rows too. */
function readable(name: string): string[] {
  const { status, stdout, stderr } = spawnSync(
    'tshark',
    ['-n', '-r', name, '-Y', 'ip', '-T', 'fields', '-e', 'ip.id', '-e', 'frame.comment'],
    { encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stderr, /damaged|corrupt|cut short|appears/i);
  return stdout.replace(/\n$/, '').split('\n');
}
async function opened(...files: string[]): Promise<Session> {
  const session = createSession({ host: 'cli', version: 'test', spoolDir: path.join(folder, 'spool') });
  await session.openFile(files);
  while (session.status().state === 'starting') await new Promise((done) => setTimeout(done, 5));
  return session;
}
let count = 0;
async function exported(session: Session, packets: PacketChoice): Promise<Buffer> {
  const to = path.join(folder, `out-${++count}.pcapng`);
  await session.exportPackets({ packets, format: 'pcapng', packing: 'none' }, to);
  return readFileSync(to);
}

for (const [order, w] of [
  ['little-endian', little],
  ['big-endian', big],
] as const)
  describe(`${order}: what is not to be copied`, { skip }, () => {
    const bytes = capture(w, 'one');
    const source = file(`${order}.pcapng`, bytes);
    const kept = stays(bytes);

    test('is there in the first place', () => {
      assert.equal(kept.length, 15);
      assert.equal(goes(bytes).length, 16 + 100);
    });

    test('stays where the file stays the same: converted and saved whole', async () => {
      const to = path.join(folder, 'same.pcapng');
      assert.equal((await xdpeek('convert', source, to)).status, 0);
      assert.ok(readFileSync(to).equals(bytes));
      const session = await opened(source);
      assert.ok((await exported(session, { of: 'filter', filter: '' })).equals(bytes));
      await session.close();
    });

    for (const [how, args] of [
      ['a filter', ['-Y', 'ip.id != 1']],
      ['a count', ['-c', '4']],
    ] as const)
      test(`goes when packets are chosen by ${how}; everything else stays`, async () => {
        const to = path.join(folder, 'some.pcapng');
        const { status, stderr } = await xdpeek('convert', source, to, ...args);
        assert.equal(status, 0, stderr);
        const out = readFileSync(to);
        assert.deepEqual(goes(out), []);
        const gone = how === 'a filter' ? kept.filter((text) => !text.endsWith('packet 1')) : kept;
        assert.deepEqual(stays(out), gone);
        const rows = ['0x0001\tcomment one packet 1', '0x0002\t', '0x0003\tcomment one packet 3', '0x0004\t'];
        assert.deepEqual(readable(to), how === 'a filter' ? rows.slice(1) : rows);
      });

    test('goes from a selection, and when a comment was written', async () => {
      const session = await opened(source);
      const some = await exported(session, { of: 'rows', filter: '', first: 0, last: 1 });
      assert.deepEqual(goes(some), []);
      await session.api().call('packets.comment', { number: 1, text: 'mine' });
      const commented = await exported(session, { of: 'filter', filter: '' });
      assert.deepEqual(goes(commented), []);
      assert.deepEqual(stays(commented), kept);
      await session.close();
    });

    test('goes in pieces of any size', () => {
      const whole = Buffer.concat([...new BlockCopier(false).push(bytes, () => true)]);
      assert.deepEqual(goes(whole), []);
      for (const size of [1, 13, 4096]) {
        const copier = new BlockCopier(false);
        const parts: Uint8Array[] = [];
        for (let at = 0; at < bytes.length; at += size)
          parts.push(...copier.push(bytes.slice(at, at + size), () => true));
        assert.ok(Buffer.concat(parts).equals(whole), `pieces of ${size}`);
      }
    });
  });

describe('merged', { skip }, () => {
  const one = file('one.pcapng', capture(little, 'one'));
  const two = file('two.pcapng', capture(big, 'two'));

  test('custom blocks and options of either byte order go along, those not to be copied do not', async () => {
    const to = path.join(folder, 'merged.pcapng');
    const { status, stderr } = await xdpeek('convert', one, two, to);
    assert.equal(status, 0, stderr);
    const out = readFileSync(to);
    assert.deepEqual(goes(out), []);
    const all = [...stays(readFileSync(one)), ...stays(readFileSync(two))].filter((text) => !text.includes('section'));
    assert.deepEqual(stays(out), all.sort());
    assert.equal(readable(to).length, 8);
    for (const name of ['one', 'two']) {
      const block = little.custom(TYPE.CUSTOM, ENTERPRISE, utf8(`block stays ${name}`));
      assert.ok(out.includes(block), `the block of ${name} is whole, in the order of the new file`);
      const value = joined(little.u32(ENTERPRISE), utf8(`stays too ${name} packet 1`));
      const option = joined(little.u16(TEXT!), little.u16(value.length), value);
      assert.ok(out.includes(option), `an option of ${name}`);
    }
  });

  test('what cannot be turned round is told, in the window and on the command line', async () => {
    const odd = joined(
      big.section(),
      big.interface(1),
      big.block(0x7fffff01, utf8('numbers in it')),
      big.packet(0, 1n, frame(9)),
      big.block(0x7fffff01, utf8('more of them')),
      big.block(TYPE.JOURNAL, utf8('__REALTIME_TIMESTAMP=1\nMESSAGE=text\n')),
      big.custom(TYPE.CUSTOM, ENTERPRISE, utf8('behind it')),
    );
    const odds = file('odd.pcapng', odd);
    const even = joined(
      little.section(),
      little.interface(1),
      little.block(0x7fffff01, utf8('as it is')),
      little.packet(0, 2n, frame(8)),
    );
    const evens = file('even.pcapng', even);
    const to = path.join(folder, 'told.pcapng');
    const { status, stderr } = await xdpeek('convert', odds, evens, to);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /^left out of odd\.pcapng: 2 blocks of type 0x7fffff01, in big-endian order/m);
    const out = readFileSync(to);
    for (const text of ['as it is', 'MESSAGE=text', 'behind it']) assert.ok(out.includes(text), text);
    assert.ok(!out.includes('numbers in it'));
    const session = await opened(odds, evens);
    const { notices } = session.status();
    assert.equal(notices.length, 1);
    assert.match(notices[0]!, /^Left out of odd\.pcapng: 2 blocks of type 0x7fffff01/);
    await session.close();
  });
});
