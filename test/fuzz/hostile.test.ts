/**
 * Files made to exhaust whoever opens them: each ends in a clear message or an answer, in a process of its own whose memory is measured. And text in
 * packets that would like to be more than text.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import '../../electron/session/platform.ts';
import { detail } from '../../electron/packets/dissect/detail.ts';
import { FIELDS, FieldQuery } from '../../electron/packets/dissect/fields.ts';
import { dissect, summarize } from '../../electron/packets/dissect/index.ts';
import { createSession } from '../../electron/session/session.ts';
import { frame } from '../fixtures/capture-variants.ts';
import { CaptureWriter, joined, TYPE, utf8 } from '../fixtures/capture-writer.ts';

const MAIN = path.resolve(import.meta.dirname, '../../electron/cli/main.ts');
const folder = mkdtempSync(path.join(tmpdir(), 'xf-hostile-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const w = new CaptureWriter(true);
const MB = 1 << 20;

interface Result {
  status: number | null;
  stdout: string;
  stderr: string;
  rss: number;
}
/** Says what it took at most, in its last line. (A child's maxRSS begins with its parent's: the kernel's high-water mark of its own memory does not.) */
const MEASURED = `data:text/javascript,${encodeURIComponent(
  `import { readFileSync, writeSync } from 'node:fs';
   process.on('exit', () => {
     const kilobytes = Number(/VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
     writeSync(2, 'RSS ' + kilobytes * 1024 + '\\n');
   });`,
)}`;

function xdpeek(...args: string[]): Promise<Result> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', MEASURED, MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    let stderr = '';
    child.stdout.on('data', (piece: Buffer) => out.push(piece));
    child.stderr.on('data', (piece: Buffer) => {
      stderr += piece.toString();
    });
    child.on('close', (status) => {
      const rss = Number(/RSS (\d+)/.exec(stderr)?.[1]);
      resolve({ status, stdout: Buffer.concat(out).toString(), stderr: stderr.replace(/RSS \d+\n/, ''), rss });
    });
  });
}

function file(name: string, ...parts: Uint8Array[]): string {
  const at = path.join(folder, name);
  writeFileSync(at, joined(...parts));
  return at;
}

/** A frame of one block: a zero, and a match that repeats it 4 MB long; as often as wanted. */
function lz4Zeros(blocks: number): Uint8Array {
  const ones = new Uint8Array(Math.floor((4 * MB - 2000) / 255)).fill(255);
  const block = joined(Uint8Array.of(0x1f, 0, 1, 0), ones, Uint8Array.of(0, 0x10, 0));
  const one = joined(w.u32(block.length), block);
  return joined(
    Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0),
    ...Array.from({ length: blocks }, () => one),
    w.u32(0),
  );
}

describe('a gigabyte of zeros from next to nothing', () => {
  const zeros = Buffer.alloc(64 * MB);
  const times = (bytes: Uint8Array) => Array.from({ length: 16 }, () => bytes);
  const bombs = {
    gzip: [gzipSync(w.pcapHeader()), ...times(gzipSync(zeros))],
    zstd: [zstdCompressSync(w.pcapHeader()), ...times(zstdCompressSync(zeros))],
    // A stored block with the header, then the zeros.
    lz4: [
      joined(Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0), w.u32(0x80000018), w.pcapHeader(), w.u32(0)),
      lz4Zeros(256),
    ],
  };
  for (const [name, parts] of Object.entries(bombs))
    test(name, async () => {
      const bomb = file(`bomb.${name}`, ...parts);
      assert.ok(statSync(bomb).size < 5 * MB);
      const { status, stderr, rss } = await xdpeek('read', '-q', bomb);
      assert.equal(status, 1);
      assert.match(stderr, /unpacks to more than 100 times its size: this is no capture.* packets before it are good/);
      assert.ok(rss < 600 * MB, `${rss / MB} MB`);
    });

  test('in the window: the same is said, the disk holds a quarter of it, and nothing stays', async () => {
    const spoolDir = path.join(folder, 'spool');
    const session = createSession({ host: 'cli', version: 'test', spoolDir });
    const api = session.api();
    await session.openFile(path.join(folder, 'bomb.zstd'));
    let status = await api.call('capture.status', {});
    while (status.state === 'starting') {
      await new Promise((done) => setTimeout(done, 20));
      status = await api.call('capture.status', {});
    }
    const held = readdirSync(spoolDir).reduce((sum, name) => sum + statSync(path.join(spoolDir, name)).size, 0);
    assert.ok(held <= 257 * MB, `${held / MB} MB`);
    assert.match(JSON.stringify(status), /unpacks to more than 100 times its size/);
    await session.close();
    assert.deepEqual(readdirSync(spoolDir), []);
  });
});

