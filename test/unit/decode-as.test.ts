/** "Decode as…": rules on the command line beside tshark's -d, what is wrong with them, and the session's methods, which analyse anew. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import * as f from '../../electron/cli/demo/frames/index.ts';
import { createSession } from '../../electron/session/session.ts';
import type { InspectorApi } from '../../electron/shared/api.ts';
import { AB, eth, ip4, list, udp4 } from '../golden/protocol-samples.ts';
import { type Sample, sampleFile } from '../golden/samples.ts';
import { Talk } from '../golden/talk.ts';
import { tshark } from '../golden/tshark.ts';

const MAIN = path.resolve(import.meta.dirname, '../../electron/cli/main.ts');
const folder = mkdtempSync(path.join(tmpdir(), 'xf-decode-'));
after(() => rmSync(folder, { recursive: true }));

/** FTP, which nothing gives away but its port. */
const files = new Talk(8888).s('220 ready\r\n').c('USER anonymous\r\n').s('331 password please\r\n').sample;
const query = Uint8Array.from(Buffer.from('123401000001000000000000076578616d706c65036e65740000010001', 'hex'));
const inner = f.ipv4({ ...AB, protocol: 1 }, f.icmp({ type: 8, rest: f.echo(1, 1) }, f.ascii('inside')));
const SAMPLES: Record<string, { sample: Sample; rules: string[]; protocols: string[] }> = {
  'a port': { sample: files, rules: ['tcp.port==8888,ftp'], protocols: ['ftp'] },
  'a range of ports': { sample: files, rules: ['tcp.port==8000-8999,ftp'], protocols: ['ftp'] },
  'a number of ports': { sample: files, rules: ['tcp.port==8880:10,ftp'], protocols: ['ftp'] },
  'a port of the other range': { sample: files, rules: ['tcp.port==9000-9010,ftp'], protocols: [] },
  'the later rule counts': { sample: files, rules: ['tcp.port==8888,dns', 'tcp.port==8888,ftp'], protocols: ['ftp'] },
  'a port that has a protocol': {
    sample: list(udp4(50000, 123, query)),
    rules: ['udp.port==123,dns'],
    protocols: ['dns'],
  },
  'the port that nothing claims goes before the one that is known': {
    sample: list(udp4(60000, 123, query)),
    rules: ['udp.port==60000,dns'],
    protocols: ['dns'],
  },
  'an EtherType': { sample: list(eth(0x88b5, inner)), rules: ['ethertype==0x88b5,ip'], protocols: ['icmp'] },
  'an IP protocol': {
    sample: list(ip4(200, f.udp(AB, { sourcePort: 50000, destinationPort: 53 }, query))),
    rules: ['ip.proto==200,udp'],
    protocols: ['dns'],
  },
};

interface Result {
  status: number;
  stdout: string;
  stderr: string;
}
const xdpeek = (...args: string[]): Promise<Result> =>
  new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], (error, stdout, stderr) =>
      resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
const FIELDS = ['frame.protocols', '_ws.col.Protocol', '_ws.col.Info'].flatMap((name) => ['-e', name]);
const rulesOf = (rules: readonly string[]) => rules.flatMap((rule) => ['-d', rule]);

describe('-d beside tshark', () => {
  for (const [name, { sample, rules, protocols }] of Object.entries(SAMPLES))
    test(name, async () => {
      const bytes = sampleFile(sample);
      const file = path.join(folder, `${name.replaceAll(' ', '-')}.pcapng`);
      writeFileSync(file, bytes);
      const { stdout, stderr, status } = await xdpeek('read', file, '-T', 'fields', ...FIELDS, ...rulesOf(rules));
      assert.equal(status, 0, stderr);
      assert.equal(stdout, tshark(bytes, ['-T', 'fields', ...FIELDS, ...rulesOf(rules)], []));
      for (const protocol of protocols) assert.match(stdout, new RegExp(`:${protocol}\\b`));
    });

  test('data leaves a known port undecoded', async () => {
    const file = path.join(folder, 'data.pcapng');
    writeFileSync(file, sampleFile(list(udp4(50000, 53, query))));
    const { stdout } = await xdpeek('read', file, '-T', 'fields', '-e', 'frame.protocols', '-d', 'udp.port==53,data');
    assert.equal(stdout.trim(), 'eth:ethertype:ip:udp:data');
  });

  test('convert chooses packets by it', async () => {
    const file = path.join(folder, 'convert.pcapng');
    writeFileSync(file, sampleFile(files));
    const { stderr } = await xdpeek('convert', file, `${file}.out`, '-Y', 'ftp', '-d', 'tcp.port==8888,ftp');
    assert.match(stderr, /^3 packets of 6 written/);
  });
});

