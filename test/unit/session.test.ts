/** The session's parts that need no kernel: how privileged is reached, files, charts, flow tables, parameters. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import {
  enhancedPacket,
  interfaceDescription,
  pcapHeader,
  pcapRecord,
  sectionHeader,
} from '../../electron/packets/pcap/writer.ts';
import { BlockFile } from '../../electron/session/files/block-file.ts';
import { firstPacketNs, wholeBlocks } from '../../electron/session/files/blocks.ts';
import { createSpool } from '../../electron/session/files/spool.ts';
import { FlowColumns, KEY, KEY_WORDS, kindWord, portsWord } from '../../electron/session/measures/flow-columns.ts';
import { FlowTable } from '../../electron/session/measures/flow-table.ts';
import { decodeFlows, LiveMeasures } from '../../electron/session/measures/live-measures.ts';
import { Timeline } from '../../electron/session/measures/timeline.ts';
import { topLists } from '../../electron/session/measures/top.ts';
import { checkCall, checkTopic } from '../../electron/session/params.ts';
import { exitReason } from '../../electron/session/privileged/exit-reason.ts';
import { PrivilegedClient } from '../../electron/session/privileged/privileged-client.ts';
import { directPlan, isCapable, PKEXEC, pkexecPlan } from '../../electron/session/privileged/spawn-plan.ts';
import { createSession, type Session } from '../../electron/session/session.ts';
import { COUNTER_BYTES, FLOW, FLOW_RECORD_BYTES, STATS_BYTES, STATS_GROUPS } from '../../electron/shared/abi.ts';
import type { FlowSortKey } from '../../electron/shared/api.ts';
import type { ClientMessage, ServerMessage } from '../../electron/shared/backend-messages.ts';
import { memoryPair } from '../../electron/transport/memory.ts';

const layout = {
  dist: '/nonexistent/dist',
  node: process.execPath,
  launchers: {
    capture: '/usr/lib/xdpeek/xdpeek-privileged-capture',
    workbench: '/usr/lib/xdpeek/xdpeek-privileged-workbench',
  },
};

async function inFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'xc-'));
  try {
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function withSession<T>(body: (session: Session, folder: string) => Promise<T>): Promise<T> {
  return inFolder(async (folder) => {
    const session = createSession({ host: 'cli', version: 'test', spoolDir: path.join(folder, 'spool'), layout });
    try {
      return await body(session, folder);
    } finally {
      await session.close();
    }
  });
}

const BASE_NS = 1_700_000_000_000_000_000n;

/** A UDP frame from 10.0.0.x port 1000+x to 10.0.0.200 port 53. */
function udpFrame(x: number): Uint8Array {
  const frame = new Uint8Array(60);
  frame.set([
    2,
    0,
    0,
    0,
    0,
    1,
    2,
    0,
    0,
    0,
    0,
    2,
    8,
    0,
    0x45,
    0,
    0,
    46,
    0,
    0,
    0,
    0,
    64,
    17,
    0,
    0,
    10,
    0,
    0,
    x,
    10,
    0,
    0,
    200,
  ]);
  frame.set([(1000 + x) >> 8, (1000 + x) & 255, 0, 99, 0, 26], 34);
  return frame;
}
const packetBlock = (n: number, stepNs = 1_000_000n) =>
  enhancedPacket({
    interfaceId: 0,
    epochNs: BASE_NS + BigInt(n) * stepNs,
    wireLen: 60,
    bytes: udpFrame(n % 3),
    xdpVerdict: 2,
    direction: 1,
  });
const HEADER = Buffer.concat([sectionHeader(), interfaceDescription({ linkType: 1, name: 'eth0' })]);
const captureFile = (count: number) =>
  Buffer.concat([HEADER, ...Array.from({ length: count }, (_, n) => packetBlock(n))]);