describe('files that claim 4 GB', () => {
  const head = joined(w.section(), w.interface(1), w.packet(0, 1n, frame(1)));
  const claim = (type: number) => joined(w.u32(type), w.u32(0xfffffffc), new Uint8Array(64));
  const cases: [name: string, bytes: Uint8Array, says: RegExp][] = [
    ['packet', joined(head, claim(TYPE.EPB)), /absurd length \(4294967292 bytes\)\. The 1 packet before it is good/],
    ['interface', joined(head, claim(TYPE.IDB)), /absurd length/],
    [
      'section',
      joined(head, w.u32(TYPE.SHB), w.u32(0xfffffffc), w.u32(0x1a2b3c4d), new Uint8Array(64)),
      /absurd length/,
    ],
    ['secrets', joined(head, claim(TYPE.DSB)), /absurd length/],
    ['unknown', joined(head, claim(0x7777)), /cut short: a block of 4294967292 bytes lacks/],
    ['custom', joined(head, claim(TYPE.CUSTOM)), /cut short: a block of 4294967292 bytes lacks/],
    [
      'record.pcap',
      joined(
        w.pcapHeader(),
        w.pcapRecord(1, 0, frame(1)),
        w.u32(1),
        w.u32(0),
        w.u32(0xfffffff0),
        w.u32(0xfffffff0),
        new Uint8Array(64),
      ),
      /absurd length/,
    ],
    [
      'snaplen.pcap',
      joined(
        w.pcapHeader({ snaplen: 0xffffffff }),
        w.pcapRecord(1, 0, frame(1)),
        w.u32(1),
        w.u32(0),
        w.u32(0x7000000),
        w.u32(0x7000000),
        new Uint8Array(64),
      ),
      /cut short/,
    ],
  ];
  for (const [name, bytes, says] of cases)
    test(name, async () => {
      const { status, stdout, stderr, rss } = await xdpeek('read', file(`claims-${name}`, bytes));
      assert.equal(status, 1);
      assert.equal(stdout.split('\n').length, 2);
      assert.match(stderr, /damaged at byte \d+: /);
      assert.match(stderr, says);
      assert.ok(rss < 300 * MB, `${rss / MB} MB`);
    });
});

