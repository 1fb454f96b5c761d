/**
 * The doors of `xdpeek serve`, over real sockets: what gets in, and each thing that is refused. The backend is a stub that
 * records what reaches it; the real session behind the same server is in test/netns/cli-serve.test.ts.
 */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import type { ServedBackend } from '../../electron/serve/backend.ts';
import { type Served, serve } from '../../electron/serve/server.ts';
import { uploadName } from '../../electron/serve/upload.ts';
import { XdpeekError } from '../../electron/shared/errors.ts';
import { decodeMessage, encodeMessage } from '../../electron/shared/message-codec.ts';

const UPLOAD_MAX = 64 * 1024;
const CAPTURE = Buffer.from('a capture, complete');

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

let served: Served;
let folder: string;
let opened: { path: string; name: string; mode: number; bytes: Buffer }[] = [];
const keyLogs: { path: string; name: string; text: string }[] = [];
let connections = 0;
let hasCapture = true;

const backend: ServedBackend = {
  connect(pipe) {
    connections++;
    pipe.onMessage((message) => pipe.send({ kind: 'result', id: message.id, value: { echo: message } }));
    pipe.onClose(() => connections--);
  },
  async openFile(paths, names) {
    const files = paths.map((path, at) => {
      const bytes = readFileSync(path);
      return { path, name: names[at] ?? '', mode: statSync(path).mode & 0o777, bytes };
    });
    if (files.some(({ bytes }) => bytes.toString() === 'damaged'))
      throw new XdpeekError({ code: 'EBADF', message: 'this is no capture' });
    opened.push(...files);
  },
  async openKeyLog(path, name) {
    keyLogs.push({ path, name, text: readFileSync(path, 'utf8') });
  },
  hasCapture: () => hasCapture,
  async exportPackets(request, out, name) {
    if (request.packets.of === 'marked') throw new XdpeekError({ code: 'ENOENT', message: 'no packet is chosen' });
    out.end(`${name}: ${JSON.stringify(request)}`);
  },
  async saveCapture(out) {
    out.end(CAPTURE);
  },
};

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'xl-serve-'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>xdpeek</title>');
  writeFileSync(join(folder, 'app.js'), 'export {};');
  writeFileSync(join(folder, 'notes.txt'), 'not of a served type');
  symlinkSync('/etc/hostname', join(folder, 'link.html'));
  served = await serve({
    backend,
    rendererDir: folder,
    uploadDir: join(folder, 'uploads'),
    port: 0,
    uploadMaxBytes: UPLOAD_MAX,
  });
});
after(async () => {
  await served.close();
  rmSync(folder, { recursive: true });
});

function ask(path: string, headers: OutgoingHttpHeaders = {}, method = 'GET', body?: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: served.port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks).toString() }),
      );
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const origin = (): string => `http://127.0.0.1:${served.port}`;

async function enter(): Promise<string> {
  const answer = await ask(served.newLink().slice(origin().length));
  assert.equal(answer.status, 303);
  return answer.headers['set-cookie']![0]!.split(';')[0]!;
}