async function until(what: string, condition: () => boolean): Promise<void> {
  for (let left = 500; !condition(); left--) {
    assert.ok(left > 0, what);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

// How privileged is reached.

test('who is capable: root by its effective set, others by ambient capabilities only', () => {
  const all = '000001ffffffffff';
  const none = '0000000000000000';
  const status = (eff: string, amb: string) => `Name:\tx\nCapInh:\t${none}\nCapEff:\t${eff}\nCapAmb:\t${amb}\n`;
  assert.equal(isCapable(status(all, none), 0), true);
  assert.equal(isCapable(status(none, none), 0), false);
  assert.equal(isCapable(status(all, none), 1000), false, 'lost at exec');
  assert.equal(isCapable(status(none, all), 1000), true);
  const bit = (...caps: number[]) =>
    caps
      .reduce((set, cap) => set | (1n << BigInt(cap)), 0n)
      .toString(16)
      .padStart(16, '0');
  assert.equal(isCapable(status(bit(12, 38, 39), none), 0), true, 'NET_ADMIN, PERFMON, BPF');
  assert.equal(isCapable(status(bit(12, 21), none), 0), true, 'NET_ADMIN, SYS_ADMIN');
  assert.equal(isCapable(status(bit(38, 39), none), 0), false, 'without NET_ADMIN');
  assert.equal(isCapable('nothing of the kind', 0), false);
});

test('plans: directly with an empty environment; by pkexec and the pinned launcher, or why not', () => {
  const direct = directPlan(layout, 'capture');
  assert.deepEqual(direct.args, ['/nonexistent/dist/privileged/main.mjs', '--role', 'capture']);
  assert.deepEqual(direct.env, {});
  for (const role of ['capture', 'workbench'] as const) {
    const asked = pkexecPlan(layout, role, () => true);
    assert.ok('via' in asked);
    assert.deepEqual([asked.file, asked.args], [PKEXEC, [layout.launchers[role]]]);
  }
  const noPkexec = pkexecPlan(layout, 'capture', (file) => file !== PKEXEC);
  const noLauncher = pkexecPlan(layout, 'workbench', (file) => file === PKEXEC);
  for (const plan of [noPkexec, noLauncher]) {
    assert.ok('code' in plan && plan.code === 'PKEXEC_MISSING' && plan.hint);
  }
});

const via = (script: string, how: 'direct' | 'pkexec' = 'pkexec') =>
  PrivilegedClient.start({ via: how, file: '/bin/sh', args: ['-c', script], env: {}, detached: true });

for (const [what, script, how, code, words] of [
  ['dismissed', 'exit 126', 'pkexec', 'AUTH_DISMISSED', /dismissed/],
  ['refused', 'echo "Not authorized" >&2; exit 127', 'pkexec', 'AUTH_REFUSED', /refused: Not authorized/],
  [
    'without an agent',
    'echo "Error executing command as another user: No authentication agent found." >&2; exit 127',
    'pkexec',
    'AUTH_NO_AGENT',
    /no polkit authentication agent/,
  ],
  [
    'failing at its start',
    'echo "xdpeek-privileged: the addon is missing" >&2; exit 1',
    'direct',
    'PRIVILEGED_FAILED',
    /could not start \(status 1\): the addon is missing/,
  ],
  ['killed before hello', 'kill -9 $$', 'direct', 'PRIVILEGED_GONE', /killed by SIGKILL/],
  [
    'not speaking the protocol',
    'echo hello there, world; exec sleep 10',
    'direct',
    'FRAME_MAGIC',
    /cannot be understood/,
  ],
] as const)
  test(`a privileged process ${what} is told as ${code}`, async () => {
    const from = performance.now();
    await assert.rejects(via(script, how), { code, message: words });
    assert.ok(performance.now() - from < 2000);
  });

test('a program that is not there is told as such', async () => {
  const plan = { ...directPlan(layout, 'capture'), file: '/nonexistent/node' };
  await assert.rejects(PrivilegedClient.start(plan), { code: 'PRIVILEGED_FAILED', message: /nonexistent\/node/ });
});

test('after hello, 126 and 127 are statuses like any other', () => {
  const { code } = exitReason({ via: 'pkexec' }, { code: 127, signal: null, lastLine: '', greeted: true });
  assert.equal(code, 'PRIVILEGED_GONE');
});

// Files.

test('walking blocks: whole ones only, as many packets as wanted, never past a broken length', () => {
  const bytes = captureFile(5);
  const block = packetBlock(0).length;
  assert.deepEqual(wholeBlocks(bytes), { bytes: bytes.length, packets: 5, wireBytes: 300 });
  assert.deepEqual(wholeBlocks(bytes, bytes.length, 2), {
    bytes: HEADER.length + 2 * block,
    packets: 2,
    wireBytes: 120,
  });
  assert.deepEqual(wholeBlocks(bytes, bytes.length - 1), { bytes: bytes.length - block, packets: 4, wireBytes: 240 });
  assert.deepEqual(wholeBlocks(bytes, bytes.length, 0), { bytes: HEADER.length, packets: 0, wireBytes: 0 });
  const broken = Buffer.from(bytes);
  broken.writeUInt32LE(3, HEADER.length + 4);
  assert.deepEqual(wholeBlocks(broken), { bytes: HEADER.length, packets: 0, wireBytes: 0 });
  assert.equal(firstPacketNs(bytes), BASE_NS);
  assert.equal(firstPacketNs(HEADER), undefined);
});

test('a block file is new, 0600, in order, and never goes through a link', () =>
  inFolder(async (folder) => {
    const file = path.join(folder, 'a.pcapng');
    const out = await BlockFile.create(file);
    const pieces = Array.from({ length: 700 }, (_, n) => packetBlock(n));
    const written = await Promise.all(pieces.map((piece) => out.append(piece, 1)));
    await out.close();
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readFileSync(file), Buffer.concat(pieces));
    assert.deepEqual(written[3], { offset: 3 * pieces[0]!.length, bytes: pieces[3]!.length, packets: 1 });
    await assert.rejects(BlockFile.create(file), { code: 'EEXIST', hint: /name/ });
    symlinkSync(file, path.join(folder, 'link'));
    await assert.rejects(BlockFile.replace(path.join(folder, 'link')), { code: 'ELOOP' });
    await assert.rejects(BlockFile.create(path.join(folder, 'link')), { code: 'EEXIST' });
    await assert.rejects(BlockFile.replace(folder), { code: 'EISDIR' });
    await assert.rejects(BlockFile.replace(path.join(folder, 'no/file')), { code: 'ENOENT' });
    await (await BlockFile.replace(file)).close();
    assert.equal(statSync(file).size, 0);
  }));

test('a device that is full: nothing is claimed to be written, the reason is kept', async () => {
  const out = await BlockFile.replace('/dev/full');
  assert.deepEqual(await out.append(packetBlock(0), 1), { offset: 0, bytes: 0, packets: 0 });
  assert.equal(out.failed?.code, 'ENOSPC');
  assert.deepEqual(await out.append(packetBlock(1), 1), { offset: 0, bytes: 0, packets: 0 });
  await out.close();
});

test('the spool folder is private, its names are not to be guessed', () =>
  inFolder(async (folder) => {
    const dir = path.join(folder, 'deep/er');
    const [a, b] = [await createSpool(dir), await createSpool(dir)];
    assert.equal(statSync(dir).mode & 0o777, 0o700);
    assert.notEqual(a.path, b.path);
    assert.match(path.basename(a.path), /^capture-[\w-]{12}\.pcapng$/);
    symlinkSync(dir, path.join(folder, 'link'));
    await assert.rejects(createSpool(path.join(folder, 'link')), { code: 'EPERM' });
    await a.close();
    await b.close();
  }));

// Opened files.

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
    let last = performance.now();
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 1);
    await until('it is read', () => session.status().state === 'stopped');
    assert.equal(session.status().stored, 300_000);
    clearInterval(timer);
    assert.ok(longest < 100, `the loop was held for ${longest} ms`);
    await session.close();
    await assert.rejects(session.openFile(file), { code: 'CLOSED' });
  }));

