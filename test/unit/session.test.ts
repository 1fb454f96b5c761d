/** The session without a kernel: files opened, questions checked, clients that are not ours. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { pcapHeader, pcapRecord } from '../../electron/packets/pcap/writer.ts';
import { checkCall, checkTopic } from '../../electron/session/params.ts';
import { createSession } from '../../electron/session/session.ts';
import type { ClientMessage, ServerMessage } from '../../electron/shared/backend-messages.ts';
import { memoryPair } from '../../electron/transport/memory.ts';
import {
  BASE_NS,
  captureFile,
  HEADER,
  inFolder,
  layout,
  packetBlock,
  udpFrame,
  until,
  withSession,
} from '../fixtures/session.ts';

test('a pcapng file: rows, details, flows, charts, saved again byte for byte', () =>
  withSession(async (session, folder) => {
    const file = path.join(folder, 'x.pcapng');
    const bytes = captureFile(3000);
    writeFileSync(file, bytes);
    await session.openFile(file);
    const api = session.api();
    const listener: number[] = [];
    api.subscribe('status', ({ stored }) => listener.push(stored));
    await until('it is read', () => session.status().state === 'stopped');
    await until('it is counted', () => session.status().flowCount === 3);
    const status = await api.call('capture.status', {});
    assert.deepEqual(
      [status.source, status.stored, status.fileName, status.fileBytes],
      ['file', 3000, 'x.pcapng', bytes.length],
    );
    assert.equal(status.startedNs, BASE_NS.toString());
    const window = await api.call('packets.rows', { start: 2990, count: 100 });
    assert.deepEqual([window.total, window.rows.length, window.rows[9]?.number], [3000, 10, 3000]);
    const { source, destination, verdict, direction, timeNs } = window.rows[9]!;
    assert.deepEqual(
      [source, destination, verdict, direction, timeNs],
      ['10.0.0.2', '10.0.0.200', 'pass', 'in', 2_999_000_000],
    );
    const detail = await api.call('packets.detail', { number: 2 });
    assert.deepEqual([...detail.bytes], [...udpFrame(1)]);
    assert.equal(detail.epochNs, (BASE_NS + 1_000_000n).toString());
    assert.ok(detail.layers.some(({ name }) => name === 'udp'));
    await assert.rejects(api.call('packets.detail', { number: 3001 }), { code: 'ENOENT', message: /3001/ });
    const { flows } = await api.call('flows.rows', { sort: 'source', descending: true, start: 0, count: 10 });
    assert.deepEqual(
      flows.map((flow) => [
        flow.source,
        flow.sourcePort,
        flow.destinationPort,
        flow.packets,
        flow.bytes,
        flow.interfaceName,
      ]),
      [2, 1, 0].map((x) => [`10.0.0.${x}`, 1000 + x, 99, 1000, 60_000, 'eth0']),
    );
    const chart = await api.call('series.get', { by: 'protocol', seconds: 900, points: 300 });
    const counted = chart.pps[0]!.reduce((sum, pps) => sum + (pps * chart.stepMs) / 1000, 0);
    assert.deepEqual(chart.keys, ['udp']);
    assert.ok(Math.abs(counted - 3000) < 1, `${counted} packets under the curve`);
    const { byVerdict, bySize } = await api.call('stats.get', {});
    assert.equal(byVerdict.find(({ key }) => key === 'pass')?.packets, 3000);
    assert.equal(bySize[0]?.packets, 3000);
    const out = path.join(folder, 'saved.pcapng');
    writeFileSync(out, 'older');
    await session.saveCapture(out);
    assert.deepEqual(readFileSync(out), bytes);
    assert.equal(statSync(out).mode & 0o777, 0o600);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name.startsWith('.')),
      [],
    );
    const stream = new PassThrough();
    const chunks: Buffer[] = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    await session.saveCapture(stream);
    assert.deepEqual(Buffer.concat(chunks), bytes);
    assert.equal((await api.call('capture.clear', {})).source, 'none');
    assert.equal(session.hasCapture(), false);
    await assert.rejects(session.saveCapture(out), { code: 'ENOENT' });
  }));

test('a pcap file opens, and is saved as pcapng', () =>
  withSession(async (session, folder) => {
    const file = path.join(folder, 'x.pcap');
    const records = Array.from({ length: 10 }, (_, n) => pcapRecord(BASE_NS + BigInt(n), 60, udpFrame(n)));
    writeFileSync(file, Buffer.concat([pcapHeader(1), ...records]));
    await session.openFile(file, 'shown name');
    await until('it is read', () => session.status().state === 'stopped');
    assert.equal(session.status().fileName, 'shown name');
    const out = path.join(folder, 'out.pcapng');
    await session.saveCapture(out);
    await session.openFile(out);
    await until('it is read', () => session.status().state === 'stopped');
    assert.equal(session.status().stored, 10);
    assert.equal((await session.api().call('packets.detail', { number: 10 })).epochNs, (BASE_NS + 9n).toString());
  }));

test('damage is shown, what came before it can be used; what is no capture leaves the present one', () =>
  withSession(async (session, folder) => {
    const file = path.join(folder, 'cut.pcapng');
    writeFileSync(file, captureFile(50).subarray(0, -7));
    await session.openFile(file);
    await until('it is read', () => session.status().state === 'stopped');
    assert.equal(session.status().stored, 49);
    assert.equal(session.status().error?.code, 'DAMAGED');
    assert.match(session.status().error!.message, /cut\.pcapng is damaged at byte \d+/);
    const before = session.status();
    const text = path.join(folder, 'notes.txt');
    writeFileSync(text, 'no capture at all, but long enough to be looked at');
    await assert.rejects(session.openFile(text), {
      code: 'FORMAT',
      message: /notes\.txt cannot be opened: this is not a pcap/,
    });
    writeFileSync(text, '');
    await assert.rejects(session.openFile(text), { code: 'FORMAT', message: /empty/ });
    await assert.rejects(session.openFile(path.join(folder, 'none')), { code: 'ENOENT' });
    await assert.rejects(session.openFile(folder), { code: 'EINVAL', message: /not a file/ });
    assert.deepEqual(session.status(), before);
  }));

test('a big file: the event loop is never held for long, and the session can be closed in the middle', () =>
  inFolder(async (folder) => {
    const file = path.join(folder, 'big.pcapng');
    const block = Buffer.concat(Array.from({ length: 1000 }, (_, n) => packetBlock(n)));
    writeFileSync(file, Buffer.concat([HEADER, ...Array.from({ length: 300 }, () => block)]));
    const session = createSession({ host: 'cli', version: 'test', layout });
    await session.openFile(file);
    let longest = 0;
    // The CPU time of this thread from one timer to the next: what others do on this machine does not count.
    let last = process.threadCpuUsage();
    const timer = setInterval(() => {
      const { user, system } = process.threadCpuUsage(last);
      longest = Math.max(longest, (user + system) / 1000);
      last = process.threadCpuUsage();
    }, 1);
    await until('it is read', () => session.status().state === 'stopped');
    assert.equal(session.status().stored, 300_000);
    clearInterval(timer);
    assert.ok(longest < 100, `the loop was held for ${longest} ms of CPU`);
    await session.close();
    await assert.rejects(session.openFile(file), { code: 'CLOSED' });
  }));

test('calls are checked: unknown methods, members and topics, and numbers out of range', () => {
  assert.deepEqual(checkCall('packets.rows', { start: 0, count: 1000 }).params, { start: 0, count: 1000 });
  for (const [method, params] of [
    ['nothing', {}],
    ['__proto__', {}],
    ['packets.rows', { start: -1, count: 1 }],
    ['packets.rows', { start: 0, count: 1001 }],
    ['packets.rows', { start: 0, count: 1, path: '/etc/shadow' }],
    ['packets.detail', { number: 0 }],
    ['packets.detail', { number: '1' }],
    ['series.get', { by: 'verdict', seconds: 60, points: 301 }],
    ['flows.rows', { sort: 'constructor', descending: true, start: 0, count: 1 }],
    ['flows.rows', { sort: 'bytes', descending: true, start: 0, count: 1, search: 'x'.repeat(201) }],
    ['top.get', { count: 101 }],
    ['capture.start', { targets: [{ ifname: '../x', hook: 'xdp' }] }],
    ['host.info', null],
  ] as const)
    assert.throws(() => checkCall(method, params), { code: 'USAGE' }, JSON.stringify([method, params]).slice(0, 80));
  assert.throws(() => checkTopic('packets'), { code: 'USAGE' });
});

test('whatever a client sends is answered or ignored; the session and other clients go on', () =>
  withSession(async (session) => {
    const [server, hostile] = memoryPair<ClientMessage, ServerMessage>();
    session.connect(server);
    const answers: ServerMessage[] = [];
    hostile.onMessage((message) => answers.push(message));
    const junk: unknown[] = [
      null,
      7,
      'x',
      [],
      {},
      { id: 1 },
      { id: 'x', kind: 'call', method: 'host.info' },
      { id: 2, kind: '__proto__' },
    ];
    junk.push(
      { id: 3, kind: 'call', method: 7 },
      { id: 4, kind: 'subscribe', topic: 'nothing' },
      { id: 5, kind: 'unsubscribe' },
    );
    junk.push({ id: 6, kind: 'call', method: 'capture.start', params: { targets: 'all' } });
    for (let id = 100; id < 200; id++) junk.push({ id, kind: 'subscribe', topic: 'status' });
    for (const message of junk) hostile.send(message as ClientMessage);
    await until('answers', () => answers.length >= 100);
    const errors = answers.filter(({ kind }) => kind === 'error').map(({ id }) => id);
    for (const id of [1, 2, 3, 4, 6]) assert.ok(errors.includes(id), `message ${id} is refused`);
    assert.equal(answers.filter(({ kind }) => kind === 'topic').length, 32, 'subscriptions have their bound');
    assert.equal((await session.api().call('capture.status', {})).state, 'idle');
    hostile.close();
  }));

test('of several questions about a window the newest is answered first, and all are', () =>
  withSession(async (session) => {
    const api = session.api();
    const order: number[] = [];
    await Promise.all(
      [1, 2, 3].map((start) =>
        api.call('packets.rows', { start, count: 1 }).then((window) => order.push(window.start)),
      ),
    );
    assert.deepEqual(order, [3, 2, 1]);
  }));