describe('heuristics that are off by default', () => {
  const media = list(
    udp4(45_000, 45_100, f.concat(Uint8Array.of(0x80, 0, 0, 1), f.pattern(28))),
    udp4(45_000, 45_100, f.pattern(28)),
  );

  test('--enable-heuristic beside tshark, and nothing without it', async () => {
    const bytes = sampleFile(media);
    const file = path.join(folder, 'heuristic.pcapng');
    writeFileSync(file, bytes);
    const on = ['--enable-heuristic', 'rtp_udp'];
    const { stdout, stderr } = await xdpeek('read', file, '-T', 'fields', ...FIELDS, ...on);
    assert.equal(stdout, tshark(bytes, ['-T', 'fields', ...FIELDS, ...on], []), stderr);
    assert.match(stdout, /:rtp\b.*\n.*:udp:data\b/);
    assert.doesNotMatch((await xdpeek('read', file)).stdout, /RTP/);
    assert.match((await xdpeek('convert', file, `${file}.out`, '-Y', 'rtp', ...on)).stderr, /^1 packet of 2 written/);
  });

  test('a name that there is not', async () => {
    const { status, stderr } = await xdpeek('read', '/dev/null', '--enable-heuristic', 'rtp_upd');
    assert.equal(status, 2);
    assert.match(stderr, /knows no 'rtp_upd': did you mean rtp_udp\?/);
  });
});

describe('a rule that cannot be', () => {
  for (const [rule, message, hint] of [
    ['tcp.port=8888,http', /is no rule/, /SELECTOR==KEY,PROTOCOL.*tcp\.port, udp\.port/],
    ['tcp.prt==8888,http', /no selector 'tcp\.prt': did you mean tcp\.port\?/, /udp\.port/],
    ['tcp.port==70000,http', /'70000' is no TCP port/, /0 to 65535/],
    ['tcp.port==9-8,http', /'9-8' is no TCP port/, /8000-8010/],
    [
      'tcp.port==8888,htttp',
      /cannot be decoded as 'htttp': did you mean http\?/,
      /Protocols for tcp\.port: .*\bhttp\b/,
    ],
    ['ethertype==0x88b5,http', /ethertype cannot be decoded as 'http'/, /Protocols for ethertype: .*\bip\b/],
  ] as const)
    test(rule, async () => {
      const { status, stderr } = await xdpeek('read', '/dev/null', '-d', rule);
      assert.equal(status, 2);
      assert.match(stderr, message);
      assert.match(stderr, hint);
    });

  test('dump -w prints nothing, so there is nothing to decode', async () => {
    const { status, stderr } = await xdpeek('dump', '-i', 'lo', '-w', `${folder}/x`, '-d', 'tcp.port==8888,http');
    assert.equal(status, 2);
    assert.match(stderr, /-w prints nothing/);
  });
});