// Parameters.

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

// A client that is not ours.

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

// Measures.

test('a chart holds exactly what was counted, however the samples fell', () => {
  const timeline = new Timeline(['a', 'b'], 100, 250);
  const startMs = 1_700_000_000_000;
  let total = 0;
  for (let index = 0, ms = startMs; index < 60; index++) {
    timeline.push(ms, [total, 0], [total * 100, 0]);
    ms += 200 + ((index * 37) % 100);
    total += 10 + ((index * 13) % 7);
  }
  for (const [seconds, points] of [
    [60, 300],
    [60, 20],
    [900, 300],
  ] as const) {
    const { keys, pps, timeMs, stepMs, bitsPerSecond } = timeline.chart(seconds, points, true);
    assert.deepEqual(keys, ['a'], 'b never counted anything');
    assert.ok(timeMs.length <= points && stepMs % 250 === 0 && timeMs.every((ms) => ms % stepMs === 0));
    const sum = pps[0]!.reduce((all, value) => all + (value * stepMs) / 1000, 0);
    const bits = bitsPerSecond[0]!.reduce((all, value) => all + (value * stepMs) / 1000, 0);
    const counted = total - (10 + ((59 * 13) % 7));
    assert.ok(Math.abs(sum - counted) < 1e-6 && Math.abs(bits - counted * 800) < 1e-3, `${sum} of ${counted}`);
  }
});

