/**
 * The packet list in the order of a column: what values sort like, that ties stay in the capture's order and packets without a value come last; with filters,
 * marks, seek, places and exports; by threads and without; called off, too large, and let go of.
 */
import assert from 'node:assert/strict';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import '../../electron/session/platform.ts';
import { DecodeAs } from '../../electron/packets/dissect/decode-as.ts';
import { CaptureParser } from '../../electron/packets/pcap/capture-parser.ts';
import { enhancedPacket, interfaceDescription, sectionHeader } from '../../electron/packets/pcap/writer.ts';
import { PacketStore } from '../../electron/packets/store/packet-store.ts';
import { FileBytes } from '../../electron/session/files/file-bytes.ts';
import { AnalysedTable } from '../../electron/session/rows.ts';
import type { Session } from '../../electron/session/session.ts';
import { finished } from '../../electron/session/sort/sort-job.ts';
import { sortedBy } from '../../electron/session/sort/sorter.ts';
import type { InspectorApi } from '../../electron/shared/api.ts';
import type { PacketSort, SortBy } from '../../electron/shared/sort.ts';
import { inFolder, until, withSession } from '../fixtures/session.ts';
import { PROTOCOL_SAMPLES } from '../golden/protocol-samples.ts';
import { SAMPLES } from '../golden/samples.ts';
import { ascii, ethernet, ipv4, PROTOCOL, TCP_FLAG, tcp, udpFrame } from '../netns/lib/frames.ts';

const START = 1_700_000_000_000_000_000n;
const b = { mac: '02:77:00:00:00:02', ipv4: '10.77.0.2', ipv6: 'fd77::2' };

function all<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

interface Made {
  bytes: Uint8Array;
  ms?: number;
  interfaceId?: number;
  xdpVerdict?: number;
}

/** An ARP request: no ports, Ethernet addresses in the list. */
const arp = (last: number): Uint8Array => {
  const sender = `0277000000${last.toString(16).padStart(2, '0')}`;
  return Buffer.from(`ffffffffffff${sender}08060001080006040001${sender}0a4d00010000000000000a4d0002`, 'hex');
};

const udp = (address: string, port: number, size = 1): Uint8Array =>
  udpFrame({ mac: '02:77:00:00:00:01', ipv4: address, ipv6: address }, b, ascii('x'.repeat(size)), {
    sourcePort: port,
    destinationPort: 7001,
    ...(address.includes(':') && { family: 6 as const }),
  });

function capture(packets: readonly Made[]): Uint8Array {
  return Buffer.concat([
    sectionHeader(),
    interfaceDescription({ linkType: 1, name: 'wan1' }),
    interfaceDescription({ linkType: 1, name: 'lan0' }),
    ...packets.map(({ bytes: frame, ms, interfaceId = 0, xdpVerdict }, at) =>
      enhancedPacket({
        interfaceId,
        epochNs: START + BigInt(ms ?? at) * 1_000_000n,
        wireLen: frame.length,
        bytes: frame,
        ...(xdpVerdict !== undefined && { xdpVerdict }),
      }),
    ),
  ]);
}

async function opened(session: Session, folder: string, packets: readonly Made[]): Promise<InspectorApi> {
  const file = path.join(folder, 'sorted.pcapng');
  writeFileSync(file, capture(packets));
  await session.openFile(file);
  await until('it is read', () => session.status().state === 'stopped');
  return session.api();
}

/** A table without a session. `store`: rows up to here are stored. */
function tableOf(folder: string, packets: readonly Made[], stored: number) {
  const file = path.join(folder, 'table.pcapng');
  const written = capture(packets);
  writeFileSync(file, written);
  const fd = openSync(file, 'r');
  const source = new FileBytes(fd);
  const store = new PacketStore(source, true);
  const found: Parameters<PacketStore['packet']>[] = [];
  const parser = new CaptureParser({ packet: (...row) => void found.push(row) });
  parser.push(written);
  store.baseNs = parser.baseNs;
  const interfaces = parser.interfaces.map(({ linkType, name = '' }) => ({ name, linkType }));
  const storeUpTo = (upTo: number) => {
    for (const row of found.slice(store.count, upTo)) store.packet(...row);
  };
  storeUpTo(stored);
  const table = new AnalysedTable({ store, source, pcapng: true, interfaces });
  const close = () => {
    table.end();
    closeSync(fd);
  };
  return { table, store: storeUpTo, close };
}

const sortOf = (by: string, down = false): PacketSort => ({ by: by as SortBy, descending: down });