describe('the way in', () => {
  test('nothing is served without a cookie', async () => {
    for (const path of ['/', '/index.html', '/app.js', '/capture.pcapng', '/ws', '/nothing'])
      assert.equal((await ask(path)).status, 401, path);
    assert.equal((await ask('/upload?name=a', { origin: origin() }, 'POST', Buffer.from('x'))).status, 401);
  });

  test('a link becomes an HttpOnly, SameSite=Strict session cookie and an address without the token', async () => {
    const answer = await ask(served.newLink().slice(origin().length));
    assert.equal(answer.status, 303);
    assert.equal(answer.headers.location, '/');
    assert.match(
      answer.headers['set-cookie']![0]!,
      /^xdpeek-[0-9a-f]{8}=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    assert.equal(answer.body, '');
  });

  test('a link works once', async () => {
    const link = served.newLink().slice(origin().length);
    assert.equal((await ask(link)).status, 303);
    const again = await ask(link);
    assert.equal(again.status, 401);
    assert.equal(again.headers['set-cookie'], undefined);
  });

  test('wrong, empty and truncated tokens, and cookies made up, open nothing', async () => {
    const link = served.newLink().slice(origin().length);
    for (const path of ['/?token=', '/?token=AAAA', link.slice(0, -1), `${link}A`, '/?token=%00'])
      assert.equal((await ask(path)).status, 401, path);
    const name = (await enter()).split('=')[0]!;
    for (const cookie of [`${name}=`, `${name}=AAAA`, name, 'xdpeek=1'])
      assert.equal((await ask('/', { cookie })).status, 401, cookie);
    assert.equal((await ask(link)).status, 303, 'the right one still works');
  });

  test('a prefetching browser does not use the link up', async () => {
    const link = served.newLink().slice(origin().length);
    assert.equal((await ask(link, { 'sec-purpose': 'prefetch;prerender' })).status, 503);
    assert.equal((await ask(link, {}, 'HEAD')).status, 405);
    assert.equal((await ask(link)).status, 303);
  });
});

describe('who asks', () => {
  test('a Host that is not loopback is refused (DNS rebinding), with the cookie too', async () => {
    const cookie = await enter();
    for (const host of [
      'evil.example',
      `evil.example:${served.port}`,
      '127.0.0.1.evil.example',
      '10.0.0.1',
      '0.0.0.0',
      'localhost.',
    ])
      assert.equal((await ask('/', { host, cookie })).status, 403, host);
    for (const host of ['localhost', `localhost:${served.port}`, '127.0.0.1:9', '[::1]:80'])
      assert.equal((await ask('/', { host, cookie })).status, 200, host);
  });

  test('another origin is refused, also another loopback port', async () => {
    const cookie = await enter();
    for (const from of [
      'https://evil.example',
      'http://127.0.0.1:1',
      `https://127.0.0.1:${served.port}`,
      'null',
      'file://',
    ])
      assert.equal((await ask('/', { cookie, origin: from })).status, 403, from);
    assert.equal((await ask('/', { cookie, origin: origin() })).status, 200);
  });

  test('subresource requests that another site caused are refused; navigating here is not', async () => {
    const cookie = await enter();
    for (const site of ['cross-site', 'same-site']) {
      const image = { cookie, 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' };
      assert.equal((await ask('/capture.pcapng', image)).status, 403);
      const page = { cookie, 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
      assert.equal((await ask('/', page)).status, 200);
      const frame = { cookie, 'sec-fetch-site': site, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' };
      assert.equal((await ask('/', frame)).status, 403);
    }
  });

  test('listens on loopback only', async () => {
    assert.deepEqual(
      served.addresses.filter((address) => address !== '127.0.0.1' && address !== '::1'),
      [],
    );
    const { networkInterfaces } = await import('node:os');
    const elsewhere = Object.values(networkInterfaces())
      .flat()
      .find((address) => address && address.family === 'IPv4' && !address.internal);
    if (elsewhere) await assert.rejects(dial(elsewhere.address), /ECONNREFUSED/);
  });
});

function dial(host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(served.port, host, () => {
      socket.destroy();
      resolve();
    });
    socket.on('error', reject);
  });
}

describe('what is answered', () => {
  test('every answer carries the policy: no inline code, no sniffing, no framing, no referrer, no cache', async () => {
    const cookie = await enter();
    for (const answer of [
      await ask('/', { cookie }),
      await ask('/'),
      await ask('/nothing', { cookie }),
      await ask('/', { host: 'x' }),
    ]) {
      const policy = String(answer.headers['content-security-policy']);
      assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.doesNotMatch(policy, /unsafe|\*|data:|https?:/);
      assert.equal(answer.headers['x-content-type-options'], 'nosniff');
      assert.equal(answer.headers['x-frame-options'], 'DENY');
      assert.equal(answer.headers['referrer-policy'], 'no-referrer');
      assert.equal(answer.headers['cross-origin-opener-policy'], 'same-origin');
      assert.equal(answer.headers['cross-origin-resource-policy'], 'same-origin');
      assert.equal(answer.headers['cache-control'], 'no-store');
    }
  });

  test('the built files, by the table; nothing beside it', async () => {
    const cookie = await enter();
    assert.equal((await ask('/app.js', { cookie })).headers['content-type'], 'text/javascript; charset=utf-8');
    assert.match((await ask('/', { cookie })).body, /<title>xdpeek/);
    const outside = [
      '/../../../etc/hostname',
      '/%2e%2e/%2e%2e/etc/hostname',
      '/..%2f..%2fetc%2fhostname',
      '/app.js%00.html',
      '/notes.txt',
      '/link.html',
      '//etc/hostname',
      '/.',
      '/APP.JS',
    ];
    for (const path of outside) {
      const { status, body } = await ask(path, { cookie });
      // "/." and dot segments are the index or nothing: never a file outside the table.
      assert.ok(status === 404 || body.includes('<title>xdpeek'), `${path} ${status}`);
    }
  });

  test('other methods are refused by name', async () => {
    const cookie = await enter();
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS'])
      assert.equal((await ask('/', { cookie, origin: origin() }, method)).status, 405, method);
    assert.equal((await ask('/upload', { cookie }, 'GET')).status, 405);
    assert.equal((await ask('/', { cookie }, 'POST')).status, 403, 'no origin');
  });

  test('the capture downloads; without one there is nothing', async () => {
    const cookie = await enter();
    const answer = await ask('/capture.pcapng', { cookie });
    assert.equal(answer.body, CAPTURE.toString());
    assert.equal(answer.headers['content-disposition'], 'attachment; filename="capture.pcapng"');
    hasCapture = false;
    assert.equal((await ask('/capture.pcapng', { cookie })).status, 404);
    hasCapture = true;
  });
});

describe('exports', () => {
  const request = { packets: { of: 'filter', filter: 'tcp && ip.addr == 10.0.0.1' }, format: 'pcap', packing: 'gz' };
  const path = (what: unknown, name = 'a b.pcap.gz') =>
    `/export?what=${encodeURIComponent(JSON.stringify(what))}&name=${encodeURIComponent(name)}`;

  test('chosen packets are a download by the name that was asked for', async () => {
    const cookie = await enter();
    const answer = await ask(path(request), { cookie });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-disposition'], "attachment; filename*=UTF-8''a%20b.pcap.gz");
    assert.equal(answer.body, `a b.pcap.gz: ${JSON.stringify(request)}`);
    assert.match((await ask(path(request, '../../x\r\ny'), { cookie })).headers['content-disposition'] ?? '', /''xy$/);
  });

  test('without a key, with what makes no sense, or with nothing chosen there is none', async () => {
    assert.equal((await ask(path(request))).status, 401);
    const cookie = await enter();
    for (const what of [7, {}, { ...request, format: 'exe' }, { ...request, path: '/etc/passwd' }])
      assert.equal((await ask(path(what), { cookie })).status, 400, JSON.stringify(what));
    assert.equal((await ask('/export?what={', { cookie })).status, 400);
    const none = await ask(path({ ...request, packets: { of: 'marked' } }), { cookie });
    assert.deepEqual(
      [none.status, none.body, none.headers['content-disposition']],
      [409, 'no packet is chosen\n', undefined],
    );
  });
});

describe('uploads', () => {
  test('several files are opened together when the last one came; another order is refused and nothing stays', async () => {
    const cookie = await enter();
    const put = (query: string, body: string) =>
      ask(`/upload?${query}`, { cookie, origin: origin() }, 'POST', Buffer.from(body));
    opened = [];
    assert.equal((await put('name=a.pcap&at=0&of=2', 'first')).status, 200);
    assert.deepEqual(opened, []);
    assert.equal((await put('name=b.pcap&at=1&of=2', 'second')).status, 200);
    assert.deepEqual(
      opened.map(({ name, bytes }) => `${name} ${bytes}`),
      ['a.pcap first', 'b.pcap second'],
    );
    await put('name=a.pcap&at=0&of=3', 'first');
    assert.equal((await put('name=c.pcap&at=2&of=3', 'third')).status, 422);
    await put('name=a.pcap&at=0&of=2', 'first');
    assert.equal((await put('name=b.pcap&at=1&of=2', 'damaged')).status, 422);
    for (const query of ['at=1&of=1', 'at=-1&of=1', 'at=0&of=65', 'at=x&of=1'])
      assert.equal((await put(query, 'x')).status, 422, query);
    const [folderOf] = opened.map(({ path }) => join(path, '..'));
    assert.equal(readdirSync(folderOf!).length, 2, 'only those that were opened are kept');
  });

  test('a body becomes a 0600 file that the session opens, one at a time', async () => {
    const cookie = await enter();
    opened = [];
    const send = (name: string, body: string) =>
      ask(`/upload?name=${encodeURIComponent(name)}`, { cookie, origin: origin() }, 'POST', Buffer.from(body));
    assert.equal((await send('one.pcapng', 'first')).status, 200);
    assert.equal((await send('../../etc/two.pcap', 'second')).status, 200);
    assert.deepEqual(
      opened.map(({ name, mode, bytes }) => [name, mode, bytes.toString()]),
      [
        ['one.pcapng', 0o600, 'first'],
        ['two.pcap', 0o600, 'second'],
      ],
    );
    assert.equal(statSync(join(opened[1]!.path, '..')).mode & 0o777, 0o700);
  });

  test('a key log is handed on and removed, the capture stays', async () => {
    const cookie = await enter();
    const before = readdirSync(join(opened[1]!.path, '..'));
    const answer = await ask('/key-log?name=../keys.log', { cookie, origin: origin() }, 'POST', Buffer.from('CLIENT'));
    assert.equal(answer.status, 200);
    assert.deepEqual(
      keyLogs.map(({ name, text }) => [name, text]),
      [['keys.log', 'CLIENT']],
    );
    assert.deepEqual(readdirSync(join(opened[1]!.path, '..')), before);
    assert.equal((await ask('/key-log', { cookie }, 'GET')).status, 405);
  });

  test('what the session cannot open is said and leaves no file', async () => {
    const cookie = await enter();
    const before = readdirSync(join(opened[1]!.path, '..'));
    const answer = await ask('/upload?name=x', { cookie, origin: origin() }, 'POST', Buffer.from('damaged'));
    assert.equal(answer.status, 422);
    assert.equal(JSON.parse(answer.body).message, 'this is no capture');
    assert.deepEqual(readdirSync(join(opened[1]!.path, '..')), before);
  });

  test('more than the bound is refused, announced or not', async () => {
    const cookie = await enter();
    const headers = { cookie, origin: origin() };
    const announced = await ask(
      '/upload?name=x',
      { ...headers, 'content-length': UPLOAD_MAX + 1 },
      'POST',
      Buffer.alloc(UPLOAD_MAX + 1),
    );
    assert.equal(announced.status, 413);
    const chunked = await ask(
      '/upload?name=x',
      { ...headers, 'transfer-encoding': 'chunked' },
      'POST',
      Buffer.alloc(UPLOAD_MAX + 1),
    ).catch((error: NodeJS.ErrnoException) => ({ status: error.code }));
    // The answer may be lost when the server stops reading in the middle of the body; that is a refusal too.
    assert.ok([413, 'ECONNRESET', 'EPIPE'].includes(chunked.status!), String(chunked.status));
    const whole = await ask('/upload?name=x', headers, 'POST', Buffer.alloc(UPLOAD_MAX));
    assert.equal(whole.status, 200);
  });

  describe('files that were opened before', () => {
    interface Listed {
      token: string;
      name: string;
      sizeBytes: number;
      openedMs: number;
    }
    let other: Served;
    let cookie: string;
    const given = () => join(folder, 'given.pcapng');
    const ask2 = (path: string, method = 'GET', body?: string, headers: Record<string, string> = {}) =>
      fetch(`http://127.0.0.1:${other.port}${path}`, {
        method,
        headers: { cookie, origin: `http://127.0.0.1:${other.port}`, ...headers },
        redirect: 'manual',
        ...(body !== undefined && { body }),
      });
    const list = async () => (await (await ask2('/recent')).json()) as Listed[];
    const names = async () => (await list()).map(({ name }) => name);
    const send = (name: string, body: string) => ask2(`/upload?name=${name}`, 'POST', body);
    const uploads = () =>
      readdirSync(join(folder, 'others')).flatMap((one) => readdirSync(join(folder, 'others', one)));

    before(async () => {
      writeFileSync(given(), 'given at the start');
      other = await serve({
        backend,
        rendererDir: folder,
        uploadDir: join(folder, 'others'),
        port: 0,
        uploadMaxBytes: 1000,
        opened: [given()],
      });
      cookie = '';
      cookie = (await ask2(`/${new URL(other.newLink()).search}`)).headers.get('set-cookie')!.split(';')[0]!;
    });
    after(() => other.close());

    test('are listed by name and token, never by a path; the last one first', async () => {
      const [first] = await list();
      assert.equal(first!.name, 'given.pcapng');
      assert.equal(first!.sizeBytes, 18);
      assert.ok(Math.abs(Date.now() - first!.openedMs) < 60_000);
      assert.equal((await send('one.pcap', 'first')).status, 200);
      assert.equal((await send('two.pcap', 'second')).status, 200);
      assert.deepEqual(await names(), ['two.pcap', 'one.pcap', 'given.pcapng']);
      const text = await (await ask2('/recent')).text();
      assert.ok(!text.includes(folder) && !text.includes('upload-'), text);
    });

    test('what is sent again is listed once', async () => {
      await send('two.pcap', 'secona');
      assert.deepEqual(await names(), ['two.pcap', 'one.pcap', 'given.pcapng']);
      assert.equal(uploads().length, 2);
    });

    test('are opened again by their token, and stand first then', async () => {
      const [, one, file] = await list();
      opened = [];
      assert.equal((await ask2(`/recent?token=${one!.token}`, 'POST')).status, 200);
      assert.equal((await ask2(`/recent?token=${file!.token}`, 'POST')).status, 200);
      assert.deepEqual(
        opened.map(({ name, bytes }) => `${name}: ${bytes}`),
        ['one.pcap: first', 'given.pcapng: given at the start'],
      );
      assert.deepEqual(await names(), ['given.pcapng', 'one.pcap', 'two.pcap']);
      assert.equal((await list())[0]!.token, file!.token, 'the same file keeps its token');
    });

    test('a token that there is not, a path, and a file that is gone are refused in words', async () => {
      opened = [];
      for (const token of ['', 'x', '/etc/passwd', encodeURIComponent(given())])
        assert.equal((await ask2(`/recent?token=${token}`, 'POST')).status, 422, token);
      const [file] = await list();
      rmSync(given());
      const gone = await ask2(`/recent?token=${file!.token}`, 'POST');
      assert.equal(gone.status, 422);
      assert.match(((await gone.json()) as { message: string }).message, /not there any more/);
      assert.deepEqual(await names(), ['one.pcap', 'two.pcap']);
      assert.deepEqual(opened, []);
    });

    test('uploads are kept up to the bound of one, the oldest goes; ten files in all', async () => {
      assert.equal((await send('large.pcap', 'x'.repeat(995))).status, 200);
      assert.deepEqual(await names(), ['large.pcap', 'one.pcap'], 'five bytes are left');
      assert.equal(uploads().length, 2);
      for (let i = 0; i < 12; i++) await send(`small-${i}.pcap`, 'x');
      const kept = await names();
      assert.equal(kept.length, 10);
      assert.equal(kept[0], 'small-11.pcap');
      assert.equal(uploads().length, 10);
    });

    test('are forgotten: all but what is shown is removed', async () => {
      assert.equal((await ask2('/recent/forget', 'POST')).status, 200);
      assert.deepEqual(await list(), []);
      assert.equal(uploads().length, 1);
      await send('next.pcap', 'next');
      assert.equal(uploads().length, 1, 'nor is it kept when another takes its place');
    });

    test('are nobody else’s: no key, another origin, another method', async () => {
      assert.equal((await ask2('/recent', 'GET', undefined, { cookie: '' })).status, 401);
      assert.equal((await ask2('/recent?token=x', 'POST', undefined, { origin: 'http://127.0.0.1:1' })).status, 403);
      assert.equal((await ask2('/recent', 'PUT')).status, 405);
      assert.equal((await ask2('/recent/forget')).status, 405);
    });
  });

  test('a name is only ever shown', () => {
    assert.equal(uploadName('a/b/c.pcap'), 'c.pcap');
    assert.equal(uploadName('..\\x.pcap'), 'x.pcap');
    assert.equal(uploadName('a\u001b[31m\n.pcap'), 'a[31m.pcap');
    assert.equal(uploadName(null), 'capture');
    assert.equal(uploadName('/'), 'capture');
    assert.equal(uploadName('x'.repeat(9999)).length, 200);
  });
});

describe('the WebSocket', () => {
  function open(headers: Record<string, string>, path = '/ws'): Promise<WebSocket> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://127.0.0.1:${served.port}${path}`, { headers });
      socket.on('open', () => resolve(socket));
      socket.on('unexpected-response', (_, response) => reject(new Error(`status ${response.statusCode}`)));
      socket.on('error', reject);
    });
  }

  test('opens for our own page and carries messages', async () => {
    const socket = await open({ cookie: await enter(), origin: origin() });
    socket.send(encodeMessage({ kind: 'call', id: 7, method: 'host.info', params: { bytes: new Uint8Array([1, 2]) } }));
    const reply = await new Promise<Buffer>((resolve) => socket.once('message', (data) => resolve(data as Buffer)));
    const { id, value } = decodeMessage(new Uint8Array(reply)) as { id: number; value: { echo: { params: unknown } } };
    assert.equal(id, 7);
    assert.deepEqual(value.echo.params, { bytes: new Uint8Array([1, 2]) });
    socket.close();
  });

  test('refuses other pages, other hosts, no origin, no cookie, other paths', async () => {
    const cookie = await enter();
    await assert.rejects(open({ cookie, origin: 'https://evil.example' }), /403/);
    await assert.rejects(open({ cookie, origin: 'http://127.0.0.1:1' }), /403/);
    await assert.rejects(open({ cookie, origin: origin(), host: 'evil.example' }), /403/);
    await assert.rejects(open({ cookie, origin: 'http://evil.example', host: 'evil.example' }), /403/);
    await assert.rejects(open({ cookie }), /403/);
    await assert.rejects(open({ origin: origin() }), /401/);
    await assert.rejects(open({ cookie, origin: origin() }, '/ws/'), /404/);
    await assert.rejects(open({ cookie, origin: origin() }, '/ws?x'), /404/);
  });

  test('a message larger than any object file, text, and garbage end the connection, not the server', async () => {
    const cookie = await enter();
    for (const message of [Buffer.alloc(17 * 1024 * 1024 + 1), 'text', Buffer.from([255, 255, 255, 255, 0])]) {
      const socket = await open({ cookie, origin: origin() });
      socket.on('error', () => {});
      const closed = new Promise<number>((resolve) => socket.once('close', resolve));
      socket.send(message);
      assert.ok([1009, 4002].includes(await closed));
    }
    (await open({ cookie, origin: origin() })).close();
  });

  test('more clients than a person has windows are refused', async () => {
    const cookie = await enter();
    const sockets: WebSocket[] = [];
    for (let i = 0; i < 16; i++) sockets.push(await open({ cookie, origin: origin() }));
    await assert.rejects(open({ cookie, origin: origin() }), /503/);
    await Promise.all(
      sockets.map((socket) => {
        const closed = new Promise((resolve) => socket.once('close', resolve));
        socket.close();
        return closed;
      }),
    );
  });
});