test('the timeline is a ring; an empty or short one gives an empty chart', () => {
  const timeline = new Timeline(['a'], 4, 1000);
  assert.deepEqual(timeline.chart(60, 60).timeMs, []);
  for (let second = 0; second < 50; second++) timeline.push(second * 1000, [second * 5], [0]);
  const { timeMs, pps } = timeline.chart(60, 60);
  assert.deepEqual(timeMs, [46_000, 47_000, 48_000]);
  assert.deepEqual(pps[0], [5, 5, 5]);
});

test('flow columns find what they hold, through growth', () => {
  const flows = new FlowColumns();
  const key = new Uint32Array(KEY_WORDS);
  const count = 20_000;
  for (let index = 0; index < count; index++) {
    key[KEY.source] = index % 500;
    key[KEY.ports] = portsWord(index, 443);
    assert.equal(flows.upsert(key), index);
  }
  for (let index = 0; index < count; index++) {
    key[KEY.source] = index % 500;
    key[KEY.ports] = portsWord(index, 443);
    assert.equal(flows.find(key), index);
    assert.equal(flows.upsert(key), index);
  }
  key[KEY.kind] = 1;
  assert.equal(flows.find(key), -1);
  assert.equal(flows.count, count);
});

/** A FLOWS frame's records: one flow a row [x, packets], bytes = 100 × packets, TCP from 10.0.0.x to 10.9.9.9:443. */
function flowRecords(rows: [x: number, packets: number][]): Uint8Array {
  const bytes = new Uint8Array(FLOW_RECORD_BYTES * rows.length);
  const view = new DataView(bytes.buffer);
  for (const [index, [x, packets]] of rows.entries()) {
    const at = index * FLOW_RECORD_BYTES;
    bytes.set([10, 0, 0, x], at + FLOW.source);
    bytes.set([10, 9, 9, 9], at + FLOW.destination);
    view.setUint32(at + FLOW.sourcePort, portsWord(40_000 + x, 443), true);
    view.setUint32(at + FLOW.family, kindWord(4, 6, 0, 1), true);
    view.setBigUint64(at + FLOW.packets, BigInt(packets), true);
    view.setBigUint64(at + FLOW.bytes, BigInt(packets * 100), true);
    view.setBigUint64(at + FLOW.firstNs, BASE_NS, true);
    view.setBigUint64(at + FLOW.lastNs, BASE_NS + 5_000_000_000n, true);
    view.setUint32(at + FLOW.tcpFlags, 0x12, true);
  }
  return bytes;
}

test('flow rates are differences over the exact period; a flow that was evicted never has a negative one', () => {
  // At an odd offset of a larger buffer, as frames are.
  const at = (records: Uint8Array) => Buffer.concat([Buffer.alloc(13), records]).subarray(13);
  const first = decodeFlows(
    at(
      flowRecords([
        [1, 100],
        [2, 50],
      ]),
    ),
    new FlowColumns(),
    0,
  );
  assert.deepEqual([first.pps[0], first.packets[0]], [0, 100]);
  const second = decodeFlows(
    at(
      flowRecords([
        [2, 10],
        [1, 180],
        [3, 7],
      ]),
    ),
    first,
    800_000_000,
  );
  assert.deepEqual([...second.pps.subarray(0, 3)], [0, 100, 8.75]);
  assert.equal(second.bitsPerSecond[1], 80_000);
  assert.equal(second.firstMs[0], Number(BASE_NS) / 1e6);
});