async function ready(api: InspectorApi, sort: PacketSort, filter = '', window = 'test') {
  for (;;) {
    const now = await api.call('packets.sort', { window, filter, sort });
    if (now.version > 0) return now;
  }
}

/** Numbers of the packets in an order. */
async function order(api: InspectorApi, by: string, down = false, filter = ''): Promise<number[]> {
  const sort = sortOf(by, down);
  await ready(api, sort, filter);
  const { rows } = await api.call('packets.rows', { start: 0, count: 1000, filter, sort });
  return rows.map(({ number }) => number);
}

/** Times run back once; addresses of three kinds; ports as texts would be in another order. */
const PACKETS: Made[] = [
  { bytes: udp('10.77.0.9', 9000, 5), interfaceId: 0, xdpVerdict: 2 },
  { bytes: udp('10.77.0.10', 80, 300), interfaceId: 1, xdpVerdict: 1 },
  { bytes: arp(7), interfaceId: 0 },
  { bytes: udp('fd77::9', 443, 5), interfaceId: 1, ms: 100, xdpVerdict: 4 },
  { bytes: udp('9.1.1.1', 80, 40), interfaceId: 0, ms: 50, xdpVerdict: 1 },
  { bytes: arp(3), interfaceId: 1, ms: 101, xdpVerdict: 0 },
  { bytes: udp('fd77::10', 65000, 5), interfaceId: 0, ms: 102, xdpVerdict: 3 },
  { bytes: udp('10.77.0.9', 1000, 5), interfaceId: 0, ms: 103, xdpVerdict: 2 },
];

test('columns sort by their values: numbers, times, addresses by bytes, words; ties as captured, nothing last', () =>
  withSession(async (session, folder) => {
    const api = await opened(session, folder, PACKETS);
    const lengths = PACKETS.map(({ bytes: { length } }) => length);
    const upTo = (way: number) =>
      [1, 2, 3, 4, 5, 6, 7, 8].sort((x, y) => way * (lengths[x - 1]! - lengths[y - 1]!) || x - y);
    const orders: [by: string, up: number[], down: number[]][] = [
      ['number', [1, 2, 3, 4, 5, 6, 7, 8], [8, 7, 6, 5, 4, 3, 2, 1]],
      ['length', upTo(1), upTo(-1)],
      ['time', [1, 2, 3, 5, 4, 6, 7, 8], [8, 7, 6, 4, 5, 3, 2, 1]],
      // Since the packet before: 0, 1, 1, 98, −50, 51, 1, 1 ms.
      ['delta', [5, 1, 2, 3, 7, 8, 6, 4], [4, 6, 2, 3, 7, 8, 1, 5]],
      ['field:frame.time_delta', [5, 1, 2, 3, 7, 8, 6, 4], [4, 6, 2, 3, 7, 8, 1, 5]],
      // aborted, drop, pass, redirect, tx; the third has none.
      ['verdict', [6, 2, 5, 1, 8, 4, 7, 3], [7, 4, 1, 8, 2, 5, 6, 3]],
      ['interface', [2, 4, 6, 1, 3, 5, 7, 8], [1, 3, 5, 7, 8, 2, 4, 6]],
      // IPv4, IPv6, Ethernet.
      ['source', [5, 1, 8, 2, 4, 7, 6, 3], [3, 6, 7, 4, 2, 1, 8, 5]],
      ['field:udp.srcport', [2, 5, 4, 8, 1, 7, 3, 6], [7, 1, 8, 4, 2, 5, 3, 6]],
      ['field:ip.src', [5, 1, 8, 2, 3, 4, 6, 7], [2, 1, 8, 5, 3, 4, 6, 7]],
      ['field:eth.src', [1, 2, 4, 5, 7, 8, 6, 3], [3, 6, 1, 2, 4, 5, 7, 8]],
      ['field:ipv6.src', [4, 7, 1, 2, 3, 5, 6, 8], [7, 4, 1, 2, 3, 5, 6, 8]],
      ['protocol', [3, 6, 1, 2, 4, 5, 7, 8], [1, 2, 4, 5, 7, 8, 3, 6]],
      ['field:frame.interface_name', [2, 4, 6, 1, 3, 5, 7, 8], [1, 3, 5, 7, 8, 2, 4, 6]],
      ['field:arp', [3, 6, 1, 2, 4, 5, 7, 8], [3, 6, 1, 2, 4, 5, 7, 8]],
    ];
    for (const [by, up, down] of orders) {
      assert.deepEqual(await order(api, by), up, by);
      assert.deepEqual(await order(api, by, true), down, `${by}, descending`);
    }
    const sort = sortOf('info');
    await ready(api, sort);
    const infos = (await api.call('packets.rows', { start: 0, count: 8, sort })).rows.map(({ info }) => info);
    assert.deepEqual(infos, infos.toSorted());
  }));

