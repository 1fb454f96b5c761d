/** What goes through `xdpeek serve`: exports and uploads, what is refused of them, and what is remembered. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Served, serve } from '../../electron/serve/server.ts';
import { uploadName } from '../../electron/serve/upload.ts';
import { ask, backend, enter, folder, origin, seen, served, UPLOAD_MAX } from '../fixtures/serving.ts';

describe('exports', () => {
  const wanted = { packets: { of: 'filter', filter: 'tcp && ip.addr == 10.0.0.1' }, format: 'pcap', packing: 'gz' };
  const path = (what: unknown, name = 'a b.pcap.gz') =>
    `/export?what=${encodeURIComponent(JSON.stringify(what))}&name=${encodeURIComponent(name)}`;

  test('chosen packets are a download by the name that was asked for', async () => {
    const cookie = await enter();
    const answer = await ask(path(wanted), { cookie });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-disposition'], "attachment; filename*=UTF-8''a%20b.pcap.gz");
    assert.equal(answer.body, `a b.pcap.gz: ${JSON.stringify(wanted)}`);
    assert.match((await ask(path(wanted, '../../x\r\ny'), { cookie })).headers['content-disposition'] ?? '', /''xy$/);
  });

  test('without a key, with what makes no sense, or with nothing chosen there is none', async () => {
    assert.equal((await ask(path(wanted))).status, 401);
    const cookie = await enter();
    for (const what of [7, {}, { ...wanted, format: 'exe' }, { ...wanted, path: '/etc/passwd' }])
      assert.equal((await ask(path(what), { cookie })).status, 400, JSON.stringify(what));
    assert.equal((await ask('/export?what={', { cookie })).status, 400);
    const none = await ask(path({ ...wanted, packets: { of: 'marked' } }), { cookie });
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
    seen.opened = [];
    assert.equal((await put('name=a.pcap&at=0&of=2', 'first')).status, 200);
    assert.deepEqual(seen.opened, []);
    assert.equal((await put('name=b.pcap&at=1&of=2', 'second')).status, 200);
    assert.deepEqual(
      seen.opened.map(({ name, bytes }) => `${name} ${bytes}`),
      ['a.pcap first', 'b.pcap second'],
    );
    await put('name=a.pcap&at=0&of=3', 'first');
    assert.equal((await put('name=c.pcap&at=2&of=3', 'third')).status, 422);
    await put('name=a.pcap&at=0&of=2', 'first');
    assert.equal((await put('name=b.pcap&at=1&of=2', 'damaged')).status, 422);
    for (const query of ['at=1&of=1', 'at=-1&of=1', 'at=0&of=65', 'at=x&of=1'])
      assert.equal((await put(query, 'x')).status, 422, query);
    const [folderOf] = seen.opened.map(({ path }) => join(path, '..'));
    assert.equal(readdirSync(folderOf!).length, 2, 'only those that were opened are kept');
  });

  test('who comes while a file of a group is on its way is told to wait, and the group is opened whole', async () => {
    const cookie = await enter();
    const headers = { cookie, origin: origin() };
    seen.opened = [];
    await ask('/upload?name=a.pcap&at=0&of=2', headers, 'POST', Buffer.from('first'));
    const options = { host: '127.0.0.1', port: served.port, path: '/upload?name=b.pcap&at=1&of=2', method: 'POST' };
    const slow = request({ ...options, headers, agent: false });
    const answered = once(slow, 'response');
    slow.write('sec');
    let other = await ask('/key-log?name=k', headers, 'POST', Buffer.from('CLIENT'));
    for (const until = Date.now() + 5000; other.status === 200 && Date.now() < until; )
      other = await ask('/key-log?name=k', headers, 'POST', Buffer.from('CLIENT'));
    assert.equal(other.status, 409, 'the file is on its way');
    assert.equal((await ask('/upload?name=c.pcap', headers, 'POST', Buffer.from('third'))).status, 409);
    slow.end('ond');
    const [answer] = (await answered) as [IncomingMessage];
    assert.equal(answer.statusCode, 200);
    answer.resume();
    assert.deepEqual(
      seen.opened.map(({ name, bytes }) => `${name} ${bytes}`),
      ['a.pcap first', 'b.pcap second'],
    );
  });

  test('a folder for them that is a link to somewhere else is not used', async () => {
    const elsewhere = join(folder, 'elsewhere');
    mkdirSync(elsewhere);
    symlinkSync(elsewhere, join(folder, 'a-link'));
    const other = await serve({ backend, rendererDir: folder, uploadDir: join(folder, 'a-link'), port: 0 });
    try {
      const own = `http://127.0.0.1:${other.port}`;
      const entered = await fetch(other.newLink(), { redirect: 'manual' });
      const headers = { cookie: entered.headers.get('set-cookie')!.split(';')[0]!, origin: own };
      const answer = await fetch(`${own}/upload?name=a.pcap`, { method: 'POST', body: 'first', headers });
      assert.equal(answer.status, 422);
      assert.match(await answer.text(), /a-link is not a folder of this user/);
      assert.deepEqual(readdirSync(elsewhere), []);
    } finally {
      await other.close();
    }
  });

  test('a body becomes a 0600 file that the session opens, one at a time', async () => {
    const cookie = await enter();
    seen.opened = [];
    const send = (name: string, body: string) =>
      ask(`/upload?name=${encodeURIComponent(name)}`, { cookie, origin: origin() }, 'POST', Buffer.from(body));
    assert.equal((await send('one.pcapng', 'first')).status, 200);
    assert.equal((await send('../../etc/two.pcap', 'second')).status, 200);
    assert.deepEqual(
      seen.opened.map(({ name, mode, bytes }) => [name, mode, bytes.toString()]),
      [
        ['one.pcapng', 0o600, 'first'],
        ['two.pcap', 0o600, 'second'],
      ],
    );
    assert.equal(statSync(join(seen.opened[1]!.path, '..')).mode & 0o777, 0o700);
  });

  test('a key log is handed on and removed, the capture stays', async () => {
    const cookie = await enter();
    const before = readdirSync(join(seen.opened[1]!.path, '..'));
    const answer = await ask('/key-log?name=../keys.log', { cookie, origin: origin() }, 'POST', Buffer.from('CLIENT'));
    assert.equal(answer.status, 200);
    assert.deepEqual(
      seen.keyLogs.map(({ name, text }) => [name, text]),
      [['keys.log', 'CLIENT']],
    );
    assert.deepEqual(readdirSync(join(seen.opened[1]!.path, '..')), before);
    assert.equal((await ask('/key-log', { cookie }, 'GET')).status, 405);
  });

  test('what the session cannot open is said and leaves no file', async () => {
    const cookie = await enter();
    const before = readdirSync(join(seen.opened[1]!.path, '..'));
    const answer = await ask('/upload?name=x', { cookie, origin: origin() }, 'POST', Buffer.from('damaged'));
    assert.equal(answer.status, 422);
    assert.equal(JSON.parse(answer.body).message, 'this is no capture');
    assert.deepEqual(readdirSync(join(seen.opened[1]!.path, '..')), before);
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
      seen.opened = [];
      assert.equal((await ask2(`/recent?token=${one!.token}`, 'POST')).status, 200);
      assert.equal((await ask2(`/recent?token=${file!.token}`, 'POST')).status, 200);
      assert.deepEqual(
        seen.opened.map(({ name, bytes }) => `${name}: ${bytes}`),
        ['one.pcap: first', 'given.pcapng: given at the start'],
      );
      assert.deepEqual(await names(), ['given.pcapng', 'one.pcap', 'two.pcap']);
      assert.equal((await list())[0]!.token, file!.token, 'the same file keeps its token');
    });

    test('a token that there is not, a path, and a file that is gone are refused in words', async () => {
      seen.opened = [];
      for (const token of ['', 'x', '/etc/passwd', encodeURIComponent(given())])
        assert.equal((await ask2(`/recent?token=${token}`, 'POST')).status, 422, token);
      const [file] = await list();
      rmSync(given());
      const gone = await ask2(`/recent?token=${file!.token}`, 'POST');
      assert.equal(gone.status, 422);
      assert.match(((await gone.json()) as { message: string }).message, /not there any more/);
      assert.deepEqual(await names(), ['one.pcap', 'two.pcap']);
      assert.deepEqual(seen.opened, []);
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
