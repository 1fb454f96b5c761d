/**
 * Capture files of every kind, made by a writer of the tests' own, held to tshark and capinfos: times, lengths, interfaces. Then what `convert` makes of
 * them: the same packets, and nothing that tshark or capinfos would remark on.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CaptureParser } from '../../electron/packets/pcap/capture-parser.ts';
import { PacketStore } from '../../electron/packets/store/packet-store.ts';
import { VARIANTS } from '../fixtures/capture-variants.ts';
import { joined } from '../fixtures/capture-writer.ts';

const CLI = path.resolve(import.meta.dirname, '../../electron/cli');
const folder = mkdtempSync(path.join(tmpdir(), 'xdpeek-captures-'));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Read {
  /** Epoch seconds, wire and captured length, and the packet. */
  rows: string[];
  interfaces: { linkType: number; name: string }[];
  damage: string | undefined;
  parser: CaptureParser;
}

const seconds = (ns: bigint) =>
  `${ns < 0n ? '-' : ''}${(ns < 0n ? -ns : ns) / 1_000_000_000n}.${String((ns < 0n ? -ns : ns) % 1_000_000_000n).padStart(9, '0')}`;

function read(file: Uint8Array, chunk = file.length || 1): Read {
  const store = new PacketStore({ read: (offset, length) => file.subarray(offset, offset + length) });
  const parser = new CaptureParser(store);
  for (let at = 0; at < file.length; at += chunk) parser.push(file.slice(at, at + chunk));
  parser.end();
  store.baseNs = parser.baseNs;
  const rows = Array.from({ length: store.count }, (_, row) =>
    [
      seconds(store.epochNs(row)),
      store.wireLen(row),
      store.capLen(row),
      Buffer.from(store.packetBytes(row)).toString('hex'),
    ].join(' '),
  );
  const interfaces = parser.interfaces.map(({ linkType, name = '' }) => ({ linkType, name }));
  return { rows, interfaces, damage: parser.damage && `${parser.damage.offset}: ${parser.damage.reason}`, parser };
}

interface Result {
  stdout: string;
  stderr: string;
}
const run = (command: string, ...args: string[]): Promise<Result> =>
  new Promise((resolve) => {
    execFile(command, args, { maxBuffer: 1 << 26, env: { ...process.env, TZ: 'UTC' } }, (_error, stdout, stderr) =>
      resolve({ stdout, stderr: stderr.replace(/^Running as user.*\n/m, '') }),
    );
  });

/** In twos: each is a process. */
async function each<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all([worker(), worker()]);
}

const FIELDS = ['frame.time_epoch', 'frame.len', 'frame.cap_len', 'frame.interface_id', 'frame.interface_name'];

/** What tshark shows beside packets: custom blocks have rows there, here they are kept and not shown. */
const NO_PACKET = /^\t\d+\t\d+\t\t$/;

async function tshark(file: string): Promise<{ rows: string[][]; stderr: string }> {
  const { stdout, stderr } = await run(
    'tshark',
    '-n',
    '-r',
    file,
    '-T',
    'fields',
    ...FIELDS.flatMap((field) => ['-e', field]),
  );
  const lines = stdout.split('\n').filter((line) => line !== '' && !NO_PACKET.test(line));
  return { rows: lines.map((line) => line.split('\t')), stderr };
}

for (const [name, bytes] of VARIANTS) writeFileSync(path.join(folder, name), bytes);