describe('layers without end', () => {
  const many = (count: number, bytes: readonly number[]) =>
    joined(...Array.from({ length: count }, () => Uint8Array.from(bytes)));
  const eth = (type: number, rest: Uint8Array) => joined(new Uint8Array(12), Uint8Array.of(type >> 8, type), rest);
  const ip = (protocol: number) => [0x45, 0, 0xff, 0xff, 0, 0, 0, 0, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
  const ip6 = (next: number) => [0x60, 0, 0, 0, 0xff, 0xff, next, 64, ...new Array<number>(32).fill(0)];
  const packets: Record<string, Uint8Array> = {
    VLAN: eth(0x8100, many(10_000, [0, 1, 0x81, 0])),
    QinQ: eth(0x88a8, many(10_000, [0, 1, 0x88, 0xa8])),
    MPLS: eth(0x8847, many(10_000, [0, 1, 0, 64])),
    'IP in IP': eth(0x0800, many(10_000, ip(4))),
    'IPv6 in IPv6': eth(0x86dd, many(10_000, ip6(41))),
    GRE: eth(0x0800, many(10_000, [...ip(47), 0, 0, 8, 0])),
    'extension headers': eth(0x86dd, joined(Uint8Array.from(ip6(0)), many(8000, [0, 0, 1, 4, 0, 0, 0, 0]))),
    'ICMP in ICMP': eth(0x0800, many(2000, [...ip(1), 3, 3, 0, 0, 0, 0, 0, 0])),
    'names that point in circles': dnsOf(Uint8Array.from([0xc0, 12]), 4000),
    'names that point to each other': dnsOf(many(2000, [1, 0x61, 0xc0, 12]), 4000),
    'names of pointers to pointers': dnsOf(
      joined(...Array.from({ length: 8000 }, (_, n) => Uint8Array.of(0xc0 | (((14 + 2 * n) >> 8) & 0x3f), 14 + 2 * n))),
      60_000,
    ),
  };
  function dnsOf(body: Uint8Array, records: number): Uint8Array {
    const dns = joined(Uint8Array.of(0, 1, 0x81, 0x80, records >> 8, records, records >> 8, records, 0, 0, 0, 0), body);
    const udp = joined(Uint8Array.of(0, 53, 0x9c, 0x40, (dns.length + 8) >> 8, dns.length + 8, 0, 0), dns);
    return eth(0x0800, joined(Uint8Array.from(ip(17)), udp));
  }
  const everything = new FieldQuery([...FIELDS.keys()]);
  for (const [name, bytes] of Object.entries(packets))
    test(name, () => {
      const look = () => {
        const before = process.cpuUsage();
        const d = dissect(bytes, 1, bytes.length);
        const info = { number: 1, epochNs: 1n, timeNs: 0, interfaceId: 0 };
        summarize(d);
        detail(d, info);
        everything.values(d, info);
        const { user, system } = process.cpuUsage(before);
        return { layers: d.layers.length, ms: (user + system) / 1000 };
      };
      const looks = [look(), look(), look()];
      assert.ok(looks[0]!.layers <= 600);
      const ms = Math.min(...looks.map((one) => one.ms));
      // The costliest takes a third of it here.
      assert.ok(ms < 100, `${ms} ms`);
    });
});

describe('state that would grow with the traffic', () => {
  const COUNT = 300_000;
  function flood(name: string, change: (view: DataView, n: number) => void): string {
    const record = w.pcapRecord(1, 0, frame(0, 54));
    const all = new Uint8Array(24 + COUNT * record.length);
    all.set(w.pcapHeader());
    for (let n = 0; n < COUNT; n++) {
      const at = 24 + n * record.length;
      all.set(record, at);
      change(new DataView(all.buffer, at + 16, 54), n);
    }
    return file(name, all);
  }
  const TCP = 23;
  const cases: [name: string, change: (view: DataView, n: number) => void][] = [
    [
      'a connection a packet',
      (view, n) => {
        view.setUint8(TCP, 6);
        view.setUint32(26, 0x0a000000 + n);
        view.setUint16(34, 1024 + (n % 60_000));
        view.setUint16(46, 0x5002);
      },
    ],
    [
      'a datagram a fragment',
      (view, n) => {
        view.setUint16(20, 0x2000);
        view.setUint32(26, 0x0a000000 + n);
      },
    ],
    [
      'fragments of one datagram',
      (view, n) => {
        view.setUint16(20, n === 0 ? 8100 : 0x2000 | (((n * 3) % 8000) + 1));
      },
    ],
    [
      'echo requests without answers',
      (view, n) => {
        view.setUint8(TCP, 1);
        view.setUint16(34, 0x0800);
        view.setUint32(38, n);
      },
    ],
  ];
  for (const [name, change] of cases)
    test(`${COUNT} packets: ${name}`, async () => {
      const started = performance.now();
      const { status, stderr, rss } = await xdpeek(
        'read',
        '-q',
        flood('flood.pcap', change),
        '-Y',
        'tcp.stream == 77 || ip.fragment.count > 3 || icmp.resptime',
      );
      assert.equal(status, 0, stderr);
      assert.ok(rss < 900 * MB, `${rss / MB} MB`);
      assert.ok(performance.now() - started < 120_000);
    });
});

test('text of packets, interfaces and comments never reaches a terminal as it is', async () => {
  const evil = '\x1b[31mred\x1b]0;title\x07\x9b31m\u202egpj\r\n\x08';
  const payload = utf8(
    `GET /${evil.replace(/[\r\n]/g, '')} HTTP/1.1\r\nHost: ${evil.replace(/[\r\n]/g, '')}\r\nUser-Agent: <img src=x onerror=alert(1)>\r\n\r\n`,
  );
  const tcp = joined(Uint8Array.of(0x9c, 0x40, 0, 80, 0, 0, 0, 1, 0, 0, 0, 1, 0x50, 0x18, 16, 0, 0, 0, 0, 0), payload);
  const length = 20 + tcp.length;
  const http = joined(
    new Uint8Array(12),
    Uint8Array.of(8, 0, 0x45, 0, length >> 8, length, 0, 1, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2),
    tcp,
  );
  const name = utf8(evil);
  const dns = joined(
    Uint8Array.of(0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, name.length),
    name,
    Uint8Array.of(0, 0, 1, 0, 1),
  );
  const udp = joined(Uint8Array.of(0x9c, 0x40, 0, 53, 0, dns.length + 8, 0, 0), dns);
  const query = joined(
    new Uint8Array(12),
    Uint8Array.of(8, 0, 0x45, 0, 0, 20 + udp.length, 0, 1, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2),
    udp,
  );
  const at = file(
    'escapes.pcapng',
    w.section([[4, name]]),
    w.interface(1, 0, [
      [2, name],
      [3, name],
    ]),
    w.packet(0, 1n, http, [[1, name]]),
    w.packet(0, 2n, query, [[1, name]]),
  );
  const ways = [
    [],
    ['-V'],
    ['-x'],
    ['-V', '-x'],
    ['-T', 'json'],
    ['-q', '-z', 'follow,tcp,ascii,0'],
    ['-q', '-z', 'expert'],
    ['-q', '-z', 'http,tree'],
    [
      '-T',
      'fields',
      '-e',
      'dns.qry.name',
      '-e',
      'http.host',
      '-e',
      'frame.comment',
      '-e',
      'frame.interface_name',
      '-e',
      '_ws.col.Info',
      '-e',
      '_ws.expert.message',
      '-e',
      'tcp.payload',
    ],
    ['-Y', `http.host == "${evil.replace(/[\r\n]/g, '')}`],
  ];
  for (const way of ways) {
    const { stdout, stderr } = await xdpeek('read', at, ...way);
    assert.doesNotMatch(stdout + stderr, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/, way.join(' '));
    if (way[0] !== '-q') assert.match(stdout + stderr, /red/, way.join(' '));
  }
});