test('what is no column is told so, and what a sorted window is of', () =>
  withSession(async (session, folder) => {
    const api = await opened(session, folder, PACKETS);
    for (const [by, message] of [
      ['colour', /no column "colour"/],
      ['field:no.such', /no field "no.such"/],
      ['field:', /no field/],
    ] as const) {
      const told = { code: 'USAGE', message };
      await assert.rejects(api.call('packets.sort', { window: 'w', filter: '', sort: sortOf(by) }), told);
      await assert.rejects(api.call('packets.rows', { start: 0, count: 1, sort: sortOf(by) }), told);
    }
    await assert.rejects(api.call('packets.sort', { window: 'w', filter: 'tcp.', sort: sortOf('length') }), {
      code: 'FILTER',
    });
    const sort = sortOf('length');
    const { version, rows, packets } = await ready(api, sort);
    assert.deepEqual([rows, packets], [8, 8]);
    const window = await api.call('packets.rows', { start: 6, count: 100, sort });
    assert.deepEqual([window.total, window.version, window.rows.length], [8, version, 2]);
    // The row above is no neighbour in time: what is since the packet before comes with the row.
    assert.ok(window.rows.every(({ sinceShownNs }) => sinceShownNs !== undefined));
  }));

test('under a filter: its packets alone, in order; marks that change it sort it anew', () =>
  withSession(async (session, folder) => {
    const api = await opened(session, folder, PACKETS);
    assert.deepEqual(await order(api, 'field:udp.srcport', true, 'udp'), [7, 1, 8, 4, 2, 5]);
    // Since the packet that is displayed before, not since the one in the list above.
    // 1, 4, 7 and 8 at 0, 100, 102 and 103 ms.
    assert.deepEqual(await order(api, 'delta', false, 'udp.srcport != 80'), [1, 8, 7, 4]);
    await api.call('packets.mark', { packets: { of: 'rows', filter: '', first: 0, last: 3 }, marked: true });
    assert.deepEqual(await order(api, 'length', true, 'frame.marked == 1'), [2, 4, 1, 3]);
    const { version } = await ready(api, sortOf('length'), 'frame.marked == 1');
    await api.call('packets.mark', { packets: { of: 'rows', filter: '', first: 1, last: 1 }, marked: false });
    const now = await ready(api, sortOf('length'), 'frame.marked == 1');
    assert.deepEqual([now.version > version, now.rows], [true, 3]);
    assert.equal((await ready(api, sortOf('length'), 'tcp')).rows, 0);
  }));

test('a time reference: times sort since it', () =>
  withSession(async (session, folder) => {
    const api = await opened(session, folder, PACKETS);
    await order(api, 'relative');
    await api.call('packets.reference', { number: 6, on: true });
    // 0, 1, 2, 100, 50, then 0, 1, 2 ms since the sixth.
    assert.deepEqual(await order(api, 'relative'), [1, 6, 2, 7, 3, 8, 5, 4]);
  }));

test('places and Find go by the order; a packet that is not displayed has the place of the next one that is', () =>
  withSession(async (session, folder) => {
    const api = await opened(session, folder, PACKETS);
    const sort = sortOf('field:udp.srcport');
    assert.deepEqual(await order(api, sort.by, false, 'udp'), [2, 5, 4, 8, 1, 7]);
    const place = (number: number) => api.call('packets.place', { number, filter: 'udp', sort });
    assert.deepEqual(await place(8), { index: 3, there: true });
    assert.deepEqual(await place(3), { index: 2, there: false });
    const seek = async (number: number, filter: string, backwards: boolean): Promise<number> => {
      for (;;) {
        const found = await api.call('packets.seek', { number, filter, backwards, list: { filter: 'udp', sort } });
        if (found.number > 0 || found.scanned >= found.total) return found.number;
      }
    };
    assert.equal(await seek(5, '(udp) && (ip.src == 10.77.0.9)', false), 8);
    assert.equal(await seek(8, '(udp) && (ip.src == 10.77.0.9)', false), 1);
    assert.equal(await seek(1, '(udp) && (ip.src == 10.77.0.9)', false), 0);
    assert.equal(await seek(1, '(udp) && (ip.src == 10.77.0.9)', true), 8);
    assert.equal(await seek(0, '(udp) && ipv6', false), 4);
    assert.equal(await seek(9, '(udp) && ipv6', true), 7);
  }));

