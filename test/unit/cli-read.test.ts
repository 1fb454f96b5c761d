/** `xdpeek read`, run from source as a process of its own, on files made here; tshark is the reference for layouts. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { PacketFeed } from '../../electron/cli/packet-feed.ts';
import {
  enhancedPacket,
  interfaceDescription,
  pcapHeader,
  pcapRecord,
  sectionHeader,
} from '../../electron/packets/pcap/writer.ts';
import { pcapFile, SAMPLES } from '../fixtures/samples.ts';
import { ascii, concat, udpFrame } from '../netns/lib/frames.ts';

const MAIN = path.resolve(import.meta.dirname, '../../electron/cli/main.ts');
const folder = mkdtempSync(path.join(tmpdir(), 'xl-read-'));
after(() => rmSync(folder, { recursive: true }));

interface Result {
  status: number;
  stdout: string;
  stderr: string;
}

function execute(command: string, args: readonly string[]): Promise<Result> {
  return new Promise((resolve) => {
    execFile(command, args, { maxBuffer: 1 << 28 }, (error, stdout, stderr) =>
      resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}
const read = (...args: string[]): Promise<Result> => execute(process.execPath, [MAIN, 'read', ...args]);

function file(name: string, bytes: Uint8Array): string {
  const at = path.join(folder, name);
  writeFileSync(at, bytes);
  return at;
}

const a = { mac: '02:77:00:00:00:01', ipv4: '10.77.0.1', ipv6: 'fd77::1' };
const b = { mac: '02:77:00:00:00:02', ipv4: '10.77.0.2', ipv6: 'fd77::2' };
/** Samples in one file; of IPv4 and IPv6 not those whose fragments tshark puts together. */
const everything = concat(
  pcapHeader(1),
  ...['arp', 'vlan', 'icmp', 'icmpv6', 'tcp', 'udp', 'dns']
    .flatMap((name) => SAMPLES[name]!.packets)
    .map((bytes, at) => pcapRecord(1_700_000_000_000_000_000n + BigInt(at) * 1_234_567n, bytes.length, bytes)),
);

describe('the feed', () => {
  const collect = (pieces: Iterable<Uint8Array>): string[] => {
    const feed = new PacketFeed();
    const found: string[] = [];
    for (const piece of pieces) {
      feed.push(piece);
      for (let i = 0; i < feed.count; i++) {
        const { number, bytes, timeNs } = feed.at(i);
        found.push(`${number} ${timeNs} ${Buffer.from(bytes).toString('hex')}`);
      }
    }
    feed.parser.end();
    assert.equal(feed.parser.damage, undefined);
    return found;
  };

  test('yields the same packets whatever the pieces, from one buffer that is used again', () => {
    const whole = collect([everything]);
    assert.ok(whole.length > 30);
    for (const size of [1, 7, 64, 1000, 4096]) {
      const buffers = [new Uint8Array(size), new Uint8Array(size), new Uint8Array(size)];
      const pieces = function* () {
        for (let at = 0, turn = 0; at < everything.length; at += size, turn++) {
          const piece = everything.subarray(at, at + size);
          const buffer = buffers[turn % 3]!;
          buffer.set(piece);
          yield buffer.subarray(0, piece.length);
        }
      };
      assert.deepEqual(collect(pieces()), whole, `pieces of ${size}`);
    }
  });

  test('reads the options of a packet around it', async () => {
    const bytes = udpFrame(a, b, ascii('x'));
    const blocks = concat(
      sectionHeader(),
      interfaceDescription({ linkType: 1, name: 'veth0' }),
      enhancedPacket({
        interfaceId: 0,
        epochNs: 5n,
        wireLen: bytes.length,
        bytes,
        xdpVerdict: 1,
        queue: 3,
      }),
    );
    const fields = ['-e', 'frame.verdict.ebpf_xdp', '-e', 'frame.interface_queue', '-e', 'frame.interface_name'];
    const { stdout } = await read(file('options.pcapng', blocks), '-T', 'fields', ...fields);
    assert.equal(stdout, '1\t3\tveth0\n');
  });
});

describe('against tshark', () => {
  const sample = file('everything.pcap', everything);
  const fields = [
    'frame.number',
    'frame.time_epoch',
    'frame.len',
    'eth.type',
    'ip.src',
    'ip.dst',
    'ip.proto',
    'ipv6.src',
  ];
  fields.push('udp.srcport', 'tcp.flags', 'icmp.type', 'icmpv6.type', 'arp.opcode', 'vlan.id', 'dns.qry.name');
  const asked = fields.flatMap((field) => ['-e', field]);

  for (const settings of [
    [],
    ['header=y'],
    ['separator=,', 'quote=d'],
    ['separator=/s', 'quote=s', 'occurrence=f'],
    ['occurrence=l'],
    ['aggregator=/s'],
  ])
    test(`-T fields ${settings.join(' ')} is what tshark prints`, async () => {
      const layout = settings.flatMap((setting) => ['-E', setting]);
      const own = await read(sample, '-T', 'fields', ...asked, ...layout);
      const theirs = await execute('tshark', ['-n', '-r', sample, '-T', 'fields', ...asked, ...layout]);
      assert.equal(own.status, 0, own.stderr);
      assert.deepEqual(own.stdout.split('\n'), theirs.stdout.split('\n'));
    });

  test('-x is what tshark -x prints', async () => {
    const one = file('one.pcap', pcapFile(SAMPLES['arp']!));
    const own = await read(one, '-c', '1', '-x');
    const theirs = await execute('tshark', ['-n', '-r', one, '-c', '1', '-x']);
    assert.equal(own.stdout.split('\n').slice(1).join('\n').trim(), theirs.stdout.trim());
  });
});

