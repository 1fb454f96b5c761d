/** Key logs: conversations of Node's own TLS and HTTP/2 opened with what it logs; on the command line, in the session, in the server's door. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http2 from 'node:http2';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { dissect, summarize } from '../../electron/packets/dissect/index.ts';
import { CaptureState } from '../../electron/packets/state/capture-state.ts';
import { Secrets } from '../../electron/packets/state/secrets.ts';
import { createSession } from '../../electron/session/session.ts';
import type { InspectorApi, PacketRow } from '../../electron/shared/api.ts';
import { CRYPTO_SAMPLES } from '../golden/crypto-samples.ts';
import { open, stateful } from '../golden/render.ts';
import { sampleFile } from '../golden/samples.ts';
import { Talk } from '../golden/talk.ts';

const MAIN = path.resolve(import.meta.dirname, '../../electron/cli/main.ts');
const folder = mkdtempSync(path.join(tmpdir(), 'xf-keys-'));
after(() => rmSync(folder, { recursive: true }));
const { secrets: log = '', ...closed } = CRYPTO_SAMPLES['tls13']!;
const file = (name: string, bytes: Uint8Array | string) => {
  const whole = path.join(folder, name);
  writeFileSync(whole, bytes);
  return whole;
};
const capture = file('closed.pcapng', sampleFile(closed));
const keys = file('keys.log', `# made up\n${log}\n`);

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

test('a key log is read line by line, and what is no secret is passed over', () => {
  const secrets = new Secrets();
  const random = 'ab'.repeat(32);
  assert.equal(
    secrets.add(`# comment\r\nCLIENT_RANDOM ${random} ${'0f'.repeat(48)}\r\nCLIENT_RANDOM 12 34\nnonsense`),
    1,
  );
  assert.deepEqual(secrets.get('CLIENT_RANDOM', new Uint8Array(32).fill(0xab)), new Uint8Array(48).fill(0x0f));
  assert.equal(secrets.get('CLIENT_RANDOM', new Uint8Array(32)), undefined);
  assert.equal(secrets.get('SERVER_TRAFFIC_SECRET_0', new Uint8Array(32).fill(0xab)), undefined);
});

describe('the command line', () => {
  test('decrypts with --keylog, with -o tls.keylog_file, and not without', async () => {
    const fields = ['-Y', 'http.request', '-T', 'fields', '-e', 'http.request.uri'];
    for (const given of [
      ['--keylog', keys],
      ['-o', `tls.keylog_file:${keys}`],
    ])
      assert.equal((await xdpeek('read', capture, ...given, ...fields)).stdout, '/secret\n/again\n');
    assert.equal((await xdpeek('read', capture, ...fields)).stdout, '');
  });

  test('convert chooses by what is inside', async () => {
    const out = path.join(folder, 'http.pcapng');
    const { stderr } = await xdpeek('convert', capture, out, '--keylog', keys, '-Y', 'http');
    assert.match(stderr, /^4 packets of 15 written/);
  });

  test('follows what TLS hid', async () => {
    const { stdout } = await xdpeek('read', capture, '--keylog', keys, '-q', '-z', 'follow,tls,ascii,0');
    assert.match(stdout, /GET \/secret HTTP\/1\.1/);
    assert.match(stdout, /opened it\.|open\n/);
  });

  test('says what is wrong with a key log', async () => {
    const missing = await xdpeek('read', capture, '--keylog', path.join(folder, 'none.log'));
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, /the key log none\.log cannot be read: there is no such file/);
    const other = await xdpeek('read', capture, '-o', 'tcp.port:1');
    assert.equal(other.status, 2);
    assert.match(other.stderr, /-o knows no preference 'tcp\.port:1'/);
  });
});

describe('the session', () => {
  const rows = async (api: InspectorApi): Promise<PacketRow[]> => {
    for (let i = 0; i < 1000; i++) {
      const status = await api.call('capture.status', {});
      if (status.state === 'stopped') break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return (await api.call('packets.rows', { start: 0, count: 50 })).rows;
  };

  test('opens a key log for the capture that is shown, and tells of it', async () => {
    const session = createSession({ host: 'test' as never, version: '0', spoolDir: folder });
    const api = session.api();
    try {
      await session.openFile(capture);
      assert.equal((await rows(api))[6]!.protocol, 'TLSv1.3');
      const before = (await api.call('capture.status', {})).annotations ?? 0;
      await session.openKeyLog(keys);
      const status = await api.call('capture.status', {});
      assert.deepEqual(status.keyLog, { name: 'keys.log', secrets: 4 });
      assert.ok((status.annotations ?? 0) > before, 'rows that are shown are asked for again');
      assert.equal((await rows(api))[6]!.info, 'GET /secret HTTP/1.1 ');
      const { sources } = await api.call('packets.detail', { number: 7 });
      assert.deepEqual(
        sources?.map(({ name }) => name),
        ['Decrypted TLS'],
      );
      const follow = await api.call('analysis.follow', { kind: 'tls', stream: 0, start: 0, maxBytes: 1000 });
      const again = await api.call('analysis.follow', { kind: 'tls', stream: 0, start: 0, maxBytes: 1000 });
      assert.ok(follow && again.kinds.includes('http') && again.kinds.includes('tls'));
      await assert.rejects(session.openKeyLog(file('empty.log', 'nothing\n')), /empty\.log holds no TLS secrets/);
      assert.equal((await rows(api))[6]!.protocol, 'HTTP', 'what was known stays');
      await session.openFile(capture);
      assert.equal((await rows(api))[6]!.protocol, 'HTTP', 'the next capture is decrypted too');
    } finally {
      await session.close();
    }
  });

  test('uses the secrets in a capture, also when they come after its packets', async () => {
    const session = createSession({ host: 'test' as never, version: '0', spoolDir: folder });
    const api = session.api();
    try {
      const whole = sampleFile(CRYPTO_SAMPLES['tls13']!);
      const at = Buffer.from(whole).indexOf(Buffer.from([10, 0, 0, 0]));
      const length = Buffer.from(whole).readUInt32LE(at + 4);
      const late = Buffer.concat([whole.subarray(0, at), whole.subarray(at + length), whole.subarray(at, at + length)]);
      for (const [name, bytes] of [
        ['first.pcapng', whole],
        ['late.pcapng', late],
      ] as const) {
        await session.openFile(file(name, bytes));
        assert.equal((await rows(api))[6]!.protocol, 'HTTP', name);
      }
    } finally {
      await session.close();
    }
  });
});

/** What both ends of a real connection put on the wire, in order, with the key log of it. */
async function recorded(options: object, talk: Talk): Promise<string> {
  const { key, cert } = await certificate();
  const server = http2.createSecureServer({ key, cert, allowHTTP1: true, ...options });
  let lines = '';
  server.on('keylog', (line: Buffer) => {
    lines += line.toString();
  });
  server.on('stream', (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => {
    stream.respond({ ':status': 200, 'content-type': 'text/plain', 'x-bytes': ALL_BYTES });
    stream.end(`path ${headers[':path']}\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const wire = net.createServer((client) => {
    const up = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.on('data', (bytes) => {
      talk.c(bytes);
      up.write(bytes);
    });
    up.on('data', (bytes) => {
      talk.s(bytes);
      client.write(bytes);
    });
    client.on('error', () => up.destroy()).on('close', () => up.destroy());
    up.on('error', () => client.destroy()).on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => wire.listen(0, '127.0.0.1', resolve));
  const session = http2.connect(`https://127.0.0.1:${(wire.address() as AddressInfo).port}`, {
    rejectUnauthorized: false,
    ...options,
  });
  for (const name of ['/one', '/two']) {
    const request = session.request({ ':path': name, 'x-bytes': ALL_BYTES });
    request.resume();
    await new Promise((resolve, reject) => request.on('end', resolve).on('error', reject).end());
  }
  await new Promise<void>((resolve) => session.close(resolve));
  wire.close();
  server.close();
  return lines;
}

/** Every character that a header value may have: each has a Huffman code of its own. */
const ALL_BYTES = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)).join('');