test('rows that are chosen in an order are those packets, written as captured; of another order they are refused', () =>
  withSession(async (session, folder) => {
    const api = await opened(session, folder, PACKETS);
    const sort = sortOf('field:udp.srcport', true);
    const { version } = await ready(api, sort, 'udp');
    const packets = { of: 'rows', filter: 'udp', first: 1, last: 3, sort: { ...sort, version } } as const;
    assert.equal((await api.call('export.plan', { packets })).packets, 3);
    const file = path.join(folder, 'chosen.pcapng');
    await session.exportPackets({ packets, format: 'pcapng', packing: 'none' }, file);
    const times: number[] = [];
    const source = new FileBytes(openSync(file, 'r'));
    const parser = new CaptureParser({ packet: (...row) => void times.push(row[4]) });
    parser.push(source.read(0, 100_000));
    closeSync(source.fd);
    // Numbers 1, 4 and 8.
    assert.deepEqual(times, [0, 100_000_000, 103_000_000]);
    await api.call('packets.mark', { packets, marked: true });
    assert.deepEqual(await order(api, 'number', false, 'frame.marked == 1'), [1, 4, 8]);
    await api.call('packets.sort', { window: 'test', filter: 'udp', sort, again: true });
    await assert.rejects(api.call('export.plan', { packets }), { code: 'ESTALE' });
  }));

test('keys from the headers are those that dissecting gives, over every sample', () =>
  inFolder(async (folder) => {
    const frames = Object.values({ ...SAMPLES, ...PROTOCOL_SAMPLES })
      .filter(({ linkType }) => linkType === 1)
      .flatMap((sample) => sample.frames);
    const { table, close } = tableOf(folder, frames, frames.length);
    const work = { rows: undefined, upTo: frames.length, references: [], onProgress: () => {} };
    // A choice of protocols, though it chooses nothing: no packet is plain.
    const dissected = { ...table, store: table.store, interfaces: table.interfaces, decodeAs: new DecodeAs([]) };
    const columns = 'source destination'.split(' ');
    const fields =
      'ip.src ip.ttl ip.len ipv6.dst eth.src tcp.srcport tcp.dstport tcp.flags tcp.flags.syn udp.port udp vlan.id dns.qry.name dns.id arp.opcode tcp.stream http.request.method tls.handshake.type';
    for (const by of [...columns, ...fields.split(' ').map((name) => `field:${name}`)]) {
      const quick = all(sortedBy(table, { ...work, by }));
      const slow = all(sortedBy(dissected, { ...work, by }));
      assert.deepEqual([quick.valued, ...quick.rows], [slow.valued, ...slow.rows], by);
      assert.ok(quick.valued > 0, `some sample has ${by}`);
    }
    close();
  }));

const MANY = 60_000;
/** From 10.77.x.y in no order; each eighth is ARP. */
const many = (count = MANY): Made[] =>
  Array.from({ length: count }, (_, at) => {
    const mixed = (at * 7919) % 65_536;
    return at % 8 === 3
      ? { bytes: arp(mixed % 256) }
      : {
          bytes: udp(`10.77.${mixed >> 8}.${mixed & 255}`, 1024 + (mixed % 50_000), 1 + (mixed % 31)),
          xdpVerdict: mixed % 5,
        };
  });

test("one long conversation from its end, window beside window: each is whole soon, and says what it says in the capture's order", () =>
  withSession(async (session, folder) => {
    const ends = { source: '10.77.0.1', destination: '10.77.0.2' };
    const hosts = { source: '02:77:00:00:00:01', destination: '02:77:00:00:00:02', type: 0x0800 };
    const count = 40_000;
    const packets = Array.from({ length: count }, (_, at): Made => {
      const header = { sourcePort: 40_000, destinationPort: 50_080, flags: TCP_FLAG.ack, sequence: 1000 + at };
      return { bytes: ethernet(hosts, ipv4({ ...ends, protocol: PROTOCOL.tcp }, tcp(ends, header, ascii('x')))) };
    });
    const api = await opened(session, folder, packets);
    const ask = (start: number, sort?: PacketSort) =>
      api.call('packets.rows', { start, count: 100, ...(sort && { sort }) });
    while ((await ask(count - 1)).provisional) await pause(50);
    const sort = sortOf('time', true);
    await ready(api, sort);
    const unfinished = new Set([0, 100, 20_000]);
    for (let left = 60; unfinished.size > 0 && left > 0; left--)
      for (const start of unfinished) {
        const window = await ask(start, sort);
        if (window.provisional) continue;
        unfinished.delete(start);
        assert.equal(window.rows[0]?.number, count - start);
        assert.match(window.rows[99]!.info, new RegExp(`Seq=${count - start - 99}\\b`));
      }
    assert.deepEqual([...unfinished], []);
  }));