describe('every kind of capture', () => {
  /** Their record headers can only be told from the next record. */
  const AHEAD = /nokia|record-24|modified-28/;

  test('in pieces of any size reads the same', () => {
    for (const [name, bytes] of VARIANTS) {
      const whole = read(bytes);
      assert.equal(whole.damage, undefined, name);
      if (AHEAD.test(name)) continue;
      for (const chunk of [1, 3, 64, 1000]) {
        const { rows, interfaces, damage } = read(bytes, chunk);
        assert.deepEqual(
          { rows, interfaces, damage },
          { rows: whole.rows, interfaces: whole.interfaces, damage: undefined },
          `${name} in ${chunk}s`,
        );
      }
    }
  });

  test(`${VARIANTS.size} files: tshark sees the same times, lengths and interfaces`, async () => {
    const wrong: string[] = [];
    await each(VARIANTS, async ([name, bytes]) => {
      const ours = read(bytes);
      const theirs = await tshark(path.join(folder, name));
      if (theirs.stderr) wrong.push(`${name}: ${theirs.stderr}`);
      const times = theirs.rows.map(([time, wire, cap]) => `${time || seconds(0n)} ${wire} ${cap}`);
      const got = ours.rows.map((row) => row.split(' ').slice(0, 3).join(' '));
      if (times.join() !== got.join()) wrong.push(`${name}: ${got.join()}, tshark ${times.join()}`);
      const names = new Set(theirs.rows.map((row) => row[4]).filter((text) => text && text !== 'unknown'));
      for (const each of names)
        if (!ours.interfaces.some((on) => on.name === each)) wrong.push(`${name}: no interface ${each}`);
    });
    assert.deepEqual(wrong, []);
  });

  test('capinfos counts the same packets and bytes', async () => {
    const files = [...VARIANTS.keys()].map((name) => path.join(folder, name));
    const { stdout, stderr } = await run('capinfos', '-T', '-r', '-M', '-c', '-d', ...files);
    assert.equal(stderr, '');
    for (const line of stdout.trim().split('\n')) {
      const [file, packets, size] = line.split('\t');
      const name = path.basename(file!);
      const { rows } = read(VARIANTS.get(name)!);
      const data = rows.reduce((sum, row) => sum + Number(row.split(' ')[1]), 0);
      assert.deepEqual([Number(packets), Number(size)], [rows.length, data], name);
    }
  });
});

test('what blocks say of interfaces and the section is read', () => {
  for (const order of ['le', 'be']) {
    const { parser } = read(VARIANTS.get(`pcapng-every-option-${order}`)!);
    assert.equal(parser.application, 'a program');
    const { id, ticksPerSecond, offsetSeconds, ...on } = parser.interfaces[0]!;
    assert.deepEqual([id, ticksPerSecond, offsetSeconds], [0, 1_000_000n, 0n]);
    assert.deepEqual(on, {
      linkType: 1,
      snaplen: 96,
      name: 'eth0',
      description: 'the first one',
      filter: 'udp',
      os: 'Linux',
      hardware: 'a card',
      statistics: { received: '100', dropped: '3', osDropped: '1', delivered: '86', comment: 'counted' },
    });
    assert.equal(read(VARIANTS.get(`pcapng-secrets-${order}`)!).parser.secrets.count, 1);
  }
});