describe('in a session', () => {
  const protocols = async (api: InspectorApi) =>
    (await api.call('packets.rows', { start: 0, count: 100 })).rows.map(({ protocol }) => protocol);
  const opened = async (sample: Sample) => {
    const session = createSession({ host: 'cli', version: 'test', spoolDir: folder });
    const file = path.join(folder, 'session.pcapng');
    writeFileSync(file, sampleFile(sample));
    await session.openFile(file);
    return { session, api: session.api(), file };
  };
  const RULE = { table: 'tcp.port', from: 8888, to: 8888, protocol: 'ftp' } as const;

  test('rules decode what is shown anew, filters and statistics with it, and are taken back', async (t) => {
    const { session, api } = await opened(files);
    t.after(() => session.close());
    const filtered = async () => {
      for (;;) {
        const { rows, scanned } = await api.call('packets.rows', { start: 0, count: 100, filter: 'ftp' });
        if (scanned === 6) return rows.map(({ number }) => number);
      }
    };
    assert.ok(!(await protocols(api)).includes('FTP'));
    assert.deepEqual(await filtered(), []);
    const before = (await api.call('capture.status', {})).annotations ?? 0;
    assert.deepEqual(await api.call('decode.set', { rules: [RULE] }), { rules: [RULE], heuristics: [] });
    assert.deepEqual(await filtered(), [4, 5, 6]);
    assert.deepEqual((await protocols(api)).slice(3), ['FTP', 'FTP', 'FTP']);
    const after = await api.call('capture.status', {});
    assert.ok((after.annotations ?? 0) > before, 'the window hears that rows have changed');
    const { layers } = await api.call('packets.detail', { number: 4 });
    assert.equal(layers.at(-1)?.name, 'ftp');
    await api.call('decode.set', { rules: [] });
    assert.deepEqual(await filtered(), []);
    assert.ok(!(await protocols(api)).includes('FTP'));
  });

  test('the next capture is decoded by them too', async (t) => {
    const { session, api, file } = await opened(files);
    t.after(() => session.close());
    await api.call('decode.set', { rules: [RULE] });
    await session.openFile(file);
    assert.deepEqual((await protocols(api)).slice(3), ['FTP', 'FTP', 'FTP']);
    assert.deepEqual((await api.call('decode.get', {})).rules, [RULE]);
  });

  test('a heuristic is switched on and off, and rules leave it as it is', async (t) => {
    const { session, api } = await opened(
      list(udp4(45_000, 45_100, f.concat(Uint8Array.of(0x80, 0, 0, 1), f.pattern(28)))),
    );
    t.after(() => session.close());
    assert.deepEqual((await api.call('decode.get', {})).heuristics, []);
    assert.deepEqual(await protocols(api), ['UDP']);
    await api.call('decode.set', { rules: [], heuristics: ['rtp_udp'] });
    assert.deepEqual(await protocols(api), ['RTP']);
    const set = await api.call('decode.set', { rules: [RULE] });
    assert.deepEqual(set, { rules: [RULE], heuristics: ['rtp_udp'] });
    assert.deepEqual(await protocols(api), ['RTP']);
    await api.call('decode.set', { rules: [], heuristics: [] });
    assert.deepEqual(await protocols(api), ['UDP']);
    await assert.rejects(api.call('decode.set', { rules: [], heuristics: ['all' as 'rtp_udp'] }), /heuristics/);
  });

  test('decode.get says by what a packet was looked up, and what can be chosen', async (t) => {
    const { session, api } = await opened(files);
    t.after(() => session.close());
    const { keys, choices } = await api.call('decode.get', { number: 4 });
    assert.deepEqual(keys, [
      { table: 'linktype', key: 1, protocol: 'eth' },
      { table: 'ethertype', key: 0x800, protocol: 'ip' },
      { table: 'ip.proto', key: 6, protocol: 'tcp' },
      { table: 'tcp.port', key: 8888 },
      { table: 'tcp.port', key: 40_000 },
    ]);
    const handshake = await api.call('decode.get', { number: 1 });
    assert.deepEqual(handshake.keys, keys, 'where there is no payload to look up, too');
    const forTcp = choices.find(({ table }) => table === 'tcp.port')?.protocols.map(({ name }) => name) ?? [];
    assert.ok(forTcp.includes('http') && forTcp.includes('tls') && !forTcp.includes('arp'));
    assert.deepEqual(forTcp, forTcp.toSorted());
  });

  test('what cannot be is refused, and the rules stay', async (t) => {
    const { session, api } = await opened(files);
    t.after(() => session.close());
    await api.call('decode.set', { rules: [RULE] });
    for (const [rule, message] of [
      [{ ...RULE, protocol: 'arp' }, /TCP ports cannot be decoded as arp/],
      [{ ...RULE, from: 9, to: 8 }, /no range/],
      [{ ...RULE, to: 70_000 }, /no range/],
      [{ ...RULE, table: 'tcp.prt' as 'tcp.port' }, /table/],
    ] as const)
      await assert.rejects(api.call('decode.set', { rules: [rule] }), message);
    assert.deepEqual((await api.call('decode.get', {})).rules, [RULE]);
  });
});