test('threads find the order that is found without them', () =>
  withSession(async (session, folder) => {
    const packets = many();
    const api = await opened(session, folder, packets);
    const { table: alone, close } = tableOf(folder, packets, MANY);
    for (const by of ['length', 'time', 'verdict', 'source', 'field:udp.srcport', 'protocol', 'info']) {
      const work = { by, rows: undefined, upTo: MANY, references: [], onProgress: () => {} };
      const wanted = (await finished(sortedBy(alone, work), AbortSignal.timeout(60_000)))!;
      const sort = sortOf(by);
      await ready(api, sort);
      const { rows } = await api.call('packets.rows', { start: MANY / 2, count: 200, sort });
      assert.deepEqual(
        rows.map(({ number }) => number - 1),
        [...wanted.rows.subarray(MANY / 2, MANY / 2 + 200)],
        by,
      );
    }
    close();
  }));

test('a sort is called off: by whoever asked, not while somebody else wants it; a list that is there stays', () =>
  withSession(async (session, folder) => {
    const api = await opened(session, folder, many());
    const sort = sortOf('info');
    const ask = (window: string) => api.call('packets.sort', { window, filter: '', sort });
    const stop = (window: string, keep = false) =>
      api.call('packets.unsort', { window, filter: '', by: 'info', ...(keep && { keep }) });
    const first = ask('a');
    const second = ask('b');
    await pause(1);
    await stop('a');
    assert.ok((await second).version >= 0, 'the other one still wants it');
    await first;
    const made = await ready(api, sort, '', 'b');
    const again = api.call('packets.sort', { window: 'b', filter: '', sort, again: true });
    const called = assert.rejects(again, { code: 'CANCELLED' });
    await pause(1);
    await stop('b', true);
    await called;
    assert.equal((await ask('b')).version, made.version);
    await stop('b');
    const { version, total } = await api.call('packets.rows', { start: 0, count: 1, sort });
    assert.deepEqual([version, total], [0, 0], 'nobody held it: it is gone');
    const alone = assert.rejects(ready(api, sort, '', 'c'), { code: 'CANCELLED' });
    await pause(5);
    await stop('c');
    await alone;
  }));

test('an order holds still while packets come, until it is asked for again', () =>
  inFolder(async (folder) => {
    const { table, store, close } = tableOf(folder, PACKETS, 5);
    const sort = sortOf('length', true);
    const view = table.sorts.get('udp', sort.by);
    const finish = async () => {
      while (view.state(true).share !== undefined) await view.settled(1000);
      return table.sorts.now('udp', sort)!;
    };
    view.begin(true);
    const before = await finish();
    // IPv6 has the longer header.
    assert.deepEqual([...before.rows], [1, 4, 3, 0]);
    store(8);
    view.begin(true);
    assert.equal((await finish()).version, before.version);
    view.begin(true, true);
    // The old order is there until the new one is.
    assert.equal(view.order(true)?.version, before.version);
    const after = await finish();
    assert.deepEqual([after.rows.length, after.packets, after.version > before.version], [6, 8, true]);
    close();
    assert.equal(table.sorts.now('udp', sort), undefined, 'its memory goes with the capture');
  }));

test('what takes too much memory is refused with what to do', () =>
  inFolder(async (folder) => {
    const { table, close } = tableOf(folder, PACKETS, PACKETS.length);
    const work = { by: 'info', rows: undefined, upTo: 8, references: [], onProgress: () => {} };
    assert.equal(all(sortedBy(table, { ...work, mostBytes: 5000 })).valued, 8);
    const hint = /display filter/;
    assert.throws(() => all(sortedBy(table, { ...work, mostBytes: 300 })), { code: 'E2BIG', message: /info/, hint });
    assert.throws(() => all(sortedBy(table, { ...work, by: 'length', upTo: 2 ** 27 })), { code: 'E2BIG', hint });
    close();
  }));