describe('damage', () => {
  const plain = VARIANTS.get('pcapng-plain-le')!;
  const pcap = VARIANTS.get('pcap-us-le')!;
  const ends = (file: Uint8Array) => read(file).damage;

  test('a file cut at any byte gives the packets before, and says where it ends', () => {
    for (const file of [plain, VARIANTS.get('pcapng-plain-be')!, pcap, VARIANTS.get('pcap-modified-be')!]) {
      const whole = read(file).rows;
      for (let size = 0; size < file.length; size++) {
        const { rows, damage } = read(file.subarray(0, size));
        assert.deepEqual(rows, whole.slice(0, rows.length));
        if (damage !== undefined) {
          const offset = Number(damage.split(':')[0]);
          assert.ok(offset <= size, damage);
          assert.equal(read(file.subarray(0, offset)).rows.length, rows.length, `cut at ${size}: ${damage}`);
        } else assert.ok(rows.length < whole.length);
      }
    }
  });

  const changed = (at: number, value: number, file = plain) => {
    const out = file.slice();
    new DataView(out.buffer).setUint32(at, value, true);
    return out;
  };
  /** Second packet of the plain file. */
  const second = plain.length - 2 * 92;
  const cases: [what: string, file: Uint8Array, packets: number, damage: RegExp][] = [
    ['a block shorter than any', changed(second + 4, 8), 1, new RegExp(`^${second}: .*impossible length \\(8 `)],
    ['a length that is no multiple of 4', changed(second + 4, 93), 1, /impossible length \(93 /],
    [
      'a packet block of 4 GB',
      changed(second + 4, 0xfffffff0),
      1,
      new RegExp(`^${second}: .*absurd length \\(4294967280 `),
    ],
    ['lengths that differ', changed(second + 88, 96), 1, new RegExp(`^${second}: .*two length fields differ`)],
    ['a packet larger than its block', changed(second + 20, 5000), 1, /^\d+: a packet of 5000 bytes does not fit/],
    ['an interface that is not there', changed(second + 8, 7), 1, /^\d+: a packet names an interface/],
    [
      'an unknown block of 4 GB',
      joined(plain, changed(4, 0xfffffff0, Uint8Array.of(1, 0, 0, 0x70, 0, 0, 0, 0, 0, 0, 0, 0))),
      3,
      new RegExp(`^${plain.length}: .*cut short: a block of 4294967280 bytes lacks`),
    ],
    [
      'a section of another version',
      joined(plain, changed(12, 9)),
      3,
      new RegExp(`^${plain.length}: pcapng version 9`),
    ],
    ['a section without byte order', joined(plain, changed(8, 9)), 3, /no valid byte-order magic/],
    [
      'a record of 4 GB',
      changed(24 + 76 + 8, 0xfffffff0, pcap),
      1,
      new RegExp(`^${24 + 76}: .*absurd length \\(4294967280 `),
    ],
    ['pcap of version 3', changed(4, 3, pcap), 0, /^0: pcap version 3/],
    ['text', new TextEncoder().encode('GET / HTTP/1.1\r\n'), 0, /^0: this is not a pcap or pcapng file/],
    ['nothing', new Uint8Array(0), 0, /^0: the file is empty/],
  ];
  for (const [what, file, packets, expected] of cases)
    test(what, () => {
      assert.equal(read(file).rows.length, packets);
      assert.match(ends(file) ?? 'none', expected);
    });
});

describe('convert', () => {
  const out = path.join(folder, 'out');
  before(() => mkdirSync(out));
  const PCAPNG = [...VARIANTS.keys()].filter((name) => name.startsWith('pcapng-'));

  /** In one process, by the command's own door. */
  async function convertAll(files: readonly (readonly [from: string, to: string])[]): Promise<void> {
    const script = `
      import { parseOptions } from ${JSON.stringify(path.join(CLI, 'options/parse.ts'))};
      import { convert } from ${JSON.stringify(path.join(CLI, 'table.ts'))};
      import { run } from ${JSON.stringify(path.join(CLI, 'commands/convert.ts'))};
      const context = { out: { isTerminal: false }, stop: new AbortController().signal };
      for (const [from, to] of ${JSON.stringify(files)})
        await run(parseOptions(convert, [from, to]).invocation, context).catch((error) => console.error('failed', from, error));`;
    const { stderr } = await run(process.execPath, '--input-type=module', '-e', script);
    assert.doesNotMatch(stderr, /failed|Error/);
  }

  test('pcapng stays as it is, byte for byte', async () => {
    await convertAll(PCAPNG.map((name) => [path.join(folder, name), path.join(out, name)]));
    for (const name of PCAPNG) assert.ok(readFileSync(path.join(out, name)).equals(VARIANTS.get(name)!), name);
  });

  test('everything as pcapng: same packets, same link types, and neither tshark nor capinfos remark on it', async () => {
    const names = [...VARIANTS.keys()].filter((name) => !name.startsWith('pcapng-'));
    await convertAll(names.map((name) => [path.join(folder, name), path.join(out, `${name}.pcapng`)]));
    const wrong: string[] = [];
    await each(names, async (name) => {
      const made = read(readFileSync(path.join(out, `${name}.pcapng`)));
      const source = read(VARIANTS.get(name)!);
      assert.equal(made.damage, undefined);
      assert.deepEqual(made.rows, source.rows, name);
      if (source.rows.length > 0) assert.equal(made.interfaces[0]!.linkType, source.interfaces[0]!.linkType, name);
      const { rows, stderr } = await tshark(path.join(out, `${name}.pcapng`));
      if (stderr || rows.length !== source.rows.length) wrong.push(`${name}: ${rows.length} packets, ${stderr}`);
    });
    assert.deepEqual(wrong, []);
    const { stderr } = await run('capinfos', '-T', '-r', ...names.map((name) => path.join(out, `${name}.pcapng`)));
    assert.equal(stderr, '');
  });

  test('pcap and back: the same packets, to the nanosecond', async () => {
    const names = [...VARIANTS.keys()].filter((name) => !/interfaces|offset-back|-ps-|simple|sections/.test(name));
    const at = (name: string, end: string) => path.join(out, `${name}.${end}`);
    await convertAll(
      names.flatMap((name) => [
        [path.join(folder, name), at(name, 'pcap')] as const,
        [at(name, 'pcap'), at(name, 'again.pcapng')] as const,
      ]),
    );
    for (const name of names)
      assert.deepEqual(read(readFileSync(at(name, 'again.pcapng'))).rows, read(VARIANTS.get(name)!).rows, name);
  });
});
