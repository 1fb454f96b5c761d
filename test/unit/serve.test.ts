/**
 * The doors of `xdpeek serve`, over real sockets: what gets in, and each thing that is refused. The backend is a stub that
 * records what reaches it; the real session behind the same server is in test/netns/cli-serve.test.ts.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { OutgoingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { serve } from '../../electron/serve/server.ts';
import { PARAMS } from '../../electron/session/params.ts';
import { decodeMessage, encodeMessage } from '../../electron/shared/message-codec.ts';
import { ask, backend, CAPTURE, enter, folder, origin, seen, served } from '../fixtures/serving.ts';

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
    seen.hasCapture = false;
    assert.equal((await ask('/capture.pcapng', { cookie })).status, 404);
    seen.hasCapture = true;
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

describe('a viewer', () => {
  async function asViewer(): Promise<string> {
    const answer = await ask(served.newLink('viewer').slice(origin().length));
    return answer.headers['set-cookie']![0]!.split(';')[0]!;
  }

  test('sees the page and downloads the capture, and can send nothing', async () => {
    const cookie = await asViewer();
    assert.equal((await ask('/', { cookie })).status, 200);
    assert.equal((await ask('/capture.pcapng', { cookie })).body, CAPTURE.toString());
    seen.opened = [];
    for (const path of ['/upload?name=a', '/key-log?name=a', '/recent?token=x', '/recent/forget']) {
      const answer = await ask(path, { cookie, origin: origin() }, 'POST', Buffer.from('x'));
      assert.equal(answer.status, 403, path);
      assert.match(JSON.parse(answer.body).message, /for looking at the capture only/);
    }
    assert.deepEqual(seen.opened, []);
  });

  test('asks what reads; nothing that attaches, detaches, writes or starts anything reaches the session', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${served.port}/ws`, {
      headers: { cookie: await asViewer(), origin: origin() },
    });
    await once(socket, 'open');
    const reached: unknown[] = [];
    seen.messages = reached;
    let id = 0;
    const call = async (kind: string, what: object): Promise<{ kind: string; value?: unknown; error?: unknown }> => {
      socket.send(encodeMessage({ kind, id: ++id, ...what }));
      const [data] = (await once(socket, 'message')) as [Buffer];
      return decodeMessage(new Uint8Array(data)) as { kind: string; value?: unknown; error?: unknown };
    };
    const names = Object.keys(PARAMS);
    assert.ok(names.length > 60, `${names.length} methods`);
    const allowed: string[] = [];
    for (const method of names) {
      const { kind, error } = await call('call', { method, params: {} });
      if (kind === 'result') allowed.push(method);
      else assert.equal((error as { code: string }).code, 'EPERM', method);
    }
    assert.deepEqual(
      reached.map((message) => (message as { method: string }).method),
      allowed,
    );
    const changes =
      /\.(start|stop|clear|filter|mark|reference|comment|set|delete|push|pop|attach\w*|detach\w*|load\w*|open|pin|unpin|cancel)$/;
    assert.deepEqual(
      allowed.filter(
        (method) =>
          changes.test(method) ||
          /^(maps|programs|links|attachments|pins|objects|code|library|run|monitor|trace|xsk)/.test(method),
      ),
      [],
    );
    assert.ok(allowed.includes('packets.rows') && allowed.includes('analysis.follow'));
    // What it is told of this host offers it nothing either.
    for (const [kind, what] of [
      ['call', { method: 'host.info', params: {} }],
      ['subscribe', { topic: 'host' }],
    ] as const) {
      const { value } = await call(kind, what);
      assert.equal((value as { privilege: { state: string } }).privilege.state, 'refused', kind);
    }
    for (const what of [
      { kind: 'call', id: 1 },
      { kind: 'call', id: 2, method: ['packets.rows'] },
      { kind: 'other', id: 3 },
    ])
      socket.send(encodeMessage(what));
    socket.close();
    seen.messages = undefined;
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
    seen.opened = [];
    await other('/upload?name=a', { cookie: key, origin: `http://127.0.0.1:${second.port}` }, 'POST', 'data');
    const socket = new WebSocket(`ws://127.0.0.1:${second.port}/ws`, {
      headers: { cookie: key, origin: `http://127.0.0.1:${second.port}` },
    });
    await new Promise((resolve) => socket.once('open', resolve));
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    await second.close();
    assert.equal(await closed, 1001);
    assert.equal(existsSync(seen.opened[0]!.path), false);
    assert.equal(existsSync(join(seen.opened[0]!.path, '..')), false);
  });
});