test('flows sort by every column, search, and keep their keys between snapshots', () => {
  const columns = decodeFlows(
    flowRecords([
      [9, 5],
      [10, 50],
      [100, 20],
    ]),
    new FlowColumns(),
    0,
  );
  const table = new FlowTable(columns, () => 'veth0');
  const order = (sort: FlowSortKey, descending = false, search?: string) =>
    table
      .window({ sort, descending, start: 0, count: 10, search })
      .flows.map(({ source }) => Number(source.split('.')[3]));
  assert.deepEqual(order('source'), [9, 10, 100], 'as addresses, not as text');
  assert.deepEqual(order('source', true), [100, 10, 9]);
  assert.deepEqual(order('packets', true), [10, 100, 9]);
  assert.deepEqual(order('sourcePort'), [9, 10, 100]);
  for (const sort of [
    'destination',
    'destinationPort',
    'protocol',
    'interfaceName',
    'direction',
    'bytes',
    'pps',
    'bitsPerSecond',
    'firstMs',
    'lastMs',
    'state',
  ] as const)
    assert.equal(order(sort).length, 3, sort);
  assert.deepEqual(order('source', false, '0.100:'), [100]);
  assert.deepEqual(order('source', false, 'ESTABLISHED tcp'), []);
  assert.deepEqual(order('source', false, ' Established '), [9, 10, 100]);
  const { total, flows } = table.window({ sort: 'source', descending: false, start: 1, count: 1, search: undefined });
  assert.deepEqual([total, flows.length, flows[0]?.state, flows[0]?.tcpFlags], [3, 1, 'established', 0x12]);
  const again = new FlowTable(decodeFlows(flowRecords([[10, 51]]), columns, 1e9), () => 'veth0');
  assert.equal(again.row(0).key, flows[0]?.key);
  const top = topLists(table, 2);
  assert.deepEqual(
    top.talkers.map(({ label }) => label),
    ['10.0.0.10', '10.0.0.100'],
  );
  assert.deepEqual(top.ports, [{ key: '443/tcp', label: '443/tcp', packets: 75, bytes: 7500, bitsPerSecond: 0 }]);
  assert.equal(top.protocols[0]?.label, 'tcp');
});

test('64k flows in one snapshot are taken in a moment', () => {
  const records = flowRecords(Array.from({ length: 65_536 }, (_, n) => [n & 255, n]));
  const view = new DataView(records.buffer);
  for (let n = 0; n < 65_536; n++) view.setUint32(n * FLOW_RECORD_BYTES + FLOW.sourcePort, portsWord(n, 443), true);
  const before = decodeFlows(records, new FlowColumns(), 0);
  const after = decodeFlows(records, before, 1e9);
  assert.equal(after.count, 65_536);
});

test('statistics: rates over the kernel clock, CPU by CPU; after the end totals stay and nothing flows', () => {
  const stats = (packets: number[]) => {
    const bytes = new Uint8Array(STATS_BYTES * packets.length);
    const view = new DataView(bytes.buffer);
    for (const [cpu, count] of packets.entries())
      for (const group of Object.values(STATS_GROUPS)) {
        const at = cpu * STATS_BYTES + (group + (group === 0 ? 2 : 1)) * COUNTER_BYTES;
        view.setBigUint64(at, BigInt(count), true);
        view.setBigUint64(at + 8, BigInt(count * 60), true);
      }
    return bytes;
  };
  const measures = new LiveMeasures(() => 'eth0');
  assert.deepEqual(measures.statistics().byVerdict, []);
  measures.takeStats({ clockNs: BASE_NS, bytes: stats([0, 0]) });
  measures.takeStats({ clockNs: BASE_NS + 500_000_000n, bytes: stats([100, 300]) });
  const { periodNs, byVerdict, byProtocol, perCpu } = measures.statistics();
  assert.equal(periodNs, 500_000_000);
  assert.deepEqual(byVerdict[2], { key: 'pass', packets: 400, bytes: 24_000, pps: 800, bitsPerSecond: 384_000 });
  assert.deepEqual(byProtocol[1]?.key, 'udp');
  assert.deepEqual(
    perCpu.map(({ byVerdict: own }) => own[2]?.pps),
    [200, 600],
  );
  measures.end();
  const ended = measures.statistics();
  assert.deepEqual([ended.byVerdict[2]?.packets, ended.byVerdict[2]?.pps], [400, 0]);
});