describe('output', () => {
  const hostile = ['\u001b]0;owned\u0007.example', '\u001b[2J\u001b[31m', '\u009b31m', '\u202eevil', 'line\r\nbreak'];

  /** A DNS query whose only label is the text: names are what reaches the Info column. */
  function query(name: string): Uint8Array {
    const label = new TextEncoder().encode(name).subarray(0, 63);
    const header = Uint8Array.of(0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0);
    const question = concat(header, Uint8Array.of(label.length), label, Uint8Array.of(0, 0, 1, 0, 1));
    return udpFrame(a, b, question, { sourcePort: 5000, destinationPort: 53 });
  }

  test('names from packets and files never reach the terminal as escapes', async () => {
    const blocks = concat(
      sectionHeader({ application: hostile[0]! }),
      interfaceDescription({ linkType: 1, name: hostile[1]! }),
      ...hostile.map((name, at) => {
        const bytes = query(name);
        return enhancedPacket({ interfaceId: 0, epochNs: BigInt(at), wireLen: bytes.length, bytes, comment: name });
      }),
    );
    const sample = file('hostile.pcapng', blocks);
    const fields = ['dns.qry.name', 'frame.comment', 'frame.interface_name', '_ws.col.Info'].flatMap((field) => [
      '-e',
      field,
    ]);
    const forms = [
      [],
      ['-V', '-x'],
      ['-T', 'json'],
      ['-V', '-T', 'json'],
      ['-T', 'fields', ...fields],
      ['-T', 'json', ...fields],
    ];
    for (const form of forms) {
      const { status, stdout } = await read(sample, ...form);
      assert.equal(status, 0);
      assert.doesNotMatch(stdout, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/, form.join(' '));
      if (form.length === 0) assert.equal(stdout.split('\n').length, hostile.length + 1, 'one line a packet');
    }
  });

  test('JSON lines parse and say the same as the text', async () => {
    const sample = file('json.pcap', pcapFile(SAMPLES['arp']!));
    const lines = (await read(sample, '-T', 'json', '-x')).stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
    assert.deepEqual([lines[0].number, lines[0].protocol, lines[0].length], [1, 'ARP', 42]);
    assert.equal(lines[0].hex.length, 84);
    const asked = await read(sample, '-T', 'json', '-e', 'arp.opcode', '-e', 'tcp.port', '-c', '1');
    assert.deepEqual(JSON.parse(asked.stdout), { 'arp.opcode': ['1'] });
  });

  test('-c stops; standard input is a file like any other', async () => {
    const sample = file('count.pcap', everything);
    assert.equal((await read(sample, '-c', '3')).stdout.split('\n').length, 4);
    const child = spawn(process.execPath, [MAIN, 'read', '-', '-c', '3'], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.on('error', () => {});
    child.stdin.end(everything);
    let stdout = '';
    for await (const chunk of child.stdout) stdout += chunk;
    assert.equal(stdout, (await read(sample, '-c', '3')).stdout);
  });

  test('SIGTERM ends a read that waits for more', async () => {
    const child = spawn(process.execPath, [MAIN, 'read', '-'], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.write(everything);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.stdout.resume();
    child.kill('SIGTERM');
    assert.equal(await new Promise((resolve) => child.once('exit', resolve)), 0);
  });

  test('memory does not grow with the file', async () => {
    const child = spawn(process.execPath, [MAIN, 'read', '-'], { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdout.resume();
    const resident = (): number => {
      const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'));
      return Number(line?.[1] ?? 0) / 1024;
    };
    const bytes = udpFrame(a, b, new Uint8Array(1400));
    const records = concat(...Array.from({ length: 700 }, () => pcapRecord(1n, bytes.length, bytes)));
    child.stdin.write(pcapHeader(1));
    const sizes: number[] = [];
    for (let megabytes = 0; megabytes < 120; megabytes++) {
      if (!child.stdin.write(records)) await new Promise((resolve) => child.stdin.once('drain', resolve));
      sizes.push(resident());
    }
    child.stdin.end();
    assert.equal(await new Promise((resolve) => child.once('exit', resolve)), 0);
    const growth = Math.max(...sizes) - Math.max(...sizes.slice(0, 40));
    assert.ok(growth < 60, `from 40 to 120 MB of input it grew by ${growth.toFixed(0)} MB`);
  });

  test('a cut file gives what is good, then says so with status 1', async () => {
    const { status, stdout, stderr } = await read(file('cut.pcap', everything.subarray(0, everything.length - 5)));
    assert.equal(status, 1);
    assert.ok(stdout.split('\n').length > 30);
    assert.match(
      stderr,
      /^xdpeek: .* is damaged at byte \d+: the file is cut short .* The \d+ packets before it are good\.\n$/,
    );
  });
});