describe('start and end', () => {
  test('a taken port, and a window that is not built, are said in words', async () => {
    await assert.rejects(serve({ backend, rendererDir: folder, uploadDir: folder, port: served.port }), {
      code: 'EADDRINUSE',
      message: /something else listens there/,
    });
    await assert.rejects(serve({ backend, rendererDir: join(folder, 'none'), uploadDir: folder, port: 0 }), {
      message: /not built/,
    });
  });

  test('closing ends every connection and removes uploads', async () => {
    const second = await serve({ backend, rendererDir: folder, uploadDir: folder, port: 0 });
    const other = (path: string, headers: OutgoingHttpHeaders = {}, method = 'GET', body?: string) =>
      fetch(`http://127.0.0.1:${second.port}${path}`, {
        method,
        headers: headers as Record<string, string>,
        redirect: 'manual',
        ...(body ? { body } : {}),
      });
    const key = (await other(new URL(second.newLink()).search ? `/${new URL(second.newLink()).search}` : '/')).headers
      .get('set-cookie')!
      .split(';')[0]!;
    opened = [];
    await other('/upload?name=a', { cookie: key, origin: `http://127.0.0.1:${second.port}` }, 'POST', 'data');
    const socket = new WebSocket(`ws://127.0.0.1:${second.port}/ws`, {
      headers: { cookie: key, origin: `http://127.0.0.1:${second.port}` },
    });
    await new Promise((resolve) => socket.once('open', resolve));
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    await second.close();
    assert.equal(await closed, 1001);
    assert.equal(existsSync(opened[0]!.path), false);
    assert.equal(existsSync(join(opened[0]!.path, '..')), false);
  });
});