function certificate(): Promise<{ key: string; cert: string }> {
  return new Promise((resolve, reject) => {
    const args = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test'.split(' ');
    execFile('openssl', [...args, '-keyout', '-', '-out', '-'], (error, stdout) => {
      const cert = stdout.indexOf('-----BEGIN CERT');
      if (error) reject(error);
      else resolve({ key: stdout.slice(0, cert), cert: stdout.slice(cert) });
    });
  });
}

for (const [name, options] of Object.entries({
  'TLS 1.3 with AES-256-GCM': { minVersion: 'TLSv1.3', ciphers: 'TLS_AES_256_GCM_SHA384' },
  'TLS 1.3 with ChaCha20': { minVersion: 'TLSv1.3', ciphers: 'TLS_CHACHA20_POLY1305_SHA256' },
  'TLS 1.2 with AES-128-GCM': { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' },
  'TLS 1.2 with ChaCha20': { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-CHACHA20-POLY1305' },
}))
  test(`Node's HTTP/2 over ${name} is read`, async () => {
    const talk = new Talk(443);
    const secrets = await recorded(options, talk);
    const dissections = stateful(open(sampleFile({ ...talk.sample, secrets })));
    const infos = dissections.map((d) => summarize(d).info).join('\n');
    assert.match(infos, /HEADERS\[1\]: GET \/one/);
    assert.match(infos, /HEADERS\[3\]: GET \/two/);
    assert.match(infos, /HEADERS\[3\]: 200 OK, DATA\[3\]/);
    const values = dissections.flatMap((d) =>
      d.layers.flatMap(({ protocol, facts }) =>
        protocol.name === 'http2'
          ? ((facts as { headers?: { fields: { name: string; value: string }[] } }).headers?.fields ?? [])
          : [],
      ),
    );
    const seen = values.filter((field) => field.name === 'x-bytes').map((field) => field.value);
    assert.deepEqual(seen, [ALL_BYTES, ALL_BYTES, ALL_BYTES, ALL_BYTES]);
  });

/** The application data of a sample's client, dissected while `before` acts ahead of each packet. */
function clientSaid(before: (row: number, secrets: Secrets) => 'skip' | undefined): string[] {
  const opened = open(sampleFile(closed));
  const secrets = new Secrets();
  const state = new CaptureState(0, undefined, secrets);
  const said: string[] = [];
  for (let row = 0; row < opened.store.count; row++) {
    if (before(row, secrets) === 'skip') continue;
    const context = { number: row + 1, timeNs: row, state };
    const d = dissect(opened.store.packetBytes(row), 1, opened.store.wireLen(row), context);
    said.push(summarize(d).info);
  }
  return said;
}

test('secrets that come after the handshake open what follows it', () => {
  const said = clientSaid((row, secrets) => {
    if (row === 8) secrets.add(log);
    return undefined;
  });
  assert.ok(!said.includes('GET /secret HTTP/1.1 '), 'the request was over');
  assert.ok(said.includes('GET /again HTTP/1.1 '));
});

test('records that were lost do not close what comes after them', () => {
  const said = clientSaid((row, secrets) => {
    if (row === 0) secrets.add(log);
    return row === 6 ? 'skip' : undefined;
  });
  assert.ok(said.includes('GET /again HTTP/1.1 '));
});
